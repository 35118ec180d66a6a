"""Scores of other programs: MusicXML in and out, ABC in, by music21 in a child process.

Importing music21 takes two seconds and its reading one or two milliseconds a note, all of it under the interpreter's
lock: the window would stand. The child has bounds of time and memory; what goes through the pipes is text.
"""

import os
import subprocess
import sys
from pathlib import PurePath
from typing import Final, Literal

import msgspec
from msgspec import Struct

from studio.core.errors import StudioError
from studio.media.music.document import from_text, to_text
from studio.media.music.exchange_guard import abc_text, musicxml_text, refuse
from studio.media.music.midi import Read, Written, read_midi
from studio.media.music.score import Score

SECONDS_MOST: Final = 240.0
MIDI_SUFFIXES: Final = (".mid", ".midi", ".kar", ".rmi", ".smf")
XML_SUFFIXES: Final = (".musicxml", ".mxl", ".xml")
ABC_SUFFIXES: Final = (".abc",)
SUFFIXES: Final = MIDI_SUFFIXES + XML_SUFFIXES + ABC_SUFFIXES
_CHILD: Final = (sys.executable, "-m", "studio.media.music.exchange_child")
Kind = Literal["musicxml", "abc", "write"]


class Asked(Struct, frozen=True, kw_only=True):
    """What the child is to do: read `text` of a kind, or write the document `text` as MusicXML."""

    kind: Kind
    text: str
    title: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """What it did: a document or XML, what had to be changed, the title; or why it could not."""

    text: str = ""
    notes: tuple[str, ...] = ()
    title: str = ""
    error: str = ""


def read_music(data: bytes, name: str, seconds_most: float = SECONDS_MOST) -> Read:
    """The score of a file of any kind Atelier reads; `name` is the file's, its ending tells the kind with the content.

    Raises StudioError: "damaged", "unsupported", "too big", "slow".
    """
    suffix = PurePath(name).suffix.lower()
    if data[:4] in (b"MThd", b"RIFF") or suffix in MIDI_SUFFIXES:
        return read_midi(data, name)
    if suffix in ABC_SUFFIXES:
        text, tunes = abc_text(data, name)
        read = _read(Asked(kind="abc", text=text), name, seconds_most)
        if tunes > 1:
            note = f"The file holds {tunes:,} tunes; the first was read."
            read = msgspec.structs.replace(read, notes=(note, *read.notes))
        return read
    if suffix not in XML_SUFFIXES and data.lstrip()[:1] != b"<" and data[:4] != b"PK\x03\x04":
        refuse(name, "it is none of MIDI, MusicXML and ABC", "unsupported")
    return _read(Asked(kind="musicxml", text=musicxml_text(data, name)), name, seconds_most)


def write_musicxml(score: Score, title: str = "", seconds_most: float = SECONDS_MOST) -> Written:
    """The score as MusicXML 4.0 (uncompressed, UTF-8), and what the page cannot show as it is.

    Raises StudioError when it takes longer than `seconds_most` (about 2 ms a note).
    """
    answer = _ask(Asked(kind="write", text=to_text(score), title=title), title or "The piece", seconds_most)
    if answer.error:
        raise StudioError(
            f"This piece cannot be written as MusicXML: {answer.error}.",
            kept="Nothing was written.",
            do="Export it as MIDI, which every notation program reads.",
            code="failed",
        )
    return Written(data=answer.text.encode(), notes=answer.notes)


def _read(asked: Asked, name: str, seconds_most: float) -> Read:
    answer = _ask(asked, name, seconds_most)
    if answer.error:
        refuse(name, answer.error)
    return Read(score=from_text(answer.text), notes=answer.notes, title=answer.title)


def _ask(asked: Asked, name: str, seconds_most: float) -> Answer:
    try:
        done = subprocess.run(
            _CHILD,
            input=msgspec.json.encode(asked),
            capture_output=True,
            timeout=seconds_most,
            check=False,
            env=_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired:
        refuse(name, f"after {seconds_most:.0f} seconds it was not done and was stopped", "slow")
    try:
        return msgspec.json.decode(done.stdout, type=Answer)
    except msgspec.DecodeError:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
        refuse(name, f"the reader gave up ({words or f'code {done.returncode}'})")


def _environment() -> dict[str, str]:
    """Ours, in UTF-8, one thread, and this package where the child looks for it."""
    root = str(PurePath(__file__).parents[3])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    return os.environ | {
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "agg",
        "PYTHONPATH": os.pathsep.join(paths),
    }
