"""How a picture of any shape lies in the square that the towers look at: whole, unsquashed, in a corner.

A squashed circle is an oval; padding keeps every shape what it is. The padding has the colour that normalisation
makes zero, as image processors pad.
"""

import numpy as np
from PIL import Image

from training.world.scene import Box

PADDING = (123, 117, 104)


def content(aspect: float, size: int) -> tuple[int, int]:
    """Return the width and height in pixels of a picture whose longer side is `size`."""
    return max(1, round(size * min(1.0, aspect))), max(1, round(size * min(1.0, 1 / aspect)))


def framed(
    picture: Image.Image,
    size: int,
    resample: Image.Resampling = Image.Resampling.BICUBIC,
    part: tuple[float, float, float, float] | None = None,
) -> np.ndarray:
    """Return a picture in the top left corner of a padded square, uint8 size x size x 3.

    `part` (left, top, right, bottom in pixels) is all that is shown of it.
    """
    left, top, right, bottom = part or (0, 0, picture.width, picture.height)
    square = np.empty((size, size, 3), np.uint8)
    square[:] = PADDING
    width, height = content((right - left) / (bottom - top), size)
    square[:height, :width] = np.asarray(picture.resize((width, height), resample, box=part))
    return square


def in_frame(box: Box, aspect: float) -> Box:
    """Return a box on the canvas as fractions of the padded square."""
    x, y, width, height = box
    across, down = min(1.0, aspect), min(1.0, 1 / aspect)
    return x * across, y * down, width * across, height * down
