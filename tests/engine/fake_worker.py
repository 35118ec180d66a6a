"""A worker that follows a script instead of a model: slow, deaf, crashing, garbled, silent."""

import os
import queue
import sys
import threading

from fake_music import compose  # beside this file
from fake_pictures import draw
from fake_weighing import weigh

from studio.core.events import (
    PROTOCOL,
    ActCheck,
    Beat,
    Cancel,
    Check,
    Checked,
    Checking,
    Command,
    Delta,
    Failed,
    Hello,
    JobEnd,
    Loading,
    Look,
    Quit,
    Ready,
    Run,
    Seen,
    Started,
    TakeEnd,
    Warm,
    Weigh,
)
from studio.core.pictures import ImageJob
from studio.core.pieces import PieceJob
from studio.core.takes import Made, Other, PartSeen, Token
from studio.core.wire import FrameReader, FrameWriter
from studio.media.frames import frame_sha256

WORDS = ["", "the", "fox", "ran", "into", "the", "wood", "and", "sang"][1:]


def main(mode: str) -> None:
    """Modes: good, slow, deaf, crash, garbage, half, silent, unborn, stubborn, unloadable, missing; of pictures
    besides many, short, loading, decoding."""
    if mode == "unborn":
        print("no such library", file=sys.stderr)
        sys.exit(3)
    writer = FrameWriter(sys.stdout.buffer)
    commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
    threading.Thread(target=read, args=(commands, mode), daemon=True).start()
    writer.write(Hello(protocol=PROTOCOL, pid=os.getpid()))
    if mode == "silent":
        threading.Event().wait()
    while True:
        try:
            command = commands.get(timeout=0.2)
        except queue.Empty:
            writer.write(Beat(rss_mib=1.0))
            continue
        match command:
            case None | Quit():
                if mode == "stubborn":
                    threading.Event().wait()
                return
            case Warm() if mode == "missing":
                writer.write(Failed(job="", what="There is no folder fake.", do="Choose another."))
            case Warm(model=model):
                writer.write(Loading(model=model, done=0.5))
                if mode == "unloadable":
                    writer.write(Failed(job="", what="model.safetensors is cut off.", do="Copy it again."))
                    continue
                writer.write(
                    Ready(
                        model=model,
                        family="fake",
                        parameters=1,
                        context_tokens=64,
                        fill_in=False,
                        device="cpu",
                        dtype="float32",
                        seconds=0.0,
                    )
                )
            case Run(job=ImageJob() as job):
                draw(mode, writer, commands, job, command.files)
            case Run(job=PieceJob() as job):
                compose(mode, writer, commands, job, command.files)
            case Run():
                play(mode, writer, commands, command)
            case Check():
                check(mode, writer, commands, command)
            case Look(job=job):
                writer.write(
                    Seen(
                        job=job.id,
                        parts=tuple(
                            PartSeen(kind=part.kind, id=part.id, title=part.title, tokens=1, why=part.why)
                            for part in job.parts
                        ),
                        prompt_tokens=1,
                        reused_tokens=0,
                        room_tokens=56,
                        context_tokens=64,
                    )
                )
            case Weigh():
                weigh(mode, writer, command)
            case Cancel():
                pass


def read(commands: "queue.SimpleQueue[Command | None]", mode: str) -> None:
    reader: FrameReader[Command] = FrameReader(sys.stdin.buffer, Command)
    while (command := reader.read()) is not None:
        commands.put(command)
    if mode in ("silent", "slow"):  # these look at nothing, but outlive nobody
        os._exit(0)
    commands.put(None)


def play(mode: str, writer: FrameWriter, commands: "queue.SimpleQueue[Command | None]", run: Run) -> None:
    job = run.job
    made = Made(
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
    writer.write(Started(job=job.id, made=made, seeds=tuple(job.seed + i for i in range(job.takes))))
    texts = [job.lead for _ in range(job.takes)]
    ends: list[list[int]] = [[len(job.lead)] if job.lead else [] for _ in range(job.takes)]
    status = "done"
    words = WORDS if job.act == "continue" else [job.act, *job.instruction.split(), *job.selection.split()]
    if job.lead:
        writer.write(Delta(job=job.id, pieces=tuple((i, job.lead) for i in range(job.takes)), step=0))
    for step, word in enumerate(words, 1):
        said = [
            f" {word}{index}" if job.act == "continue" or texts[index] else f"{word}{index}"
            for index in range(job.takes)
        ]
        for index in range(job.takes):
            texts[index] += said[index]
            ends[index].append(len(texts[index]))
        pieces = tuple(enumerate(said))
        writer.write(Delta(job=job.id, pieces=pieces, step=step))
        if step == 3 and mode == "crash":
            os._exit(9)
        if step == 3 and mode == "garbage":
            sys.stdout.buffer.write(b"Loading checkpoint shards: 100%\n" * 3)
            sys.stdout.buffer.flush()
        if step == 3 and mode == "half":
            sys.stdout.buffer.write(b"\x00\x00\x01\x00half")
            sys.stdout.buffer.flush()
            os._exit(0)
        if mode == "deaf" and step == 3:
            pause = threading.Event()
            while True:
                writer.write(Beat(rss_mib=1.0))
                pause.wait(0.05)  # a model that computes and does not look up
        if mode == "slow" and step == 3:
            while True:  # computes until it is told to stop
                if isinstance(commands.get(), Cancel):
                    status = "stopped"
                    break
        if status == "stopped":
            break
    for index, text in enumerate(texts):
        writer.write(
            TakeEnd(
                job=job.id,
                index=index,
                text=text,
                tokens=tokens_of(text, ends[index]),
                status=status,
                seconds=0.1,
            )
        )
    writer.write(JobEnd(job=job.id, status=status, seconds=0.1, tokens_per_s=100.0))


def check(
    mode: str, writer: FrameWriter, commands: "queue.SimpleQueue[Command | None]", check: Check
) -> None:
    """Every act passes; a slow one waits half-way until it is told to stop."""
    writer.write(Checking(id=check.id, done=0.5))
    acts = tuple(
        ActCheck(act=frame.act, passed=18, of=20, need=16, frame_sha256=frame_sha256(frame))
        for frame in check.frames
    )
    while mode == "slow" and not isinstance(commands.get(), Cancel):
        acts = ()
    writer.write(Checked(id=check.id, model=check.model, model_sha256="0" * 64, acts=acts))


def tokens_of(text: str, ends: list[int]) -> tuple[Token, ...]:
    """One token a word, each a little less likely than the one before; " hare" might have stood everywhere."""
    out: list[Token] = []
    for step, end in enumerate(ends, 1):
        said = Other(id=step, text=text[out[-1].end if out else 0 : end], logprob=-0.5 * step)
        others = (Other(id=900, text=" hare", logprob=-0.4), said)
        out.append(Token(id=step, end=end, logprob=-0.5 * step, rank=2, others=others))
    return tuple(out)


if __name__ == "__main__":
    main(sys.argv[1])
