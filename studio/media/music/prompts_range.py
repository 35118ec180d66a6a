"""What of a score a music job writes anew, and what of it stays."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from random import Random

from msgspec import Struct

from studio.core.errors import StudioError
from studio.core.pieces import PieceJob, Task
from studio.media.music.holds import covers, fixed
from studio.media.music.score import Note, Score, Track


class Asked(Struct, frozen=True, kw_only=True):
    """A job looked at beside its score, from one bar on.

    `targets` are the tracks that are written, `stripped` the score without the notes that are replaced (with the new
    track, if it adds one). `open_from`: the tick from which a track is written, where that is not the bars' start.
    """

    score: Score
    stripped: Score
    first_bar: int
    last_bar: int
    targets: tuple[str, ...]
    replaced: dict[str, tuple[Note, ...]]
    kept: dict[str, tuple[Note, ...]]
    open_from: dict[str, int]
    new: Track | None

    def writes(self, task: Task, track_id: str, start: int, end: int) -> bool:
        """Whether anything is written in a bar of a track, by the bar's ticks: behind the last note when continuing,
        where notes go when varying, never in locked bars."""
        if covers(self.score.track(track_id), start, end):
            return False
        if task == "vary":
            return any(start <= note.start < end for note in self.replaced[track_id])
        return end > self.open_from.get(track_id, 0)


def asked(score: Score, job: PieceJob, from_bar: int) -> Asked:
    """What the job writes from a bar on. Raises StudioError when that is nothing."""
    new = None
    if job.new is not None:
        new = Track(id=job.new.id, name=job.new.name, program=job.new.program, drums=job.new.drums)
        if all(track.id != new.id for track in score.tracks):
            score = score.with_track(new)
    targets = _targets(score, job)
    start, end = score.bars(job.last_bar + 1).span(from_bar, job.last_bar)
    picked = _picked(score, job, targets, start) if job.picks else _drawn(score, job, targets, (start, end))
    replaced, kept, open_from, stripped = {}, {}, {}, score
    for track_id in targets:
        track = score.track(track_id)
        inside = [note for note in track.notes if start <= note.start < end]
        if job.task == "continue":
            open_from[track_id] = max((note.end for note in track.notes if note.start < end), default=0)
        locked = fixed(track)
        stays = {note for note in inside if locked(note) or _stays(note, job, picked[track_id])}
        kept[track_id] = tuple(note for note in inside if note in stays and not locked(note))
        replaced[track_id] = tuple(note for note in inside if note not in stays)
        gone = set(replaced[track_id])
        stripped = stripped.with_track(track.with_notes(note for note in track.notes if note not in gone))
    if open_from and all(tick >= end for tick in open_from.values()):
        raise _nothing(
            "The notes of these tracks go on to the end of the chosen bars: nothing is left to continue.",
            "Choose bars that reach further, or infill these.",
        )
    if from_bar == job.first_bar:
        _refuse_held(score, job, open_from, targets)
    if job.task == "vary" and not job.picks and from_bar == job.first_bar and not any(replaced.values()):
        raise _nothing("So little variation changes no note here.", "Vary more, or choose more bars.")
    return Asked(
        score=score,
        first_bar=from_bar,
        last_bar=job.last_bar,
        stripped=stripped,
        targets=targets,
        replaced=replaced,
        kept=kept,
        open_from=open_from,
        new=new,
    )


def writes_drums(score: Score, job: PieceJob) -> bool:
    """Whether a job writes for a drum kit."""
    if job.new is not None:
        return job.new.drums or job.task == "drums"
    return any(track.drums and not track.locked for track in score.tracks if track.id in job.tracks)


def _targets(score: Score, job: PieceJob) -> tuple[str, ...]:
    """The tracks to write that are there and not locked, in the score's order."""
    wanted = {job.new.id} if job.new is not None else set(job.tracks)
    found = [track for track in score.tracks if track.id in wanted]
    if len(found) < len(wanted):
        raise StudioError(
            "A track this was asked for is no longer in the piece.",
            kept="The piece is as it was.",
            do="Choose the tracks again.",
            code="music_no_track",
        )
    targets = tuple(track.id for track in found if not track.locked)
    if not targets:
        raise StudioError(
            "All the chosen tracks are locked: there is nothing to write.",
            kept="The piece is as it was.",
            do="Unlock a track, or choose another.",
            code="music_locked",
        )
    return targets


