"""What can be typed after `atelier tune`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from studio.core.tuning import METHODS

Parser = TypeVar("Parser", bound=argparse.ArgumentParser)
_KINDS: Final = (
    ("text", "on writing: txt, md, docx, odt, epub, rtf, html"),
    ("image", "on pictures with captions: png, jpg, webp; NAME.txt, metadata.jsonl or metadata.csv"),
    ("music", "on MIDI files"),
)


def add_tune_options(
    kinds: "argparse._SubParsersAction[Parser]",
    common: Callable[[argparse.ArgumentParser], None],
) -> None:
    """The grammar of `tune text|image|music FOLDER` and `tune inspect FOLDER`."""
    for kind, words in _KINDS:
        parser = kinds.add_parser(kind, help=words, description=f"Fine-tune a model {words}.")
        common(parser)
        _add_options(parser)
    words = "look through a folder: what of it could be trained on, what could not and why"
    inspect = kinds.add_parser("inspect", help=words, description=f"{words.capitalize()}.")
    common(inspect)
    inspect.add_argument("folder", type=Path, metavar="FOLDER")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(lines=True)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="nothing in it is changed")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (TOML); what is typed wins over it"
    )
    parser.add_argument("--base", "--model", type=Path, metavar="PATH", help="a model (default: the starter)")
    parser.add_argument("--method", metavar="M", help=f"one of {', '.join(METHODS)} (default: lora)")
    parser.add_argument(
        "--steps", type=int, metavar="N", help="optimizer steps (default: as the folder's size asks)"
    )
    parser.add_argument(
        "--epochs", type=float, metavar="X", help="times through the folder; --steps wins over it"
    )
    parser.add_argument("--seed", type=int, metavar="N")
    parser.add_argument("--name", help="what the result is called (default: by the folder)")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where the result goes (default: among your adapters)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any setting, like adapter.rank=8"
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="go on from what the last finished run on this folder made, with what was added since",
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with this folder's last run that did not finish"
    )
