"""What a request to a music model carries besides its bars: the held key, wishes, the new track, picked notes."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Final

from msgspec.structs import replace

from studio.core.piece_settings import KINDS, NEW_TRACK, PieceSettings, Role, TrackWish
from studio.core.pieces import NewTrack, Pick, PieceJob, Wish
from studio.media.music.asking import MAKES_TRACK, Aim
from studio.media.music.attributes import EDGES
from studio.media.music.edits_time import set_key
from studio.media.music.holds import fixed
from studio.media.music.instruments import comfortable, program_name
from studio.media.music.score import Note, Score
from studio.media.music.take_places import bar_span
from studio.media.music.theory import key_at, parse_key

ROLE_LEVELS: Final[Mapping[Role, Mapping[str, int]]] = {
    "": {},
    "melody": {"polyphony": 0, "register": 5},
    "counter": {"polyphony": 0, "register": 4},
    "chords": {"polyphony": 3, "register": 3},
    "bass": {"polyphony": 0, "register": 1},
    "pad": {"polyphony": 3, "register": 3, "duration": 5},
}
_FIRST_PROGRAM_NAME: Final = "Piano"


def prepared(score: Score, wanted: Aim, settings: PieceSettings) -> Score:
    """The score that is asked about: over the bars it has the key that shall be held, where that is a chosen one.

    Raises StudioError for what is no key.
    """
    if not (settings.hold_key and settings.key):
        return score
    start, end = bar_span(score, wanted.first_bar, wanted.last_bar)
    before, behind = key_at(score.keys, start), key_at(score.keys, end)
    inside = replace(score, keys=tuple(key for key in score.keys if not start <= key.tick < end))
    held = set_key(inside, parse_key(settings.key, start))
    back = behind or before
    return set_key(held, replace(back, tick=end)) if back is not None else held


def new_track(
    score: Score, wanted: Aim, settings: PieceSettings, taken: Iterable[str] = ()
) -> NewTrack | None:
    """The track a task adds; its id is none of the score's and none of `taken` (of tracks that only takes have)."""
    if wanted.task not in MAKES_TRACK:
        return None
    drums = wanted.task == "drums"
    program = 0 if drums else settings.program
    name = {"harmonise": "Harmony"}.get(wanted.task) or program_name(program, drums)
    if wanted.task == "add" and program == 0:
        name = _FIRST_PROGRAM_NAME
    ids = {*(track.id for track in score.tracks), *taken}
    track_id = next(one for at in range(1, len(ids) + 2) if (one := f"t{at}") not in ids)
    return NewTrack(
        id=track_id,
        name=_free_name(name, [track.name for track in score.tracks]),
        program=program,
        drums=drums,
    )


def _free_name(name: str, names: Iterable[str]) -> str:
    taken = {other.casefold() for other in names}
    number, free = 2, name
    while free.casefold() in taken:
        free, number = f"{name} {number}", number + 1
    return free


def wishes(score: Score, wanted: Aim, settings: PieceSettings, new: NewTrack | None) -> tuple[Wish, ...]:
    """How the notes of each written track shall be, on the whole and, if each bar shall be so, in each."""
    levels = {track: _levels(settings.wish(track)) for track in wanted.tracks if new is None}
    for track in levels:
        if score.track(track).drums:
            levels[track].pop("register", None)
    if new is not None:
        role: Role = settings.role or ("chords" if wanted.task == "harmonise" else "")
        usual = {} if new.drums else dict(ROLE_LEVELS[role])
        if "register" in usual:
            usual["register"] = _in_range(usual["register"], new.program)
        levels[new.id] = usual | _levels(settings.wish(NEW_TRACK))
        if new.drums:
            levels[new.id].pop("register", None)
    bars = (None, *range(wanted.first_bar, wanted.last_bar + 1)) if settings.each_bar else (None,)
    return tuple(Wish(track=track, bar=bar, **said) for track, said in levels.items() if said for bar in bars)


def _levels(wish: object) -> dict[str, int]:
    return {kind: level for kind in KINDS if (level := getattr(wish, kind)) is not None}


def _in_range(level: int, program: int) -> int:
    """The level of register nearest to this one that the instrument reaches with ease."""
    low, high = comfortable(program)
    edges = (0, *EDGES["register"], 128)
    middle = [(low + high) // 2]
    reached = [at for at in range(len(edges) - 1) if edges[at + 1] > low + 4 and edges[at] <= high - 4] or [
        next(at for at in range(len(edges) - 1) if edges[at] <= middle[0] < edges[at + 1])
    ]
    return min(reached, key=lambda at: abs(at - level))


def free_of(score: Score, notes: Mapping[str, Iterable[Note]]) -> dict[str, tuple[Note, ...]]:
    """Of these notes, by track, those that are there and may change."""
    tracks = {track.id: track for track in score.tracks if not track.locked}
    free = {}
    for track_id, some in notes.items():
        if track_id in tracks:
            there, stays = {*tracks[track_id].notes}, fixed(tracks[track_id])
            free[track_id] = tuple(note for note in some if note in there and not stays(note))
    return free


def picks_of(notes: Mapping[str, Iterable[Note]]) -> tuple[Pick, ...]:
    """These notes, by track, as a job names them."""
    return tuple(
        Pick(track=track, start=note.start, pitch=note.pitch)
        for track, some in notes.items()
        for note in some
    )


def picked_by(score: Score, author: str, share: float, seed: int) -> tuple[Pick, ...]:
    """A share of the notes that a take wrote and that may change, one at least: chance says which."""
    own = {
        track.id: [note for note in track.notes if note.author == author and not fixed(track)(note)]
        for track in score.tracks
        if not track.locked
    }
    all_picks = picks_of(own)
    if not all_picks:
        return ()
    number = max(1, round(len(all_picks) * share))
    chosen = sorted(Random(seed).sample(range(len(all_picks)), number))
    return tuple(all_picks[at] for at in chosen)


def settings_of(job: PieceJob, now: PieceSettings, *, seed: bool = True) -> PieceSettings:
    """The knobs a job was made with; what a job does not tell (how far to continue, the role) is as it stands now.

    A key that was chosen is known only as held: which one, the score tells.
    """
    told: dict[str, Any] = {
        name: getattr(job, name)
        for name in (
            "task",
            "amount",
            "hold_key",
            "scale",
            "hold_chords",
            "temperature",
            "top_p",
            "top_k",
            "takes",
        )
    }
    told["amount"] = job.amount or now.amount
    told["seed"] = job.seed if seed else None
    if job.new is not None:
        told["program"] = now.program if job.new.drums else job.new.program
    if job.task == "continue":
        told["bars"] = min(64, job.last_bar - job.first_bar + 1)
    told |= _wishes_back(job)
    out: PieceSettings = now.changed(**told)
    return out


def _wishes_back(job: PieceJob) -> dict[str, Any]:
    """Wishes as the knobs have them: those of the new track are said of it alone."""
    whole = [wish for wish in job.wishes if wish.bar is None]
    tracks = tuple(
        TrackWish(
            track=NEW_TRACK if job.new is not None and wish.track == job.new.id else wish.track,
            **{kind: getattr(wish, kind) for kind in KINDS},
        )
        for wish in whole
    )
    alike = {tuple(getattr(wish, kind) for kind in KINDS) for wish in tracks}
    every = job.new is None and len(alike) == 1 and len(tracks) == len(job.tracks)
    said = dict.fromkeys(KINDS) if not every else {kind: getattr(tracks[0], kind) for kind in KINDS}
    return {
        **said,
        "tracks": () if every else tracks,
        "each_bar": any(wish.bar is not None for wish in job.wishes),
    }
