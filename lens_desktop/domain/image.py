"""An image as every part of the program knows it: by the hash of its upright decoded pixels."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """A decoded image.

    `id` is the SHA-256 (hex) of the upright RGB pixels and their size, so a file that gains metadata stays the same
    image. `path` is the file as the user knows it; `pixels` a ``.npy`` file (uint8, height x width x 3, upright,
    sRGB) and `thumbnail` a PNG, both written by the decode process into the private cache. Sizes are in pixels of the
    upright image. `note` says what the user should know of the reading (for example which frame of an animation).
    """

    id: str
    path: str
    file_hash: str
    width: int
    height: int
    pixels: str
    thumbnail: str
    note: str = ""
