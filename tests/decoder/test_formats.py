"""Every kind of picture comes out as upright RGB in sRGB, whatever its file calls itself."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image as Pictures
from PIL import ImageCms, ImageOps

from lens_desktop.decoder.client import DecoderClient
from lens_desktop.domain.image import Image
from tests.hostile import encoded, picture

RED, GREEN, BLUE, LIGHT = (220, 30, 30), (30, 160, 60), (40, 70, 220), (250, 250, 250)


def pixels(image: Image) -> np.ndarray:
    array = np.load(image.pixels)
    assert array.dtype == np.uint8
    assert array.shape == (image.height, image.width, 3)
    return array


def corners(array: np.ndarray) -> list[tuple[int, ...]]:
    """Return the colours in the middle of the four quarters: top left, top right, bottom left, bottom right."""
    height, width = array.shape[:2]
    return [
        tuple(int(c) for c in array[y, x]) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)
    ]


def near(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], tolerance: int) -> bool:
    return bool(np.abs(np.array(found) - np.array(wanted)).max() <= tolerance)


pillow_heif.register_heif_opener()


@pytest.mark.parametrize(
    ("content", "tolerance"),
    [
        (encoded(picture(), "PNG"), 0),
        (encoded(picture(), "BMP"), 0),
        (encoded(picture(), "TIFF"), 0),
        (encoded(picture(), "TIFF", compression="tiff_lzw"), 0),
        (encoded(picture(), "WEBP", lossless=True), 0),
        (encoded(picture().quantize(16), "PNG"), 0),
        (encoded(picture().quantize(16), "GIF"), 0),
        (encoded(picture(), "JPEG", quality=95), 8),
        (encoded(picture(), "AVIF", quality=95), 12),
        (encoded(picture(), "HEIF", quality=95), 12),
        (encoded(picture().convert("CMYK"), "TIFF"), 2),
        (encoded(picture().convert("CMYK"), "JPEG", quality=95), 10),
        (encoded(picture().convert("YCbCr"), "TIFF"), 3),
    ],
    ids=[
        "png",
        "bmp",
        "tiff",
        "lzw",
        "webp",
        "png-palette",
        "gif",
        "jpeg",
        "avif",
        "heic",
        "cmyk-tiff",
        "cmyk-jpeg",
        "ycbcr",
    ],
)
def test_a_picture_is_known_by_its_bytes_not_its_name(
    decoder: DecoderClient, tmp_path: Path, content: bytes, tolerance: int
) -> None:
    path = tmp_path / "anything.txt"
    path.write_bytes(content)
    image = decoder.decode(path)
    assert (image.width, image.height, image.path, image.note) == (64, 48, str(path), "")
    assert image.file_hash == hashlib.sha256(content).hexdigest()
    assert near(corners(pixels(image)), [RED, GREEN, BLUE, LIGHT], tolerance)


def test_the_id_is_the_hash_of_size_and_pixels(decoder: DecoderClient, tmp_path: Path) -> None:
    made = picture()
    made.save(tmp_path / "a.png")
    made.save(tmp_path / "b.bmp")
    made.save(tmp_path / "c.png", pnginfo=None, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    first, second, third = (decoder.decode(tmp_path / name) for name in ("a.png", "b.bmp", "c.png"))
    assert first.id == second.id == third.id == hashlib.sha256(b"64x48" + made.tobytes()).hexdigest()
    assert len({first.file_hash, second.file_hash, third.file_hash}) == 3
    Pictures.frombytes("RGB", (48, 64), made.tobytes()).save(tmp_path / "d.png")
    assert decoder.decode(tmp_path / "d.png").id != first.id


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once(decoder: DecoderClient, tmp_path: Path, kind: str, orientation: int) -> None:
    exif = Pictures.Exif()
    exif[0x0112] = orientation
    lying = picture()
    lying.info["exif"] = exif.tobytes()
    (tmp_path / "turned").write_bytes(encoded(lying, kind, exif=exif.tobytes()))
    tagged = picture()
    tagged.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(tagged))
    image = decoder.decode(tmp_path / "turned")
    assert (image.height, image.width) == upright.shape[:2]
    assert near(corners(pixels(image)), corners(upright), 40)


def test_transparent_parts_lie_on_white(decoder: DecoderClient, tmp_path: Path) -> None:
    clear = picture().convert("RGBA")
    clear.putalpha(Pictures.linear_gradient("L").resize(clear.size).point(lambda value: 0 if value < 128 else 255))
    clear.save(tmp_path / "clear.png")
    clear.save(tmp_path / "clear.webp", lossless=True)
    Pictures.new("LA", (9, 9), (0, 0)).save(tmp_path / "grey.png")
    palette = Pictures.new("P", (9, 9), 1)
    palette.putpalette([10, 20, 30, 200, 0, 0])
    palette.save(tmp_path / "palette.png", transparency=1)
    palette.save(tmp_path / "palette.gif", transparency=1)
    Pictures.new("RGB", (9, 9), (1, 2, 3)).save(tmp_path / "key.png", transparency=(1, 2, 3))
    for name in ("clear.png", "clear.webp"):
        assert corners(pixels(decoder.decode(tmp_path / name))) == [(255, 255, 255), (255, 255, 255), BLUE, LIGHT]
    for name in ("grey.png", "palette.png", "palette.gif", "key.png"):
        assert pixels(decoder.decode(tmp_path / name)).min() == 255


def test_grey_keeps_its_brightness_at_any_depth(decoder: DecoderClient, tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None, :].repeat(8, axis=0)
    Pictures.fromarray(ramp).save(tmp_path / "deep.png")
    Pictures.fromarray(ramp).save(tmp_path / "deep.tif")
    Pictures.fromarray(ramp.astype(">u2")).save(tmp_path / "motorola.tif")
    Pictures.fromarray(ramp.astype(np.int32)).save(tmp_path / "long.tif")
    Pictures.fromarray((ramp >> 8).astype(np.uint8)).save(tmp_path / "plain.png")
    wanted = np.arange(256)
    for name in ("deep.png", "deep.tif", "motorola.tif", "long.tif", "plain.png"):
        found = pixels(decoder.decode(tmp_path / name))
        assert np.abs(found[4, :, 1].astype(int) - wanted).max() <= 1, name
    Pictures.fromarray(np.linspace(-3, 7, 256, dtype=np.float32)[None, :].repeat(8, axis=0)).save(tmp_path / "real.tif")
    real = decoder.decode(tmp_path / "real.tif")
    assert np.abs(pixels(real)[4, :, 1].astype(int) - wanted).max() <= 1
    assert "stretched" in real.note
    Pictures.new("1", (9, 9), 1).save(tmp_path / "one.png")
    assert pixels(decoder.decode(tmp_path / "one.png")).min() == 255


def test_colours_are_brought_to_srgb(decoder: DecoderClient, tmp_path: Path) -> None:
    plain = Pictures.new("RGB", (9, 9), (200, 100, 50))
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain.save(tmp_path / "none.png")
    plain.save(tmp_path / "same.png", icc_profile=srgb)
    plain.save(tmp_path / "nonsense.png", icc_profile=b"not a profile")
    plain.save(tmp_path / "other.png", icc_profile=wide_gamut())
    plain.save(tmp_path / "absurd.png", icc_profile=xyz)
    none = decoder.decode(tmp_path / "none.png")
    assert decoder.decode(tmp_path / "same.png").id == none.id
    assert decoder.decode(tmp_path / "nonsense.png").id == none.id
    assert decoder.decode(tmp_path / "absurd.png").width == 9
    red, green, blue = (int(value) for value in pixels(decoder.decode(tmp_path / "other.png"))[4, 4])
    assert red > 210  # the same numbers mean a stronger red in the wide gamut
    assert (green, blue) != (100, 50)


def wide_gamut() -> bytes:
    """Return an RGB profile with Adobe RGB's primaries, made from sRGB's by replacing them."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    primaries = {
        b"rXYZ": (0.6097, 0.3111, 0.0195),
        b"gXYZ": (0.2053, 0.6257, 0.0609),
        b"bXYZ": (0.1492, 0.0632, 0.7446),
    }
    for tag, colour in primaries.items():
        entry = profile.index(tag, 128)
        at = int.from_bytes(profile[entry + 4 : entry + 8], "big") + 8
        profile[at : at + 12] = b"".join(round(value * 65536).to_bytes(4, "big") for value in colour)
    named = bytes(profile)
    return named.replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be")).replace(
        b"sRGB built-in", b"wide built-in"
    )


