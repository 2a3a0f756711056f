"""Folders give up their images in the order a person expects, and none keeps the program for ever."""

import os
import subprocess
from pathlib import Path

import pytest

from lens_desktop.domain.errors import LensError
from lens_desktop.library.folders import find_images


def names(folder: Path) -> list[str]:
    return [os.path.relpath(path, folder) for path in find_images([folder])]


def make(folder: Path, *files: str) -> None:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"")


def test_numbers_sort_by_value_and_files_come_before_folders(tmp_path: Path) -> None:
    make(
        tmp_path,
        "page 10.png",
        "Page 2.PNG",
        "page 1.jpeg",
        "b/2.heic",
        "b/1.avif",
        "a 2/x.gif",
        "a 10/x.tiff",
        "notes.txt",
    )
    assert names(tmp_path) == [
        "page 1.jpeg",
        "Page 2.PNG",
        "page 10.png",
        "a 2/x.gif",
        "a 10/x.tiff",
        "b/1.avif",
        "b/2.heic",
    ]


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ".secret.png", ".thumbnails/a.png", "seen.png")
    assert names(tmp_path) == ["seen.png"]


def test_links_are_followed_but_never_round_in_circles(tmp_path: Path) -> None:
    make(tmp_path / "album", "one.png", "sub/two.png")
    make(tmp_path / "elsewhere", "three.png")
    (tmp_path / "album" / "sub" / "up").symlink_to(tmp_path / "album")
    (tmp_path / "album" / "other").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "album" / "self").symlink_to("self")
    assert names(tmp_path / "album") == ["one.png", "other/three.png", "sub/two.png"]


def test_files_are_taken_as_they_are_and_once(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "odd.name")
    given = [str(tmp_path / "odd.name"), str(tmp_path / "gone.png"), str(tmp_path), str(tmp_path / "a.png")]
    assert find_images(given) == (*given[:2], str(tmp_path / "a.png"))


def test_a_folder_without_images_is_a_sentence(tmp_path: Path) -> None:
    make(tmp_path / "Holiday", "notes.txt", "sub/more.txt")
    with pytest.raises(LensError, match="There are no images in Holiday") as caught:
        find_images([tmp_path / "Holiday"])
    assert caught.value.code == "no-images"


def test_depth_is_no_obstacle(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    make(tmp_path, "top.png")
    try:
        assert names(tmp_path) == ["top.png"]
    finally:
        subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # too deep for Python's own removal


def test_names_no_text_can_hold_are_found(tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    make(Path(odd).parent, Path(odd).name)
    assert find_images([tmp_path]) == (odd,)
