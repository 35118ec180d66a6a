"""How much each note of a piece surprises the model: window after window, broken off whenever a job comes."""

from collections.abc import Callable

import torch
from torch import Tensor

from studio.core.errors import StoppedError
from studio.core.events import Weigh, Weighed
from studio.media.music.carried import unpack
from studio.media.music.vocabulary import SAMPLED
from studio.media.music.weighing import Found, Passage, passages, weights
from studio.worker.causal.model import CausalModel
from studio.worker.music.runner import MusicRunner

CHUNK_TOKENS = 256  # between two looks whether a job has come
Stopped = Callable[[], bool]
GetRunner = Callable[[Stopped], MusicRunner]


class Weighing:
    """One request under way. `step` reads the next window."""

    def __init__(self, weigh: Weigh, runner: GetRunner) -> None:
        """`runner` gives the model each time anew: a job in between may have put it off the shelf."""
        self.weigh = weigh
        self._runner = runner
        self._score = unpack(weigh.score)
        self._windows: list[Passage] | None = None  # still to be read, the last one first
        self._found: Found = {}

    def step(self, stopped: Stopped) -> bool:
        """Read one more window; False when all are read. A window that is broken off is read again next time.

        Raises StudioError when the model cannot be loaded, StoppedError when it was stopped.
        """
        runner = self._runner(stopped)
        if self._windows is None:
            self._windows = self._laid_out(runner)
        if self._windows:
            with torch.inference_mode():
                self._found |= self._windows[-1].found(
                    token_nll(runner.model, self._windows[-1].ids, stopped)
                )
            self._windows.pop()
        return bool(self._windows)

    def result(self) -> Weighed:
        """What was found."""
        weigh = self.weigh
        return Weighed(id=weigh.id, model=weigh.model, tracks=weights(self._score, weigh.tracks, self._found))

    def _laid_out(self, runner: MusicRunner) -> list[Passage]:
        weigh = self.weigh
        found = passages(
            self._score,
            weigh.tracks,
            weigh.first_bar,
            weigh.last_bar,
            context=runner.model.context_tokens,
            drums=runner.drums,
        )
        return list(found)[::-1]


def token_nll(model: CausalModel, ids: list[int], stopped: Stopped) -> list[float]:
    """Nats of each token, among those that can be sampled; 0 for those that never are, and for the first.

    Raises StoppedError.
    """
    cache, nll = model.empty(), torch.zeros(len(ids))
    row = torch.tensor(ids)
    for start in range(0, len(ids) - 1, CHUNK_TOKENS):
        if stopped():
            raise StoppedError()
        stop = min(start + CHUNK_TOKENS, len(ids) - 1)  # nothing follows the last one
        logits: Tensor = model.extend_all(cache, ids[start:stop]).cpu()[:, :SAMPLED]
        wanted = row[start + 1 : stop + 1]
        nats = -torch.log_softmax(logits.float(), -1).gather(1, wanted.clamp(max=SAMPLED - 1)[:, None])[:, 0]
        nll[start + 1 : stop + 1] = nats.where(wanted < SAMPLED, 0.0)
    return nll.tolist()
