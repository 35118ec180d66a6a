"""What a worker does before anything else: environment, priority, its pipes, its bond to the window."""

import ctypes
import os
import signal
import sys
from collections.abc import MutableMapping
from typing import BinaryIO

from studio.worker.threads import planned_threads

_NICER = 5  # below the window, above nothing else
_PR_SET_PDEATHSIG = 1  # Linux prctl(2)


def settle_environment(environ: MutableMapping[str, str]) -> None:
    """Offline, quiet, and waiting threads that sleep. Must run before torch is imported."""
    environ["HF_HUB_OFFLINE"] = "1"
    environ["TRANSFORMERS_OFFLINE"] = "1"
    environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    environ["TOKENIZERS_PARALLELISM"] = "false"
    environ["OMP_WAIT_POLICY"] = "PASSIVE"
    environ["KMP_BLOCKTIME"] = "0"
    environ["OMP_NUM_THREADS"] = str(planned_threads(environ))


def lower_priority() -> None:
    """Let the window go first."""
    if hasattr(os, "nice"):
        os.nice(_NICER)
    else:
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends. The other belt is stdin's end."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def leave_interrupts_to_parent() -> None:
    """Ctrl+C in a terminal reaches the whole group; the program that started the worker says what it means."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """(commands in, events out). From here on a stray print goes to stderr and cannot garble the wire."""
    frames_out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    frames_in = os.fdopen(os.dup(0), "rb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return frames_in, frames_out
