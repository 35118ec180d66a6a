"""A worker that is looked into and checked by a script: good, slow, deaf, crashing, without a model."""

import os
import queue
import sys
import threading

from fake_worker import play, read  # beside this file

from studio.core.events import (
    PROTOCOL,
    ActCheck,
    Beat,
    Cancel,
    Check,
    Checked,
    Checking,
    Command,
    Failed,
    Hello,
    Look,
    Quit,
    Run,
    Seen,
    Weigh,
    Weighed,
    Weight,
)
from studio.core.jobs import TextJob
from studio.core.takes import PartSeen
from studio.core.wire import FrameWriter

Commands = queue.SimpleQueue[Command | None]


def main(mode: str) -> None:
    """Modes: good, slow, deaf, crash, unborn, unloadable."""
    if mode == "unborn":
        sys.exit(3)
    writer = FrameWriter(sys.stdout.buffer)
    commands: Commands = queue.SimpleQueue()
    threading.Thread(target=read, args=(commands, "good"), daemon=True).start()
    writer.write(Hello(protocol=PROTOCOL, pid=os.getpid()))
    while True:
        try:
            command = commands.get(timeout=0.2)
        except queue.Empty:
            writer.write(Beat(rss_mib=1.0))
            continue
        match command:
            case None | Quit():
                return
            case Run():
                play("good", writer, commands, command)
            case Look(job=job):
                look(mode, writer, job)
            case Check():
                try_acts(mode, writer, commands, command)
            case Weigh():
                weigh(mode, writer, commands, command)


def look(mode: str, writer: FrameWriter, job: TextJob) -> None:
    """The text alone, or no model."""
    if mode == "unloadable":
        writer.write(Failed(job=job.id, what="There is no such model.", code="missing_model"))
        return
    part = PartSeen(kind="text", tokens=1, chars=len(job.prompt))
    writer.write(
        Seen(job=job.id, parts=(part,), prompt_tokens=1, reused_tokens=0, room_tokens=9, context_tokens=64)
    )


def weigh(mode: str, writer: FrameWriter, commands: Commands, asked: Weigh) -> None:
    """One note a track; a slow one answers the latest request when the next job comes, a deaf one never."""
    if mode == "unloadable":
        writer.write(Failed(job=asked.id, what="There is no such model.", code="missing_model"))
        return
    if mode == "crash":
        os._exit(9)
    while mode in ("slow", "deaf"):
        command = commands.get()
        if command is None or isinstance(command, Quit):
            os._exit(0)
        if isinstance(command, Weigh):
            asked = command
        if mode == "slow" and isinstance(command, Run):
            play("good", writer, commands, command)
            break
    found = {track: (Weight(0, 60, 2.5),) for track in asked.tracks}
    writer.write(Weighed(id=asked.id, model=asked.model, tracks=found))


def try_acts(mode: str, writer: FrameWriter, commands: Commands, check: Check) -> None:
    """Two steps; a slow one goes on until it is told to stop, a deaf one does not hear that."""
    writer.write(Checking(id=check.id, done=0.0))
    if mode == "unloadable":
        writer.write(Failed(job=check.id, what="There is no such model.", code="missing_model"))
        return
    if mode == "crash":
        os._exit(9)
    while mode in ("slow", "deaf"):
        command = commands.get()
        if command is None or isinstance(command, Quit):
            os._exit(0)
        if isinstance(command, Run):
            play("good", writer, commands, command)
        if mode == "slow" and isinstance(command, Cancel) and command.job == check.id:
            break
    found = (ActCheck(act="continue", passed=20, of=20, need=14),)
    writer.write(Checking(id=check.id, done=1.0))
    acts = () if mode == "slow" else found
    writer.write(Checked(id=check.id, model=check.model, model_sha256="0" * 64, acts=acts))


if __name__ == "__main__":
    main(sys.argv[1])
