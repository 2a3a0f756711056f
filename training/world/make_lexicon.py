"""Writes lexicon.json, tags.txt and attributes.txt from the hand-kept table pictographs.txt and the emoji font.

Run: python -m training.world.make_lexicon
"""

import colorsys
import json
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from training.world.glyphs import glyph

HERE = Path(__file__).parent
STARTER = HERE.parent.parent / "resources" / "starter"


def read_table() -> list[dict[str, object]]:
    """Return one record per line of the table: `char name[/plural] [[colour]] [= synonym, …]` under `# category`.

    A colour in square brackets, or none in them, corrects the one computed from the glyph.
    """
    records: list[dict[str, object]] = []
    category = ""
    for line in (HERE / "pictographs.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            category = line[1:].strip()
        elif line.strip():
            left, _, words = line.partition(" = ")
            char, _, name = left.strip().partition(" ")
            name, corrected, colour = name.partition(" [")
            name, _, several = name.partition("/")
            records.append(
                {
                    "name": name,
                    "plural": several or regular_plural(name),
                    "synonyms": [word.strip() for word in words.split(",") if word.strip()],
                    "char": char,
                    "category": category,
                    "colour": colour.rstrip("]") if corrected else dominant_colour(glyph(char, 64)),
                }
            )
    return records


def regular_plural(name: str) -> str:
    """Return the regular English plural of a name; a name that already is a plural stays."""
    if name.endswith("s") and not name.endswith(("ss", "us", "bus")):
        return name
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def dominant_colour(image: Image.Image) -> str:
    """Return the colour name most of a glyph has, or "" when no single one clearly dominates."""
    pixels = np.asarray(image).reshape(-1, 4)
    solid = pixels[pixels[:, 3] > 128][:, :3]
    shares = Counter(colour_name(*(int(value) for value in pixel)) for pixel in solid)
    ranked = [*shares.most_common(2), ("", 0)]
    clear = ranked[0][1] >= 0.6 * len(solid) and ranked[1][1] <= 0.25 * len(solid)
    return ranked[0][0] if clear else ""


def colour_name(red: int, green: int, blue: int) -> str:
    """Return the name, of the eleven, that people give a colour."""
    hue, light, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    chroma = (max(red, green, blue) - min(red, green, blue)) / 255
    degrees = hue * 360
    if light < 0.13:
        return "black"
    if light > 0.93:
        return "white"
    if chroma < 0.15 or saturation < 0.12:
        return "black" if light < 0.3 else "white" if light > 0.86 else "grey"
    if 12 <= degrees < 48 and (light < 0.38 or chroma < 0.4):
        return "brown"
    if degrees < 12 or degrees >= 345:
        return "pink" if light > 0.72 else "red"
    if degrees < 38:
        return "orange"
    if degrees < 66:
        return "yellow"
    if degrees < 170:
        return "green"
    if degrees < 255:
        return "blue"
    return "purple" if degrees < 300 else "pink"


def main() -> None:
    """Write the three files."""
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in read_table())
    (HERE / "lexicon.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    from training.world import lexicon  # after the file it reads is written

    STARTER.mkdir(parents=True, exist_ok=True)
    (STARTER / "tags.txt").write_text("\n".join(lexicon.NAMES) + "\n", encoding="utf-8")
    (STARTER / "attributes.txt").write_text("\n".join(lexicon.attributes()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