def _refuse_held(score: Score, job: PieceJob, open_from: Mapping[str, int], targets: Sequence[str]) -> None:
    """Raises StudioError when locked bars leave no bar to write."""
    starts = score.bars(job.last_bar + 1).starts[job.first_bar : job.last_bar + 2]
    free = (
        end > open_from.get(track_id, 0) and not covers(score.track(track_id), start, end)
        for track_id in targets
        for start, end in pairwise(starts)
    )
    if not any(free):
        raise StudioError(
            "All the bars this would write are locked.",
            kept="The piece is as it was.",
            do="Unlock bars, or choose others.",
            code="music_locked",
        )


def _picked(score: Score, job: PieceJob, targets: Sequence[str], start: int) -> dict[str, set[Note]]:
    """The notes that the job picks from tick `start` on, by track; those before it were written by an earlier pass.

    Raises StudioError for one that is locked or not there.
    """
    first, end = score.bars(job.last_bar + 1).span(job.first_bar, job.last_bar)
    picked: dict[str, set[Note]] = {track_id: set() for track_id in targets}
    for pick in job.picks:
        notes = score.track(pick.track).notes if pick.track in job.tracks else ()
        place = next((note for note in notes if (note.start, note.pitch) == (pick.start, pick.pitch)), None)
        if first <= pick.start < start:
            continue
        if place is None or not first <= pick.start < end:
            raise _not_picked("is not in these bars any more", "Choose the notes again.", "music_no_pick")
        if pick.track not in picked or fixed(score.track(pick.track))(place):
            raise _not_picked("is locked", "Unlock it, or leave it out.", "music_pick_locked")
        picked[pick.track].add(place)
    return picked


def _drawn(
    score: Score, job: PieceJob, targets: Sequence[str], span: tuple[int, int]
) -> dict[str, set[Note]]:
    """The notes that a job varies by its amount between these ticks, by track: the seed's choice, note by note, so that
    a later pass of the same job chooses alike. Where the choice falls on none, the first pass takes the next best.
    """
    drawn: dict[str, set[Note]] = {track_id: set() for track_id in targets}
    if job.task != "vary" or not job.amount:
        return drawn
    lots = []
    for track_id in targets:
        locked = fixed(score.track(track_id))
        for note in score.track(track_id).notes:
            if span[0] <= note.start < span[1] and not locked(note):
                lots.append((_lot(job, track_id, note), track_id, note))
    taken = [lot for lot in lots if lot[0] < job.amount]
    if not taken and lots and span[0] == score.bars(job.last_bar + 1).span(job.first_bar, job.last_bar)[0]:
        taken = [min(lots, key=itemgetter(0))]
    for _, track_id, note in taken:
        drawn[track_id].add(note)
    return drawn


def _lot(job: PieceJob, track_id: str, note: Note) -> float:
    return Random(f"{job.seed} {track_id} {note.start} {note.pitch} {note.duration}").random()


def _stays(note: Note, job: PieceJob, picked: Collection[Note]) -> bool:
    """Whether a note in the range is left as it is: locked, already there when continuing, or not to be varied."""
    if note.locked or job.task == "continue":
        return True
    return job.task == "vary" and note not in picked


def _not_picked(why: str, do: str, code: str) -> StudioError:
    return StudioError(
        f"A note that was to be written anew {why}.", kept="The piece is as it was.", do=do, code=code
    )


def _nothing(what: str, do: str) -> StudioError:
    return StudioError(what, kept="The piece is as it was.", do=do, code="music_nothing")
