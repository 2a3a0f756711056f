"""What a person or a checkpoint set can choose about the engine: one frozen value that travels to the worker."""

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lens_desktop.domain.errors import LensError


@dataclass(frozen=True, slots=True)
class Settings:
    """Checkpoints and parameters of the engine. New settings mean a new worker.

    `clip`, `captioner` and `llm` are folders; `llm` may also be the address of an OpenAI-compatible server, with
    ``#MODEL`` behind it for another model than its first, and `llm_consent` the host, other than this machine, that the
    user agreed to send text to. With `offline` no other machine is ever connected to.

    `vocabulary` and `attribute_vocabulary` are text files, one entry per line; empty means the ones in
    ``resources/vocabularies``. `threshold` is the least cosine of a tag, `attribute_threshold` that of an attribute,
    and `sigmoid_threshold` the least probability of either with a CLIP that tells probabilities (SigLIP).
    `templates` is ``single`` (the paper's) or ``ensemble``. `dtype` is ``auto``, ``float32``, ``bfloat16`` or
    ``float16``; `device` is ``auto``, ``cpu`` or ``cuda``; a module's own, when not empty, count before them, and
    `llm_dtype` may be ``4-bit`` too. `budget` is the longest prompt in tokens, 0 for what the LLM allows.
    `options_by_length` divides a candidate's log-likelihood by its length in tokens; the paper does not.
    """

    set_name: str = ""
    title: str = ""
    note: str = ""
    clip: str = ""
    captioner: str = ""
    llm: str = ""
    vocabulary: str = ""
    attribute_vocabulary: str = ""
    tags: int = 5
    attributes: int = 5
    threshold: float = 0.2
    attribute_threshold: float = 0.2
    sigmoid_threshold: float = 0.05
    templates: str = "single"
    captions: int = 10
    caption_min_length: int = 10
    caption_max_length: int = 30
    caption_top_k: int = 50
    beams: int = 5
    seed: int = 0
    ocr_languages: str = "eng"
    device: str = "auto"
    dtype: str = "auto"
    clip_device: str = ""
    clip_dtype: str = ""
    captioner_device: str = ""
    captioner_dtype: str = ""
    llm_device: str = ""
    llm_dtype: str = ""
    answer_tokens: int = 64
    budget: int = 0
    options_by_length: bool = False
    llm_consent: str = ""
    offline: bool = False


_KINDS = {str: "a text", int: "a whole number", float: "a number"}


def load_set(folder: Path, **overrides: Any) -> Settings:
    """Return the settings of the checkpoint set in `folder`, from its ``set.toml``; relative paths are inside it.

    Raises LensError ``missing`` when the folder or a checkpoint in it is not there, ``bad-set`` when the file is wrong.
    """
    file = folder / "set.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        raise LensError(
            "missing", f"There is no checkpoint set at {folder}: choose a folder with a set.toml."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise LensError("bad-set", f"{file} cannot be read ({error}): correct it or choose another set.") from None
    settings = from_mapping({**table, **overrides})
    places: dict[str, Any] = {}
    for name in ("clip", "captioner", "llm", "vocabulary", "attribute_vocabulary"):
        value = getattr(settings, name)
        if value:
            place = (folder / value).resolve()
            if not place.exists():
                raise LensError("missing", f"The set in {folder} names {value}, which is not there: restore it.")
            places[name] = str(place)
    return dataclasses.replace(settings, **places)


def from_mapping(values: Mapping[str, Any]) -> Settings:
    """Return settings from plain values; unknown names or wrong types raise LensError ``bad-set``."""
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in fields:
            raise LensError("bad-set", f"Unknown setting {name!r}: the known ones are {', '.join(fields)}.")
        kind = type(fields[name].default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            raise LensError("bad-set", f"Setting {name!r} needs {_KINDS[kind]}, not {value!r}.")
        checked[name] = value
    return Settings(**checked)
