"""CLIP: an image or a text in, a direction in the space they share out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image as Pillow

from lens_desktop.engine.checkpoints import Kind, fingerprint, load
from lens_desktop.engine.device import Device, within_memory
from lens_desktop.engine.interrupt import interruptible, never

Vectors = npt.NDArray[np.float32]
_BATCH = 16_384  # tokens at once


class Clip:
    """A loaded open_clip checkpoint. All vectors have length 1, so that a dot product is a cosine.

    `dimension` is that of its vectors. `tells_probabilities` says that it was trained to tell, by a sigmoid, how
    probable it is that a text belongs to an image (SigLIP); others only tell which text is nearer.
    """

    def __init__(self, folder: Path, device: Device) -> None:
        loaded = load(folder, Kind.CLIP, device)
        self._model = loaded.model
        self._tokenizer = loaded.reader
        self._device = device
        self._prepare = image_transform_v2(PreprocessCfg(**self._model.visual.preprocess_cfg), is_train=False)
        self.fingerprint = fingerprint(folder)
        self.dtype = device.dtype
        self.dimension = self.encode_text(["a"]).shape[1]
        bias = getattr(self._model, "logit_bias", None)
        self._scale = float(self._model.logit_scale.detach().exp())
        self._bias = 0.0 if bias is None else float(bias.detach())
        self.tells_probabilities = bias is not None

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
        """Return the features (texts, dimension) of texts; those of about one length are best given together."""

        def encode() -> Vectors:
            with torch.inference_mode():
                tokens = self._tokenizer(list(texts))
                length = tokens.shape[1]
                if self._is_causal:
                    length = int(self._ends(tokens).max())
                rows = max(1, _BATCH // length)
                batches = tokens[:, :length].to(self._device.name).split(rows)
                return np.concatenate([_numpy(self._encode_tokens(batch)) for batch in batches])

        return within_memory(encode, self._device)

    def text_lengths(self, texts: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the tokens (texts,) that each text needs, its ends included, without padding."""
        if not self._is_causal:  # every text takes the same
            return np.zeros(len(texts), np.intp)
        lengths: npt.NDArray[np.intp] = self._ends(self._tokenizer(list(texts))).numpy()
        return lengths

    def scores(self, cosines: Vectors) -> Vectors:
        """Return what this CLIP was trained to tell of cosines: probabilities where it can, else they themselves."""
        if not self.tells_probabilities:
            return cosines
        return np.asarray(1 / (1 + np.exp(-(self._scale * cosines + self._bias))), np.float32)

    @property
    def _tower(self) -> Any:
        return getattr(self._model, "text", self._model)

    @property
    def _is_causal(self) -> bool:
        """Whether what stands behind a text's end cannot change its features, so that padding need not be computed."""
        tower = self._tower
        pool = getattr(tower, "text_pool_type", getattr(tower, "pool_type", ""))
        causal = getattr(tower, "attn_mask", None) is not None and getattr(tower, "cls_emb", None) is None
        return causal and pool in ("argmax", "eos")

    def _ends(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return how many tokens (rows,) of each row count: the features are taken from the last of them."""
        tower = self._tower
        if getattr(tower, "text_pool_type", getattr(tower, "pool_type", "")) == "argmax":
            ends = tokens
        else:
            ends = torch.eq(tokens, getattr(tower, "text_eos_id", getattr(tower, "eos_id", 0))).int()
        return ends.argmax(dim=1) + 1

    def _encode_tokens(self, tokens: torch.Tensor) -> torch.Tensor:
        """Return the features of tokens (rows, length), which may be shorter than the tower's full length."""
        tower, length = self._tower, tokens.shape[1]
        if not self._is_causal or length == tower.positional_embedding.shape[0]:
            features: torch.Tensor = self._model.encode_text(tokens, normalize=True)
            return features
        # the library's own forward, lent a tower of this length: its masks and positions have a fixed one
        prefix = "" if tower is self._model else "text."
        short = {
            f"{prefix}positional_embedding": tower.positional_embedding[:length],
            f"{prefix}attn_mask": tower.attn_mask[:length, :length],
        }
        found = torch.func.functional_call(self._model, short, kwargs={"text": tokens})
        lent: torch.Tensor = found["text_features"] if isinstance(found, dict) else found[1]
        return lent


def _numpy(features: torch.Tensor) -> Vectors:
    array: Vectors = features.float().cpu().numpy()
    return array
