"""Turns an image file into upright RGB pixels in sRGB, or into one sentence that says why not."""

import warnings
from io import BytesIO
from typing import BinaryIO, cast

from PIL import AvifImagePlugin, ImageCms, ImageOps, TiffImagePlugin, WebPImagePlugin  # noqa: F401  # register readers
from PIL import Image as Pictures

from lens_desktop.decoder.files import readers
from lens_desktop.domain.errors import LensError

MAX_PIXELS = 100_000_000
Pictures.MAX_IMAGE_PIXELS = None  # the limit here is our own, with a sentence of its own
_DEEP = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
_WHITE = (255, 255, 255)


def read(file: BinaryIO, name: str) -> tuple[Pictures.Image, str]:
    """Return the upright RGB picture in an open file, and a note on how it was read (mostly empty).

    `name` is what sentences call the file. Raises LensError ``unreadable``, ``not-an-image`` or ``too-large``.
    """
    formats = readers(file, name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata is no reason to refuse a picture
            return _read(file, formats, name)
    except LensError:
        raise
    except MemoryError:
        raise LensError("too-large", f"{name} needs too much memory to be read: save a smaller copy.") from None
    except Exception as error:  # noqa: BLE001 - readers of hostile files raise whatever they like
        raise LensError("unreadable", _damaged(name, error)) from None


def _read(file: BinaryIO, formats: tuple[str, ...], name: str) -> tuple[Pictures.Image, str]:
    if formats == ("HEIF",):
        import pillow_heif  # it costs as much to import as all the rest

        pillow_heif.register_heif_opener(thumbnails=False)
    picture: Pictures.Image = Pictures.open(file, formats=formats)
    _check_size(picture, name)
    notes = [_which_frame(picture)]
    picture.load()
    _check_size(picture, name)  # some formats tell the truth only now
    _turn_upright(picture)
    if picture.mode in _DEEP:
        picture, note = _eight_bits(picture)
        notes.append(note)
    return _rgb(picture), " ".join(filter(None, notes))


def _check_size(picture: Pictures.Image, name: str) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise LensError(
            "too-large",
            f"{name} is {picture.width:,} × {picture.height:,} pixels, more than the {MAX_PIXELS // 1_000_000} "
            "megapixels this program reads: save a smaller copy.",
        )


def _which_frame(picture: Pictures.Image) -> str:
    """Return which of several pictures in the file is read, or an empty string when there is one."""
    try:
        several = getattr(picture, "is_animated", False)
    except Exception:  # noqa: BLE001 - the frames after a sound first one may be damaged
        several = False
    if not several:
        return ""
    match picture.format:
        case "TIFF":
            return "The first of several pages."
        case "HEIF" | "MPO":
            return "The main one of several pictures in the file."
    return "The first frame of an animation."


def _turn_upright(picture: Pictures.Image) -> None:
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 S110 - damaged metadata: the picture as it lies is better than none
        pass


def _eight_bits(picture: Pictures.Image) -> tuple[Pictures.Image, str]:
    """Return a deep grey picture as 8-bit grey: 16-bit values scaled, others stretched from darkest to brightest."""
    picture.info.pop("transparency", None)
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L"), ""
    low, high = (float(value) for value in cast(tuple[float, float], picture.getextrema()))
    if picture.mode == "I" and low >= 0 and 255 < high <= 65535:
        low, high = 0.0, 65535.0
    if not high > low or high - low == float("inf"):
        return Pictures.new("L", picture.size), "All of one brightness."
    scale = 255 / (high - low)
    grey = picture.convert("F").point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
    return grey, "Brightness stretched from the darkest to the brightest value." if high != 65535 else ""


def _rgb(picture: Pictures.Image) -> Pictures.Image:
    """Return `picture` in sRGB, transparent parts over white."""
    profile = picture.info.get("icc_profile")
    if picture.has_transparency_data:
        picture = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        paper = Pictures.new("RGB", picture.size, _WHITE)
        # pasted straight from RGBA when it can be: every copy of a large picture costs seconds and memory
        colours = _srgb(picture.convert("RGB"), profile) if profile else picture
        paper.paste(colours, mask=picture)
        return paper
    if picture.mode in ("P", "PA", "1"):
        picture = picture.convert("RGB")
    picture = _srgb(picture, profile)
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _srgb(picture: Pictures.Image, profile: bytes | None) -> Pictures.Image:
    if not profile or picture.mode not in ("RGB", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if picture.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return picture
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that makes no sense is left aside, as viewers do
    return converted or picture


def _damaged(name: str, error: Exception) -> str:
    words = str(error).lower()
    if "truncat" in words or isinstance(error, EOFError):
        return f"{name} is cut short: part of it is missing. Copy or download it again."
    return f"{name} is damaged or cut short: copy or download it again."
