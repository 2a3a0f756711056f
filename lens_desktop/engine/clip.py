"""CLIP: an image or a text in, a direction in the space they share out."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image as Pillow

from lens_desktop.engine.checkpoints import Kind, fingerprint, load
from lens_desktop.engine.device import Device, within_memory
from lens_desktop.engine.interrupt import interruptible, never

Vectors = npt.NDArray[np.float32]
_BATCH = 256


class Clip:
    """A loaded open_clip checkpoint. All vectors have length 1, so that a dot product is a cosine."""

    def __init__(self, folder: Path, device: Device) -> None:
        loaded = load(folder, Kind.CLIP, device)
        self._model = loaded.model
        self._tokenizer = loaded.reader
        self._device = device
        self._prepare = image_transform_v2(PreprocessCfg(**self._model.visual.preprocess_cfg), is_train=False)
        self.fingerprint = fingerprint(folder)
        self.dtype = device.dtype

    def encode_image(self, pixels: npt.NDArray[np.uint8], stop: Callable[[], bool] = never) -> Vectors:
        """Return the features (dimension,) of an image (height, width, 3)."""
        image = self._prepare(Pillow.fromarray(pixels)).unsqueeze(0)

        def encode() -> Vectors:
            with torch.inference_mode(), interruptible(self._model.visual, stop):
                batch = image.to(self._device.name, self._device.torch_dtype)
                return _numpy(self._model.encode_image(batch, normalize=True))

        features: Vectors = within_memory(encode, self._device)[0]
        return features

    def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Return the features (texts, dimension) of texts."""

        def encode() -> Vectors:
            with torch.inference_mode():
                tokens = self._tokenizer(list(texts))
                batches = [batch.to(self._device.name) for batch in tokens.split(_BATCH)]
                return np.concatenate([_numpy(self._model.encode_text(batch, normalize=True)) for batch in batches])

        return within_memory(encode, self._device)


def _numpy(features: torch.Tensor) -> Vectors:
    array: Vectors = features.float().cpu().numpy()
    return array
