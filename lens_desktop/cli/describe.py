"""``lens-desktop describe``: the evidence of images."""

import argparse
import sys

from lens_desktop.cli.session import Session
from lens_desktop.cli.show import as_json, description_object, evidence_text
from lens_desktop.domain.errors import LensError
from lens_desktop.library.folders import find_images
from lens_desktop.store.choice import chosen


def describe(arguments: argparse.Namespace) -> int:
    """Print the evidence of every image that can be read; return 2 when some could not. Raises LensError."""
    overrides = {} if arguments.seed is None else {"seed": arguments.seed}
    code = 0
    paths = find_images(arguments.images)
    with Session(chosen(arguments.checkpoints, **overrides)) as session:
        for path in paths:
            try:
                image = session.image(path)
                evidence = session.evidence(image)
            except LensError as error:
                print(error.message, file=sys.stderr)
                code = 2
                continue
            if arguments.json:
                print(as_json(description_object(path, image, evidence, session.settings)), flush=True)
            else:
                title = f"{path}\n" if len(paths) > 1 else ""
                print(f"{title}{evidence_text(image, evidence)}", flush=True)
    return code
