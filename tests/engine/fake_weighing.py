"""The fake worker's surprise: half a nat for each semitone that a note is off middle C; drums it cannot see."""

from studio.core.events import Failed, Weigh, Weighed, Weight
from studio.core.wire import FrameWriter
from studio.media.music.carried import unpack

NATS_A_SEMITONE = 0.5


def weigh(mode: str, writer: FrameWriter, asked: Weigh) -> None:
    """Answer at once; mode "unweighed" fails."""
    if mode == "unweighed":
        writer.write(Failed(job=asked.id, what="The model cannot be read.", do="Choose another."))
        return
    found = {
        track.id: tuple(
            Weight(note.start, note.pitch, abs(note.pitch - 60) * NATS_A_SEMITONE) for note in track.notes
        )
        for track in unpack(asked.score).tracks
        if track.notes and not track.drums and (not asked.tracks or track.id in asked.tracks)
    }
    writer.write(Weighed(id=asked.id, model=asked.model, tracks=found))
