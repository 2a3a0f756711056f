"""The decode process: takes paths, one after the other, and gives back images."""

import hashlib
import os
import queue
import sys

from lens_desktop import places
from lens_desktop.child import Pipes
from lens_desktop.decoder.cache import Cache
from lens_desktop.decoder.files import name_of, open_file
from lens_desktop.decoder.read import read
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.image import Image
from lens_desktop.protocol import Cancel, Decode, Failed, Request, Result

MAX_MEMORY = 3 * 1024**3  # bytes of address space; a sound picture of 100 megapixels needs less


def main() -> int:
    """Serve until the input ends."""
    pipes = Pipes()
    _limit_memory()
    waiting: queue.SimpleQueue[Decode] = queue.SimpleQueue()
    cancelled: set[int] = set()

    def take(request: Request) -> None:
        if isinstance(request, Cancel):
            cancelled.add(request.request)
        elif isinstance(request, Decode):
            waiting.put(request)

    pipes.listen(take)
    cache: Cache | None = None
    while True:
        request = waiting.get()
        try:
            if request.request in cancelled:
                raise LensError("cancelled", "Stopped before it was read.")
            cache = cache or _cache()
            pipes.send(Result(request.request, decode_file(request.path, cache), final=True))
        except LensError as error:
            pipes.send(Failed(request.request, error.code, error.message))
        except MemoryError:
            sentence = f"{name_of(request.path)} needs too much memory to be read: save a smaller copy."
            pipes.send(Failed(request.request, "too-large", sentence))
        except Exception as error:  # noqa: BLE001 - one odd file must not take the process with it
            kind = type(error).__name__
            sentence = f"{name_of(request.path)} could not be read ({kind}): save it again in another program."
            pipes.send(Failed(request.request, "unreadable", sentence))
        cancelled.discard(request.request)


def decode_file(path: str, cache: Cache) -> Image:
    """Return the image in the file at `path`, its pixels and thumbnail written. Raises LensError."""
    with open_file(path) as file:
        picture, note = read(file, name_of(path))
        file.seek(0)
        file_hash = hashlib.file_digest(file, "sha256").hexdigest()
    identity, pixels, thumbnail = cache.keep(picture)
    return Image(
        id=identity,
        path=os.path.abspath(path),
        file_hash=file_hash,
        width=picture.width,
        height=picture.height,
        pixels=str(pixels),
        thumbnail=str(thumbnail),
        note=note,
    )


def _cache() -> Cache:
    try:
        return Cache(places.cache() / "decoded")
    except OSError as error:
        raise LensError("disk", f"The cache folder cannot be made ({error.strerror}): check its permissions.") from None


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = MAX_MEMORY if hard == resource.RLIM_INFINITY else min(MAX_MEMORY, hard)
    if soft == resource.RLIM_INFINITY or soft > wanted:
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
