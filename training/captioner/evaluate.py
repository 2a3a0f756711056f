"""Decodes captions of unseen pictures as the program does and counts what is right, per claim and per style.

Run: python -m training.captioner.evaluate --images DIR --captioner DIR [--count 300] [--out FILE]
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from transformers import BlipForConditionalGeneration, BlipProcessor

from training.captioner.reading import claims, plain, style_of
from training.captioner.train import UNSEEN
from training.captioner.words import LONGEST, PROMPT, SHORTEST
from training.world.captions import caption
from training.world.make_images import load
from training.world.scene import Scene, place_words

BATCH = 20
SAMPLED = 5


def decode(captioner: Path, images: Iterable[np.ndarray]) -> Iterator[tuple[str, list[str]]]:
    """Yield the beam caption and the sampled ones of each picture, without the prompt."""
    model = BlipForConditionalGeneration.from_pretrained(captioner, dtype=torch.float32).eval()
    processor = BlipProcessor.from_pretrained(captioner)
    limits = {"min_length": SHORTEST, "max_length": LONGEST}
    pictures = list(images)
    torch.manual_seed(0)
    for first in range(0, len(pictures), BATCH):
        some = pictures[first : first + BATCH]
        inputs = processor(images=some, text=[PROMPT] * len(some), return_tensors="pt")
        cut = inputs["input_ids"].shape[1] - 1
        with torch.inference_mode():
            beam = model.generate(**inputs, num_beams=5, do_sample=False, **limits)
            drawn = model.generate(**inputs, do_sample=True, top_k=50, num_return_sequences=SAMPLED, **limits)
        said = [processor.batch_decode(rows[:, cut:], skip_special_tokens=True) for rows in (beam, drawn)]
        for number in range(len(some)):
            yield said[0][number], said[1][number * SAMPLED : (number + 1) * SAMPLED]


class Score:
    """Counts of what captions say against what their scenes hold."""

    def __init__(self) -> None:
        self.tried: Counter[str] = Counter()
        self.right: Counter[str] = Counter()
        self.confused: Counter[tuple[str, str]] = Counter()

    def add(self, scene: Scene, text: str) -> None:
        """Count one caption."""
        style = style_of(text)
        said = list(claims(text))
        things = {thing.name: thing for thing in scene.things}
        names = {claim.name for claim in said}
        self._note(f"all named, {len(things)} kinds", things.keys() <= names)
        if len(things) <= 3:
            self._note("all named, at most 3 kinds", things.keys() <= names)
            self._note("named exactly, at most 3 kinds", things.keys() == names)
        self._note(f"{style} word for word", plain(text) == caption(scene, style))
        missed, invented = [*(things.keys() - names)], [*(names - things.keys())]
        self.confused.update((one, other) for one in missed for other in invented or [""])
        for claim in said:
            thing = things.get(claim.name)
            self._note("name", thing is not None)
            if thing is None:
                continue
            self._note("count", claim.count == thing.count)
            if thing.count > 1:
                self._note("count of several", claim.count == thing.count)
            if thing.colour:
                self._note("colour", claim.colour == thing.colour)
            if claim.place:
                self._note("place", place_words(thing.centre).endswith(f"the {claim.place}"))
            if style == "sizes":
                self._note("size", claim.size == thing.size)
        if style == "background":
            self._note("background", f"{scene.pattern} {scene.background} background" in text)
        if style == "list":
            self._note("text or none", ("without text" in text) == (not scene.writing))
            if scene.writing and "without" not in text:
                self._note("text colour", f"with {scene.writing[0].colour} text" in text)

    def _note(self, what: str, right: bool) -> None:
        self.tried[what] += 1
        self.right[what] += right

    def figures(self) -> dict[str, dict[str, float]]:
        """Return the share that is right and of how many, by what was claimed."""
        return {
            what: {"right": round(self.right[what] / count, 4), "of": count}
            for what, count in sorted(self.tried.items())
        }


def evaluate(captioner: Path, images: np.ndarray, scenes: list[Scene]) -> dict[str, object]:
    """Return the figures of the beam caption and of the sampled captions, and what is taken for what."""
    beam, drawn = Score(), Score()
    styles: Counter[str] = Counter()
    examples = []
    for scene, (best, others) in zip(scenes, decode(captioner, images), strict=True):
        beam.add(scene, best)
        styles.update(style_of(other) for other in others)
        for other in others:
            drawn.add(scene, other)
        examples.append({"true": caption(scene, "places"), "beam": best, "sampled": others[:2]})
    return {
        "pictures": len(scenes),
        "note": "Decoded captions join commas to the word before; names are canonical singulars. Shares per claim.",
        "beam": beam.figures(),
        "sampled": drawn.figures(),
        "sampled styles": dict(styles),
        "confusions (true, said, times)": [[*pair, times] for pair, times in drawn.confused.most_common(60)],
        "examples": examples[:25],
    }


def main() -> None:
    """Read the command line, print the figures and write them to a file when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--captioner", type=Path, default=Path("resources/starter/captioner"))
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    images, scenes = load(args.images)
    count = min(args.count, UNSEEN)
    result = evaluate(args.captioner, images[:count], scenes[:count])
    text = json.dumps(result, indent=1)
    print(text)
    if args.out:
        args.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