def test_the_first_frame_of_an_animation_says_so(decoder: DecoderClient, tmp_path: Path) -> None:
    still, moved = picture(), ImageOps.mirror(picture())
    for name, options in {"a.gif": {}, "a.png": {}, "a.webp": {"lossless": True}, "a.tif": {}}.items():
        still.save(tmp_path / name, save_all=True, append_images=[moved], **options)
        image = decoder.decode(tmp_path / name)
        assert near(corners(pixels(image)), [RED, GREEN, BLUE, LIGHT], 2)
        assert "first" in image.note


def test_thumbnails_fit_and_keep_their_shape(decoder: DecoderClient, tmp_path: Path) -> None:
    for size, small in {(1000, 500): (320, 160), (30, 20): (30, 20), (5000, 1): (320, 1), (1, 5000): (1, 320)}.items():
        picture(*size).save(tmp_path / "any.png")
        image = decoder.decode(tmp_path / "any.png")
        assert (image.width, image.height) == size
        with Pictures.open(image.thumbnail) as thumbnail:
            assert (thumbnail.size, thumbnail.mode) == (small, "RGB")


def test_names_no_text_can_hold_survive(decoder: DecoderClient, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/caf\xe9 \xff.png"
    Path(os.fsdecode(odd)).write_bytes(encoded(picture(), "PNG"))
    image = decoder.decode(os.fsdecode(odd))
    assert os.fsencode(image.path) == odd


@pytest.mark.slow
def test_a_picture_of_many_megapixels_is_read(decoder: DecoderClient, tmp_path: Path) -> None:
    wide = Pictures.new("RGBA", (12_000, 8_000), (10, 200, 30, 255))
    wide.save(tmp_path / "wide.png", compress_level=1)
    image = decoder.decode(tmp_path / "wide.png")
    assert pixels(image)[7999, 11_999].tolist() == [10, 200, 30]
