"""The intensive captioner: BLIP writes one caption by beam search and many by sampling."""

import hashlib
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from lens_desktop.engine.checkpoints import Kind, load
from lens_desktop.engine.device import Device, within_memory
from lens_desktop.engine.interrupt import interruptible, never
from lens_desktop.settings import Settings

PROMPT = "a picture of"
_ALIKE = 0.9  # captions that share this part of their words, in the same order, say the same


class Captioner:
    """A loaded BLIP checkpoint."""

    def __init__(self, folder: Path, device: Device, settings: Settings) -> None:
        loaded = load(folder, Kind.CAPTIONER, device)
        self._model = loaded.model
        self._processor = loaded.reader
        self._device = device
        self._settings = settings
        self._prompt = self._prompt_ids()

    def caption(
        self, pixels: npt.NDArray[np.uint8], image_id: str, stop: Callable[[], bool] = never
    ) -> tuple[str, ...]:
        """Return the captions of an image (height, width, 3): the beam-search one first, near-duplicates dropped.

        The same image, settings and seed give the same captions. Raises Interrupted when `stop` turns true.
        """
        return within_memory(lambda: self._caption(pixels, image_id, stop), self._device)

    def _caption(self, pixels: npt.NDArray[np.uint8], image_id: str, stop: Callable[[], bool]) -> tuple[str, ...]:
        settings = self._settings
        rows: list[torch.Tensor] = []
        with torch.inference_mode(), interruptible(self._model, stop):
            image = self._encode(pixels)
            rows += self._generate(image, num_beams=settings.beams, do_sample=False)
            if settings.captions:
                # the samples must neither depend on what ran before nor disturb what runs after
                devices = [torch.cuda.current_device()] if self._device.name == "cuda" else []
                with torch.random.fork_rng(devices=devices):
                    torch.manual_seed(_seed(image_id, settings.seed))
                    rows += self._generate(
                        image,
                        do_sample=True,
                        top_k=settings.caption_top_k,
                        num_beams=1,
                        num_return_sequences=settings.captions,
                    )
        return distinct([self._text(row) for row in rows])

    def _encode(self, pixels: npt.NDArray[np.uint8]) -> torch.Tensor:
        """Return the image's patches (1, patches, width), computed once for all captions."""
        prepared = self._processor.image_processor(
            images=pixels, return_tensors="pt", input_data_format="channels_last"
        )
        batch = prepared["pixel_values"].to(self._device.name, self._device.torch_dtype)
        patches: torch.Tensor = self._model.vision_model(pixel_values=batch).last_hidden_state
        return patches

    def _generate(self, image: torch.Tensor, **how: object) -> torch.Tensor:
        """Return captions as tokens (captions, length), the prompt in front."""
        text = self._model.config.text_config
        tokens: torch.Tensor = self._model.text_decoder.generate(
            input_ids=self._prompt,
            attention_mask=torch.ones_like(self._prompt),
            encoder_hidden_states=image,
            encoder_attention_mask=torch.ones(image.shape[:-1], dtype=torch.long, device=image.device),
            eos_token_id=text.sep_token_id,
            pad_token_id=text.pad_token_id,
            min_length=self._settings.caption_min_length,
            max_length=self._settings.caption_max_length,
            **how,
        )
        return tokens

    def _prompt_ids(self) -> torch.Tensor:
        """Return the prompt's tokens (1, length): the decoder's own start instead of the tokenizer's, and no end."""
        ids = self._processor.tokenizer(PROMPT, return_tensors="pt").input_ids[:, :-1]
        ids[:, 0] = self._model.config.text_config.bos_token_id
        tokens: torch.Tensor = ids.to(self._device.name)
        return tokens

    def _text(self, row: torch.Tensor) -> str:
        """Return a caption without the prompt, which is cut off as tokens: characters would cut words apart."""
        text: str = self._processor.tokenizer.decode(row[self._prompt.shape[1] :], skip_special_tokens=True)
        return " ".join(text.split())


def distinct(captions: Sequence[str]) -> tuple[str, ...]:
    """Return the captions that are not empty and say something that none before them says."""
    kept: dict[str, list[str]] = {}
    for caption in captions:
        words = caption.lower().split()
        # in order, because "a red cat on a blue boat" and "a blue cat on a red boat" have the same words
        if words and all(SequenceMatcher(None, words, other).ratio() < _ALIKE for other in kept.values()):
            kept[caption] = words
    return tuple(kept)


def _seed(image_id: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{image_id} {seed}".encode()).digest()[:8], "big") >> 1
