"""Recognises and loads checkpoints: local folders in the published formats, safetensors only, no code of their own."""

import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import open_clip
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    BlipForConditionalGeneration,
    BlipForImageTextRetrieval,
    BlipProcessor,
)
from transformers.utils import logging as transformers_logging

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.device import FOUR_BIT, Device, within_memory

transformers_logging.disable_progress_bar()  # a terminal's own output must stay its own
transformers_logging.set_verbosity_error()

CLIP_CONFIG = "open_clip_config.json"
CLIP_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors")

_UNSAFE = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".py", ".pyc", ".so"}
_UNSAFE_KEYS = {"auto_map", "trust_remote_code", "custom_pipelines"}
_WORD_LISTS = {"tokenizer.json", "vocab.json", "added_tokens.json"}  # large, and any word may be a key there
_PRECISIONS = {"float32": "fp32", "bfloat16": "pure_bf16", "float16": "pure_fp16"}
_SAFE = {"local_files_only": True, "trust_remote_code": False}
_MATCHER = "BlipForImageTextRetrieval"
_BLOCK = 1 << 16
_BLOCKS = 64


class Kind(StrEnum):
    """What a checkpoint is."""

    CLIP = "clip"
    CAPTIONER = "captioner"
    MATCHER = "matcher"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in evaluation mode on its device, with what turns text (and for a captioner, pixels) into its input."""

    model: Any
    reader: Any


def recognise(folder: Path) -> Kind:
    """Return what the checkpoint in `folder` is.

    Raises LensError ``missing`` when there is no folder, ``refused`` when it could run code of its own, and
    ``bad-checkpoint`` when it is none of the published formats.
    """
    if not folder.is_dir():
        raise LensError("missing", f"There is no checkpoint at {folder}: choose another folder.")
    inside = folder.resolve()
    for file in sorted(folder.rglob("*")):
        if not file.resolve().is_relative_to(inside):
            raise LensError("refused", f"{folder} holds {file.name}, a link out of it: copy the file itself there.")
        if file.suffix.lower() in _UNSAFE:
            raise LensError(
                "refused", f"{folder} holds {file.name}, which can run code: use a checkpoint in safetensors only."
            )
        if file.suffix.lower() == ".json" and file.name not in _WORD_LISTS:
            _refuse_code(folder, file)
    if (folder / CLIP_CONFIG).is_file():
        if not any((folder / name).is_file() for name in CLIP_WEIGHTS):
            raise LensError("bad-checkpoint", f"{folder} has no {CLIP_WEIGHTS[0]}: download the checkpoint again.")
        return Kind.CLIP
    if not (folder / "config.json").is_file():
        raise LensError(
            "bad-checkpoint", f"{folder} is not a checkpoint: it has neither {CLIP_CONFIG} nor config.json."
        )
    if not any(folder.glob("*.safetensors")):
        raise LensError("bad-checkpoint", f"{folder} has no safetensors file: download the checkpoint again.")
    config = _json(folder / "config.json")
    if config.get("model_type") != "blip":
        return Kind.LLM
    return Kind.MATCHER if _MATCHER in (config.get("architectures") or ()) else Kind.CAPTIONER


def load(folder: Path, kind: Kind, device: Device) -> Loaded:
    """Return the model in `folder`, which must be of `kind`.

    Raises LensError as `recognise` does, ``bad-checkpoint`` when it is of another kind or cannot be read, and
    ``out-of-memory``.
    """
    found = recognise(folder)
    if found != kind:
        raise LensError(
            "bad-checkpoint", f"{folder} is a checkpoint for {found}, not for {kind}: choose another folder."
        )
    loaders: dict[Kind, Callable[[Path, Device], Loaded]] = {
        Kind.CLIP: _load_clip,
        Kind.CAPTIONER: partial(_load_blip, BlipForConditionalGeneration),
        Kind.MATCHER: partial(_load_blip, BlipForImageTextRetrieval),
        Kind.LLM: _load_llm,
    }
    loader = loaders[kind]
    try:
        return within_memory(lambda: loader(folder, device), device)
    except LensError:
        raise
    except Exception as error:  # noqa: BLE001  # three libraries, each with errors of its own for a bad file
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise LensError("bad-checkpoint", f"The checkpoint in {folder} cannot be loaded: {reason}") from None


def fingerprint(folder: Path) -> str:
    """Return a hash of the checkpoint's contents: small files whole, big ones by blocks spread over them."""
    digest = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        if not file.is_file():
            continue
        size = file.stat().st_size
        digest.update(f"{file.name}\0{size}\0".encode())
        for block in _blocks(file, size):
            digest.update(block)
    return digest.hexdigest()


def weight_bytes(folder: Path) -> int:
    """Return the size of a checkpoint's weights in bytes, 0 when there is none."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def _blocks(file: Path, size: int) -> Iterator[bytes]:
    with file.open("rb") as stream:
        if size <= _BLOCK * _BLOCKS:
            yield stream.read()
            return
        for place in range(_BLOCKS):
            stream.seek((size - _BLOCK) * place // (_BLOCKS - 1))
            yield stream.read(_BLOCK)


def _load_clip(folder: Path, device: Device) -> Loaded:
    name = f"local-dir:{folder}"
    model = open_clip.create_model(
        name, precision=_PRECISIONS[device.dtype], device=device.name, require_pretrained=True, weights_only=True
    )
    return Loaded(model.eval(), open_clip.get_tokenizer(name))


def _load_blip(kind: Any, folder: Path, device: Device) -> Loaded:
    return Loaded(_whole_model(kind, folder, device), BlipProcessor.from_pretrained(folder, **_SAFE))


def _load_llm(folder: Path, device: Device) -> Loaded:
    config = AutoConfig.from_pretrained(folder, **_SAFE)
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    return Loaded(_whole_model(kind, folder, device), AutoTokenizer.from_pretrained(folder, **_SAFE))


def _whole_model(kind: Any, folder: Path, device: Device) -> Any:
    """Return a model with all its weights: transformers would fill in what is missing with chance."""
    four_bit = device.dtype == FOUR_BIT
    model, loading = kind.from_pretrained(
        folder,
        dtype=device.torch_dtype,
        use_safetensors=True,
        output_loading_info=True,
        **(_four_bit(device) if four_bit else {}),
        **_SAFE,
    )
    missing = [*loading["missing_keys"], *loading["mismatched_keys"]]
    if missing:
        raise ValueError(f"{len(missing)} weights are missing or do not fit")
    return model.eval() if four_bit else model.to(device.name).eval()


def _four_bit(device: Device) -> dict[str, Any]:
    """Return how to load weights of 4 bits, straight on to the device. Raises LensError ``missing``."""
    absent = [name for name in ("bitsandbytes", "accelerate") if importlib.util.find_spec(name) is None]
    if absent:
        raise LensError(
            "missing", f"4-bit numbers need {' and '.join(absent)}: install it beside the program, or choose bfloat16."
        )
    how = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=device.torch_dtype,
    )
    return {"quantization_config": how, "device_map": {"": device.name}}


def _refuse_code(folder: Path, file: Path) -> None:
    """Raise LensError ``refused`` when a configuration names code to be run."""
    rest: list[Any] = [_json(file)]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            named = _UNSAFE_KEYS & value.keys()
            if named:
                raise LensError(
                    "refused",
                    f"{folder} asks to run code of its own ({named.pop()} in {file.name}): choose another checkpoint.",
                )
            rest += value.values()
        elif isinstance(value, list):
            rest += value


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LensError("bad-checkpoint", f"{file} cannot be read ({error}): download the checkpoint again.") from None
