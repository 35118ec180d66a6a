"""Tells how a batch goes on: steps, and now and then what its takes look like, at next to no cost."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from studio.core.events import Event, Preview, Small
from studio.worker.image.png import Pixels
from studio.worker.image.preview import Eye
from studio.worker.image.schedulers import predicted_original

Send = Callable[[Event], None]
Framed = Callable[
    [int, Pixels], Pixels
]  # a take's place in the batch and a preview of what is drawn: of the whole
_STEP_S, _PICTURE_S = 0.04, 0.1  # at most this often
_SHARE = 1 / 60  # of the time may go into previews


class Reporter:
    """Follows the steps of one batch. `indices` are its takes; `eye` None sends steps only."""

    def __init__(
        self,
        job: str,
        indices: Sequence[int],
        eye: Eye | None,
        unpack: Callable[[Tensor], Tensor],
        send: Send,
    ) -> None:
        self._job, self._indices, self._eye, self._send = job, tuple(indices), eye, send
        self._unpack = unpack
        self._framed: Framed = lambda _row, drawn: drawn
        self.done, self.steps = 0, 0
        self._told_s = self._shown_s = float("-inf")
        self._pause_s = 0.0
        self._latest: tuple[Any, Tensor, Any, Tensor] | None = None
        self._coming: tuple[int, Tensor, Any] | None = (
            None  # step, latents on their way to the processor, event
        )

    def begin(self, steps: int, framed: Framed) -> None:
        """The takes need `steps` steps in all; `framed` shows what is drawn in its place."""
        self.steps, self._framed = steps, framed

    def step(self, scheduler: Any, output: Tensor, timestep: Any, sample: Tensor) -> None:
        """A step was done."""
        self.done += 1
        self._latest = (scheduler, output, timestep, sample)
        now = time.perf_counter()
        if (
            self._coming is None
            and self._eye is not None
            and now - self._shown_s >= max(_PICTURE_S, self._pause_s)
        ):
            self._shown_s = now
            self._coming = self._sent_off(predicted_original(scheduler, output, timestep, sample))
        if self._coming is not None and (self._coming[2] is None or self._coming[2].query()):
            self._tell(self._pictures(self._coming[1]))
            self._coming = None
            self._pause_s = (time.perf_counter() - now) / _SHARE
        elif now - self._told_s >= _STEP_S:
            self._tell(())

    def last(self) -> list[Pixels]:
        """What the takes of the batch looked like after the last step, as the pipeline draws them; [] before any."""
        if self._latest is None or self._eye is None:
            return []
        return self._eye(self._unpack(predicted_original(*self._latest)).float().cpu())

    def forget(self) -> None:
        """Begin another drawing of the same batch."""
        self._latest = self._coming = None

    def _sent_off(self, latents: Tensor) -> tuple[int, Tensor, Any]:
        """Latents on their way to the processor: the device need not be waited for."""
        own = self._unpack(latents)
        if own.device.type != "cuda":
            return self.done, own.float(), None
        here = own.float().to("cpu", non_blocking=True)
        event = torch.cuda.Event()
        event.record()
        return self.done, here, event

    def _pictures(self, latents: Tensor) -> tuple[Small, ...]:
        assert self._eye is not None
        shown = [self._framed(row, drawn) for row, drawn in enumerate(self._eye(latents))]
        return tuple(
            Small(index=index, width=pixels.shape[1], height=pixels.shape[0], rgb=pixels[..., :3].tobytes())
            for index, pixels in zip(self._indices, shown, strict=True)
        )

    def _tell(self, pictures: tuple[Small, ...]) -> None:
        self._told_s = time.perf_counter()
        steps = max(self.steps, self.done)
        self._send(Preview(job=self._job, step=self.done, steps=steps, pictures=pictures))
