"""Make the held-out fixtures and the samples: `python -m tests.heldout.make --fonts /usr/share/fonts`."""

import argparse
import json
import os
import random
from dataclasses import asdict
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage

from tests.heldout.draw import load_faces, paint
from tests.heldout.extras import MEMES, SAMPLES, compose
from tests.heldout.questions import choose_questions
from tests.heldout.scenes import Picture, make_pictures

DATA = Path(__file__).parents[1] / "data"
SAMPLE_FOLDER = Path(__file__).parents[2] / "resources" / "samples"
SEED = 20231


def main() -> None:
    """Draw the scenes, save them in several formats and write what is true of them and what is asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--fonts", type=Path, default=Path("/usr/share/fonts"), help="folder laid out as Debian's fonts"
    )
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--samples", type=Path, default=SAMPLE_FOLDER)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    load_faces(options.fonts)
    folder = options.out / "heldout"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    pictures = make_pictures(SEED)
    names = [_save(picture, index, folder) for index, picture in enumerate(pictures)]
    scenes = [{"image": name, **asdict(picture.scene)} for name, picture in zip(names, pictures, strict=True)]
    _write(folder / "scenes.json", json.dumps(scenes, ensure_ascii=False).replace('{"image"', '\n{"image"') + "\n")
    questions = choose_questions([picture.scene for picture in pictures], SEED)
    lines = [
        {
            "image": names[question.scene],
            "question": question.text,
            "form": question.form,
            "answers": question.answers,
            "kinds": len(pictures[question.scene].scene.things),
            "about": question.about,
        }
        for question in questions
    ]
    _write(folder / "questions.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    few = sorted(random.Random(SEED).sample(lines, 60), key=lambda line: str(line["image"]))
    asked = [{"image": f"tests/data/heldout/{line['image']}", "question": line["question"]} for line in few]
    _write(options.out / "ask60.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in asked))
    _memes(options.out / "memes")
    _samples(options.samples)
    del application


def _memes(folder: Path) -> None:
    """Write the pictures whose answers are only in their text, with their questions."""
    folder.mkdir(exist_ok=True)
    lines = []
    for picture in MEMES:
        compose(picture)[1].save(str(folder / picture.file), "PNG", 0)
        said = " ".join(line.words for line in picture.lines)
        for question in picture.asked:
            line = {"image": picture.file, "question": question, "form": "text", "answers": [said]}
            lines.append({**line, "kinds": len(picture.puts), "about": []})
    _write(folder / "meme.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


def _samples(folder: Path) -> None:
    """Write the images that the empty window offers, each with a question to try."""
    folder.mkdir(exist_ok=True)
    for picture in SAMPLES:
        compose(picture)[1].save(str(folder / picture.file), "PNG", 0)
    asked = [{"image": picture.file, "question": picture.asked[0]} for picture in SAMPLES]
    _write(folder / "samples.json", json.dumps(asked, indent=2) + "\n")


def _save(picture: Picture, index: int, folder: Path) -> str:
    """Save a picture in a format and quality drawn by lot; return the file's name."""
    rng = random.Random(f"{SEED} {index}")
    image: QImage = paint(picture.scene, picture.looks, picture.width)
    grain = picture.scene.pattern == "noisy"  # losslessly saved grain would be half a megabyte
    kind = rng.choices(("jpg", "webp", "png"), (50, 38, 0 if grain else 12))[0]
    quality = rng.choice((58, 68, 76, 86) if not grain else (48, 56, 64)) if kind != "png" else -1
    name = f"{index:03}.{kind}"
    if not image.save(str(folder / name), kind.upper() if kind != "jpg" else "JPEG", quality):
        raise OSError(f"{name} could not be saved: is the Qt image plug-in for {kind} installed?")
    return name


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
