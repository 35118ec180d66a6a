"""Music files read for the window, on another thread; how what was read stands in a piece."""

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.files import told

if TYPE_CHECKING:
    from studio.media.music.score import Score

KEPT = "The project is as it was."
TITLE_MOST = 120  # characters


class ReadPiece(Struct, frozen=True, kw_only=True):
    """What a file says: its title, its score, and what had to be changed on the way (sentences)."""

    title: str
    score: "Score"
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """ "4 tracks, 1,203 notes"."""
        tracks, notes = len(self.score.tracks), self.score.note_count
        return f"{tracks:,} track{'s' * (tracks != 1)}, {notes:,} note{'s' * (notes != 1)}"


def read_piece(path: Path) -> ReadPiece:
    """Read a MIDI, MusicXML or ABC file, in seconds when it is notation.

    A piece is called after its file: the names in MIDI files are seldom titles. Raises StudioError: "damaged",
    "unsupported", "too big", "slow", "empty", "read_only", "io".
    """
    from studio.media.music.checks import FILE_MOST_BYTES
    from studio.media.music.exchange import MIDI_SUFFIXES, read_music

    with told(f"read {path}", kept=KEPT):
        size_bytes = path.stat().st_size
        data = path.read_bytes() if size_bytes <= FILE_MOST_BYTES else b""
    if size_bytes > FILE_MOST_BYTES:
        raise StudioError(
            f"“{path.name}” has {size_bytes / 2**20:,.0f} MiB, and {FILE_MOST_BYTES // 2**20} can be read.",
            kept=KEPT,
            do="Choose a smaller file, or split it in the program it came from.",
            code="too big",
        )
    read = read_music(data, path.name)
    if not read.score.tracks:
        raise StudioError(
            f"There is no music in “{path.name}”: it has no tracks.",
            kept=KEPT,
            do="Choose another file.",
            code="empty",
        )
    own = "" if path.suffix.lower() in MIDI_SUFFIXES else " ".join(read.title.split())[:TITLE_MOST]
    return ReadPiece(title=own or path.stem, score=read.score, notes=read.notes)


def joined(score: "Score", other: "Score") -> tuple["Score", tuple[str, ...]]:
    """The score with the tracks of another behind its own, and what could not come along.

    Tempo, metre, keys and chords stay those of the score: its bars are where they were.
    """
    from studio.media.music.checks import checked
    from studio.media.music.edits_tracks import fresh_id

    was = score
    for track in other.tracks:
        score = score.with_track(replace(track, id=fresh_id(score)))
    left = [
        words
        for words, ours, theirs in (
            ("tempo", was.tempos, other.tempos),
            ("metre", was.meters, other.meters),
            ("key", was.keys, other.keys),
            ("chords", was.chords, other.chords),
        )
        if theirs and ours != theirs
    ]
    stay = f"This piece keeps its own {_listed(left)}." if left else ""
    return checked(score), (stay,) if stay else ()


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
