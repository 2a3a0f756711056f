"""The starter CLIP's training: pool in, open_clip folder out."""

import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from transformers import BlipForConditionalGeneration

from training.captioner import export as captioner
from training.captioner.model import Sizes
from training.captioner.model import build as build_captioner
from training.clip import export, image_stage, measure, text_stage, words
from training.clip.image_stage import Anchors, losses, prepared
from training.clip.model import (
    CONTEXT_LENGTH,
    EMBEDDING,
    build,
    config,
    look,
    said_alone,
    start_from_captioner,
)
from training.clip.targets import each_loss, multi_hot, targets
from training.muon import orthogonal
from training.pixels import GRID, IMAGE_SIZE
from training.world import make_images
from training.world.frame import framed
from training.world.lexicon import NAMES, attributes
from training.world.scene import Scene, Thing


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state folder of a training of a few seconds, started from an untrained captioner."""
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("clip")
    make_images.make(60, IMAGE_SIZE, root / "full")
    captioner.export(build_captioner(Sizes()), root / "captioner")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_stage, "BATCH", 8)
        patch.setattr(image_stage, "HELD_BACK", 20)
        patch.setattr(text_stage, "BATCH", 16)
        (root / "state").mkdir()
        text_stage.train_text_tower(root / "state", 0.02)
        image_stage.train_image_tower(root / "full", root / "state", root / "captioner", 0.05)
    return root / "state"


@pytest.mark.slow
def test_training_exports_a_folder_that_open_clip_loads_by_itself(trained: Path, tmp_path: Path) -> None:
    size = export.export(trained, tmp_path)
    assert size < 13_000_000
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{tmp_path}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{tmp_path}")
    tokens = tokenizer(["A photo of dog", "a zzyzx"])
    assert tokens.shape == (2, CONTEXT_LENGTH)
    model.eval()
    with torch.inference_mode():
        text = model.encode_text(tokens, normalize=True)
        picture = prepare(Image.new("RGB", (300, 90), "red"))[None]
        image = model.encode_image(picture, normalize=True)
    assert picture.shape == (1, 3, IMAGE_SIZE, IMAGE_SIZE)
    assert text.shape == (2, EMBEDDING)
    assert image.shape == (1, EMBEDDING)
    assert next(model.parameters()).dtype == torch.float32
    kept = torch.load(trained / "image.pt", weights_only=True)["mean"]
    for name, value in model.visual.named_parameters():
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
    anchors = image_stage.spoken_anchors(trained)
    trainer = image_stage.Trainer(anchors, trained.parent / "captioner", trained / "image.pt")
    assert trainer.seen == kept["progress"][1] > 0
    assert torch.equal(trainer.visual.proj, kept["visual"]["proj"])


@pytest.mark.slow
def test_the_text_tower_of_an_exported_folder_can_be_kept(trained: Path, tmp_path: Path) -> None:
    export.export(trained, tmp_path / "clip")
    text_stage.keep_text_tower(tmp_path / "clip", tmp_path)
    before, after = image_stage.spoken_anchors(trained), image_stage.spoken_anchors(tmp_path)
    assert torch.allclose(before.tags, after.tags, atol=5e-3)
    assert torch.allclose(before.attributes, after.attributes, atol=5e-3)


def test_the_image_tower_sees_what_the_captioners_sees(tmp_path: Path) -> None:
    other = build_captioner(Sizes()).eval()
    with torch.no_grad():
        for value in other.vision_model.parameters():
            value.normal_(std=0.05)
    captioner.export(other, tmp_path)
    other = BlipForConditionalGeneration.from_pretrained(tmp_path, dtype=torch.float32).eval()
    visual = build(8).visual.eval()
    start_from_captioner(visual, tmp_path)
    pictures = torch.randn(2, 3, IMAGE_SIZE, IMAGE_SIZE)
    with torch.inference_mode():
        theirs = other.vision_model(pictures).last_hidden_state
        whole, patches = look(visual, pictures, torch.arange(GRID * GRID).expand(2, -1))
        assert torch.allclose(visual.attn_pool.ln_k(patches), theirs[:, 1:], atol=1e-4)
        assert torch.allclose(whole, visual(pictures), atol=1e-4)


def test_a_patch_alone_says_what_a_picture_of_nothing_else_says() -> None:
    visual = build(8).visual.eval()
    states = torch.randn(5, visual.conv1.out_channels)
    with torch.inference_mode():
        whole = visual._pool(states[:, None])[0] @ visual.proj
        assert torch.allclose(said_alone(visual, states), whole, atol=1e-5)


def test_only_the_pooling_learns_while_the_tower_is_frozen() -> None:
    visual = build(8).visual
    pictures, patches = torch.randn(1, 3, IMAGE_SIZE, IMAGE_SIZE), torch.arange(20)[None]
    look(visual, pictures, patches, frozen=True)[0].sum().backward()
    assert visual.conv1.weight.grad is None
    assert visual.proj.grad is not None
    look(visual, pictures, patches)[0].sum().backward()
    assert visual.conv1.weight.grad is not None


def test_training_pictures_lie_as_the_exported_settings_lay_them() -> None:
    scene = Scene((Thing("dog", ((0.5, 0.5, 0.4, 0.4),)),), aspect=1.6)
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (25, 40, 3), dtype=np.uint8)).resize((640, 400))
    settings = PreprocessCfg(**{**config(8)["preprocess_cfg"], "size": IMAGE_SIZE})
    shown = image_transform_v2(settings, is_train=False)(picture)
    goal = targets([scene])
    mine = prepared(framed(picture, IMAGE_SIZE)[None], goal, None)[0]
    assert torch.allclose(shown, mine, atol=0.1)
    seen = goal.shown.reshape(GRID, GRID)
    assert (seen[:2] == -1).all()  # padding
    assert seen[int(goal.middles[0, 0, 1] * GRID), int(goal.middles[0, 0, 0] * GRID)] == 1
    assert seen[3, 0] == 0


def test_directions_are_nearly_at_right_angles() -> None:
    cosines = text_stage.directions() @ text_stage.directions().T
    assert torch.allclose(cosines.diagonal(), torch.ones(len(cosines)), atol=1e-5)
    assert (cosines - torch.eye(len(cosines))).abs().max() < 0.3


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
    assert each_loss(sure, hot).item() == pytest.approx(0, abs=1e-3)  # true things do not compete
    assert each_loss(-sure, hot).item() > 20
    assert each_loss(sure, torch.zeros_like(hot)).item() == 0
    own = [[attributes()[index] for index in copy[1:] if index >= 0] for copy in goal.copies[0, :2]]
    assert own[0][0] == "dog which is an animal"
    assert own[1] == ["circle which is red"]
    assert goal.middles[0, 1].tolist() == pytest.approx([0.7, 0.2])
    features = torch.randn(1, EMBEDDING)
    anchors = Anchors(*text_stage.directions().split((len(NAMES), len(attributes()))))
    plain, calibrated = (losses(anchors, features, goal, amount) for amount in (0.0, 1.0))
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
