"""The starter CLIP's training: pool in, open_clip folder out."""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image

from training.clip import export, image_stage, measure, settle_stage, text_stage, words
from training.clip.image_stage import Anchors, losses
from training.clip.model import CONTEXT_LENGTH, EMBEDDING, build
from training.clip.muon import orthogonal
from training.clip.targets import multi_hot, soft_loss, targets
from training.world import make_images
from training.world.lexicon import NAMES, attributes
from training.world.scene import Scene, Thing


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state folder of a training of a few seconds."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("clip")
    make_images.make(80, 128, root / "full")
    make_images.make(80, 64, root / "simple", seed=1, simple=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_stage, "BATCH", 8)
        patch.setattr(image_stage, "HELD_BACK", 20)
        patch.setattr(text_stage, "BATCH", 16)
        (root / "state").mkdir()
        image_stage.train_image_tower(root / "full", root / "simple", root / "state", 0.05, "test_resnet")
        text_stage.train_text_tower(root / "state", 0.02)
        patch.setattr(settle_stage, "BATCH", 8)
        patch.setattr(settle_stage, "HELD_BACK", 20)
        settle_stage.settle(root / "full", root / "state", 0.02)
    return root / "state"


@pytest.mark.slow
def test_training_exports_a_folder_that_open_clip_loads_by_itself(trained: Path, tmp_path: Path) -> None:
    size = export.export(trained, tmp_path)
    assert size < 10_000_000
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{tmp_path}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{tmp_path}")
    tokens = tokenizer(["A photo of dog", "a zzyzx"])
    assert tokens.shape == (2, CONTEXT_LENGTH)
    model.eval()
    with torch.inference_mode():
        text = model.encode_text(tokens, normalize=True)
        picture = prepare(Image.new("RGB", (300, 90), "red"))[None]
        image = model.encode_image(picture, normalize=True)
    assert picture.shape == (1, 3, 128, 128)
    assert text.shape == (2, EMBEDDING)
    assert image.shape == (1, EMBEDDING)
    assert next(model.parameters()).dtype == torch.float32
    kept = torch.load(trained / "image.pt", weights_only=True)["visual"]
    settled = torch.load(trained / "settled.pt", weights_only=True)["head"]
    kept.update({f"head.{name}": value for name, value in settled.items()})
    for name, value in model.visual.state_dict().items():
        assert torch.allclose(value.float(), kept[name].float(), atol=1e-2, rtol=1e-3), name


@pytest.mark.slow
def test_report_reads_an_exported_folder(trained: Path, tmp_path: Path) -> None:
    export.export(trained, tmp_path)
    scores = measure.score(tmp_path, 12)
    assert scores.tags.shape == (12, len(NAMES))
    assert scores.attributes.shape == (12, len(attributes()))
    assert any("among the top 8" in line for line in measure.report(scores))


@pytest.mark.slow
def test_training_goes_on_from_its_state(trained: Path) -> None:
    kept = torch.load(trained / "image.pt", weights_only=True)
    trainer = image_stage.Trainer("test_resnet", trained / "image.pt")
    assert trainer.seen == kept["seen"] > 0
    assert torch.equal(trainer.anchors.tags, kept["anchors"]["tags"])


def test_every_word_of_the_world_is_one_token_and_the_end_has_the_highest_number(tmp_path: Path) -> None:
    words.write_tokenizer(tmp_path)
    tokenizer = open_clip.tokenizer.HFTokenizer(str(tmp_path), context_length=CONTEXT_LENGTH)
    last = len(words.vocabulary()) - 1
    for text in (*NAMES, *attributes()):
        row = tokenizer([text])[0].tolist()
        assert row.index(last) == len(text.split()) + 1, text
        assert 1 not in row
    assert 1 not in tokenizer(["Xylophone 99!"])[0].tolist()
    longest = max(text for text, _ in (*words.tag_texts(), *words.attribute_texts()))
    assert (tokenizer([longest])[0] == last).any()
    config = json.loads((tmp_path / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert config["pad_token"] == words.PAD


def test_targets_and_loss_follow_the_scene() -> None:
    scene = Scene((Thing("dog", ((0.1, 0.1, 0.3, 0.3),)), Thing("circle", ((0.6, 0.1, 0.2, 0.2),), "red")))
    goal = targets([scene])
    hot = multi_hot(goal.tags, len(NAMES))
    assert {NAMES[index] for index in hot[0].nonzero().flatten()} == {"dog", "circle"}
    described = {attributes()[index] for index in goal.attributes[0] if index >= 0}
    assert {"circle which is red", "dog which is an animal", "background which is plain"} <= described
    sure = torch.where(hot > 0, 20.0, -20.0)
    assert soft_loss(sure, hot).item() == pytest.approx(np.log(2), abs=1e-3)
    assert soft_loss(-sure, hot).item() > 20
    own = [[attributes()[index] for index in copy[1:] if index >= 0] for copy in goal.copies[0, :2]]
    assert own[0][0] == "dog which is an animal"
    assert own[1] == ["circle which is red"]
    assert goal.middles[0, 1].tolist() == pytest.approx([0.7, 0.2])
    features = torch.nn.functional.normalize(torch.randn(1, EMBEDDING), dim=1)
    plain, calibrated = (losses(Anchors(), features, goal, amount) for amount in (0.0, 1.0))
    assert calibrated > 0
    assert plain > 0


def test_a_muon_step_has_singular_values_of_about_one() -> None:
    torch.manual_seed(0)
    for shape in ((12, 40), (40, 12)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert values.min() > 0.5
        assert values.max() < 1.4


def test_texts_without_shared_padding_are_encoded_alike(tmp_path: Path) -> None:
    tokens, _ = text_stage.learn_tokens(tmp_path)
    model = build(len(words.vocabulary())).eval()
    with torch.inference_mode():
        whole = model.encode_text(tokens[:40], normalize=True)
        short = text_stage.spoken(model, tokens[:40])
    assert torch.allclose(whole, short, atol=1e-5)
