"""What a take of music says (notes as lines, by track) and how its notes take their place in a score."""

from collections.abc import Iterable

from msgspec.structs import replace

from studio.core.pieces import PieceJob
from studio.media.music.checks import checked
from studio.media.music.document_lines import NOTE_LINES, note_columns, note_line
from studio.media.music.holds import fixed, held_at, stop_of
from studio.media.music.score import Note, Score, Track


def notes_text(track_id: str, notes: Iterable[Note]) -> str:
    """What a take says about one track; texts of several tracks are joined as they are."""
    return f"track {track_id}\n" + "".join(map(note_line, notes))


def notes_from(text: str) -> dict[str, tuple[Note, ...]]:
    """The notes a take says, sorted, by the tracks it names.

    Of a text that is still growing, its whole lines; what is no note's line is passed over.
    """
    found: dict[str, list[Note]] = {}
    whole = text[: text.rfind("\n") + 1]
    for section in ("\n" + whole).split("\ntrack ")[1:]:
        track_id, _, block = section.partition("\n")
        if block and not block.endswith("\n"):
            block += "\n"
        if not NOTE_LINES.fullmatch(block):
            block = "".join(line for line in block.splitlines(keepends=True) if NOTE_LINES.fullmatch(line))
        notes = found.setdefault(track_id.strip(), [])
        notes += map(Note, *note_columns(block))
    return {track_id: tuple(sorted(notes)) for track_id, notes in found.items()}


def take_span(score: Score, job: PieceJob) -> tuple[int, int]:
    """The ticks of the bars a job is about."""
    return score.bars(at_least=job.last_bar + 1).span(job.first_bar, job.last_bar)


def with_take(score: Score, job: PieceJob, take_id: str, text: str) -> Score:
    """The score with a take's notes in place of those that start in the job's bars of its tracks.

    Locked notes, bars and tracks stay, and nothing comes into locked bars; what hangs in from before stays too. A note
    that the take says again as it was keeps its author, the others are the take's. `job.new` comes as the last track
    when it is not there yet. What the take says outside these bars and tracks is passed over. Raises StudioError when
    it says what no note can be.
    """
    said = notes_from(text)
    start, end = take_span(score, job)
    new = job.new
    for track_id in dict.fromkeys(((new.id,) if new else ()) + ((job.tracks) if not new else ())):
        track = next((track for track in score.tracks if track.id == track_id), None)
        if track is None and new is not None and track_id in said:
            track = Track(id=new.id, name=new.name, program=new.program, drums=new.drums)
        if track is not None and not track.locked:
            score = score.with_track(_placed(track, said.get(track_id, ()), take_id, start, end))
    return checked(score)


def _placed(track: Track, said: tuple[Note, ...], take_id: str, start: int, end: int) -> Track:
    stays = fixed(track)
    stay = [note for note in track.notes if stays(note) or not start <= note.start < end]
    was = {
        (note.start, note.pitch, note.duration, note.velocity): note.author
        for note in track.notes
        if start <= note.start < end
    }
    taken = {(note.start, note.pitch) for note in stay}
    come = [
        replace(
            note,
            duration=duration,
            author=was.get((note.start, note.pitch, duration, note.velocity), take_id),
        )
        for note in said
        if start <= note.start < end and (note.start, note.pitch) not in taken
        if held_at(track, note.start) is None
        for duration in (stop_of(track, note.start, note.end) - note.start,)
    ]
    return track.with_notes([*stay, *come])
