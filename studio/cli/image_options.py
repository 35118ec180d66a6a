"""What can be typed after `atelier make image`, and the readers of its small forms (512x768, PATH:0.8, SEED:0.2)."""

import argparse
from pathlib import Path

import msgspec

from studio.cli.console import UsageError
from studio.cli.wrong import words_of
from studio.core.adapter import Adapter

TILINGS = ("x", "y", "both")


def add_image_options(image: argparse.ArgumentParser) -> None:
    """The grammar of `make image`, beside what all commands take."""
    begin = image.add_argument_group("what to draw")
    signs = "in words; - reads stdin; {a|b} chooses, __name__ is a wildcard, (word:1.2) weighs"
    begin.add_argument("--prompt", help=signs)
    begin.add_argument("--negative", default=None, metavar="TEXT", help="what should not be seen")
    begin.add_argument(
        "--recipe", type=Path, metavar="FILE", help="as this picture was made (exactly, or changed)"
    )
    begin.add_argument("--init", type=Path, metavar="FILE", help="a picture to begin from")
    begin.add_argument(
        "--mask", type=Path, metavar="FILE", help="grey, as large as --init: white is drawn anew"
    )
    begin.add_argument("--outpaint", metavar="L,T,R,B", help="draw on beyond --init, so many pixels a side")
    begin.add_argument("--upscale", type=float, default=None, metavar="FACTOR", help="enlarge --init")
    begin.add_argument(
        "--strength", type=float, default=None, metavar="0..1", help="how much of --init may change"
    )
    begin.add_argument("--control", action="append", default=[], metavar="MODEL=FILE", help="a ControlNet")
    begin.add_argument("--reference", metavar="MODEL=FILE", help="an IP-Adapter and the picture to follow")
    how = image.add_argument_group("how to draw it")
    how.add_argument("--size", metavar="WxH", help="in pixels (default: the model's own, or that of --init)")
    how.add_argument("--steps", type=int, default=None, metavar="N")
    how.add_argument("--guidance", type=float, default=None, metavar="F")
    how.add_argument(
        "--scheduler",
        default=None,
        metavar="CLASS",
        help="a scheduler class of diffusers, also with its spacing: CLASS:karras, :exponential or :beta",
    )
    how.add_argument("--variation", metavar="SEED:STRENGTH", help="towards another seed's noise, 0..1")
    how.add_argument("--tiling", nargs="?", const="both", choices=TILINGS, help="seamless: x, y or both")
    how.add_argument("--lora", action="append", default=[], metavar="PATH:WEIGHT")
    how.add_argument("--adapter", action="append", default=[], metavar="PATH=WEIGHT")
    how.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any other knob of the job"
    )
    where = image.add_argument_group("where it goes")
    where.add_argument("--project", type=Path, metavar="DIR", help="record the takes in this project")
    where.add_argument(
        "--out", type=Path, metavar="DIR", help="write every take there as PNG with its recipe"
    )


def size_of(text: str) -> tuple[int, int]:
    """512x768 as a pair. Raises UsageError."""
    width, sign, height = text.lower().replace("×", "x").partition("x")
    if not (sign and width.strip().isdecimal() and height.strip().isdecimal()):
        raise UsageError(f"--size {text} is not WxH, like 512x768.")
    return int(width), int(height)


def margins_of(text: str) -> tuple[int, int, int, int]:
    """64,0,64,0 as left, top, right, bottom. Raises UsageError."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.strip().isdecimal() for part in parts):
        raise UsageError(f"--outpaint {text} is not LEFT,TOP,RIGHT,BOTTOM in pixels, like 64,0,64,0.")
    left, top, right, bottom = (int(part) for part in parts)
    if not left + top + right + bottom:
        raise UsageError("--outpaint needs at least one side that is more than 0.")
    return left, top, right, bottom


def variation_of(text: str) -> tuple[int, float]:
    """7:0.2 as seed and strength. Raises UsageError."""
    seed, _sign, strength = text.partition(":")
    try:
        return int(seed), float(strength or 0.1)
    except ValueError as error:
        raise UsageError(f"--variation {text} is not SEED:STRENGTH, like 7:0.2.") from error


def adapters_of(options: argparse.Namespace) -> tuple[Adapter, ...]:
    """--lora and --adapter, in that order; a weight that is left out is 1. Raises UsageError."""
    found = []
    for text, sign in (*((text, ":") for text in options.lora), *((text, "=") for text in options.adapter)):
        path, cut, weight = text.rpartition(sign)
        number = _number(weight) if cut and path else None
        if number is None and path and Path(_whole(path)).exists() and not Path(_whole(text)).exists():
            raise UsageError(f"The weight “{weight}” of the adapter {path} is not a number, like 0.8.")
        try:
            found.append(
                Adapter(
                    path=_whole(path if number is not None else text),
                    weight=1.0 if number is None else number,
                )
            )
        except msgspec.ValidationError as error:
            raise UsageError(f"The adapter {text} is not right: {words_of(error)}.") from error
    return tuple(found)


def pair_of(text: str, option: str) -> tuple[str, Path]:
    """MODEL=FILE as a pair. Raises UsageError."""
    model, sign, file = text.partition("=")
    if not (sign and model and file):
        raise UsageError(f"{option} {text} is not MODEL=FILE.")
    return _whole(model), Path(file)


def _whole(path: str) -> str:
    return str(Path(path).expanduser().resolve())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
