"""The curves of an image training as other programs read them: TensorBoard's event files, W&B's offline ones."""

from importlib import import_module
from typing import Any

from tensorboardX import SummaryWriter

from studio.core.tune_events import Evaluated, RunEvent, Stepped
from studio.worker.tune.run import Run


class Charts:
    """Hears what a run tells and writes its figures down, from the step it goes on from. Close it."""

    def __init__(self, run: Run, from_step: int) -> None:
        """Curves beyond `from_step` are of a life that was broken off, and go."""
        self._board: Any = None
        self._offline: Any = None
        options = run.settings.run
        if options.tensorboard:
            purged = from_step + 1 if from_step else None
            self._board = SummaryWriter(str(run.folder.path / "tensorboard"), purge_step=purged)
        if options.wandb:
            self._offline = _wandb(run)

    def hear(self, event: RunEvent) -> None:
        """Write down a step's or a validation's figures."""
        match event:
            case Stepped():
                figures = {
                    "train/loss": event.train_loss,
                    "train/learning_rate": event.lr,
                    "train/grad_norm": event.grad_norm,
                    "train/pictures_a_second": event.rate,
                }
            case Evaluated():
                figures = {"eval/loss": event.val_loss}
            case _:
                return
        if self._board is not None:
            for name, value in figures.items():
                self._board.add_scalar(name, value, event.step)
        if self._offline is not None:
            self._offline.log(figures, step=event.step)

    def close(self) -> None:
        """Everything is on disk."""
        if self._board is not None:
            self._board.close()
        if self._offline is not None:
            self._offline.finish()


def _wandb(run: Run) -> Any:
    """A run of W&B that never leaves this computer; None, and told, where it is not installed."""
    try:
        wandb: Any = import_module("wandb")
    except ImportError:
        run.note(
            "Weights & Biases was asked for but is not installed; the training goes on without it.",
            do="Install it with: pip install atelier-studio[wandb]",
            code="no_wandb",
        )
        return None
    return wandb.init(mode="offline", dir=str(run.folder.path), project="atelier", name=run.folder.id)
