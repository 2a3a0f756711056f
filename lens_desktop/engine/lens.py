"""The engine's face: an image in, evidence out; evidence and a question in, an answer out."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from lens_desktop.domain.address import is_address
from lens_desktop.domain.answer import Answer, Choice, Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence, Failure, Module, Tag
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode
from lens_desktop.engine.captioner import Captioner
from lens_desktop.engine.checkpoints import weight_bytes
from lens_desktop.engine.clip import Clip, Vectors
from lens_desktop.engine.device import Device, choose_device, share_work
from lens_desktop.engine.interrupt import Interrupted, never
from lens_desktop.engine.llm import Llm, Prompt
from lens_desktop.engine.ocr import Ocr
from lens_desktop.engine.server_llm import ServerLlm, choice_prompt, option_of
from lens_desktop.engine.zero_shot import AS_IS, TEMPLATES, ZeroShotClassifier, build_classifier, read_vocabulary
from lens_desktop.log import log_failure
from lens_desktop.resources import resource
from lens_desktop.settings import Settings

T = TypeVar("T")
Pixels = npt.NDArray[np.uint8]
Part: TypeAlias = T | LensError  # a part that could not be made is the reason why
_ORDER = (Module.TAGS, Module.ATTRIBUTES, Module.OCR, Module.CAPTIONS)


def ignore(_text: str) -> None:
    """Take no notice of a status."""


class Lens:
    """The vision modules and the LLM of one checkpoint set. A part that cannot be loaded fails alone, with its reason.

    `facts` are (name, value) lines for the user: device, dtype, checkpoints, token budget.
    """

    def __init__(
        self,
        settings: Settings,
        device: Device,
        clip: "Part[Clip]",
        classifiers: dict[Module, "Part[ZeroShotClassifier]"],
        captioner: "Part[Captioner]",
        ocr: "Part[Ocr]",
        llm: "Part[Llm | ServerLlm]",
    ) -> None:
        self._settings = settings
        self._clip = clip
        self._classifiers = classifiers
        self._captioner = captioner
        self._ocr = ocr
        self._llm = llm
        parts = {"clip": clip, "captioner": captioner, "llm": llm}
        self.facts = (*_facts(settings, device, parts, llm), ("ocr", _about(ocr)))

    @classmethod
    def load(cls, settings: Settings, *, cache: Path, status: Callable[[str], None] = ignore) -> "Lens":
        """Load the checkpoints that `settings` name; text features and the measured dtype are kept in `cache`.

        `status` hears what is being done. Raises LensError ``bad-setting``; everything else fails only its own part.
        """
        device = choose_device(settings, cache, status)
        if settings.templates not in TEMPLATES:
            raise LensError(
                "bad-setting", f"There are no templates {settings.templates!r}: choose {' or '.join(TEMPLATES)}."
            )
        chosen = (settings.clip, settings.captioner, settings.llm)
        places = [Path(place) for place in chosen if place and not is_address(place)]
        share_work(sum(weight_bytes(place) for place in places))
        status("Loading CLIP")
        clip = _attempt(lambda: Clip(_folder(settings.clip, "CLIP"), device))
        classifiers = {
            module: _attempt(partial(_classifier, module, clip, settings, cache, status))
            for module in (Module.TAGS, Module.ATTRIBUTES)
        }
        status("Loading the captioner")
        captioner = _attempt(lambda: Captioner(_folder(settings.captioner, "captioner"), device, settings))
        status("Loading the LLM")
        llm = _attempt(lambda: _llm(settings, device))
        return cls(
            settings, device, clip, classifiers, captioner, _attempt(lambda: Ocr(settings.ocr_languages, cache)), llm
        )

    def describe(self, image: Image, *, stop: Callable[[], bool] = never) -> Iterator[Evidence]:
        """Yield the evidence so far each time a module finished or failed: tags first, the last one complete.

        A module that cannot run becomes a Failure. Raises LensError ``cancelled`` when `stop` turned true, and
        ``unreadable`` when the decoded pixels are gone.
        """
        pixels = _pixels(image)
        evidence = Evidence(image.id)
        start = time.perf_counter()
        features = _attempt(lambda: _whole(self._clip).encode_image(pixels, stop))
        evidence = _timed(evidence, "image features", start)
        for module in _ORDER:
            if stop():
                raise _cancelled()
            start = time.perf_counter()
            found = _attempt(partial(self._find, module, image, pixels, features, stop))
            if isinstance(found, LensError):
                evidence = replace(evidence, failures=(*evidence.failures, Failure(module, found.message)))
            else:
                evidence = replace(evidence, finished=(*evidence.finished, module), **found)
            evidence = _timed(evidence, module, start)
            yield evidence

    def ask(
        self,
        evidence: Evidence,
        question: str,
        *,
        mode: Mode = Mode.GENERAL,
        turns: Sequence[Turn] = (),
        options: Sequence[str] = (),
        stop: Callable[[], bool] = never,
    ) -> Iterator[Answer]:
        """Yield the answer so far after each token; the last has `finished` set unless `stop` turned true.

        With `options` there is one Answer: the most probable option, and all of them as choices. Raises LensError
        ``out-of-memory``, ``too-long``, or why the LLM could not be loaded.
        """
        start = time.perf_counter()
        llm = self._llm
        if isinstance(llm, LensError):
            raise LensError(llm.code, llm.message)
        prompt = llm.prompt(evidence, question, mode, turns)
        answer = Answer("", prompt.text, dropped=prompt.dropped)
        try:
            chosen = _choices(llm, prompt, options, self._settings, stop) if options else ()
            if chosen:
                answer = replace(answer, choices=chosen, text=chosen[0].text)
            elif options:
                answer = _picked(llm, prompt, answer, options, stop)
            else:
                for text in llm.stream(prompt, stop):
                    answer = replace(answer, text=text, seconds=time.perf_counter() - start)
                    yield answer
            yield replace(answer, finished=True, seconds=time.perf_counter() - start)
        except Interrupted:
            yield replace(answer, seconds=time.perf_counter() - start)

    def _find(
        self, module: Module, image: Image, pixels: Pixels, features: "Part[Vectors]", stop: Callable[[], bool]
    ) -> dict[str, Any]:
        """Return what a module writes, as fields of the evidence."""
        settings = self._settings
        match module:
            case Module.TAGS:
                return {"tags": self._rank(module, features, settings.tags, settings.threshold)}
            case Module.ATTRIBUTES:
                return {"attributes": self._rank(module, features, settings.attributes, settings.attribute_threshold)}
            case Module.OCR:
                lines, scale = _whole(self._ocr).read(pixels, stop)
                return {"ocr": lines, "ocr_scale": scale}
            case Module.CAPTIONS:
                return {"captions": _whole(self._captioner).caption(pixels, image.id, stop)}

    def _rank(self, module: Module, features: "Part[Vectors]", count: int, threshold: float) -> tuple[Tag, ...]:
        return _whole(self._classifiers[module]).rank(_whole(features), count, threshold)


def _attempt(make: Callable[[], T]) -> "T | LensError":
    """Return what `make` makes, or the reason why it could not. Raises LensError ``cancelled`` when it was stopped."""
    try:
        return make()
    except Interrupted:
        raise _cancelled() from None
    except LensError as error:
        return error
    except Exception as error:  # noqa: BLE001  # one part's fault must not take the others' work with it
        log_failure("engine", error)
        return LensError(
            "crashed", f"This part stopped by an error ({type(error).__name__}): try again or see the log."
        )


def _whole(part: "T | LensError") -> T:
    """Return a part that was made, or raise the reason why it was not."""
    if isinstance(part, LensError):
        raise LensError(part.code, part.message)
    return part


def _folder(place: str, name: str) -> Path:
    if not place:
        raise LensError("missing", f"No {name} is chosen: choose a checkpoint for it.")
    return Path(place)


def _llm(settings: Settings, device: Device) -> Llm | ServerLlm:
    """Return the LLM that the settings name: a checkpoint in a folder, or one behind a server."""
    if is_address(settings.llm):
        return ServerLlm(settings)
    return Llm(_folder(settings.llm, "LLM"), device, settings)


def _classifier(
    module: Module, clip: "Clip | LensError", settings: Settings, cache: Path, status: Callable[[str], None]
) -> ZeroShotClassifier:
    """Return the classifier of tags or attributes, with the settings' vocabulary or the program's own."""
    if module is Module.TAGS:
        place, own, templates = settings.vocabulary, "tags.txt", TEMPLATES[settings.templates]
    else:
        place, own, templates = settings.attribute_vocabulary, "attributes.txt", AS_IS
    entries = read_vocabulary(Path(place) if place else resource("vocabularies", own))
    return build_classifier(_whole(clip), entries, templates, cache, status)


def _choices(
    llm: Llm | ServerLlm, prompt: Prompt, options: Sequence[str], settings: Settings, stop: Callable[[], bool]
) -> tuple[Choice, ...]:
    """Return the options with their probabilities, the most probable first; none when the LLM tells none."""
    try:
        scores = llm.score(prompt, options, by_length=settings.options_by_length, stop=stop)
    except LensError as error:
        if error.code == "no-probabilities":
            return ()
        raise
    choices = [Choice(option, score) for option, score in zip(options, scores, strict=True)]
    return tuple(sorted(choices, key=lambda choice: -choice.probability))


def _picked(
    llm: Llm | ServerLlm, prompt: Prompt, answer: Answer, options: Sequence[str], stop: Callable[[], bool]
) -> Answer:
    """Return the answer of an LLM that tells no probabilities: the option it writes when it is shown the list.

    When what it writes is none of them, that is the answer: nothing is made up for it.
    """
    text = ""
    shown = replace(prompt, text=choice_prompt(prompt.text, options))
    for text in llm.stream(shown, stop):  # noqa: B007  the last one is whole
        pass
    return replace(answer, text=option_of(text, options), prompt=shown.text)


def _pixels(image: Image) -> Pixels:
    """Return the upright pixels (height, width, 3) that the decoder wrote."""
    try:
        pixels: Pixels = np.load(image.pixels, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        raise LensError("unreadable", f"The decoded pixels of {image.path} are gone: open the file again.") from None
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise LensError("unreadable", f"The decoded pixels of {image.path} are damaged: open the file again.")
    return pixels


def _timed(evidence: Evidence, step: str, start: float) -> Evidence:
    return replace(evidence, timings=(*evidence.timings, (str(step), time.perf_counter() - start)))


def _cancelled() -> LensError:
    return LensError("cancelled", "Stopped.")


def _about(ocr: "Ocr | LensError") -> str:
    return f"not running: {ocr.message}" if isinstance(ocr, LensError) else ocr.about


def _facts(
    settings: Settings, device: Device, parts: Mapping[str, object], llm: "Llm | ServerLlm | LensError"
) -> tuple[tuple[str, str], ...]:
    """Return what the user may want to know about what was loaded."""
    facts = [("set", settings.title or settings.set_name), ("device", device.name), ("dtype", device.dtype)]
    for name, part in parts.items():
        place = getattr(settings, name, "")
        about = f"{part.name} at {place}" if isinstance(part, ServerLlm) else Path(place).name
        facts.append((name, f"not running: {part.message}" if isinstance(part, LensError) else about))
    if not isinstance(llm, LensError):
        facts.append(("longest prompt", f"{llm.budget} tokens"))
    return tuple((name, value) for name, value in facts if value)
