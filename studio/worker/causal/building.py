"""Has the kernels compiled by a process of its own, while the worker has nothing else to do."""

import subprocess
import sys

from studio.worker.causal.compiled import kernels_file


class KernelBuilder:
    """Starts `python -m studio.worker kernels KIND`, one at a time, each kind once. It ends with the worker."""

    def __init__(self) -> None:
        self._tried: set[str] = set()
        self._child: subprocess.Popen[bytes] | None = None

    def want(self, kind: str) -> None:
        """See to it that these kernels will be there some time."""
        if not kind or kind in self._tried or self.busy:
            return
        self._tried.add(kind)
        file = kernels_file(kind)
        if file is None or file.is_file():
            return
        command = [sys.executable, "-m", "studio.worker", "kernels", kind]
        quiet = subprocess.DEVNULL
        self._child = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=None)

    @property
    def busy(self) -> bool:
        """A compilation is going on."""
        return self._child is not None and self._child.poll() is None

    def stop(self) -> None:
        """End what is going on; it begins anew with the next worker."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
