"""Starting a process that outlives the one that starts it: the runner of a fine-tuning."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

# The shell leaves at once, so that the process belongs to nobody here: it can be neither stalled nor left a zombie by
# whoever asked for it. It says the process's id.
_BEHIND: Final = 'log="$1"; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!'


def start_detached(command: Sequence[str], log: Path) -> int:
    """Start a command in a session of its own, its output appended to `log`; its process id. Raises OSError."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        return _start_on_windows(command, log)
    shell = subprocess.run(
        ("/bin/sh", "-c", _BEHIND, "sh", str(log), *command),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        env=_environment(),
        check=False,
    )
    if shell.returncode or not shell.stdout.strip().isdigit():
        raise OSError(f"the shell could not start it: {shell.stderr.decode('utf-8', 'replace').strip()}")
    return int(shell.stdout)


def _start_on_windows(command: Sequence[str], log: Path) -> int:
    flags = 0
    for name in ("CREATE_NO_WINDOW", "CREATE_NEW_PROCESS_GROUP", "CREATE_BREAKAWAY_FROM_JOB"):
        flags |= getattr(subprocess, name, 0)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            creationflags=flags,
            env=_environment(),
        )
    process.returncode = 0  # it is not ours to wait for; Popen would complain when it is forgotten
    return process.pid


def _environment() -> dict[str, str]:
    """This process's environment, less what slows imports down."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment
