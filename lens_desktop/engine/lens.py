"""The engine's face: an image in, evidence out; evidence and a question in, an answer out."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lens_desktop.domain.answer import Answer, Choice, Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence, Failure, Module, Score, Tag
from lens_desktop.domain.image import Image
from lens_desktop.domain.prompt import Mode
from lens_desktop.engine.clip import Vectors
from lens_desktop.engine.descriptors import descriptor_question, read_descriptors
from lens_desktop.engine.interrupt import Interrupted, never
from lens_desktop.engine.llm import Llm, Prompt
from lens_desktop.engine.parts import Part, Parts, attempt, cancelled, load_parts, whole
from lens_desktop.engine.server_llm import ServerLlm, choice_prompt, option_of
from lens_desktop.settings import Settings

Pixels = npt.NDArray[np.uint8]
_ORDER = (Module.TAGS, Module.ATTRIBUTES, Module.OCR, Module.CAPTIONS)
_PATIENCE = 3.0  # seconds that loading may take to read vocabularies before the rest is left for the idle times


def ignore(_text: str) -> None:
    """Take no notice of a status."""


class Lens:
    """The vision modules and the LLM of one checkpoint set. A part that cannot be loaded fails alone, with its reason.

    `facts` are (name, value) lines for the user: device, dtype, checkpoints, token budget.
    """

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self.facts = parts.facts

    @classmethod
    def load(cls, settings: Settings, *, cache: Path, status: Callable[[str], None] = ignore) -> "Lens":
        """Load the checkpoints that `settings` name; text banks and the measured dtype are kept in `cache`.

        `status` hears what is being done. A vocabulary that takes longer than a moment is left to `read_on`. Raises
        LensError ``bad-setting``; everything else fails only its own part.
        """
        lens = cls(settings, load_parts(settings, cache, status))
        until = time.monotonic() + _PATIENCE
        while (words := lens.reading) and time.monotonic() < until:
            status(words)
            lens.read_on()
        return lens

    @property
    def reading(self) -> str:
        """What is still read of the vocabularies, in words with how far it is; "" when they are whole."""
        for module, classifier in self._parts.classifiers.items():
            if not isinstance(classifier, LensError) and not classifier.bank.complete:
                bank = classifier.bank
                return f"Reading the vocabulary of {module}: {bank.done:,} of {len(bank.entries):,} entries"
        return ""

    def read_on(self) -> bool:
        """Read on in a vocabulary for about half a second; return False when another process reads it just now."""
        for module, classifier in self._parts.classifiers.items():
            if isinstance(classifier, LensError) or classifier.bank.complete:
                continue
            found = attempt(classifier.bank.advance)
            if isinstance(found, LensError):
                if found.code == "busy":
                    return False
                self._parts.classifiers[module] = found
            break
        return True

    def read_all(self, status: Callable[[str], None] = ignore) -> None:
        """Read the vocabularies to their ends. Raises LensError ``busy`` while another process does."""
        while words := self.reading:
            status(words)
            if not self.read_on():
                raise LensError("busy", "Another Lens Desktop is reading the vocabulary now: wait until it is done.")

    def describe(
        self, image: Image, *, known: Evidence | None = None, stop: Callable[[], bool] = never
    ) -> Iterator[Evidence]:
        """Yield the evidence so far each time a module finished or failed: tags first, the last one complete.

        Modules that finished in `known` do not run again. A module that cannot run becomes a Failure; tags or
        attributes whose vocabulary is still being read are left waiting. Raises LensError
        ``cancelled`` when `stop` turned true, and ``unreadable`` when the decoded pixels are gone.
        """
        pixels = _pixels(image)
        evidence = replace(known or Evidence(image.id), failures=(), scored=self._scored)
        modules = [module for module in _ORDER if module not in evidence.finished and not self._must_wait(module)]
        features: Part[Vectors] = LensError("unused", "")
        if Module.TAGS in modules or Module.ATTRIBUTES in modules:
            start = time.perf_counter()
            features = attempt(lambda: whole(self._parts.clip).encode_image(pixels, stop))
            evidence = _timed(evidence, "image features", start)
        if not modules:
            yield evidence
        for module in modules:
            if stop():
                raise cancelled()
            start = time.perf_counter()
            found = attempt(partial(self._find, module, image, pixels, features, stop))
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

    def describe_class(self, name: str) -> tuple[str, ...]:
        """Return what tells a class apart in a photo, as attributes in the LLM's words; none when it gives no list.

        Raises LensError as `ask` does.
        """
        llm = self._llm
        text = ""
        for text in llm.stream(llm.instruction(descriptor_question(name))):  # noqa: B007  the last one is whole
            pass
        return read_descriptors(name, text)

    @property
    def _llm(self) -> Llm | ServerLlm:
        llm = self._parts.llm
        if isinstance(llm, LensError):
            raise LensError(llm.code, llm.message)
        return llm

    @property
    def vocabulary_problem(self) -> LensError | None:
        """Why tags or attributes cannot be found, None when they can."""
        return next((part for part in self._parts.classifiers.values() if isinstance(part, LensError)), None)

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
                lines, scale = whole(self._parts.ocr).read(pixels, stop)
                return {"ocr": lines, "ocr_scale": scale}
            case Module.CAPTIONS:
                return {"captions": whole(self._parts.captioner).caption(pixels, image.id, stop)}

    @property
    def _scored(self) -> Score:
        clip = self._parts.clip
        return Score.PROBABILITY if not isinstance(clip, LensError) and clip.tells_probabilities else Score.COSINE

    def _must_wait(self, module: Module) -> bool:
        classifier = self._parts.classifiers.get(module)
        return classifier is not None and not isinstance(classifier, LensError) and not classifier.bank.complete

    def _rank(self, module: Module, features: "Part[Vectors]", count: int, threshold: float) -> tuple[Tag, ...]:
        if self._scored is Score.PROBABILITY:
            threshold = self._settings.sigmoid_threshold
        return whole(self._parts.classifiers[module]).rank(whole(features), count, threshold)


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
