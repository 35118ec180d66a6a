"""What a command says: one JSON object on stdout, words on stderr, an exit status."""

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from studio.core.errors import StoppedError, StudioError

OK, FAILED, USAGE, PARTLY, CANCELLED = 0, 1, 2, 3, 130


class UsageError(StudioError):
    """The command was called in a way that can't be meant."""

    def __init__(self, what: str) -> None:
        super().__init__(what, do="See “atelier --help”.", code="usage")


class Report(msgspec.Struct, kw_only=True):
    """A command's answer: what stands beside the envelope, and how it went."""

    body: dict[str, Any]
    status: int = OK
    device: dict[str, Any] | None = None
    error: StudioError | None = None


Command = Callable[[argparse.Namespace, Callable[[str], None]], Report]


def execute(options: argparse.Namespace, command: Command) -> int:
    """Run a command, print its envelope, answer its exit status."""
    started_s = time.monotonic()
    try:
        report = command(options, _quiet if options.json else _say)
    except KeyboardInterrupt:
        report = _failed(StoppedError("Cancelled."), CANCELLED)
    except UsageError as error:
        error.do = f"See “{_typed(options)} --help”."
        report = _failed(error, USAGE)
    except StudioError as error:
        if options.debug:
            traceback.print_exc()
        report = _failed(error, CANCELLED if error.code == "cancelled" else FAILED)
    except Exception as error:  # noqa: BLE001  told as a bug; the traceback only with --debug
        if options.debug:
            traceback.print_exc()
        what = f"Atelier made a mistake: {type(error).__name__}: {error}."
        report = _failed(StudioError(what, do="Run it again with --debug and report what it prints."), FAILED)
    _print(options, report, time.monotonic() - started_s)
    return report.status


def refuse(arguments: Sequence[str], reason: Exception) -> int:
    """Answer what is no command of ours."""
    lines = arguments[0] == "tune" and arguments[1:2] != ["inspect"]
    options = argparse.Namespace(command=arguments[0], json="--json" in arguments, lines=lines)
    error = UsageError(f"{reason}.")
    typed, colon, _ = str(reason).partition(": ")  # a parser's words begin with what it is called
    if colon and typed.startswith("atelier"):
        error.do = f"See “{typed} --help”."
    _print(options, _failed(error, USAGE), 0.0)
    return USAGE


def _typed(options: argparse.Namespace) -> str:
    """The command with its kind or action, whose --help lists what may be typed."""
    words = (options.command, getattr(options, "kind", ""), getattr(options, "action", ""))
    return " ".join(("atelier", *(word for word in words if word)))


def _failed(error: StudioError, status: int) -> Report:
    return Report(body={}, status=status, error=error)


def _print(options: argparse.Namespace, report: Report, seconds: float) -> None:
    error = report.error
    envelope = {
        "schema": 1,
        "command": options.command,
        "ok": report.status == OK,
        "error": error and {"code": error.code, "what": error.what, "kept": error.kept, "do": error.do},
        "seconds": round(seconds, 3),
        "device": report.device or {"kind": "cpu", "dtype": "", "threads": 0},
        **report.body,
    }
    if error is not None:
        _say(str(error))
    lines = getattr(
        options, "lines", False
    )  # of a command that says a line for each event, this is the last one
    if lines and "event" not in envelope:
        envelope |= {"event": "failed", "run": ""}
    one_line = options.json or lines
    text = json.dumps(msgspec.to_builtins(envelope), ensure_ascii=False, indent=None if one_line else 2)
    sys.stdout.buffer.write(text.encode("utf-8", "replace") + b"\n")
    sys.stdout.flush()


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _quiet(_text: str) -> None:
    return None
