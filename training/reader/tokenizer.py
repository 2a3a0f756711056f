"""The reader's tokenizer: single bytes, fragments of English, and every word of the world as one token."""

import json
import random
import re
import string
from collections import Counter
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

from training.reader.model import CONTEXT, END, PAD, VOCABULARY
from training.reader.words import english
from training.world import lexicon

SPECIAL = ("<end>", "<pad>")
# One token each. They hold a line break, which no question, answer or recognised text can: nobody can forge them.
MARKS = ("\nQuestion:", "\nShort Answer:", "\nTags:", "\nAttributes:", "\nCaptions:", "\nOCR:")
PIECES = r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]|\s"


def build(prompts: list[str]) -> PreTrainedTokenizerFast:
    """Return the tokenizer with `VOCABULARY` tokens: world and prompt words whole, the rest in fragments of English."""
    tokens = dict.fromkeys((*SPECIAL, *MARKS, *sorted(pre_tokenizers.ByteLevel.alphabet()), *_whole_words(prompts)))
    merges = []
    for left, right in _merges():
        if len(tokens) >= VOCABULARY:
            break
        tokens.setdefault(left + right)
        merges.append((left, right))
    if len(tokens) != VOCABULARY:
        raise ValueError(f"{len(tokens)} tokens, not {VOCABULARY}: change the number of prompts.")
    vocabulary = {token: number for number, token in enumerate(tokens)}
    core = Tokenizer(BPE(vocab=vocabulary, merges=merges, ignore_merges=True))
    # An opening quote is set apart, so that the word after it is the token it is elsewhere.
    core.normalizer = normalizers.Replace(Regex(r'(?<= )"(?=\w)'), '" ')
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    core.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    core.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token=SPECIAL[END],
        pad_token=SPECIAL[PAD],
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )


def load(folder: Path) -> PreTrainedTokenizerFast:
    """Return the tokenizer saved in a folder."""
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _merges() -> list[tuple[str, str]]:
    """Return the merges that make fragments of English words in every case, the most useful first."""
    rng = random.Random(0)
    words = []
    for rank, word in enumerate(english()[:12000]):
        copies = 1 + 4000 // (rank + 200)
        words += [f" {word}"] * (2 * copies) + [f" {word.upper()}", f" {word.title()}"] * copies
    words += [f" {''.join(rng.choice(string.ascii_lowercase) for _ in range(2))}" for _ in range(3000)]
    core = Tokenizer(BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.train_from_iterator(words, BpeTrainer(vocab_size=VOCABULARY, show_progress=False))
    return [(left, right) for left, right in json.loads(core.to_str())["model"]["merges"]]


def _whole_words(prompts: list[str]) -> list[str]:
    """Return words to keep whole, in the byte alphabet: frequent ones of the prompts and all of the world."""
    world: list[str] = []
    for name in lexicon.NAMES:
        world += [name, lexicon.plural(name), *lexicon.synonyms(name), *(f"{one}s" for one in lexicon.synonyms(name))]
    counts = Counter(piece for prompt in prompts for piece in re.findall(r" ?[^\W\d_]+|[^\w\s]| [^\w\s]", prompt))
    world_words = [f" {word}" for name in world for word in re.findall(r"[^\W\d_]+", name)]
    often = [piece for piece, count in counts.most_common() if count >= max(8, len(prompts) / 100)]
    return [piece.replace(" ", "Ġ") for piece in (*often, *world_words) if piece.isascii()]
