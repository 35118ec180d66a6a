"""A worker that follows a script instead of a model: slow, deaf, crashing, garbled, silent."""

import os
import queue
import sys
import threading

from studio.core.events import (
    PROTOCOL,
    Beat,
    Cancel,
    Command,
    Delta,
    Failed,
    Hello,
    JobEnd,
    Loading,
    Quit,
    Ready,
    Run,
    Started,
    TakeEnd,
    Warm,
)
from studio.core.takes import Made, Token
from studio.core.wire import FrameReader, FrameWriter

WORDS = ["", "the", "fox", "ran", "into", "the", "wood", "and", "sang"][1:]


def main(mode: str) -> None:
    """Modes: good, slow, deaf, crash, garbage, half, silent, unborn, stubborn, unloadable."""
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
            case Run():
                play(mode, writer, commands, command)
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
    texts = ["" for _ in range(job.takes)]
    status = "done"
    for step, word in enumerate(WORDS, 1):
        for index in range(job.takes):
            texts[index] += f" {word}{index}"
        pieces = tuple((i, f" {word}{i}") for i in range(job.takes))
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
                tokens=(Token(id=1, end=len(text), logprob=-1.0),),
                status=status,
                seconds=0.1,
            )
        )
    writer.write(JobEnd(job=job.id, status=status, seconds=0.1, tokens_per_s=100.0))


if __name__ == "__main__":
    main(sys.argv[1])
