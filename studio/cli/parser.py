"""What can be typed after `atelier`, and which module does it."""

import argparse
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from studio import __version__

MODULES = {
    "make": "studio.cli.make",
    "import": "studio.cli.import_story",
    "export": "studio.cli.export_story",
    "tour": "studio.cli.tour",
    "models": "studio.cli.models",
    "doctor": "studio.cli.doctor",
    "bench": "studio.cli.bench",
    "tune": "studio.cli.tune",
}


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says; the exit status (0 ok, 1 failed, 2 usage, 3 partly, 130 cancelled)."""
    if not arguments or (arguments[0] not in MODULES and Path(arguments[0]).is_dir()):
        from studio.app.main import run_window

        return run_window(Path(arguments[0]).resolve() if arguments else None)
    from studio.cli.console import execute, refuse

    try:
        options = build_parser().parse_args(arguments)
    except GrammarError as error:
        return refuse(arguments, error)
    return execute(options, importlib.import_module(MODULES[options.command]).main)


class GrammarError(Exception):
    """What was typed is not in the grammar; the words say why."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of leaving, so that wrong usage too is answered by one JSON object."""

    def error(self, message: str) -> NoReturn:
        raise GrammarError(f"{self.prog}: {message}")


def build_parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    parser = _Parser(
        prog="atelier",
        description="Without a command: open the window (optionally on a project folder).",
        epilog="stdout carries one JSON object, everything else goes to stderr.",
    )
    parser.add_argument("--version", action="version", version=f"atelier {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_make(commands)
    _add_exchange(commands)
    tour = _command(commands, "tour", "do the main job from an opening line to an exported story")
    tour.add_argument(
        "dir",
        type=Path,
        metavar="DIR",
        help="a folder for Tour.atelier, story.md, picture.png, theme.mid and theme.wav",
    )
    _model_options(tour)
    _add_models(commands)
    from studio.cli.tune_options import add_tune_options

    words = "fine-tune a model on a folder of your own"
    tune = commands.add_parser("tune", help=words, description=f"{words.capitalize()}.")
    add_tune_options(tune.add_subparsers(dest="kind", required=True, metavar="KIND"), _common)
    _command(commands, "doctor", "check this installation; exit 1 with the cure when something is wrong")
    bench = _command(commands, "bench", "measure on this machine; ratios are medians of interleaved pairs")
    bench.add_argument(
        "part",
        nargs="?",
        choices=("text", "image", "music", "tune"),
        help="one part of the studio; all when left out",
    )
    bench.add_argument(
        "--corpus", type=Path, metavar="DIR", help="music: read the MIDI files in it; tune: learn from it"
    )
    bench.add_argument("--model", type=Path, metavar="PATH", help="a music model in place of the starter")
    bench.add_argument("--check", action="store_true", help="exit 1 when a figure is not met")
    bench.add_argument("--quick", action="store_true", help="fewer repetitions")
    return parser


def _add_make(commands: "argparse._SubParsersAction[_Parser]") -> None:
    make = _command(commands, "make", "have a model make takes")
    kinds = make.add_subparsers(dest="kind", required=True, metavar="KIND")
    text = kinds.add_parser("text", help="continue a text", description="Continue a text.")
    _common(text)
    _model_options(text)
    text.add_argument("--prompt", required=True, help="the text to go on from; - reads stdin")
    text.add_argument("--suffix", default="", help="the text that follows, for models that fill in")
    text.add_argument("--note", default="", help="what the model should know first")
    text.add_argument("--tokens", type=int, default=None, metavar="N", help="length of a take")
    text.add_argument("--project", type=Path, metavar="DIR", help="record the takes in this project")
    text.add_argument("--out", type=Path, metavar="DIR", help="write every take to a file there")
    text.add_argument("--adapter", action="append", default=[], metavar="PATH=WEIGHT")
    text.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="any field of the job")
    from studio.cli.image_options import add_image_options  # the window needs no grammar

    image = kinds.add_parser("image", help="draw pictures", description="Draw pictures.")
    _common(image)
    _model_options(image)
    add_image_options(image)
    from studio.cli.music_options import add_music_options

    words = "sketch music: go on, fill in, vary, harmonise, add a track"
    music = kinds.add_parser("music", help=words, description=f"{words.capitalize()}.")
    _common(music)
    _model_options(music)
    add_music_options(music)


def _add_models(commands: "argparse._SubParsersAction[_Parser]") -> None:
    """Each action has its own grammar: options may stand before the path."""
    text = "list, add, remove and check model folders"
    models = commands.add_parser("models", help=text, description=f"{text.capitalize()}.")
    actions = models.add_subparsers(dest="action", required=True, metavar="list|add|remove|check")
    for name, words in (
        ("list", "the models on this computer"),
        ("add", "a model folder, a checkpoint or adapter (.safetensors), or a .gguf file"),
        ("remove", "from the list; its files stay"),
        ("check", "find out which acts a model can do (default: the starter)"),
    ):
        action = actions.add_parser(name, help=words)
        _common(action)
        if name != "list":
            action.add_argument("path", nargs="?", type=Path, metavar="PATH")
        if name == "check":
            action.add_argument("--acts", metavar="A,B", help="these acts only (continue and fill-in always)")
            action.add_argument("--ship", action="store_true", help="put the results beside the model")


def _add_exchange(commands: "argparse._SubParsersAction[_Parser]") -> None:
    """Manuscripts in and out; the name's ending says in which form."""
    into = _command(commands, "import", "make a story of a docx, odt, epub, rtf, html, md or txt file")
    into.add_argument("file", type=Path, metavar="FILE")
    into.add_argument("--project", type=Path, required=True, metavar="DIR", help="made when it is not there")
    into.add_argument("--title", default="", help="what the story is called (default: as the file says)")
    out = _command(commands, "export", "write a story to a docx, odt, epub, rtf, html, md or txt file")
    out.add_argument("--project", type=Path, required=True, metavar="DIR")
    out.add_argument("--out", type=Path, required=True, metavar="FILE")
    out.add_argument("--story", default="", metavar="TITLE", help="its title or id (default: the first one)")
    out.add_argument("--authors", action="store_true", help="mark the model's words with a character style")
    out.add_argument("--sidecar", action="store_true", help="write FILE's authors to NAME.authors.json too")


def _command(
    commands: "argparse._SubParsersAction[_Parser]", name: str, help_text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=help_text, description=help_text[0].upper() + help_text[1:] + ".")
    if name != "make":
        _common(parser)
    return parser


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="the JSON on one line, no words on stderr")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")


def _model_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, metavar="PATH", help="a model folder (default: the starter)")
    parser.add_argument("--seed", type=int, metavar="N", help="same seed, same takes (default: a new one)")
    parser.add_argument("--takes", type=int, default=None, metavar="N", help="1 to 8")
