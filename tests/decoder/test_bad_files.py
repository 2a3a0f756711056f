"""Every bad file is one clear sentence, and the next file is read."""

import os
import socket
from pathlib import Path

import pytest

from lens_desktop.decoder.client import DecoderClient
from lens_desktop.decoder.files import open_file
from lens_desktop.domain.errors import LensError
from tests.hostile import encoded, picture, write_bomb

NOISE = picture(400, 300).effect_spread(40)


def refusal(decoder: DecoderClient, path: Path | str, sound: Path) -> LensError:
    """Return the error for `path`, having seen that a sound file is read right after it."""
    with pytest.raises(LensError) as caught:
        decoder.decode(path)
    assert "\n" not in caught.value.message
    assert decoder.decode(sound).width == 64
    return caught.value


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "sound.png"
    picture().save(path)
    return path


@pytest.mark.parametrize(
    ("name", "content", "code", "sentence"),
    [
        ("notes.jpg", b"Dear diary,\ntoday\n", "not-an-image", "notes.jpg is not an image: it holds text."),
        ("latin.jpg", "Äpfel und Öl".encode("latin-1"), "not-an-image", "it holds text."),
        ("wide.jpg", "Dear diary".encode("utf-16"), "not-an-image", "it holds text."),
        ("paper.png", b"%PDF-1.7\n\x00\x01", "not-an-image", "it holds a PDF document."),
        ("drawing.png", b"<?xml version='1.0'?><svg xmlns='x'/>", "not-an-image", "it holds an SVG drawing."),
        ("film.heic", b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(64), "not-an-image", "a video."),
        ("zeros.jpg", bytes(5000), "not-an-image", "it holds only zeros."),
        ("noise.png", bytes(range(256)), "not-an-image", "it holds data of another kind."),
        ("empty.png", b"", "unreadable", "empty.png is empty (0 bytes):"),
        ("cut.png", encoded(NOISE, "PNG")[:5000], "unreadable", "cut.png is cut short:"),
        ("cut.jpg", encoded(NOISE, "JPEG")[:5000], "unreadable", "cut.jpg is cut short:"),
        ("cut.webp", encoded(NOISE, "WEBP")[:900], "unreadable", "cut.webp is damaged or cut short:"),
        ("cut.avif", encoded(NOISE, "AVIF")[:900], "unreadable", "cut.avif is "),
        ("cut.gif", encoded(NOISE.quantize(), "GIF")[:3000], "unreadable", "cut.gif is cut short:"),
        ("cut.tif", encoded(NOISE, "TIFF")[:3000], "unreadable", "cut.tif is "),
        ("cut.bmp", encoded(NOISE, "BMP")[:3000], "unreadable", "cut.bmp is cut short:"),
        ("head.png", encoded(NOISE, "PNG")[:20], "unreadable", "head.png is cut short:"),
        ("head.jpg", encoded(NOISE, "JPEG")[:20], "unreadable", "head.jpg is "),
    ],
)
def test_a_bad_file_is_one_sentence(
    decoder: DecoderClient, sound: Path, tmp_path: Path, name: str, content: bytes, code: str, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    error = refusal(decoder, tmp_path / name, sound)
    assert error.code == code
    assert sentence in error.message


def test_a_file_that_is_not_there_names_the_whole_path(decoder: DecoderClient, sound: Path, tmp_path: Path) -> None:
    error = refusal(decoder, tmp_path / "gone.png", sound)
    assert (error.code, str(tmp_path / "gone.png") in error.message) == ("missing", True)
    assert refusal(decoder, tmp_path / ("x" * 300), sound).code == "missing"
    assert refusal(decoder, sound / "below.png", sound).code == "missing"
    assert refusal(decoder, "nul\0.png", sound).code == "missing"


def test_a_bomb_is_refused_by_its_header(decoder: DecoderClient, sound: Path, tmp_path: Path) -> None:
    bomb = write_bomb(tmp_path / "bomb.png")
    assert bomb.stat().st_size < 1_000_000
    error = refusal(decoder, bomb, sound)
    assert error.code == "too-large"
    assert error.message == (
        "bomb.png is 30,000 × 30,000 pixels, more than the 100 megapixels this program reads: save a smaller copy."
    )


def test_a_huge_file_is_refused_by_its_size(decoder: DecoderClient, sound: Path, tmp_path: Path) -> None:
    huge = tmp_path / "huge.tif"
    with huge.open("wb") as file:
        file.write(b"II*\0")
        file.truncate(600 * 2**20)
    assert "huge.tif is 600 MB, more than the 512 MB" in refusal(decoder, huge, sound).message


def test_what_is_not_a_file_says_what_it_is(decoder: DecoderClient, sound: Path, tmp_path: Path) -> None:
    (tmp_path / "album.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "astray.jpg").symlink_to("nowhere.jpg")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.jpg"))
        assert "s.jpg is a socket" in refusal(decoder, tmp_path / "s.jpg", sound).message
    assert "album.jpg is a folder" in refusal(decoder, tmp_path / "album.jpg", sound).message
    assert "pipe.jpg is a pipe" in refusal(decoder, tmp_path / "pipe.jpg", sound).message
    assert "zero is a device" in refusal(decoder, "/dev/zero", sound).message
    assert "loop.jpg is a link that leads back to itself" in refusal(decoder, tmp_path / "loop.jpg", sound).message
    assert refusal(decoder, tmp_path / "astray.jpg", sound).code == "missing"


def test_a_forbidden_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "private.png"
    picture().save(path)
    path.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)  # the administrator may read everything
        with pytest.raises(LensError, match=r"not allowed to read private\.png"):
            open_file(str(path))
    finally:
        os.seteuid(user)


def test_a_name_cannot_break_the_sentence(decoder: DecoderClient, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "two\nlines\x1b[31m\u202egnp.jpg"
    path.write_text("text")
    assert refusal(decoder, path, sound).message.startswith("two?lines?[31m?gnp.jpg is not an image")


def test_flipped_bytes_never_crash(decoder: DecoderClient, sound: Path, tmp_path: Path) -> None:
    """Damage in the middle of each format is either read or refused in a sentence."""
    path = tmp_path / "flipped"
    small = picture(120, 90).effect_spread(9)
    outcomes = set()
    for kind in ("PNG", "JPEG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"):
        whole = encoded(small, kind)
        for step in range(12):
            damaged = bytearray(whole)
            for place in range(20 + step, len(whole), 97 + 31 * step):
                damaged[place] ^= 0xFF
            path.write_bytes(damaged)
            outcomes.add(outcome(decoder, path))
    assert outcomes <= {"read", "unreadable", "too-large", "not-an-image"}
    assert decoder.decode(sound).width == 64


def outcome(decoder: DecoderClient, path: Path) -> str:
    try:
        decoder.decode(path)
    except LensError as error:
        return error.code
    return "read"
