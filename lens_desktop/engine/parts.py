"""Loads what a Lens is made of: each part alone, so that one that cannot be loaded is missing with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from lens_desktop.domain.address import is_address
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Module
from lens_desktop.engine.captioner import Captioner
from lens_desktop.engine.checkpoints import weight_bytes
from lens_desktop.engine.clip import Clip
from lens_desktop.engine.device import Device, choose_device, share_work
from lens_desktop.engine.interrupt import Interrupted
from lens_desktop.engine.llm import Llm
from lens_desktop.engine.memory import check_room
from lens_desktop.engine.ocr import Ocr
from lens_desktop.engine.server_llm import ServerLlm
from lens_desktop.engine.text_bank import TextBank
from lens_desktop.engine.zero_shot import AS_IS, TEMPLATES, ZeroShotClassifier
from lens_desktop.log import log_failure
from lens_desktop.resources import resource
from lens_desktop.settings import Settings
from lens_desktop.vocabulary import read_vocabulary

T = TypeVar("T")
Part: TypeAlias = T | LensError  # a part that could not be made is the reason why
_NAMES = {"clip": "CLIP", "captioner": "captioner", "llm": "LLM"}


@dataclass(slots=True)
class Parts:
    """The vision modules and the LLM, or why they are missing; `facts` are (name, value) lines for the user."""

    clip: "Part[Clip]"
    classifiers: dict[Module, "Part[ZeroShotClassifier]"]
    captioner: "Part[Captioner]"
    ocr: "Part[Ocr]"
    llm: "Part[Llm | ServerLlm]"
    facts: tuple[tuple[str, str], ...]


def load_parts(settings: Settings, cache: Path, status: Callable[[str], None]) -> Parts:
    """Load every part that `settings` name, telling `status` which. Raises LensError ``bad-setting``."""
    if settings.templates not in TEMPLATES:
        raise LensError(
            "bad-setting", f"There are no templates {settings.templates!r}: choose {' or '.join(TEMPLATES)}."
        )
    folders = {name: place for name in _NAMES if (place := getattr(settings, name)) and not is_address(place)}
    # only what is loaded here needs a device; a module alone may be compared with another
    devices = {name: choose_device(settings, cache, status, name) for name in folders or _NAMES}
    share_work(sum(weight_bytes(Path(place)) for place in folders.values()))

    def placed(name: str) -> tuple[Path, Device]:
        if name not in folders:
            raise LensError("missing", f"No {_NAMES[name]} is chosen: choose a checkpoint for it.")
        folder = Path(folders[name])
        check_room(folder, devices[name], _NAMES[name])
        return folder, devices[name]

    status("Loading CLIP")
    clip = attempt(lambda: Clip(*placed("clip")))
    classifiers = {
        module: attempt(partial(_classifier, module, clip, settings, cache))
        for module in (Module.TAGS, Module.ATTRIBUTES)
    }
    status("Loading the captioner")
    captioner = attempt(lambda: Captioner(*placed("captioner"), settings))
    status("Loading the LLM")
    llm: Part[Llm | ServerLlm] = attempt(
        lambda: ServerLlm(settings) if is_address(settings.llm) else Llm(*placed("llm"), settings)
    )
    ocr = attempt(lambda: Ocr(settings.ocr_languages, cache))
    facts = [("set", settings.title or settings.set_name), *_devices(list(devices.values()), devices)]
    for name, part in (("clip", clip), ("captioner", captioner), ("llm", llm)):
        facts.append((name, _about(part, folders.get(name, ""))))
    if not isinstance(llm, LensError):
        facts.append(("longest prompt", f"{llm.budget} tokens"))
    facts.append(("ocr", _about(ocr, "") if isinstance(ocr, LensError) else ocr.about))
    return Parts(clip, classifiers, captioner, ocr, llm, tuple((name, value) for name, value in facts if value))


def attempt(make: Callable[[], T]) -> "T | LensError":
    """Return what `make` makes, or the reason why it could not. Raises LensError ``cancelled`` when it was stopped."""
    try:
        return make()
    except Interrupted:
        raise cancelled() from None
    except LensError as error:
        return error
    except Exception as error:  # noqa: BLE001  # one part's fault must not take the others' work with it
        log_failure("engine", error)
        return LensError(
            "crashed", f"This part stopped by an error ({type(error).__name__}): try again or see the log."
        )


def whole(part: "T | LensError") -> T:
    """Return a part that was made, or raise the reason why it was not."""
    if isinstance(part, LensError):
        raise LensError(part.code, part.message)
    return part


def cancelled() -> LensError:
    """Return what ends a request that was stopped."""
    return LensError("cancelled", "Stopped.")


def _classifier(module: Module, clip: "Clip | LensError", settings: Settings, cache: Path) -> ZeroShotClassifier:
    """Return the classifier of tags or attributes, with the settings' vocabulary or the program's own."""
    if module is Module.TAGS:
        place, own, templates = settings.vocabulary, "tags.txt", TEMPLATES[settings.templates]
    else:
        place, own, templates = settings.attribute_vocabulary, "attributes.txt", AS_IS
    entries = read_vocabulary(Path(place) if place else resource("vocabularies", own))
    return ZeroShotClassifier(whole(clip), TextBank(whole(clip), entries, templates, cache / "text-features"))


def _devices(chosen: list[Device], devices: dict[str, Device]) -> list[tuple[str, str]]:
    """Return where the models run: one line each for device and dtype when all agree, else one a module."""
    if len(set(chosen)) == 1:
        return [("device", chosen[0].name), ("dtype", chosen[0].dtype)]
    names = sorted({device.name for device in chosen}, reverse=True)
    each = [(f"{name} on", f"{device.name}, {device.dtype}") for name, device in devices.items()]
    return [("device", " and ".join(names)), *each]


def _about(part: object, place: str) -> str:
    if isinstance(part, LensError):
        return f"not running: {part.message}"
    return f"{part.name} at {part.place}" if isinstance(part, ServerLlm) else Path(place).name
