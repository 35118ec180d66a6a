"""What can be typed after `atelier make music`, and the readers of its small forms (3-6, 1,3, 3/4)."""

import argparse
import re
from pathlib import Path

from studio.cli.console import UsageError
from studio.core.piece_settings import ROLES
from studio.core.pieces import TASKS

BARS_MOST = 64


def add_music_options(music: argparse.ArgumentParser) -> None:
    """The grammar of `make music`, beside what all commands take."""
    music.set_defaults(lora=[])
    begin = music.add_argument_group("what to write")
    begin.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="a MIDI, MusicXML or ABC file to go on from"
    )
    begin.add_argument("--task", choices=TASKS, default="continue", help="(default: continue)")
    begin.add_argument(
        "--bars", metavar="A-B", help="which bars, counted from 1 (default: as the task needs)"
    )
    begin.add_argument("--tracks", metavar="1,3", help="which tracks, counted from 1 (default: all)")
    begin.add_argument(
        "--length", type=int, default=None, metavar="BARS", help="how far to go on (default: 8)"
    )
    begin.add_argument("--amount", type=float, default=None, metavar="0..1", help="how much to vary")
    begin.add_argument(
        "--program", metavar="N|NAME", help="the instrument of the new track: a General MIDI number or name"
    )
    begin.add_argument("--role", choices=ROLES[1:], help="what the new track does")
    how = music.add_argument_group("how it should be")
    how.add_argument("--key", metavar="KEY", help="as in “D minor”; no note leaves it (but see --free)")
    how.add_argument(
        "--scale", metavar="NAME", help="one on the key's tonic, as in dorian, instead of the key"
    )
    how.add_argument(
        "--chords",
        metavar="TEXT",
        help="as in “Dm Gm A7 Dm”, a chord a bar, or “| Dm Gm | A7 |”; held as well",
    )
    how.add_argument("--tempo", type=float, default=None, metavar="N", help="quarters a minute")
    how.add_argument("--meter", metavar="3/4", help="beats and unit of a bar")
    how.add_argument("--hold-key", action="store_true", help="hold the key that the file names")
    how.add_argument("--hold-chords", action="store_true", help="hold the chords that the file names")
    how.add_argument(
        "--free", action="store_true", help="tell the model key and chords, but hold it to neither"
    )
    for kind, words in (
        ("density", "how many notes, 0 to 9"),
        ("polyphony", "how many voices, 0 to 5"),
        ("register", "how high, 0 to 7"),
        ("duration", "how long notes last, 0 to 5"),
    ):
        how.add_argument(f"--{kind}", type=int, default=None, metavar="LEVEL", help=words)
    how.add_argument("--adapter", action="append", default=[], metavar="PATH=WEIGHT")
    how.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="any other field of the job"
    )
    where = music.add_argument_group("where it goes")
    where.add_argument("--project", type=Path, metavar="DIR", help="record the takes in this project")
    where.add_argument(
        "--out", type=Path, metavar="DIR", help="write the piece with every take there as take-N.mid"
    )


def bars_of(text: str, allowed: tuple[int, int]) -> tuple[int, int]:
    """3-6 (or 3) as bars from 0. `allowed`: the first and the last there are, from 0. Raises UsageError."""
    first, sign, last = (part.strip() for part in text.replace("–", "-").partition("-"))
    last = last if sign else first
    low, high = allowed[0] + 1, allowed[1] + 1
    if not (first.isascii() and first.isdecimal() and last.isascii() and last.isdecimal()):
        raise UsageError(f"--bars {text} is not A-B, like 3-6; there are bars {low} to {high}.")
    if not low <= int(first) <= int(last) <= high:
        raise UsageError(f"--bars {text} is not among bars {low} to {high}, the first before the last.")
    return int(first) - 1, int(last) - 1


def tracks_of(text: str, names: tuple[str, ...]) -> tuple[int, ...]:
    """1,3 as indexes, in order. Raises UsageError that lists the tracks there are."""
    parts = [part.strip() for part in text.split(",")]
    there = ", ".join(f"{number} ({name})" for number, name in enumerate(names, 1)) or "none"
    wrong = [
        part for part in parts if not (part.isascii() and part.isdecimal() and 1 <= int(part) <= len(names))
    ]
    if wrong:
        raise UsageError(f"--tracks {text}: “{wrong[0]}” is not the number of a track. There are: {there}.")
    return tuple(sorted({int(part) - 1 for part in parts}))


def meter_of(text: str) -> tuple[int, int]:
    """3/4 as beats and unit. Raises UsageError."""
    found = re.fullmatch(r"\s*([0-9]{1,2})\s*/\s*([0-9]{1,2})\s*", text)
    if found is None:
        raise UsageError(f"--meter {text} is not BEATS/UNIT, like 3/4.")
    return int(found[1]), int(found[2])


def program_from(text: str) -> int:
    """A General MIDI program by its number, 0 to 127, or its name. Raises UsageError that names some."""
    from studio.media.music.instruments import PROGRAMS, program_of

    if re.fullmatch(r"[0-9]{1,3}", text.strip()) and int(text) < len(PROGRAMS):
        return int(text)
    number = program_of(text)
    if number is not None:
        return number
    wanted = text.casefold().strip()
    near = [name for name in PROGRAMS if wanted and wanted in name.casefold()][:6]
    some = near or [PROGRAMS[at] for at in (0, 24, 32, 40, 42, 73)]
    raise UsageError(
        f"--program {text} is neither a number from 0 to 127 nor an instrument's name, like {', '.join(some)}."
    )
