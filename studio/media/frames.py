"""Acts' templates: files that say how an act is put to a model; the person's own copies go before ours."""

import hashlib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.jobs import ACTS, Act, Frame

NAMES = ("selection", "instruction", "before", "after")
_PLACE = re.compile(r"\{(selection|instruction|before|after)\}")
_MAX_BYTES = 100_000
_CHARS_A_TOKEN = 3.0  # fewer Latin letters than a token usually spans, so that an answer is not cut off
_SPARE_TOKENS = 24
_MOST_TOKENS = 2048
FIELDS = ("act", "title", "system", "user", "shots", "stops", "length")


class Frames(Struct, frozen=True, kw_only=True):
    """The templates in force, and what is wrong with files that could not be used."""

    frames: dict[Act, Frame]
    problems: tuple[StudioError, ...] = ()


def split_template(template: str) -> tuple[tuple[str, str], ...]:
    """A template's pieces in order: ("", literal) or (name, "").

    Only {selection}, {instruction}, {before} and {after} are places; any other brace is text.
    """
    pieces: list[tuple[str, str]] = []
    for number, piece in enumerate(_PLACE.split(template)):
        if number % 2:
            pieces.append((piece, ""))
        elif piece:
            pieces.append(("", piece))
    return tuple(pieces)


def fill(template: str, **values: str) -> str:
    """The template with its places filled, in one pass: a value that spells a place stays as it is."""
    return "".join(literal or values.get(name, "") for name, literal in split_template(template))


def load_frames(folders: Sequence[Path]) -> dict[Act, Frame]:
    """The templates of these folders, later ones before earlier; files that cannot be used are passed over."""
    return read_frames(folders).frames


def read_frames(folders: Sequence[Path]) -> Frames:
    """Like `load_frames`, and what is wrong with the files passed over: read anew at each call."""
    frames: dict[Act, Frame] = {}
    problems: list[StudioError] = []
    for folder in folders:
        for act in ACTS:
            file = folder / f"{act}.toml"
            if not file.is_file():
                continue
            try:
                frames[act] = read_frame(file, act)
            except StudioError as error:
                problems.append(error)
    return Frames(frames=frames, problems=tuple(problems))


def read_frame(file: Path, act: Act) -> Frame:
    """One template file. Raises StudioError naming the file, the line or the field."""
    text = _text(file)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        last = text.count("\n") + 1
        raise _damaged(file, str(error)[:200].replace("end of document", f"the end, line {last}")) from error
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        line = _line_of(text, unknown[0])
        raise _damaged(file, f"line {line} has “{unknown[0]}”, which is no field of a template")
    values.setdefault("act", act)
    try:
        frame = msgspec.convert(values, Frame)
    except msgspec.ValidationError as error:
        field = re.search(r"\$\.(\w+)", str(error))
        name = field[1] if field else str(error).partition(":")[0]
        raise _damaged(file, f"line {_line_of(text, name)}, field “{name}”: {error}") from error
    why, name = _wrong(frame, act)
    if why:
        raise _damaged(file, f"line {_line_of(text, name)}, field “{name}”: {why}")
    return frame


def _wrong(frame: Frame, act: Act) -> tuple[str, str]:
    """(what is wrong with a template, in which field); nothing wrong: ("", "")."""
    if frame.act != act:
        return f"this file is for “{act}”, not “{frame.act}”", "act"
    if not 0.0 <= frame.length[0] < frame.length[1]:
        return "the least length must be under the most", "length"
    if not frame.user.strip() and not frame.shots.strip():
        return "neither “user” nor “shots” says anything", "user"
    for name, text in (("user", frame.user), ("shots", frame.shots)):
        if text.strip() and "{selection}" not in text:
            return "{selection} is missing, so the model would not see the passage", name
    if frame.shots.strip() and not [stop for stop in frame.stops if stop]:
        return "worked examples need a stop, or the answer would not end", "stops"
    if any(not stop for stop in frame.stops):
        return "a stop must not be empty", "stops"
    return "", ""


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise _damaged(file, f"it is larger than {_MAX_BYTES:,} bytes")
        return file.read_text("utf-8")
    except OSError as error:
        raise _damaged(file, f"{error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise _damaged(file, "it is not UTF-8 text") from error


def _line_of(text: str, field: str) -> int:
    """The line on which a field is set, counting from 1; 1 when it is not."""
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(rf"\s*\[*\"?{re.escape(field)}\b", line):
            return number
    return 1


def _damaged(file: Path, why: str) -> StudioError:
    return StudioError(
        f"The template {file.name} in {file.parent} cannot be used: {why}.",
        kept="The built-in template is used instead.",
        do="Mend the file, or delete it to go back to the built-in one.",
        code="damaged_frame",
    )


def copy_for_editing(act: Act, source: Path, folder: Path) -> Path:
    """The person's own copy of a template, made from ours when there is none yet. Raises StudioError."""
    target = folder / f"{act}.toml"
    if target.exists():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as stream:
            stream.write((source / f"{act}.toml").read_text("utf-8"))
    except OSError as error:
        raise StudioError(
            f"{target} could not be written: {error.strerror or error}.",
            kept="The built-in template stays in use.",
            do="Check that the folder may be written.",
            code="unwritable",
        ) from error
    return target


def frame_sha256(frame: Frame) -> str:
    """What tells one version of a template from another, lower-case hex."""
    return hashlib.sha256(msgspec.msgpack.encode(frame)).hexdigest()


def answer_tokens(frame: Frame, selection: str) -> int:
    """How many tokens an honest answer to this selection may need: what a job for the act should ask for."""
    tokens = sum(1 / _CHARS_A_TOKEN if char < "\u0370" else 1.0 for char in selection)
    longest = min(frame.length[1], 8.0) * max(tokens, 24.0)
    return min(_MOST_TOKENS, round(longest) + _SPARE_TOKENS)
