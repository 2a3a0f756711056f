"""What real vision modules say of training scenes, written down for the reader."""

import pickle
import random
from pathlib import Path

import pytest

from lens_desktop.domain.evidence import Module
from lens_desktop.engine.lens import Lens
from lens_desktop.settings import load_set
from training.reader import gather, tokenizer
from training.reader.packing import Pack
from training.reader.real import real_pack


@pytest.mark.slow
def test_gathered_evidence_becomes_training_prompts(
    tiny_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "SCENES_PER_FILE", 2)
    lens = Lens.load(load_set(tiny_set, ocr_languages="none"), cache=tmp_path)
    gather.gather(lens, tmp_path / "real", range(3, 4))
    written = sorted((tmp_path / "real").glob("*.pkl"))
    assert [file.name for file in written] == ["00003.pkl"]
    before = written[0].stat().st_mtime_ns
    gather.gather(lens, tmp_path / "real", range(3, 4))
    assert written[0].stat().st_mtime_ns == before  # what is there is kept
    records = pickle.loads(written[0].read_bytes())
    assert len(records) == 2
    for _, evidence in records:
        assert {Module.TAGS, Module.CAPTIONS} <= set(evidence.finished)
        assert Module.OCR not in evidence.finished
    words = tokenizer.build(["Tags: dog\nQuestion: what is it?\nShort Answer: a dog"] * 3)
    pack = real_pack(words, tmp_path / "real", random.Random(0))
    assert isinstance(pack, Pack)
    assert len(pack.ids)
