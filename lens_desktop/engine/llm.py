"""The LLM: any transformers checkpoint that turns a prompt into text, streamed, or scores the answers it is given."""

import copy
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers.generation.streamers import BaseStreamer

from lens_desktop.domain.answer import Turn
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.evidence import Evidence
from lens_desktop.domain.prompt import Mode, fit_prompt
from lens_desktop.engine.checkpoints import Kind, load
from lens_desktop.engine.device import Device, within_memory
from lens_desktop.engine.interrupt import interruptible, never
from lens_desktop.settings import Settings

_NO_LIMIT = 1 << 20  # tokenizers without a limit give a number far above this
_ROWS = 8  # candidates scored at once


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the LLM is told: the exact text, its tokens, and how many evidence lines were left out to fit."""

    text: str
    tokens: tuple[int, ...]
    dropped: int


class Llm:
    """A loaded LLM, encoder-decoder or decoder-only, with a chat template or without."""

    def __init__(self, folder: Path, device: Device, settings: Settings) -> None:
        loaded = load(folder, Kind.LLM, device)
        self._model = loaded.model
        self._tokenizer = loaded.reader
        self._device = device
        self._answer_tokens = settings.answer_tokens
        self._two_parts: bool = self._model.config.is_encoder_decoder
        self._special = sorted(self._tokenizer.all_special_tokens, key=len, reverse=True)
        self._settle_generation()
        self.budget = self._room()
        if settings.budget:
            self.budget = min(settings.budget, self.budget)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="llm")

    def prompt(self, evidence: Evidence, question: str, mode: Mode, turns: Sequence[Turn]) -> Prompt:
        """Return the prompt within the token budget; raises LensError ``too-long`` when the question alone is over."""

        def count(text: str) -> int:
            return len(self._tokens(self._render(text)))

        plain, dropped = fit_prompt(evidence, question, mode, turns, count, self.budget)
        text = self._render(plain)
        tokens = tuple(self._tokens(text))
        if len(tokens) > self.budget:
            raise LensError("too-long", "The question is longer than the LLM can read: ask it in fewer words.")
        return Prompt(text, tokens, dropped)

    def instruction(self, plain: str) -> Prompt:
        """Return the prompt of an instruction that is about no image. Raises LensError ``too-long``."""
        text = self._render(plain)
        tokens = tuple(self._tokens(text))
        if len(tokens) > self.budget:
            raise LensError("too-long", "This is longer than the LLM can read: use fewer words.")
        return Prompt(text, tokens, 0)

    def stream(self, prompt: Prompt, stop: Callable[[], bool] = never) -> Iterator[str]:
        """Yield the greedy answer so far after each token. Raises Interrupted when `stop` turns true.

        Raises LensError ``out-of-memory``.
        """
        outbox: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        left = False

        def work() -> torch.Tensor:
            try:
                with torch.inference_mode(), interruptible(self._model, lambda: left or stop()):
                    return within_memory(lambda: self._generate(prompt, streamer=_Outbox(outbox)), self._device)
            finally:
                outbox.put(None)

        running = self._thread.submit(work)
        tokens: list[int] = []
        try:
            while (token := outbox.get()) is not None:
                tokens.append(token)
                yield self._text(tokens)
            running.result()
        finally:
            left = True  # whoever asked went away: the next question must not wait for this answer
            running.exception()

    def answer(self, prompt: Prompt, beams: int = 1, stop: Callable[[], bool] = never) -> str:
        """Return the whole answer, by beam search when `beams` is over 1. Raises as `stream` does."""
        with torch.inference_mode(), interruptible(self._model, stop):
            tokens = within_memory(lambda: self._generate(prompt, num_beams=beams), self._device)[0].tolist()
        return self._text(tokens if self._two_parts else tokens[len(prompt.tokens) :])

    def score(
        self, prompt: Prompt, options: Sequence[str], *, by_length: bool = False, stop: Callable[[], bool] = never
    ) -> tuple[float, ...]:
        """Return the probability of each option as the whole answer, its end included; they add up to 1.

        With `by_length` an option's log-likelihood is divided by its number of tokens, so that long options are not
        put at a disadvantage. The paper does not.
        """
        with torch.inference_mode(), interruptible(self._model, stop):
            likelihoods = within_memory(lambda: self._likelihoods(prompt, options, by_length), self._device)
        return tuple(torch.softmax(torch.tensor(likelihoods, dtype=torch.float64), dim=0).tolist())

    def _likelihoods(self, prompt: Prompt, options: Sequence[str], by_length: bool) -> list[float]:
        """Return each option's log-likelihood, summed over its tokens or their mean."""
        answers = [self._option_tokens(prompt, option) for option in options]
        logits_of = self._with_encoder(prompt) if self._two_parts else self._after_prompt(prompt)
        sums: list[float] = []
        for start in range(0, len(answers), _ROWS):
            labels, mask = self._padded(answers[start : start + _ROWS])
            chosen = torch.log_softmax(logits_of(labels).float(), dim=-1).gather(2, labels.unsqueeze(2)).squeeze(2)
            sums += (chosen * mask).sum(dim=1).tolist()
        if by_length:
            return [total / max(1, len(answer)) for total, answer in zip(sums, answers, strict=True)]
        return sums

    def _with_encoder(self, prompt: Prompt) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return what gives the logits of answers (rows, length) of an encoder-decoder, which reads the prompt once."""
        ids = self._tensor([prompt.tokens])
        states = self._model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state

        def logits_of(labels: torch.Tensor) -> torch.Tensor:
            rows = len(labels)
            logits: torch.Tensor = self._model(
                encoder_outputs=(states.expand(rows, -1, -1),),
                attention_mask=torch.ones_like(ids).expand(rows, -1),
                decoder_input_ids=self._model.prepare_decoder_input_ids_from_labels(labels),
            ).logits
            return logits

        return logits_of

    def _after_prompt(self, prompt: Prompt) -> Callable[[torch.Tensor], torch.Tensor]:
        """Return what gives the logits of answers (rows, length) of a decoder-only LLM, which reads the prompt once."""
        ids = self._tensor([prompt.tokens])
        read = self._model(input_ids=ids, use_cache=True, logits_to_keep=1)

        def logits_of(labels: torch.Tensor) -> torch.Tensor:
            rows, length = labels.shape
            first: torch.Tensor = read.logits[:, -1:].expand(rows, -1, -1)
            if length == 1:
                return first
            memory = copy.deepcopy(read.past_key_values)
            memory.batch_repeat_interleave(rows)
            # padding stands behind the answers, where a causal model cannot see it
            rest = self._model(input_ids=labels[:, :-1], past_key_values=memory, use_cache=True).logits
            return torch.cat([first, rest], dim=1)

        return logits_of

    def _option_tokens(self, prompt: Prompt, option: str) -> list[int]:
        """Return the tokens of an option as the answer to `prompt`, the end token last."""
        end = self._tokenizer.eos_token_id
        answer = self._harmless(option)
        if self._two_parts:
            tokens = list(self._tokenizer(text_target=answer).input_ids)
        else:
            start = list(prompt.tokens)
            tokens = self._tokens(prompt.text + self._gap() + answer)
            if tokens[: len(start)] == start:
                tokens = tokens[len(start) :]
            else:  # a tokenizer that joins the answer's start to the prompt's end
                tokens = list(self._tokenizer(self._gap() + answer, add_special_tokens=False).input_ids)
        return tokens if end is None or tokens[-1:] == [end] else [*tokens, end]

    def _gap(self) -> str:
        """Return what stands between prompt and answer: a chat template ends where the answer begins."""
        return "" if self._tokenizer.chat_template else " "

    def _generate(self, prompt: Prompt, **how: Any) -> torch.Tensor:
        ids = self._tensor([prompt.tokens])
        tokens: torch.Tensor = self._model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=self._answer_tokens,
            do_sample=False,
            **how,
        )
        return tokens

    def _render(self, plain: str) -> str:
        """Return the exact text the LLM reads: `plain` in the chat template's frame when there is one."""
        safe = self._harmless(plain)
        if not self._tokenizer.chat_template:
            return safe
        text: str = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": safe}], tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        return text

    def _harmless(self, text: str) -> str:
        """Return `text` with the LLM's control tokens broken up: text in a picture must not end the user's part."""
        for token in self._special:
            text = text.replace(token, f"{token[:1]} {token[1:]}")
        return text

    def _tokens(self, text: str) -> list[int]:
        """Return the tokens of a prompt; a template brings its control tokens, else the tokenizer does."""
        tokens = list(self._tokenizer(text, add_special_tokens=not self._tokenizer.chat_template).input_ids)
        if not self._two_parts and tokens[-1:] == [self._tokenizer.eos_token_id] and not self._tokenizer.chat_template:
            tokens.pop()  # an end would tell a decoder-only LLM that the answer is over
        return tokens

    def _text(self, tokens: Sequence[int]) -> str:
        """Return the words in `tokens`; half a character at the end waits for its other half."""
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text.rstrip("\ufffd").strip()

    def _tensor(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        return torch.tensor(rows, dtype=torch.long, device=self._device.name)

    def _padded(self, answers: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the answers as one tensor (rows, longest), and where it is not padding."""
        longest = max(map(len, answers))
        fill = self._model.generation_config.pad_token_id
        labels = self._tensor([[*answer, *[fill] * (longest - len(answer))] for answer in answers])
        mask = self._tensor([[1] * len(answer) + [0] * (longest - len(answer)) for answer in answers])
        return labels, mask

    def _room(self) -> int:
        """Return the longest prompt the LLM was made for, in tokens."""
        positions = getattr(self._model.config.get_text_config(), "max_position_embeddings", None)
        room = min(int(self._tokenizer.model_max_length), positions or _NO_LIMIT, _NO_LIMIT)
        return room if self._two_parts else room - self._answer_tokens

    def _settle_generation(self) -> None:
        """Make the checkpoint's own generation settings greedy: published ones often ask for sampling."""
        config = self._model.generation_config
        config.do_sample = False
        config.temperature = config.top_p = config.top_k = config.min_p = config.typical_p = None
        config.max_length = None
        if config.pad_token_id is None:
            end = config.eos_token_id
            pad = self._tokenizer.pad_token_id
            config.pad_token_id = pad if pad is not None else (end[0] if isinstance(end, list) else end) or 0


class _Outbox(BaseStreamer):  # type: ignore[misc]  # transformers has no types
    """Passes on the tokens that `generate` makes, without the start it is given."""

    def __init__(self, outbox: "queue.SimpleQueue[int | None]") -> None:
        self._outbox = outbox
        self._started = False

    def put(self, value: torch.Tensor) -> None:
        """Take the next token; the first call brings the prompt."""
        if self._started:
            self._outbox.put(int(value))
        self._started = True

    def end(self) -> None:
        """Take note that no more comes; the caller knows by itself."""
