"""Pictures for the scripted worker: flat PNG files whose colour tells which take and which files they came from."""

import hashlib
import os
import queue
import struct
import threading
import zlib
from collections.abc import Mapping

from studio.core.events import (
    Beat,
    Cancel,
    Command,
    Event,
    Image,
    JobEnd,
    Loading,
    Preview,
    Small,
    Started,
    TakeEnd,
    Told,
)
from studio.core.pictures import ImageJob
from studio.core.takes import Drawn, Made
from studio.core.wire import FrameWriter

MANY = 400  # previews a step, of the mode "many"


def png(width: int, height: int, red: int, green: int, blue: int) -> bytes:
    """A picture of one colour."""
    line = b"\x00" + bytes((red, green, blue)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(line * height)), (b"IEND", b""))
    out = b"\x89PNG\r\n\x1a\n"
    for name, data in chunks:
        out += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return out


def colour(job: ImageJob, index: int, files: Mapping[str, bytes]) -> tuple[int, int, int]:
    """What take `index` of a job comes out as, with these files."""
    digest = hashlib.sha256(b"".join(files[name] for name in job.files)).digest()
    return (job.seed + index) % 256, job.steps, digest[0]


def draw(
    mode: str,
    writer: FrameWriter,
    commands: "queue.SimpleQueue[Command | None]",
    job: ImageJob,
    files: Mapping[str, bytes],
) -> None:
    """Modes of the worker that matter here: good, slow, deaf, crash, many, short, loading, decoding."""
    _Drawing(mode, writer, commands, job, files).run()


class _Drawing:
    def __init__(
        self,
        mode: str,
        writer: FrameWriter,
        commands: "queue.SimpleQueue[Command | None]",
        job: ImageJob,
        files: Mapping[str, bytes],
    ) -> None:
        self.mode, self.job, self.files = mode, job, files
        self._writer, self._commands = writer, commands
        self.batch = job.takes if mode != "short" else -(-job.takes // 2)

    def say(self, event: Event) -> None:
        self._writer.write(event)

    def run(self) -> None:
        job = self.job
        self.say(Loading(model=job.model, done=0.5, job=job.id))
        if self.mode == "loading":
            self._computes()
        if self.mode == "short":
            self.say(Told(job=job.id, what="Drawn two at a time: memory is short.", code="smaller_batch"))
        seeds = tuple(job.seed + i for i in range(job.takes))
        self.say(Started(job=job.id, made=self.made(()), seeds=seeds))
        status = "done"
        for first in range(0, job.takes, self.batch):
            takes = range(first, min(first + self.batch, job.takes))
            status = self.steps(takes)
            if self.mode == "decoding":
                self._computes()
            for index in takes:
                self.end(index, status)
            if status == "stopped":
                break
        self.say(JobEnd(job=job.id, status=status, seconds=0.1, tokens_per_s=100.0))

    def steps(self, takes: range) -> str:
        for step in range(1, self.job.steps + 1):
            smalls = tuple(Small(index=i, width=1, height=1, rgb=bytes((i, step, 0))) for i in takes)
            for _ in range(MANY if self.mode == "many" else 1):
                self.say(Preview(job=self.job.id, step=step, steps=self.job.steps, pictures=smalls))
            if step != 3:
                continue
            if self.mode == "crash":
                self.end(0, "done")
                os._exit(9)
            if self.mode == "deaf":
                self._computes()
            while self.mode == "slow":
                if isinstance(self._commands.get(), Cancel):
                    return "stopped"
        return "done"

    def end(self, index: int, status: str) -> None:
        """A stopped job shows its first take's last preview; the others have nothing to show."""
        job = self.job
        picture = png(job.width, job.height, *colour(job, index, self.files))
        image = Image(
            png=picture,
            width=job.width,
            height=job.height,
            thumb=png(8, 8, *colour(job, index, self.files)),
            preview=status == "stopped",
        )
        self.say(
            TakeEnd(
                job=job.id,
                index=index,
                image=image if status == "done" or index == 0 else None,
                made=self.made((self.batch,)),
                status=status,
                seconds=0.1,
            )
        )

    def made(self, batches: tuple[int, ...]) -> Made:
        drawn = Drawn(scheduler="FakeScheduler", batches=batches)
        return Made(
            model_sha256="0" * 64, family="fake", device="cpu", dtype="float32", threads=1, drawn=drawn
        )

    def _computes(self) -> None:
        """For ever, and does not look up."""
        pause = threading.Event()
        while True:
            self.say(Beat(rss_mib=1.0))
            pause.wait(0.05)
