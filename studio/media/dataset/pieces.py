"""A folder of MIDI files as training data: each is read and checked, its notes and bars counted, its doubles told."""

import hashlib
import posixpath
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Finding
from studio.core.tuning import TuneSettings
from studio.media.dataset.duplicates import Doubled, copies, spared
from studio.media.dataset.found import Document, Problem, Stopped, Tell
from studio.media.dataset.looked import Looked
from studio.media.dataset.motifs import motifs
from studio.media.dataset.sketches import Hashes, hashes_each, near_pairs
from studio.media.music.checks import FILE_MOST_BYTES
from studio.media.music.midi import read_midi
from studio.media.music.score import Score, seconds_at

SUFFIXES: Final = frozenset((".mid", ".midi", ".smf", ".kar", ".rmi"))
NOTATION: Final = frozenset((".musicxml", ".mxl", ".abc", ".mscz", ".mscx", ".krn", ".gp", ".gp5", ".gpx"))
NOTES_LEAST: Final = 16
BARS_PER_NOTE_MOST: Final = 4  # sparser pieces are silence: a note in four bars
SPARSE_BARS: Final = 64
LONG_S: Final = 3600
# of the runs of the shorter one; of 1,982 real pieces the same songs share 0.71 and more, others 0.54 at most
DOUBLED_LEAST: Final = 0.7
_TELL_EVERY: Final = 16
_COMPARING: Final = 0.95
_FINDINGS: Final[dict[str, Finding]] = {"too big": "large", "unsupported": "not_this_kind"}


class _Piece(Struct, frozen=True):
    document: Document
    motifs: Hashes


def look(folder: Path, files: Sequence[str], settings: TuneSettings, tell: Tell, stopped: Stopped) -> Looked:
    """Look through the MIDI files among `files` (names relative to `folder`, forward slashes).

    Raises StoppedError.
    """
    names = [name for name in files if _suffix(name) in SUFFIXES]
    looking = _Looking(folder, hashes_each(len(names)), stopped)
    for at, name in enumerate(names):
        looking.check()
        if at % _TELL_EVERY == 0:
            tell(_COMPARING * at / len(names), f"Reading piece {at + 1:,} of {len(names):,}…")
        looking.see(name)
    tell(_COMPARING, "Comparing the pieces…")
    documents = looking.without_doubles(settings.data.drop_duplicates)
    notation = sum(_suffix(name) in NOTATION for name in files)
    return Looked(
        documents=tuple(sorted(documents, key=lambda document: document.file)),
        problems=tuple(looking.problems),
        passed_over=len(files) - len(names),
        notes=looking.notes(notation),
    )


