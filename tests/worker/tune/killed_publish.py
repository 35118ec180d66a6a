"""Run as a program: publishes a result, killed before its n-th touch of the disk, for every n; then goes on with it.

Prints how many deaths it survived, and what was wrong after any of them.
"""

import os
import signal
import sys
from pathlib import Path

from studio.catalog.catalog import Catalog
from studio.core.tune_run import RunFolder
from studio.worker.tune.publish import pending, publish
from tests.worker.tune.small_result import files_of, sealed_run, write_result

TOUCHES = (
    "open",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.remove",
    "os.link",
    "shutil.copyfile",
    "shutil.rmtree",
)


def published(run: RunFolder, out: Path, models: Path) -> None:
    publish(run, str(out), models, lambda *words: print("noted:", words))


def killed_at(touch: int, run: RunFolder, out: Path, models: Path, root: Path) -> bool:
    """Whether a process that publishes died before its n-th touch of anything below `root`."""
    child = os.fork()
    if child == 0:
        left = [touch]

        def hook(name: str, arguments: tuple[object, ...]) -> None:
            if name in TOUCHES and str(arguments[0]).startswith(str(root)):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        published(run, out, models)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def wrong(run: RunFolder, out: Path, models: Path, expected: dict[str, bytes]) -> str:
    """What is wrong with a published run."""
    if files_of(run.result) != expected:
        return "the run's result"
    if files_of(out) != expected:
        return "the copy"
    if [name.name for name in out.parent.iterdir()] != [out.name]:
        return f"left behind: {sorted(path.name for path in out.parent.iterdir())}"
    if Catalog(models).folders() != [out]:
        return f"the list: {Catalog(models).folders()}"
    return ""


def main(root: Path) -> None:
    expected = files_of(write_result(root / "expected"))
    touch, died = 0, True
    while died:
        place = root / f"at-{touch}"
        out, models = place / "adapters" / "mine", place / "models.json"
        run = sealed_run(place / "runs", out)
        died = killed_at(touch, run, out, models, place)
        if not pending(run):
            print(f"{touch}: not pending any more")
        published(run, out, models)
        if why := wrong(run, out, models, expected):
            print(f"{touch}: {why}")
        touch += 1
    print(f"survived {touch - 1}")


main(Path(sys.argv[1]))
