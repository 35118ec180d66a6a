"""A child that trains and is killed as by `kill -9`: at a step, or while a checkpoint is being written.

python -m tests.worker.tune.killed_training RUN_DIR step N | saving N
"""

import os
import signal
import sys
from pathlib import Path

import torch

from studio.core.tune_events import RunEvent, Stepped
from studio.core.tune_run import RunFolder
from studio.media.dataset.found import kept
from studio.worker.tune import callbacks, causal, loop
from studio.worker.tune.run import Run


def main(folder: Path, when: str, step: int) -> None:
    """Train until the blow."""
    torch.set_num_threads(1)
    callbacks._TOLD_EVERY_S = 0.0
    run_folder = RunFolder(folder)
    seen = [0]

    def listen(event: RunEvent) -> None:
        if isinstance(event, Stepped):
            seen[0] = event.step
            if when == "step" and event.step == step:
                os.kill(os.getpid(), signal.SIGKILL)

    save = loop.save_file

    def cut_short(tensors: dict[str, torch.Tensor], file: Path) -> None:
        save(tensors, file)
        if when == "saving" and seen[0] == step and file.parent.name.startswith("checkpoint-"):
            os.truncate(file, 100)
            os.kill(os.getpid(), signal.SIGKILL)

    loop.save_file = cut_short
    causal.train_text(Run(run_folder, run_folder.settings(), kept(run_folder.data), (listen,)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
