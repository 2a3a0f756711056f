"""Tags and attributes equal a plain use of open_clip; vocabularies are files of words."""

from pathlib import Path

import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image as Pillow

from lens_desktop.domain.errors import LensError
from lens_desktop.engine.clip import Clip
from lens_desktop.engine.device import Device
from lens_desktop.engine.text_bank import TextBank
from lens_desktop.engine.zero_shot import AS_IS, ENSEMBLE, PAPER, ZeroShotClassifier
from lens_desktop.vocabulary import read_vocabulary
from tests.engine.conftest import Pixels
from tests.tiny_checkpoints import ATTRIBUTES, TAGS


def build_classifier(
    clip: Clip, entries: tuple[str, ...], templates: tuple[str, ...], cache: Path
) -> ZeroShotClassifier:
    return ZeroShotClassifier(clip, TextBank(clip, entries, templates, cache).finish())


def plain_scores(folder: Path, pixels: Pixels, entries: tuple[str, ...], templates: tuple[str, ...]) -> list[float]:
    """Return the cosines of every entry, one text at a time."""
    model = open_clip.create_model(f"local-dir:{folder}").eval()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    prepare = image_transform_v2(PreprocessCfg(**model.visual.preprocess_cfg), is_train=False)
    scores = []
    with torch.no_grad():
        image = model.encode_image(prepare(Pillow.fromarray(pixels)).unsqueeze(0))[0]
        image /= image.norm()
        for entry in entries:
            texts = [model.encode_text(tokenizer([template.format(entry)]))[0] for template in templates]
            mean = torch.stack([text / text.norm() for text in texts]).mean(dim=0)
            scores.append(float(image @ mean / mean.norm()))
    return scores


@pytest.mark.parametrize("architecture", ["clip", "clip-vit"])
@pytest.mark.parametrize(
    ("entries", "templates"), [(TAGS, PAPER), (TAGS, ENSEMBLE), (ATTRIBUTES, AS_IS)], ids=["paper", "ensemble", "as-is"]
)
def test_ranking_equals_plain_open_clip(
    tiny_set: Path, tmp_path: Path, pixels: Pixels, cpu: Device, architecture: str, entries: tuple[str, ...], templates
) -> None:
    clip = Clip(tiny_set / architecture, cpu)
    found = build_classifier(clip, entries, templates, tmp_path).rank(clip.encode_image(pixels), 5, -1.0)
    scores = dict(zip(entries, plain_scores(tiny_set / architecture, pixels, entries, templates), strict=True))
    # half precision may swap entries that are nearer to each other than it can tell
    assert [tag.score for tag in found] == pytest.approx(sorted(scores.values(), reverse=True)[:5], abs=1e-3)
    assert [tag.score for tag in found] == pytest.approx([scores[tag.text] for tag in found], abs=1e-3)


def test_threshold_leaves_out_what_fits_less(tiny_set: Path, tmp_path: Path, pixels: Pixels, cpu: Device) -> None:
    clip = Clip(tiny_set / "clip", cpu)
    classifier = build_classifier(clip, TAGS, PAPER, tmp_path)
    image = clip.encode_image(pixels)
    everything = classifier.rank(image, len(TAGS), -1.0)
    limit = everything[3].score
    assert classifier.rank(image, len(TAGS), limit) == everything[:4]
    assert classifier.rank(image, 2, limit) == everything[:2]
    assert classifier.rank(image, 5, 1.01) == ()


def test_vocabulary_files(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("# sources\ndog\n\n  cat \ndog\nC# programmer\n", encoding="utf-8")
    assert read_vocabulary(file) == ("dog", "cat", "C# programmer")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (None, "missing", "no vocabulary"),
        (b"# only\n", "bad-vocabulary", "empty"),
        (b"\xff\xfe\x00", "bad-vocabulary", "UTF-8"),
    ],
)
def test_vocabularies_that_cannot_be_used(tmp_path: Path, content: bytes | None, code: str, words: str) -> None:
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(LensError, match=words) as caught:
        read_vocabulary(file)
    assert caught.value.code == code
