"""Takes of music, and pieces they were asked for."""

from typing import Any

from studio.core.pieces import PieceJob
from studio.core.takes import Recipe, Take, TakeStatus
from studio.media.music.document_takes import notes_text
from studio.media.music.score import TICKS, Key, Note, Score, Track

BAR = 4 * TICKS


def piece(bars: int = 4) -> Score:
    """A tune in quarters and a bass in whole notes, in D minor."""
    tune = [Note(TICKS * at, 62 + (0, 2, 3, 5)[at % 4], TICKS) for at in range(4 * bars)]
    bass = [Note(BAR * at, 38, BAR) for at in range(bars)]
    tracks = (Track(id="t1", name="Piano").with_notes(tune), Track(id="t2", name="Bass").with_notes(bass))
    return Score(tracks=tracks, keys=(Key(0, 2, "minor"),))


def piece_job(**more: Any) -> PieceJob:
    """Bars 2 and 3 of the tune."""
    plain: dict[str, Any] = {
        "id": "job",
        "score": "s",
        "first_bar": 1,
        "last_bar": 2,
        "tracks": ("t1",),
        "task": "infill",
    }
    return PieceJob(**plain | {"model": "/models/sketch", "seed": 5} | more)


def said(*pitches: int, track: str = "t1", start: int = BAR, velocity: int = 90) -> str:
    """Quarters from bar 2 on."""
    notes = [Note(start + TICKS * at, pitch, TICKS, velocity) for at, pitch in enumerate(pitches)]
    return notes_text(track, notes)


def piece_take(
    id_: str = "a",
    status: TakeStatus = "done",
    text: str | None = None,
    job: PieceJob | None = None,
    **more: Any,
) -> Take:
    """A take of four notes."""
    job = job or piece_job()
    return Take(
        id=id_,
        job=job.id,
        work="w",
        parent=more.pop("parent", ""),
        index=more.pop("index", 0),
        seed=job.seed,
        status=status,
        recipe=Recipe(job=job, index=0),
        created_ms=1,
        text=said(62, 65, 69, 74) if text is None else text,
        **more,
    )
