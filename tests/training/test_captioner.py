"""The starter captioner's grammar, words, training step and checkpoint."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import BlipForConditionalGeneration, BlipProcessor

from training.captioner.batches import Pool
from training.captioner.export import SHARPNESS, export, image_processor, sharpen, trained
from training.captioner.model import Sizes, build, caption_loss, image_states, pack, regridded
from training.captioner.reading import Claim, claims, style_of
from training.captioner.targets import KINDS, dense_targets
from training.captioner.train import Plan, Trainer
from training.captioner.views import close_up, mirrored, window
from training.captioner.words import LONGEST, PROMPT, SHORTEST, Words, fits, tokenizer
from training.pixels import GRID, IMAGE_SIZE, normalised
from training.world.captions import STYLES, caption
from training.world.draw_scenes import random_scene
from training.world.frame import framed
from training.world.lexicon import NAMES, plural
from training.world.render import pixels
from training.world.scene import Scene, Thing

SMALL = Sizes(vision=32, vision_layers=1, text=32, text_layers=1, heads=2)


def scenes(count: int, seed: int = 0) -> list[Scene]:
    rng = random.Random(seed)
    return [random_scene(rng) for _ in range(count)]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, list[Scene]]:
    some = scenes(12)
    return np.stack([pixels(scene, number, IMAGE_SIZE) for number, scene in enumerate(some)]), some


def test_every_style_of_any_scene_fits_what_decoding_allows() -> None:
    words = Words()
    for scene in scenes(1500):
        for style in STYLES:
            text = caption(scene, style)
            assert fits(text), text
            assert SHORTEST <= len(words.encode(text)) <= LONGEST, text


def test_the_tokenizer_makes_a_word_a_token_and_gives_it_back(tmp_path: Path) -> None:
    made, words = tokenizer(tmp_path), Words()
    assert len(set(words.tokens)) == len(words.tokens)
    for name in NAMES:
        text = f"{PROMPT} a {name} and two {plural(name)}"
        ids = made(text).input_ids
        assert made.decode(ids, skip_special_tokens=True) == text
        assert len(ids) == 2 + len(text.split())
    for scene in scenes(50):
        text = caption(scene, "list")
        assert made(f"{PROMPT} {text}").input_ids == words.encode(text)
    assert made.unk_token_id not in made("zorbl 42!").input_ids


def test_captions_in_one_row_cost_the_same_as_each_alone() -> None:
    words, model = Words(), build(SMALL).eval()
    some = scenes(2)
    rows = [[words.encode(caption(scene, style)) for style in STYLES[:3]] for scene in some]
    with torch.inference_mode():
        states = image_states(model, torch.randn(2, 3, IMAGE_SIZE, IMAGE_SIZE))
        together = caption_loss(model, states, pack(rows, words.pad, len(words.prompt))).item()
        lost, count = 0.0, 0
        for state, row in zip(states, rows, strict=True):
            for ids in row:
                labels = torch.tensor([[-100] * len(words.prompt) + ids[len(words.prompt) :]])
                alone = model.text_decoder(
                    torch.tensor([ids]), encoder_hidden_states=state[None], labels=labels, reduction="sum"
                )
                lost, count = lost + alone.loss.item(), count + len(ids) - len(words.prompt)
    assert together == pytest.approx(lost / count, abs=1e-4)


def test_a_patch_is_told_what_covers_it() -> None:
    scene = Scene((Thing("dog", ((0.0, 0.0, 0.25, 0.25),)), Thing("circle", ((0.5, 0.5, 0.5, 0.5),), "red", "big")))
    targets = dense_targets([scene])
    kinds = targets.kind[0].argmax(-1).view(GRID, GRID)
    assert KINDS[int(kinds[0, 0])] == "dog"
    assert KINDS[int(kinds[-1, -1])] == "red circle"
    assert int(kinds[0, -1]) == 0
    assert torch.allclose(targets.kind.sum(-1), torch.ones(1, GRID * GRID))
    wide = dense_targets([replace(scene, aspect=2.0)]).kind[0].argmax(-1).view(GRID, GRID)
    assert KINDS[int(wide[GRID // 2 - 1, -1])] == "red circle"
    assert not wide[GRID // 2 :].any()  # padding


def test_the_image_processor_pads_as_training_pictures_are_padded() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 64, 3), dtype=np.uint8)).resize((640, 400))
    inputs = image_processor()(images=np.array(picture), return_tensors="pt", input_data_format="channels_last")
    seen = normalised(torch.from_numpy(framed(picture, IMAGE_SIZE)).permute(2, 0, 1).float())
    assert torch.allclose(inputs["pixel_values"][0], seen, atol=0.05)


def test_positions_of_a_smaller_grid_are_spread_over_the_larger_one() -> None:
    side = torch.linspace(0, 1, 8)
    small = torch.stack((side[:, None].expand(8, 8), side.expand(8, 8)), -1).reshape(1, 64, 2)
    large = regridded(torch.cat((torch.full((1, 1, 2), 9.0), small), 1))
    assert large.shape == (1, 1 + GRID * GRID, 2)
    assert large[0, 0].tolist() == [9.0, 9.0]
    grid = large[0, 1:].view(GRID, GRID, 2)
    assert (grid[1:, :, 0] > grid[:-1, :, 0]).all()
    assert (grid[:, 1:, 1] > grid[:, :-1, 1]).all()


def test_training_goes_on_from_an_exported_checkpoint(tmp_path: Path) -> None:
    sharp = build(SMALL)
    sharpen(sharp, SHARPNESS)
    export(sharp, tmp_path)
    exported = BlipForConditionalGeneration.from_pretrained(tmp_path, dtype=torch.float32)
    trainer = Trainer(Plan(minutes=10), SMALL)
    trainer.start(tmp_path)
    assert trainer.progress == pytest.approx(Plan(10).decay_from)
    norm = "text_decoder.cls.predictions.transform.LayerNorm.weight"
    for name, value in exported.named_parameters():
        wanted = value / SHARPNESS if name == norm else value
        if "predictions" not in name or name == norm:
            assert torch.allclose(trainer.mean[name], wanted, atol=1e-5), name


def test_other_views_keep_the_scene_true(drawn: tuple[np.ndarray, list[Scene]]) -> None:
    rng = random.Random(1)
    changed = 0
    for picture, scene in zip(*drawn, strict=True):
        for view in (close_up, window):
            seen, inside = view(picture, scene, rng)
            changed += inside is not scene
            assert seen.shape == picture.shape
            assert {thing.name for thing in inside.things} <= {thing.name for thing in scene.things}
            edges = [
                edge for thing in inside.things for x, y, w, h in thing.boxes for edge in (x, y, 1 - x - w, 1 - y - h)
            ]
            assert min(edges, default=0) > -0.1
        flipped, other = mirrored(*mirrored(picture, scene))
        assert np.array_equal(flipped, picture)
        assert caption(other, "places") == caption(scene, "places")
    assert changed > 6


def test_training_learns_a_few_pictures_goes_on_and_is_loaded_by_transformers_alone(
    tmp_path: Path, drawn: tuple[np.ndarray, list[Scene]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.captioner.export.Sizes", lambda: SMALL)
    trainer = Trainer(Plan(minutes=1, captions_from=0.0, warm_steps=2, rate=5e-3), SMALL)
    pool = Pool(*drawn, seed=0)
    losses = [trainer.learn(pool.batch(12, 0.0, with_captions=True)) for _ in range(25)]
    assert losses[-1]["caption"] < 0.75 * losses[0]["caption"]
    assert losses[-1]["kind"] < losses[0]["kind"]

    trainer.save(tmp_path / "state.pt")
    again = Trainer(trainer.plan, SMALL)
    again.restore(tmp_path / "state.pt")
    assert again.step == 25
    assert all(torch.equal(a, b) for a, b in zip(again.model.parameters(), trainer.model.parameters(), strict=True))

    export(trained(tmp_path), tmp_path / "captioner")
    model = BlipForConditionalGeneration.from_pretrained(tmp_path / "captioner", dtype=torch.float32).eval()
    processor = BlipProcessor.from_pretrained(tmp_path / "captioner")
    inputs = processor(images=drawn[0][0], text=PROMPT, return_tensors="pt")
    assert inputs["pixel_values"].shape == (1, 3, IMAGE_SIZE, IMAGE_SIZE)
    ids = model.generate(**inputs, num_beams=5, min_length=SHORTEST, max_length=LONGEST)
    assert SHORTEST <= ids.shape[1] <= LONGEST
    assert processor.decode(ids[0], skip_special_tokens=True).startswith(PROMPT)
    for name, value in model.state_dict().items():
        if name in trainer.mean:
            assert torch.allclose(value, trainer.mean[name], atol=2e-3), name


def test_words_can_be_learned_while_the_sight_stays(drawn: tuple[np.ndarray, list[Scene]]) -> None:
    trainer = Trainer(Plan(minutes=1, words_only=True, warm_steps=2), SMALL)
    before = {name: value.detach().clone() for name, value in trainer.model.named_parameters()}
    pool = Pool(*drawn, seed=0)
    losses = [trainer.learn(pool.batch(6, 0.0, with_captions=True)) for _ in range(3)]
    assert set(losses[0]) == {"caption"}
    moved = {name for name, value in trainer.model.named_parameters() if not torch.equal(value, before[name])}
    assert moved
    assert all(name.startswith("text_decoder") for name in moved)


APART = {
    "two dogs in the top left, a red circle in the middle": ("places", [("dog", 2, "", ""), ("circle", 1, "red", "")]),
    "a big top hat and an owl, the biggest is the top hat": (
        "sizes",
        [("top hat", 1, "", "big"), ("owl", 1, "", "")],
    ),
    "grapes left of three blue stars": ("relations", [("grapes", 1, "", ""), ("star", 3, "blue", "")]),
    "a cat with red text at the top": ("list", [("cat", 1, "", "")]),
    "an ant on a plain white background": ("background", [("ant", 1, "", "")]),
}


@pytest.mark.parametrize("text", APART)
def test_a_caption_is_taken_apart(text: str) -> None:
    style, expected = APART[text]
    assert style_of(text) == style
    assert [(one.name, one.count, one.colour, one.size) for one in claims(text)] == expected


def test_places_are_read_but_relations_are_not_places() -> None:
    assert [one.place for one in claims("a dog on the left, two cats bottom right")] == ["left", "bottom right"]
    assert next(claims("a dog left of a cat")) == Claim("dog", 1, "", "", "")
