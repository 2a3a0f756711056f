"""Text banks equal a plain padded loop, go on where they were killed, and are read once."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.clip import Clip
from lens_desktop.engine.device import Device
from lens_desktop.engine.text_bank import TextBank
from lens_desktop.engine.zero_shot import ENSEMBLE, PAPER
from tests.tiny_checkpoints import TAGS

WORDS = tuple(f"{'very ' * (number % 7)}{word} {number}" for number, word in enumerate(TAGS * 9))


def padded(folder: Path, entries: tuple[str, ...]) -> np.ndarray:
    """Return the features by open_clip alone, every text as long as the tower."""
    model = open_clip.create_model(f"local-dir:{folder}").eval()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    with torch.no_grad():
        return model.encode_text(tokenizer([PAPER[0].format(one) for one in entries]), normalize=True).numpy()


@pytest.mark.parametrize("architecture", ["clip", "clip-vit"])
def test_it_equals_the_padded_loop(tiny_set: Path, tmp_path: Path, cpu: Device, architecture: str) -> None:
    clip = Clip(tiny_set / architecture, cpu)
    bank = TextBank(clip, WORDS, PAPER, tmp_path).finish()
    expected = padded(tiny_set / architecture, WORDS)
    for place in (0, 5, len(WORDS) - 1):
        cosines = bank.cosines(expected[place])
        assert cosines[place] == pytest.approx(1, abs=1e-3)
        assert cosines == pytest.approx(expected @ expected[place], abs=1e-3)


def test_half_precision_on_disk_and_nothing_else_is_left(tiny_set: Path, tmp_path: Path, cpu: Device) -> None:
    TextBank(Clip(tiny_set / "clip", cpu), WORDS, PAPER, tmp_path).finish()
    (file,) = tmp_path.glob("*.npy")
    rows = np.load(file)
    assert (rows.dtype, len(rows)) == (np.float16, len(WORDS))
    assert {one.suffix for one in tmp_path.iterdir()} <= {".npy", ".lock"}


def test_it_is_read_once(tiny_set: Path, tmp_path: Path, cpu: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    image = TextBank(Clip(tiny_set / "clip", cpu), TAGS, PAPER, tmp_path).finish().cosines
    again = Clip(tiny_set / "clip", cpu)
    probe = again.encode_text(["a dog"])[0]
    monkeypatch.setattr(again, "encode_text", lambda _texts: pytest.fail("it was read again"))
    bank = TextBank(again, TAGS, PAPER, tmp_path)
    assert bank.complete
    assert bank.cosines(probe) == pytest.approx(image(probe))


def test_other_words_templates_or_checkpoints_are_read_anew(tiny_set: Path, tmp_path: Path, cpu: Device) -> None:
    for folder, entries, templates in (
        ("clip", TAGS, PAPER),
        ("clip", TAGS[:-1], PAPER),
        ("clip", TAGS, ENSEMBLE),
        ("clip-vit", TAGS, PAPER),
    ):
        bank = TextBank(Clip(tiny_set / folder, cpu), entries, templates, tmp_path)
        assert not bank.complete
        bank.finish()
    assert len(list(tmp_path.glob("*.npy"))) == 4


def test_a_damaged_bank_is_made_again(tiny_set: Path, tmp_path: Path, cpu: Device) -> None:
    clip = Clip(tiny_set / "clip", cpu)
    probe = clip.encode_text(["a dog"])[0]
    expected = TextBank(clip, TAGS, PAPER, tmp_path).finish().cosines(probe)
    (file,) = tmp_path.glob("*.npy")
    for damage in (b"", b"\x93NUMPY", file.read_bytes()[:-7], b"not an array at all"):
        file.write_bytes(damage)
        assert TextBank(clip, TAGS, PAPER, tmp_path).finish().cosines(probe) == pytest.approx(expected)


def test_what_was_made_before_a_kill_is_kept_but_not_a_damaged_end(
    tiny_set: Path, tmp_path: Path, cpu: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lens_desktop.engine.text_bank._FIRST", 20)
    monkeypatch.setattr("lens_desktop.engine.text_bank._MOST", 20)
    clip = Clip(tiny_set / "clip", cpu)
    first = TextBank(clip, WORDS, PAPER, tmp_path)
    for _ in range(3):
        first.advance()
    assert first.done == 60
    first.close()
    (part,) = tmp_path.glob("*.part")
    row = clip.dimension * 2
    part.write_bytes(part.read_bytes()[: 50 * row] + bytes(10 * row) + b"half a row")  # as a power cut leaves it
    second = TextBank(clip, WORDS, PAPER, tmp_path)
    second.advance()
    assert second.done == 70
    expected = padded(tiny_set / "clip", WORDS)
    assert second.finish().cosines(expected[7]) == pytest.approx(expected @ expected[7], abs=1e-3)


def test_two_processes_do_not_make_the_same_bank(tiny_set: Path, tmp_path: Path, cpu: Device) -> None:
    clip = Clip(tiny_set / "clip", cpu)
    first, second = (TextBank(clip, WORDS, PAPER, tmp_path) for _ in range(2))
    first.advance()
    if first.complete:
        pytest.fail("the bank is too small for this test")
    with pytest.raises(LensError, match="Another Lens Desktop"):
        second.advance()
    first.finish()
    assert second.finish().complete


def test_where_nothing_can_be_kept_it_costs_only_time(tiny_set: Path, tmp_path: Path, cpu: Device) -> None:
    (tmp_path / "file").write_text("in the way")
    bank = TextBank(Clip(tiny_set / "clip", cpu), TAGS, PAPER, tmp_path / "file").finish()
    assert bank.complete


@pytest.mark.slow
def test_killed_five_times_it_still_ends_right(tiny_set: Path, tmp_path: Path, cpu: Device) -> None:
    """A process of its own reads a vocabulary slowly and is killed with -9 at random moments."""
    words = tmp_path / "words.txt"
    words.write_text("\n".join(WORDS))
    program = f"""
import time
from pathlib import Path
from lens_desktop.engine import text_bank
from lens_desktop.engine.clip import Clip
from lens_desktop.engine.device import Device
text_bank._FIRST = text_bank._MOST = 2
clip = Clip(Path({str(tiny_set / "clip")!r}), Device("cpu", "float32"))
words = tuple(Path({str(words)!r}).read_text().splitlines())
bank = text_bank.TextBank(clip, words, {PAPER!r}, Path({str(tmp_path / "bank")!r}))
print("begun", flush=True)
while not bank.complete:
    bank.advance()
    time.sleep(0.1)
"""
    chance = random.Random(3)
    kills = 0
    for _ in range(5):
        running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.6))
        kills += running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
        running.stdout.close()
    assert kills == 5
    clip = Clip(tiny_set / "clip", cpu)
    bank = TextBank(clip, WORDS, PAPER, tmp_path / "bank")
    bank.advance()
    assert bank.done > 64  # the killed ones left something beside this step
    expected = padded(tiny_set / "clip", WORDS)
    assert bank.finish().cosines(expected[3]) == pytest.approx(expected @ expected[3], abs=1e-3)