def bars_of(score: Score) -> int:
    """How many bars its notes reach into, counted without walking through them: a piece may claim millions."""
    end, total = score.end, 0
    for at, meter in enumerate(score.meters):
        until = min(end, score.meters[at + 1].tick) if at + 1 < len(score.meters) else end
        if until > meter.tick:
            total += -(-(until - meter.tick) // meter.bar_ticks)
    return total


def _suffix(name: str) -> str:
    return posixpath.splitext(name)[1].lower()


class _Looking:
    """One survey of pieces: what can be used, what is wrong, and what is worth a sentence at the end."""

    def __init__(self, folder: Path, hashes_most: int, stopped: Stopped) -> None:
        self.folder, self._hashes_most, self._stopped = folder, hashes_most, stopped
        self.problems: list[Problem] = []
        self._pieces: list[_Piece] = []
        self._only_drums = 0

    def check(self) -> None:
        if self._stopped():
            raise StoppedError("The pieces were not looked through to the end.", kept="Nothing was changed.")

    def see(self, name: str) -> None:
        """Read one file and keep what is needed of it, or tell why it cannot be used."""
        try:
            data = self._read(name)
            score = read_midi(data, name).score if data is not None else None
        except StudioError as error:
            self._problem(name, _finding(data or b"", error), _predicate(error, name))
            return
        if data is None or score is None:
            return
        bars = bars_of(score)
        if why := _unfit(score, bars):
            self._problem(name, *why)
        else:
            self._keep(name, data, score, bars)

    def _read(self, name: str) -> bytes | None:
        path = self.folder / name
        try:
            size = path.stat().st_size
            if size > FILE_MOST_BYTES:
                most = FILE_MOST_BYTES // 2**20
                self._problem(name, "large", f"has {size // 2**20:,} MiB, and {most} MiB can be read")
                return None
            if not size:
                self._problem(name, "empty", "is empty")
                return None
            return path.read_bytes()
        except OSError as error:
            finding: Finding = "denied" if isinstance(error, PermissionError) else "unreadable"
            self._problem(name, finding, f"could not be read: {error.strerror or error}")
            return None

    def _keep(self, name: str, data: bytes, score: Score, bars: int) -> None:
        lasts_s = seconds_at(score.tempos, score.end)
        if lasts_s > LONG_S:
            words = f"lasts {lasts_s / 3600:.1f} hours; it weighs much more than the others"
            self._problem(name, "large", words, left_out=False)
        sounding = [track for track in score.tracks if track.notes]
        self._only_drums += all(track.drums for track in sounding)
        document = Document(
            file=name,
            side="train",
            sha256=hashlib.sha256(data).hexdigest(),
            units=score.note_count,
            size_bytes=len(data),
            bars=bars,
            tracks=len(sounding),
            drums=any(track.drums for track in sounding),
        )
        self._pieces.append(_Piece(document, motifs(score)[: self._hashes_most].copy()))

    def without_doubles(self, drop: bool) -> list[Document]:
        """Told are pieces that are there twice, or of which most stands in a longer one, in whatever key or tempo.

        The longer one stays; the others are left out where the person wants that.
        """
        gone: set[int] = set()
        documents = [piece.document for piece in self._pieces]
        for double in copies([document.sha256 for document in documents]):
            self._double(double, "duplicate", "is the same file as", drop)
            gone.add(double.lesser)
        rest = [at for at in range(len(documents)) if at not in gone]
        lengths = [documents[at].units for at in rest]
        pairs = near_pairs([self._pieces[at].motifs for at in rest], lengths, DOUBLED_LEAST, self._stopped)
        self.check()
        near = (Doubled(rest[pair.lesser], rest[pair.greater], pair.share) for pair in pairs or ())
        for double in spared(near):
            share = "nearly all" if double.share > 0.95 else f"about {double.share:.0%}"
            words = f"is {share} in another file, in this key or another:"
            self._double(double, "near_duplicate", words, drop)
            gone.add(double.lesser)
        return [document for at, document in enumerate(documents) if at not in gone or not drop]

    def _double(self, double: Doubled, finding: Finding, words: str, drop: bool) -> None:
        file, other = (self._pieces[at].document.file for at in (double.lesser, double.greater))
        self.problems.append(
            Problem(file=file, finding=finding, words=f"{words} “{other}”", left_out=drop, other=other)
        )

    def notes(self, notation: int) -> tuple[str, ...]:
        """Sentences about the folder as a whole."""
        made = []
        if notation:
            made.append(
                f"Files of notation (MusicXML, ABC and the like) passed over: {notation:,}. Open them in the music pane"
                " and export them as MIDI to learn from them too."
            )
        if self._only_drums:
            made.append(
                f"Pieces with drums only: {self._only_drums:,}; rhythm can be learnt from them, no melody."
            )
        return tuple(made)

    def _problem(self, name: str, finding: Finding, words: str, left_out: bool = True) -> None:
        self.problems.append(Problem(file=name, finding=finding, words=words, left_out=left_out))


def _unfit(score: Score, bars: int) -> tuple[Finding, str] | None:
    notes = score.note_count
    if not notes:
        return "empty", "has no notes"
    if notes < NOTES_LEAST:
        return "small", f"has only {notes} notes; there have to be {NOTES_LEAST} at least"
    if bars > SPARSE_BARS and bars > BARS_PER_NOTE_MOST * notes:
        return "large", f"is nearly all silence: {notes:,} notes in {bars:,} bars"
    return None


def _finding(data: bytes, error: StudioError) -> Finding:
    if data[:4] not in (b"MThd", b"RIFF"):
        return "not_this_kind"
    if "cut off" in error.what or "ends after" in error.what:  # midi_scan's words
        return "truncated"
    return _FINDINGS.get(error.code, "unreadable")


def _predicate(error: StudioError, name: str) -> str:
    """An error's words without the name that they begin with."""
    return error.what.removeprefix(f"“{name}”").strip().rstrip(".")
