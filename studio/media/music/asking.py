"""What a task means for a piece right now, and why it cannot be asked: all that is known before anything is queued."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Final

from studio.core.piece_settings import PieceSettings
from studio.core.pieces import TASKS, Task
from studio.media.music.asking_aim import MAKES_TRACK as MAKES_TRACK
from studio.media.music.asking_aim import Aim as Aim
from studio.media.music.asking_aim import Choice as Choice
from studio.media.music.asking_aim import Ends as Ends
from studio.media.music.asking_aim import aim as aim
from studio.media.music.asking_aim import span_of
from studio.media.music.asking_words import TIPS as TIPS
from studio.media.music.asking_words import TITLES as TITLES
from studio.media.music.asking_words import bars_words as bars_words
from studio.media.music.asking_words import names as names
from studio.media.music.asking_words import tail as tail
from studio.media.music.asking_words import words as words
from studio.media.music.holds import covers, fixed
from studio.media.music.score import Bars, Note, Score, Track
from studio.media.music.theory import key_at

TRACKS_MOST: Final = 16  # that a model writes at once
_START: Final = attrgetter("start")


def reasons(score: Score, choice: Choice, bars: int, ends: Ends | None = None) -> dict[Task, str]:
    """Of every task why it cannot be asked now; "" when it can."""
    ends = ends or Ends()
    return {task: why_not(score, aim(score, task, choice, bars, ends), ends) for task in TASKS}


def why_not(score: Score, wanted: Aim, ends: Ends | None = None) -> str:
    """Why this cannot be asked of the piece as it stands; "" when it can."""
    ends = ends or Ends()
    start, end = span_of(score, wanted.first_bar, wanted.last_bar)
    tracks = [score.track(track) for track in wanted.tracks]
    if wanted.task == "harmonise":
        return _no_melody(tracks, wanted, start, end)
    if wanted.task in MAKES_TRACK:
        return ""
    where = f"{bars_words(wanted)} of {names(score, wanted.tracks)}"
    if all(track.locked for track in tracks):
        return f"{names(score, wanted.tracks)} may not change: unlock the track, or choose another one."
    if len(tracks) > TRACKS_MOST:
        return f"No more than {TRACKS_MOST} tracks are written at once: choose fewer."
    if wanted.task == "continue" and all(ends.before(track, end) >= end for track in tracks):
        return f"{_sentence(where)} are full: infill them, or choose other bars."
    if not any(_has_free_bar(track, score, wanted, ends) for track in tracks):
        return f"{_sentence(where)} may not change: unlock them, or choose others."
    if wanted.task == "vary" and not any(_free_note(track, start, end) for track in tracks):
        locked = any(_inside(track, start, end) for track in tracks)
        return f"There are no {'free ' if locked else ''}notes to vary in {where}."
    return ""


def _no_melody(tracks: Sequence[Track], wanted: Aim, start: int, end: int) -> str:
    pitched = [track for track in tracks if not track.drums]
    if not pitched:
        return "Drums have no melody to harmonise: choose another track."
    if not any(_inside(track, start, end) for track in pitched):
        return f"No melody in {bars_words(wanted)}: write one, or choose its track."
    return ""


def _has_free_bar(track: Track, score: Score, wanted: Aim, ends: Ends) -> bool:
    """Whether a bar may be written that is not locked; when continuing: behind the last note."""
    if track.locked or not track.held:
        return not track.locked
    bars = Bars.of(score.meters, 0, wanted.last_bar + 1).starts[wanted.first_bar : wanted.last_bar + 2]
    taken = ends.before(track, bars[-1]) if wanted.task == "continue" else 0
    return any(end > taken and not covers(track, start, end) for start, end in pairwise(bars))


def _inside(track: Track, start: int, end: int) -> tuple[Note, ...]:
    """The notes that start between two ticks."""
    notes = track.notes
    low = bisect_left(notes, start, key=_START)
    return notes[low : bisect_left(notes, end, low, key=_START)]


def _free_note(track: Track, start: int, end: int) -> bool:
    """Whether a note there may change."""
    stays = fixed(track)
    return not track.locked and any(not stays(note) for note in _inside(track, start, end))


def unheld(score: Score, wanted: Aim, settings: PieceSettings) -> str:
    """Why the key or the chords cannot be held in these bars; "" when they can, or need not."""
    start, end = span_of(score, wanted.first_bar, wanted.last_bar)
    if settings.hold_key and not settings.key and key_at(score.keys, start) is None:
        return f"The piece has no key at bar {wanted.first_bar + 1}: choose one in the key menu."
    if settings.hold_chords and not any(
        chord.tick < end and chord.tick + chord.duration > start for chord in score.chords
    ):
        return f"No chords over {bars_words(wanted)}: lay some, or switch “Chords” off."
    return ""


def writes_drums(score: Score, wanted: Aim) -> bool:
    """Whether it writes for a drum kit."""
    if wanted.task in MAKES_TRACK:
        return wanted.task == "drums"
    return any(score.track(track).drums for track in wanted.tracks)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
