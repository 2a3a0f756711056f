"""The drawn world: its words, its scenes, and the pictures of them."""

import random
from collections import Counter
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pytest

from training.world import lexicon, make_images
from training.world.draw_scenes import random_scene
from training.world.frame import PADDING, in_frame
from training.world.glyphs import full_glyph
from training.world.make_lexicon import colour_name
from training.world.render import paint, pixels
from training.world.scene import COLOURS, SHAPES, Scene, Thing, Writing, allowed_in_training
from training.world.shades import shade
from training.world.shapes import draw_shape


def test_lexicon_has_enough_distinct_everyday_names() -> None:
    words = Counter(chain(lexicon.NAMES, *(entry.synonyms for entry in lexicon.ENTRIES)))
    assert len(lexicon.ENTRIES) >= 500
    assert [word for word, times in words.items() if times > 1] == []
    for word in words:
        assert word == word.lower().strip()
        assert 1 <= len(word.split()) <= 2
        assert word.replace(" ", "").isalpha()
        assert word in SHAPES or not set(word.split()) & {*SHAPES, *COLOURS}


def test_each_name_has_a_plural_that_leads_back() -> None:
    for name in lexicon.NAMES:
        assert lexicon.singular_of(lexicon.plural(name)) == name
        assert lexicon.singular_of(name) == name
        for synonym in lexicon.synonyms(name):
            assert lexicon.singular_of(synonym) == name
    assert lexicon.plural("mouse") == "mice"
    assert lexicon.plural("cross") == "crosses"
    assert lexicon.singular_of("zzz") == "zzz"


def test_categories_are_few_and_colours_known() -> None:
    categories = {entry.category for entry in lexicon.ENTRIES}
    assert len(categories) <= 30
    assert all(one.split()[0] in ("a", "an") for one in categories)
    assert {entry.colour for entry in lexicon.ENTRIES} <= {"", *COLOURS}
    assert sum(bool(entry.colour) for entry in lexicon.ENTRIES) > 150


def test_descriptors_of_a_scene_are_true_and_known() -> None:
    scene = Scene(
        things=(
            Thing("strawberry", ((0.1, 0.1, 0.3, 0.3),)),
            Thing("tomato", ((0.4, 0.1, 0.2, 0.3),)),
            Thing("circle", ((0.7, 0.1, 0.2, 0.2),), colour="blue"),
        ),
        writing=(Writing("hello", "red", (0.1, 0.8, 0.5, 0.1)),),
        background="green",
        pattern="striped",
    )
    true = lexicon.true_attributes(scene)
    assert true <= set(lexicon.attributes())
    assert true == {
        "strawberry which is a fruit",
        "tomato which is a fruit",
        "tomato which is red",
        "circle which is blue",
        "background which is green",
        "background which is striped",
        "text which is red",
    }


def test_unknown_names_are_refused() -> None:
    with pytest.raises(KeyError):
        lexicon.plural("zzz")
    with pytest.raises(KeyError):
        lexicon.category("zzz")


def test_training_scenes_keep_to_the_world_and_never_hold_a_held_out_pair() -> None:
    scenes = [random_scene(random.Random(number)) for number in range(400)]
    for scene in scenes:
        assert allowed_in_training(tuple(thing.name for thing in scene.things))
        assert sum(thing.count for thing in scene.things) <= 7
        assert lexicon.true_attributes(scene) <= set(lexicon.attributes())
        assert [thing.centre[0] for thing in scene.things] == sorted(thing.centre[0] for thing in scene.things)
        for thing in scene.things:
            assert bool(thing.colour) == (thing.name in SHAPES)
            assert thing.colour != scene.background
            for x, y, width, height in thing.boxes:
                assert min(x, y, width, height) >= 0
                assert max(x + width, y + height) <= 1.001
    kinds = Counter(len(scene.things) for scene in scenes)
    assert set(kinds) == {0, 1, 2, 3, 4, 5}
    assert {thing.count for scene in scenes for thing in scene.things} == {1, 2, 3, 4, 5}


def test_a_thing_is_painted_where_its_box_says() -> None:
    bare = Scene(things=(), background="white")
    full = Scene(things=(Thing("tomato", ((0.6, 0.1, 0.3, 0.3),)),), background="white")
    before, after = (np.asarray(paint(scene, 5, 200)).astype(int) for scene in (bare, full))
    rows, columns = np.nonzero(np.abs(after - before).sum(-1) > 60)
    assert columns.min() >= 118
    assert columns.max() <= 182
    assert rows.min() >= 18
    assert rows.max() <= 82
    assert len(rows) > 1000
    red, green, _ = after[50, 150]
    assert red > 150
    assert green < 110


def test_a_picture_is_padded_and_never_squashed() -> None:
    wide = Scene(things=(Thing("circle", ((0.4, 0.2, 0.3, 0.6),), "red"),), background="white", aspect=2.0)
    seen = pixels(wide, 4, 100).astype(int)
    assert seen.shape == (100, 100, 3)
    assert (seen[50:] == PADDING).all()
    assert not (seen[:50] == PADDING).all(-1).any()
    rows, columns = np.nonzero((seen[:50, :, 0] - seen[:50, :, 1]) > 80)
    assert abs((columns.max() - columns.min()) - (rows.max() - rows.min())) <= 3
    assert in_frame((0.4, 0.2, 0.3, 0.6), 2.0) == pytest.approx((0.4, 0.1, 0.3, 0.3))
    assert in_frame((0.4, 0.2, 0.3, 0.6), 0.5) == pytest.approx((0.2, 0.2, 0.15, 0.6))


def test_a_box_is_as_wide_as_its_pictograph() -> None:
    rng = random.Random(0)
    scenes = [random_scene(rng) for _ in range(300)]
    boxes = [(thing.name, box, scene.aspect) for scene in scenes for thing in scene.things for box in thing.boxes]
    for name, (_, _, width, height), aspect in boxes:
        if name not in SHAPES:
            glyph = full_glyph(lexicon.entry(name).char)
            assert width * aspect / height == pytest.approx(glyph.width / glyph.height, rel=0.02), name


def test_the_same_looks_give_the_same_picture_and_others_another() -> None:
    scene = random_scene(random.Random(3))
    one, same, other = (pixels(scene, looks, 64) for looks in (1, 1, 2))
    assert one.shape == (64, 64, 3)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_pool_is_resumed_where_it_stopped(tmp_path: Path) -> None:
    make_images.make(30, 32, tmp_path)
    images, scenes = make_images.load(tmp_path, 32)
    assert images.shape == (30, 32, 32, 3)
    assert len(scenes) == 30
    first = images[0].copy()
    (tmp_path / "scenes-32-000000.pkl").unlink()
    make_images.make(30, 32, tmp_path)
    again, _ = make_images.load(tmp_path, 32)
    assert np.array_equal(again[0], first)
    with pytest.raises(ValueError, match="another folder"):
        make_images.make(40, 32, tmp_path)


def test_every_shape_and_colour_is_told_apart() -> None:
    rng = random.Random(0)
    masks = {name: np.asarray(draw_shape(name, (255, 0, 0), "flat", 60, 60, 0, rng))[..., 3] > 128 for name in SHAPES}
    alike = {("square", "rectangle"), ("circle", "oval")}  # these differ in proportion only
    for one, other in combinations(SHAPES, 2):
        if (one, other) not in alike:
            assert (masks[one] != masks[other]).mean() > 0.05, (one, other)
    for colour in COLOURS:
        names = Counter(colour_name(*shade(colour, rng)) for _ in range(200))
        assert names[colour] > 150, (colour, names)
