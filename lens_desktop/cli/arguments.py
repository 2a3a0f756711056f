"""What can be said on the command line."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from lens_desktop import __version__
from lens_desktop.domain.errors import LensError
from lens_desktop.domain.prompt import Mode


class _Parser(argparse.ArgumentParser):
    """Bad usage is one sentence, like every other error."""

    def error(self, message: str) -> NoReturn:
        raise LensError("usage", f"{message[:1].upper()}{message[1:]}: see `{self.prog} --help`.")


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Return the parsed command line. Raises LensError ``usage``; ``--help`` and ``--version`` print and exit."""
    parser = _Parser(
        prog="lens-desktop",
        description="Ask questions about your own images. Without a command the window opens: lens-desktop [FILES].",
    )
    parser.add_argument("--version", action="version", version=f"lens-desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="ask | describe | models | vocabulary | doctor")
    _add_ask(commands.add_parser("ask", help="answer a question about an image"))
    _add_describe(commands.add_parser("describe", help="write the evidence of images"))
    _add_models(commands.add_parser("models", help="see, get, verify, remove and choose checkpoints"))
    _add_vocabulary(commands.add_parser("vocabulary", help="your own tags and attributes, and reading them ahead"))
    commands.add_parser("doctor", help="say what is installed, what is missing and what to do")
    arguments = parser.parse_args(list(words))
    if arguments.command is None:
        parser.error("a command is missing")
    if arguments.command in ("models", "vocabulary") and arguments.deed is None:
        name = arguments.command
        raise LensError("usage", f"Say what to do with {name}: see `lens-desktop {name} --help`.")
    if arguments.command == "ask":
        _check_ask(arguments)
    return arguments


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", nargs="?", metavar="IMAGE", help="an image file")
    parser.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in quotes")
    parser.add_argument(
        "--jsonl",
        metavar="FILE",
        help='answer many: lines {"image": …, "question": …} from FILE, or - for standard input',
    )
    modes = [mode.value for mode in Mode]
    parser.add_argument("--mode", choices=modes, default=modes[0], help="which evidence the prompt holds")
    parser.add_argument("--options", nargs="+", default=[], metavar="OPTION", help="choose the answer among these")
    parser.add_argument("--by-length", action="store_true", help="score options by likelihood per token")
    _add_shared(parser)


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="image files, or folders of images")
    _add_shared(parser)


def _add_models(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(
        dest="deed", metavar="list | get | verify | remove | use | add | folder | lock | unlock"
    )
    for deed, names, text in (
        ("list", "", "say which there are and which are here"),
        ("get", "+", "fetch sets or checkpoints; goes on where it was stopped"),
        ("verify", "*", "read every byte of checkpoints that are here"),
        ("remove", "+", "remove checkpoints from this machine"),
        ("use", "+", "use a set, MODULE=CHECKPOINT or llm=http://HOST:PORT/v1 from now on, in the window too"),
        ("lock", "", "connect to no other machine from now on"),
        ("unlock", "", "connect again to what you ask for"),
    ):
        one = deeds.add_parser(deed, help=text)
        if names:
            one.add_argument("names", nargs=names, metavar="NAME", help="ids, as `lens-desktop models list` shows them")
        if deed in ("list", "get", "verify", "remove"):  # what is used is known by the program's own
            one.add_argument("--catalogue", metavar="FILE", help="another catalogue than the program's own")
        if deed == "use":
            one.add_argument(
                "--send-text-to", metavar="HOST", default="", help="agree that an LLM server on HOST is sent text"
            )
        if deed == "get":
            one.add_argument("--hub", metavar="ADDRESS", help="another hub than the public one")
    add = deeds.add_parser("add", help="put a repository of the hub on the list, to get and use it by its id")
    add.add_argument("repository", metavar="OWNER/NAME", help="its name on the hub")
    add.add_argument("--module", required=True, choices=("clip", "captioner", "llm"), help="what it does")
    add.add_argument("--revision", metavar="REVISION", default="", help="a branch, a tag or a commit, not the newest")
    folder = deeds.add_parser("folder", help="say where checkpoints are kept, or move them all to another folder")
    folder.add_argument("folder", nargs="?", metavar="FOLDER", help="an empty folder, or one with checkpoints")


def _add_vocabulary(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", metavar="list | import | reset | build | describe")
    deeds.add_parser("list", help="say which tags and attributes are in use")
    kinds = ("tags", "attributes")
    taken = deeds.add_parser("import", help="use your own list, one entry a line, with every CLIP")
    taken.add_argument("file", metavar="FILE")
    taken.add_argument("--as", dest="kind", help="what the list is for (tags)", choices=kinds, default=kinds[0])
    back = deeds.add_parser("reset", help="go back to the list of the set or the program")
    back.add_argument("kind", nargs="?", help="which list (tags)", choices=kinds, default=kinds[0])
    build = deeds.add_parser("build", help="read the lists for the CLIP in use; goes on where it was stopped")
    told = deeds.add_parser("describe", help="have the LLM in use write what tells classes apart in a photo")
    told.add_argument("classes", nargs="*", metavar="CLASS")
    told.add_argument("--from", dest="classes_from", metavar="FILE", help="a file of classes, one a line")
    told.add_argument("--add", action="store_true", help="add what it writes to the attributes in use")
    for one in (build, told):
        _add_checkpoints(one)


def _add_shared(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print a JSON object instead of text")
    parser.add_argument("--seed", type=int, metavar="N", help="the seed of the sampled captions")
    _add_checkpoints(parser)


def _add_checkpoints(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoints",
        action="append",
        default=[],
        metavar="SET|MODULE=DIR",
        help="the name or folder of a set, or a name or folder for one of clip, captioner, llm; can be repeated",
    )


def _check_ask(arguments: argparse.Namespace) -> None:
    usage = "see `lens-desktop ask --help`."
    if arguments.jsonl is not None and arguments.image is not None:
        raise LensError("usage", f"Give an image and a question, or --jsonl, not both: {usage}")
    if arguments.jsonl is None and arguments.question is None:
        raise LensError("usage", f'Give an image and a question, as in lens-desktop ask IMAGE "QUESTION": {usage}')
    if arguments.jsonl is None and not arguments.question.strip():
        raise LensError("usage", f"The question is empty: {usage}")
    if len(arguments.options) == 1:
        raise LensError("usage", f"One option leaves no choice, give at least two: {usage}")
