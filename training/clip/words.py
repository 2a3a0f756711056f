"""The texts the text tower learns, and its small tokenizer: whole words of the world, letters for all others."""

import string
from itertools import chain
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from training.clip.model import CONTEXT_LENGTH
from training.world.lexicon import NAMES, attributes, plural, synonyms
from training.world.scene import COUNTS, SIZES

PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<start>", "<end>"
TEMPLATES = (
    "A photo of {}",
    "{}",
    "a photo of a {}.",
    "a picture of {}",
    "a drawing of a {}",
    "an image of {}",
    "a {}",
    "the {}",
    "a small {}",
    "a big {}",
    "there is a {} in the scene",
    "a cartoon {}",
)
_MORE_WORDS = "an and or of on in at with without no text background left right top bottom middle above below near only"


def tag_texts() -> list[tuple[str, int]]:
    """Return texts for tags, each with the tag's number: every name, plural and synonym in every template."""
    pairs = []
    for number, name in enumerate(NAMES):
        for word in dict.fromkeys((name, plural(name), *synonyms(name))):
            pairs += [(template.format(word), number) for template in TEMPLATES]
    return pairs


def attribute_texts() -> list[tuple[str, int]]:
    """Return texts for attributes, each with the attribute's number: bare, and as photos."""
    plain = list(enumerate(attributes()))
    return [(template.format(text), number) for template in ("{}", "A photo of {}") for number, text in plain]


def vocabulary() -> list[str]:
    """Return all tokens: padding first, the end token last, as the tower's pooling wants it."""
    texts = chain((text for text, _ in tag_texts()), attributes(), [_MORE_WORDS, *COUNTS, *SIZES])
    words = sorted({word for text in texts for word in text.lower().replace(".", " ").split()})
    letters = [*string.ascii_lowercase, *string.digits, *string.punctuation]
    singles = [one for one in letters if one not in words]
    return [PAD, UNKNOWN, START, *words, *singles, *(f"##{letter}" for letter in letters), END]


def write_tokenizer(folder: Path) -> None:
    """Write the tokenizer's files into a folder, in the form transformers loads."""
    numbers = {token: number for number, token in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token=UNKNOWN, max_input_chars_per_word=40))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, numbers[START]), (END, numbers[END])]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        unk_token=UNKNOWN,
        bos_token=START,
        eos_token=END,
        model_max_length=CONTEXT_LENGTH,
    )
    fast.save_pretrained(folder)
