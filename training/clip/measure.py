"""Measures an exported CLIP on pictures it never saw, through open_clip's own loading and preparing.

Run: python -m training.clip.measure --clip resources/starter/clip [--count 600]
"""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import open_clip
import torch

from training.world.draw_scenes import random_scene
from training.world.lexicon import NAMES, attributes, true_attributes
from training.world.render import paint, worn
from training.world.scene import Scene

TEMPLATE = "A photo of {}"
UNSEEN = 900_000_000  # seeds from here on draw no training picture


@dataclass(frozen=True, slots=True)
class Scores:
    """Cosines of pictures with all tags and all attributes, N x words each, and what was in the pictures."""

    tags: np.ndarray
    attributes: np.ndarray
    scenes: tuple[Scene, ...]


def score(clip: Path, count: int) -> Scores:
    """Return the cosines for freshly drawn scenes."""
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{clip}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{clip}")
    model.eval()
    scenes = tuple(random_scene(random.Random(UNSEEN + number)) for number in range(count))
    with torch.inference_mode():
        texts = [TEMPLATE.format(name) for name in NAMES], list(attributes())
        words = [model.encode_text(tokenizer(lines), normalize=True) for lines in texts]
        features = []
        for number, scene in enumerate(scenes, UNSEEN):
            picture = worn(paint(scene, number, random.Random(number).randint(200, 480)), number)
            features.append(model.encode_image(prepare(picture)[None], normalize=True)[0])
        tags, described = (torch.stack(features) @ one.T for one in words)
    return Scores(tags.numpy(), described.numpy(), scenes)


def report(scores: Scores, tags: int = 8) -> list[str]:
    """Return the measures in words, and the thresholds that part true from false best."""
    number = {name: index for index, name in enumerate(NAMES)}
    true_tags = np.zeros(scores.tags.shape, bool)
    true_words = np.zeros(scores.attributes.shape, bool)
    for row, scene in enumerate(scores.scenes):
        true_tags[row, [number[thing.name] for thing in scene.things]] = True
        true_words[row] = np.isin(attributes(), list(true_attributes(scene)))
    kinds = true_tags.sum(1)
    few = (kinds >= 1) & (kinds <= 3)
    lines = [f"{few.sum()} scenes of 1 to 3 kinds, {len(kinds)} in all"]
    for least in (-1.0, keeping_threshold(scores.tags, true_tags, few, tags)):
        found = _among(scores.tags, tags, least)
        every = np.all(found | ~true_tags, axis=1)[few].mean()
        right = (found & true_tags).sum() / max(1, found.sum())
        lines.append(f"tags from {least:.2f}: every thing among the top {tags}: {every:.3f}, right: {right:.3f}")
    for least in (-1.0, best_threshold(scores.attributes, true_words)):
        found = _among(scores.attributes, 5, least)
        right = (found & true_words).sum() / max(1, found.sum())
        lines.append(f"attributes from {least:.2f}: true of the top 5: {right:.3f}, {found.sum(1).mean():.1f} each")
    return lines


def keeping_threshold(cosines: np.ndarray, true: np.ndarray, few: np.ndarray, top: int) -> float:
    """Return the highest cosine that as a threshold costs none of the `few` scenes a thing that was shown.

    A thing that no tag names cannot be asked about; a wrong tag more is outvoted by captions.
    """
    shown = _among(cosines, top, -1.0)
    whole = few & np.all(shown | ~true, axis=1)
    least = np.where(true, cosines, np.inf)[whole].min(initial=1.0)
    return float(np.floor(100 * least) / 100)


def best_threshold(cosines: np.ndarray, true: np.ndarray) -> float:
    """Return the cosine with the best F1 when everything above it counts as found."""
    steps = np.arange(0.05, 0.95, 0.01)
    found = [cosines >= step for step in steps]
    return float(steps[np.argmax([2 * (one & true).sum() / (one.sum() + true.sum()) for one in found])])


def _among(cosines: np.ndarray, top: int, least: float) -> np.ndarray:
    """Say for each word whether it is among the best of its picture and not below a threshold."""
    edge = np.sort(cosines, axis=1)[:, -top][:, None]
    return (cosines >= edge) & (cosines >= least)


def main() -> None:
    """Read the command line and print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", type=Path, required=True)
    parser.add_argument("--count", type=int, default=600)
    args = parser.parse_args()
    torch.set_num_threads(1)
    print("\n".join(report(score(args.clip, args.count))))


if __name__ == "__main__":
    main()
