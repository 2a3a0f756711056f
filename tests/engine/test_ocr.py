"""Text is read on pages and on pictures, nothing is read where nothing is written, and no picture stays behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageDraw

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.interrupt import Interrupted
from lens_desktop.engine.ocr import Ocr, overlap, page_scale
from tests.engine.drawings import LETTER, document, font, meme, photograph, shapes


@pytest.fixture(scope="module")
def ocr(tmp_path_factory: pytest.TempPathFactory) -> Ocr:
    return Ocr("eng", tmp_path_factory.mktemp("ocr"))


def read(ocr: Ocr, pixels: np.ndarray) -> list[str]:
    return [line.text for line in ocr.read(pixels)[0]]


@pytest.mark.parametrize(
    ("size", "shape", "ink", "paper"),
    [
        (32, (1400, 900), "black", "white"),
        (20, (900, 300), "#222222", "#f4efe4"),
        (11, (560, 160), "black", "white"),
        (22, (1000, 300), "white", "black"),
        (13, (640, 180), "#dddddd", "#1e1e1e"),
        (26, (1100, 300), "#ffffff", "#a03040"),
    ],
    ids=["large", "paper", "small", "inverted", "dark window", "colours"],
)
def test_documents(ocr: Ocr, size: int, shape: tuple[int, int], ink: str, paper: str) -> None:
    assert read(ocr, document(size, shape, ink, paper)) == list(LETTER)


@pytest.mark.slow
def test_a_large_page_is_scaled_down_only_while_its_text_stays_readable(ocr: Ocr) -> None:
    lines, scale = ocr.read(document(60, (3000, 1200)))
    assert [line.text for line in lines] == list(LETTER)
    assert 1600 / 3000 - 0.01 <= scale < 0.7
    lines, scale = ocr.read(document(18, (3000, 1200)))
    assert [line.text for line in lines] == list(LETTER)
    assert scale * 18 >= 16


def test_small_text_is_read_larger() -> None:
    assert page_scale(document(9, (500, 150))) > 1.3
    assert page_scale(document(30, (1200, 400))) == 1
    assert page_scale(photograph(4000, 3000, 1)) == 0.4


@pytest.mark.parametrize("bright", [False, True])
@pytest.mark.parametrize("shape", [(600, 450), (1200, 900)])
def test_memes(ocr: Ocr, shape: tuple[int, int], bright: bool) -> None:
    picture = meme("WHEN THE COFFEE", "FINALLY KICKS IN", photograph(*shape, seed=shape[0], bright=bright))
    assert read(ocr, picture) == ["WHEN THE COFFEE", "FINALLY KICKS IN"]


@pytest.mark.parametrize(
    ("words", "ink", "ground"),
    [
        ("game over", "#ffe14d", "#f0a0b0"),
        ("fresh bread", "#2f8f2f", "#f3a7c8"),
        ("top secret", "#ffffff", "#8a8a92"),
        ("happy birthday", "#2030c0", "#a9764f"),
        ("not today", "#c02020", "#4caf50"),
    ],
)
def test_coloured_words_on_coloured_patterns(ocr: Ocr, words: str, ink: str, ground: str) -> None:
    canvas = Pillow.new("RGB", (520, 400), ground)
    pen = ImageDraw.Draw(canvas)
    stripe = tuple(int(value * 0.92) for value in canvas.getpixel((0, 0)))
    for column in range(0, 520, 80):
        pen.rectangle((column, 0, column + 39, 400), fill=stripe)
    pen.text((260, 60), words, fill=ink, font=font(40, "dejavu/DejaVuSans-Bold"), anchor="mm")
    pen.ellipse((180, 180, 340, 340), fill="#e67e22")
    assert read(ocr, np.asarray(canvas)) == [words]


@pytest.mark.parametrize("seed", range(6))
def test_pictures_without_text_give_nothing(ocr: Ocr, seed: int) -> None:
    picture = photograph(640, 480, seed, noise=(3, 12, 25)[seed % 3], bright=seed % 2 == 0)
    assert read(ocr, picture) == []


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (40, 40)])
def test_tiny_and_narrow_pictures_give_nothing(ocr: Ocr, shape: tuple[int, int]) -> None:
    assert read(ocr, np.full((*shape, 3), 200, np.uint8)) == []


def test_shapes_give_nothing(ocr: Ocr) -> None:
    assert read(ocr, shapes()) == []


def test_boxes_and_confidence(ocr: Ocr) -> None:
    """Boxes lie on the text, in pixels of the image, whatever the scale it was read at."""
    for size, shape in ((12, (700, 200)), (48, (2400, 700))):
        page = Pillow.fromarray(document(size, shape))
        ((top, *_), _) = ocr.read(np.asarray(page))
        drawn = ImageDraw.Draw(page).textbbox((shape[0] // 20, shape[1] // 20), LETTER[0], font=font(size))
        x, y, width, height = top.box
        assert top.text == LETTER[0]
        assert 0.6 < top.confidence <= 1
        assert overlap((x, y, x + width, y + height), tuple(map(int, drawn))) > 0.8
        assert width == pytest.approx(drawn[2] - drawn[0], rel=0.03)


def test_stopping(ocr: Ocr) -> None:
    page = document(20, (900, 300))
    with pytest.raises(Interrupted):
        ocr.read(page, stop=lambda: True)
    asked: list[int] = []
    with pytest.raises(Interrupted):
        ocr.read(page, stop=lambda: len(asked) > 0 or bool(asked.append(1)))  # in the middle of the reading
    assert len(asked) == 1
    assert read(ocr, page) == list(LETTER)


def test_without_tesseract_the_reason_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LensError, match="apt install tesseract-ocr") as caught:
        Ocr("eng", tmp_path)
    assert caught.value.code == "missing-tesseract"


def test_tesseract_that_vanishes_later_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ocr = Ocr("eng", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LensError, match="apt install tesseract-ocr"):
        ocr.read(document(20, (900, 300)))


def test_languages_are_checked(tmp_path: Path) -> None:
    with pytest.raises(LensError, match="cannot read xyz: install tesseract-ocr-xyz or choose from eng") as caught:
        Ocr("eng+xyz", tmp_path)
    assert caught.value.code == "missing-language"


def test_no_picture_is_left_behind(tmp_path: Path) -> None:
    ocr = Ocr("eng", tmp_path)
    ocr.read(document(20, (900, 300)))
    assert [path for path in (tmp_path / "ocr").rglob("*") if path.is_file()] == []
    assert (tmp_path / "ocr").stat().st_mode & 0o777 == 0o700


def test_a_killed_reader_leaves_its_picture_in_the_private_folder_and_the_next_wipes_it(tmp_path: Path) -> None:
    code = f"""
import os, signal, threading, time
from pathlib import Path
import numpy as np
from lens_desktop.engine.ocr import Ocr
from tests.engine.drawings import document
ocr = Ocr("eng", Path({str(tmp_path / "cache")!r}))
def kill():
    while not any(path.is_file() for path in Path({str(tmp_path)!r}).rglob("*.tif")):
        time.sleep(0.001)
    time.sleep(0.1)
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=kill).start()
while True:
    ocr.read(document(30, (1400, 900)))
"""
    (tmp_path / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, timeout=120, check=False)
    assert done.returncode == -9
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left
    assert all(path.is_relative_to(tmp_path / "cache" / "ocr") for path in left)
    (folder,) = (tmp_path / "cache" / "ocr").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    time.sleep(1)  # a Tesseract that is still running may write once more
    Ocr("eng", tmp_path / "cache")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
