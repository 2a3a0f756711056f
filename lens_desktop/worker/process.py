"""The worker as a program: pipes first, models later, gone with its parent."""

import faulthandler
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from lens_desktop import places
from lens_desktop.child import Pipes
from lens_desktop.domain.errors import LensError
from lens_desktop.resources import resource
from lens_desktop.settings import Settings, from_mapping, load_set
from lens_desktop.worker.inbox import Inbox
from lens_desktop.worker.serve import serve

if TYPE_CHECKING:
    from lens_desktop.engine.lens import Lens

SETTINGS = "LENS_DESKTOP_SETTINGS"  # the environment variable the settings travel in, as JSON
_NICENESS = 5  # the window must stay fluent while every core is busy with a model


def main() -> int:
    """Serve until the input ends."""
    pipes = Pipes()
    faulthandler.enable()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    inbox = Inbox(pipes.send)
    pipes.listen(inbox.put)
    serve(load, inbox, pipes.send)


def load(status: Callable[[str], None]) -> "Lens":
    """Return the Lens of the settings in the environment. Raises LensError."""
    status("Starting the models")
    settings = chosen_settings()
    from lens_desktop.engine.lens import Lens

    return Lens.load(settings, cache=places.cache(), status=status)


def chosen_settings() -> Settings:
    """Return the settings the environment holds, or the starter set's. Raises LensError ``bad-set`` or ``missing``."""
    text = os.environ.get(SETTINGS)
    if not text:
        return load_set(resource("starter"))
    try:
        values = json.loads(text)
    except ValueError as error:
        raise LensError(
            "bad-set", f"The settings in {SETTINGS} are not JSON ({error}): remove or correct it."
        ) from None
    if not isinstance(values, dict):
        raise LensError("bad-set", f"The settings in {SETTINGS} are not names and values: remove or correct it.")
    return from_mapping(values)
