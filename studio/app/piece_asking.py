"""A request to the music model as it stood when it was made, packed off the window's thread."""

from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.piece_settings import PieceSettings
from studio.core.pieces import NewTrack, Pick, PieceJob
from studio.core.takes import Take
from studio.media.music.asking import MAKES_TRACK, Aim, Choice, aim
from studio.media.music.asking_job import picked_by, prepared, wishes
from studio.media.music.carried import pack
from studio.media.music.document_takes import with_take
from studio.media.music.score import Score
from studio.media.music.take_places import written_tracks
from studio.project.assets import name_of

EXTENSION: Final = "score"
NEAR: Final = 0.3  # how many of a take's notes are written anew for more like it


class Ask(Struct, frozen=True, kw_only=True):
    """What is asked of which score; `bound` are the fields of the job that belong to the work and the moment."""

    score: Score
    aim: Aim
    settings: PieceSettings
    new: NewTrack | None = None
    picks: tuple[Pick, ...] = ()
    bound: dict[str, Any] = {}


class Packed(Struct, frozen=True, kw_only=True):
    """A job and the file of its score."""

    job: PieceJob
    data: bytes


def notes_most(cells: int) -> int:
    """How many notes a take of so many bars of single tracks may hold: far more than any music has."""
    return min(16_384, max(2048, 64 * cells))


def job_of(ask: Ask, score_name: str) -> PieceJob:
    """The job of an ask; its `bound` names id and seed. Raises msgspec.ValidationError for what does not agree."""
    wanted, settings = ask.aim, ask.settings
    tracks = wanted.tracks if wanted.task not in MAKES_TRACK or wanted.task == "harmonise" else ()
    told: dict[str, Any] = {
        "task": wanted.task,
        "score": score_name,
        "first_bar": wanted.first_bar,
        "last_bar": wanted.last_bar,
        "tracks": tracks,
        "new": ask.new,
        "amount": settings.amount,
        "picks": ask.picks,
        "wishes": wishes(ask.score, wanted, settings, ask.new),
        "hold_key": settings.hold_key,
        "scale": settings.scale if settings.hold_key else "",
        "hold_chords": settings.hold_chords,
        "takes": settings.takes,
        "notes": notes_most((wanted.last_bar - wanted.first_bar + 1) * max(1, len(tracks))),
        "temperature": settings.temperature,
        "top_p": settings.top_p,
        "top_k": settings.top_k,
    }
    return PieceJob(**(told | ask.bound))


def asked(ask: Ask) -> Packed:
    """The job of an ask, its score with the key that shall be held. Runs on another thread.

    Raises StudioError for what is no key, msgspec.ValidationError for knobs that do not agree.
    """
    data = pack(prepared(ask.score, ask.aim, ask.settings))
    return Packed(job=job_of(ask, name_of(data, EXTENSION)), data=data)


def near(base: Score, take: Take, **bound: Any) -> Packed:
    """The job that writes some of a take's own notes anew; `base` is the score the take was asked for.

    `bound` names id, seed and takes. Runs on another thread. Raises StudioError when there is no such note.
    """
    job = take.recipe.composing
    score = with_take(base, job, take.id, take.text)
    picks = picked_by(score, take.id, NEAR, bound["seed"])
    if not picks:
        raise StudioError(
            "This take wrote no note that could be varied.",
            kept="The piece and its takes are as they were.",
            do="Choose another take, or propose anew.",
        )
    data, tracks = pack(score), written_tracks(job)
    varied = {"task": "vary", "tracks": tracks, "picks": picks, "amount": NEAR, "from_take": take.id}
    near_job: PieceJob = job.changed(score=name_of(data, EXTENSION), **(varied | bound))
    return Packed(job=near_job, data=data)


def onward(base: Score, take: Take, settings: PieceSettings, bound: dict[str, Any]) -> Packed:
    """The job that goes on behind a take, as the knobs say; its takes hold the notes of that take as well.

    `bound` names id, seed and model. Runs on another thread. Raises as `asked` does.
    """
    job = take.recipe.composing
    score = with_take(base, job, take.id, take.text)
    tracks = tuple(track.id for track in score.tracks if track.id in written_tracks(job))
    if not tracks:
        raise StudioError(
            "This take wrote no notes to go on from.",
            kept="The piece and its takes are as they were.",
            do="Choose another take.",
        )
    behind = aim(score, "continue", Choice(tracks=tracks), settings.bars)
    wanted = replace(behind, first_bar=min(job.first_bar, behind.first_bar), tracks=tracks)
    of_take = {"work": job.work, "parent": take.parent, "from_take": take.id, "new": job.new}
    return asked(
        Ask(score=score, aim=wanted, settings=settings.changed(task="continue"), bound=of_take | bound)
    )
