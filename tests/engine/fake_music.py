"""Music for the scripted worker: broken chords whose notes tell which take and which bar they came from."""

import os
import queue
import threading
from collections.abc import Mapping
from typing import Literal

from studio.core.events import Beat, Cancel, Command, Delta, Event, JobEnd, Started, TakeEnd
from studio.core.pieces import PieceJob
from studio.core.takes import Made, Token
from studio.core.wire import FrameWriter
from studio.media.music.carried import unpack
from studio.media.music.document_takes import notes_text
from studio.media.music.score import TICKS, Note, Score

CHORD = (0, 4, 7, 12)


def notes_of(score: Score, job: PieceJob, index: int, bar: int) -> list[tuple[str, Note]]:
    """What take `index` of a job says in a bar (from 0) of its tracks; "vary" moves its picks, or all, an octave up."""
    start, end = score.bars(at_least=bar + 1).span(bar, bar)
    tracks = (job.new.id,) if job.new is not None else job.tracks
    there = {track.id: [n for n in track.notes if start <= n.start < end] for track in score.tracks}
    if job.task == "vary":
        picks = {(pick.track, pick.start, pick.pitch) for pick in job.picks}
        return [
            (id_, Note(note.start, note.pitch + 12 * moved, note.duration, note.velocity))
            for id_ in tracks
            for note in there.get(id_, [])
            for moved in (not picks or (id_, note.start, note.pitch) in picks,)
        ]
    said = [
        (id_, Note(start + TICKS * beat, 60 + job.seed % 2 + CHORD[(beat + index) % 4], TICKS, 90 + index))
        for id_ in tracks
        for beat in range((end - start) // TICKS)
    ]
    kept = [(id_, note) for id_ in tracks for note in there.get(id_, [])] if job.task == "continue" else []
    return kept or said


def compose(
    mode: str,
    writer: FrameWriter,
    commands: "queue.SimpleQueue[Command | None]",
    job: PieceJob,
    files: Mapping[str, bytes],
) -> None:
    """Modes of the worker that matter here: good, slow (after a bar), deaf, crash (after a bar)."""
    _Composing(mode, writer, commands, job, unpack(files[job.score])).run()


class _Composing:
    def __init__(
        self,
        mode: str,
        writer: FrameWriter,
        commands: "queue.SimpleQueue[Command | None]",
        job: PieceJob,
        score: Score,
    ) -> None:
        self.mode, self.job, self.score = mode, job, score
        self._writer, self._commands = writer, commands
        self._texts = [""] * job.takes
        self._stopped = False

    def say(self, event: Event) -> None:
        self._writer.write(event)

    def run(self) -> None:
        job = self.job
        self.say(Started(job=job.id, made=_made(), seeds=tuple(job.seed + i for i in range(job.takes))))
        for step, bar in enumerate(range(job.first_bar, job.last_bar + 1), 1):
            if step == 2:
                self._computes()
            if self._stopped:
                break
            self._bar(bar, step)
        status: Literal["done", "stopped"] = "stopped" if self._stopped else "done"
        for index, text in enumerate(self._texts):
            tokens = tuple(
                Token(id=60, end=at + 1, logprob=-1.0) for at, sign in enumerate(text) if sign == "\n"
            )
            self.say(TakeEnd(job=job.id, index=index, text=text, tokens=tokens, status=status, seconds=0.1))
        self.say(JobEnd(job=job.id, status=status, seconds=0.1, tokens_per_s=100.0))

    def _bar(self, bar: int, step: int) -> None:
        pieces = []
        for index in range(self.job.takes):
            said = notes_of(self.score, self.job, index, bar)
            text = "".join(
                notes_text(id_, [note for track, note in said if track == id_])
                for id_ in dict.fromkeys(track for track, _ in said)
            )
            self._texts[index] += text
            pieces.append((index, text))
        self.say(Delta(job=self.job.id, pieces=tuple(pieces), step=step))

    def _computes(self) -> None:
        """What goes wrong after the first bar."""
        if self.mode == "crash":
            os._exit(9)
        if self.mode == "deaf":
            pause = threading.Event()
            while True:
                self.say(Beat(rss_mib=1.0))
                pause.wait(0.05)
        if self.mode == "slow":
            while not isinstance(self._commands.get(), Cancel):
                pass
            self._stopped = True


def _made() -> Made:
    return Made(
        model_sha256="0" * 64,
        family="fake",
        device="cpu",
        dtype="float32",
        threads=1,
        chunk_tokens=64,
        prompt_tokens=1,
        reused_tokens=0,
        computed_tokens=1,
    )
