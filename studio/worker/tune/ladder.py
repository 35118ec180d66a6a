"""What is tried, in order, when memory runs out while training: less at once, then less remembered, then the end."""

from studio.core.errors import StudioError


class Ladder:
    """How much is computed at once. The effective batch stays: smaller parts are summed up before a step is made."""

    def __init__(self, micro_batch: int, *, checkpointing: bool = False, can_checkpoint: bool = True) -> None:
        """`checkpointing`: activations are computed again already; `can_checkpoint`: the model and method allow it."""
        self.micro_batch = max(1, micro_batch)
        self.checkpointing = checkpointing
        self._can_checkpoint = can_checkpoint

    def step_down(self) -> str:
        """The next rung; what the person is told of it. Raises StudioError ("no_memory") when there is none."""
        if self.micro_batch > 1:
            self.micro_batch = (self.micro_batch + 1) // 2
            return (
                f"Memory was short: the training goes on with {self.micro_batch} at once, in more parts. "
                "The effective batch is the same."
            )
        if self._can_checkpoint and not self.checkpointing:
            self.checkpointing = True
            return (
                "Memory was short: what the layers computed is computed again on the way back (gradient "
                "checkpointing), which takes about a third more time."
            )
        raise StudioError(
            "The memory does not suffice to train this model in this way.",
            kept="The checkpoints before it are kept.",
            do="Choose shorter rows (window) or smaller pictures, a smaller rank or a smaller model, or close "
            "other programs.",
            code="no_memory",
        )
