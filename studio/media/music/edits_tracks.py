"""Adding, removing, ordering and setting tracks."""

from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.media.music.instruments import program_name
from studio.media.music.score import Score, Track


def fresh_id(score: Score) -> str:
    """An id no track has: "t1", "t2" …"""
    taken = {track.id for track in score.tracks}
    return next(name for at in range(1, len(taken) + 2) if (name := f"t{at}") not in taken)


def add_track(
    score: Score, program: int = 0, drums: bool = False, name: str = "", at: int | None = None
) -> tuple[Score, Track]:
    """An empty track at a place among the others (None: last), named after its instrument when no name is given."""
    track = Track(id=fresh_id(score), name=name or program_name(program, drums), program=program, drums=drums)
    place = len(score.tracks) if at is None else min(max(0, at), len(score.tracks))
    tracks = (*score.tracks[:place], track, *score.tracks[place:])
    return replace(score, tracks=tracks), track


def duplicate_track(score: Score, track_id: str) -> tuple[Score, Track]:
    """A copy of a track right behind it; its notes keep their authors, notes and bars are free. Raises KeyError."""
    track = score.track(track_id)
    notes = tuple(replace(note, locked=False) if note.locked else note for note in track.notes)
    copy = replace(track, id=fresh_id(score), notes=notes, solo=False, locked=False, held=())
    place = score.tracks.index(track) + 1
    return replace(score, tracks=(*score.tracks[:place], copy, *score.tracks[place:])), copy


def remove_track(score: Score, track_id: str) -> Score:
    """Without a track. Raises StudioError when it, a note or a bar of it is locked, KeyError when there is none."""
    track = score.track(track_id)
    if track.locked or track.held or any(note.locked for note in track.notes):
        what = "bars" if track.held else "notes"
        raise StudioError(
            f"The track “{track.name or program_name(track.program, track.drums)}” is locked or holds locked {what}.",
            kept="It was not removed.",
            do="Unlock it first.",
            code="locked",
        )
    return replace(score, tracks=tuple(other for other in score.tracks if other.id != track_id))


def reorder_track(score: Score, track_id: str, to: int) -> Score:
    """With a track at another place among the others. Raises KeyError."""
    track = score.track(track_id)
    others = [other for other in score.tracks if other.id != track_id]
    others.insert(min(max(0, to), len(others)), track)
    return replace(score, tracks=tuple(others))


def set_track(
    score: Score,
    track_id: str,
    *,
    name: str | None = None,
    program: int | None = None,
    drums: bool | None = None,
    volume: int | None = None,
    pan: float | None = None,
    mute: bool | None = None,
    solo: bool | None = None,
    locked: bool | None = None,
) -> Score:
    """Sets what is given of a track, brought into bounds; a lock holds its notes, not its name, sound or loudness.

    A track that is named after its instrument is named after the new one. Raises KeyError.
    """
    track = score.track(track_id)
    new_program = track.program if program is None else min(max(0, program), 127)
    new_drums = track.drums if drums is None else drums
    if name is None:
        by_sound = track.name == program_name(track.program, track.drums)
        name = program_name(new_program, new_drums) if by_sound else track.name
    return score.with_track(
        replace(
            track,
            name=" ".join(name.split()),
            program=new_program,
            drums=new_drums,
            volume=track.volume if volume is None else min(max(0, volume), 127),
            pan=track.pan if pan is None else min(max(-1.0, pan), 1.0),
            mute=track.mute if mute is None else mute,
            solo=track.solo if solo is None else solo,
            locked=track.locked if locked is None else locked,
        )
    )
