"""Runs the steps in the person's order and draws one token a row."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from studio.core.sampling import Sampling, Step
from studio.worker.text.sampling import filters
from studio.worker.text.sampling.dry import Dry
from studio.worker.text.sampling.few import FEW, shortlist
from studio.worker.text.sampling.marks import Marks
from studio.worker.text.sampling.penalties import Biases, penalise
from studio.worker.text.sampling.plan import is_on, plan
from studio.worker.text.sampling.quick import QUICK_K, Quick
from studio.worker.text.sampling.seeds import stream, uniforms

Change = Callable[[Tensor], Tensor]


class Sampler:
    """Draws one token a row and remembers what the steps must look back on.

    All rows stand at the same place. `rewind` goes back to an earlier one; a row that draws anew there needs
    `renew`, the others are given the tokens they had by `forced`.
    """

    def __init__(
        self,
        sampling: Sampling,
        *,
        seeds: Sequence[int],
        tokens: int,
        before: Sequence[int],
        never: Iterable[int],
        vocab: int,
        device: str = "cpu",
        marks: Marks | None = None,
        quick: bool = False,
    ) -> None:
        """`before` are the tokens read so far, `never` the ids that may not be drawn.

        `quick`: draw with numpy where these knobs allow it (`device` must be a processor then).
        """
        marks = marks or Marks()
        self.sampling = sampling
        self._free = (False,) * len(seeds)
        self.stuck: tuple[bool, ...] = self._free
        self._device, self._tokens, self._place = device, tokens, 0
        self._random = uniforms(seeds, tokens).to(device)
        self._again = [stream(seed, "again") for seed in seeds]
        banned = [number for number in never if number < vocab]
        self._never = torch.tensor(banned, dtype=torch.int64, device=device)
        self._biases = Biases(marks.biases, vocab, device)
        self._spared = torch.tensor(sorted(marks.spared), dtype=torch.int64, device=device)
        self._plan = plan(sampling)
        self._changes = [self._change(step) for step in self._plan.steps]
        if self._plan.xtc:
            self._coins = uniforms([stream(seed, "xtc").initial_seed() for seed in seeds], tokens).to(device)
        if sampling.mirostat:
            self._limits = torch.full((tokens + 1, len(seeds)), 2.0 * sampling.mirostat_tau, device=device)
        self._remember(list(before), len(seeds))
        self._dry: Dry | None = None
        if "dry" in self._plan.steps:
            self._dry = Dry(sampling, marks.breakers, vocab, device)
            self._dry.start(self._so_far(), tokens)
        self._quick = self._make_quick(banned) if quick else None

    def _make_quick(self, banned: list[int]) -> Quick | None:
        """The quick way, where it knows all the steps."""
        s = self.sampling
        end = self._plan.ending
        usual = set(self._plan.steps) <= {"penalties", "temperature"} and not (s.mirostat or s.dynamic_range)
        few = end.top_p < 1.0 or end.min_p > 0.0 or 0 < end.top_k <= QUICK_K or not s.temperature
        if not (usual and few) or self._biases.any or end.typical_p < 1.0:
            return None
        if s.presence_penalty or s.frequency_penalty:
            return None
        self._lately, self._randoms = self._history.numpy(), self._random.numpy()  # the same memory
        never = np.array(banned, dtype=np.int64)
        penalty = s.repetition_penalty if "penalties" in self._plan.steps else 1.0
        return Quick(self._plan.ending, penalty, self._plan.xtc_last, never, frozenset(self._spared.tolist()))

    def _change(self, step: Step) -> Change:
        """A step as a function of the scores."""
        s = self.sampling
        match step:
            case "penalties":
                return lambda work: penalise(work, self._so_far()[:, -s.penalty_tokens :], s)
            case "dry":
                return self._penalise_repetition
            case "temperature":
                if not s.temperature:
                    return lambda work: work  # nothing but the likeliest is drawn
                return lambda work: filters.cool(work, s.temperature, s.dynamic_range, s.dynamic_exponent)
            case "top_n_sigma":
                return lambda work: filters.top_n_sigma(work, s.top_n_sigma)
            case "top_k":
                return lambda work: filters.top_k(work, s.top_k)
            case "typical":
                return lambda work: work.masked_fill_(~filters.typical(work, s.typical_p), -torch.inf)
            case "top_p":
                return lambda work: filters.top_p(work, s.top_p)
            case "min_p":
                return lambda work: filters.min_p(work, s.min_p)
            case "xtc":
                return lambda work: filters.xtc(work, s.xtc_threshold, self._acts(), self._spared)

    def _penalise_repetition(self, work: Tensor) -> Tensor:
        assert self._dry is not None
        return self._dry.penalise(work, self._so_far())

    def _acts(self) -> Tensor:
        """The rows in which XTC acts this time, bool (N,)."""
        return self._coins[self._place] < self.sampling.xtc_probability

    # what was said

    def _remember(self, before: list[int], rows: int) -> None:
        """Room for the history: as much of the prompt as any step looks back on, and the take."""
        s = self.sampling
        back = max(s.penalty_tokens if is_on("penalties", s) else 0, self._biases.reach)
        if is_on("dry", s):
            back = max(back, s.dry_tokens or len(before))
        window = before[-back:] if back else []
        self._window = len(window)
        self._history = torch.zeros(rows, len(window) + self._tokens, dtype=torch.int64, device=self._device)
        self._history[:, : len(window)] = torch.tensor(window, dtype=torch.int64)

    def _so_far(self) -> Tensor:
        return self._history[:, : self._window + self._place]

    # the draw

    def draw(
        self,
        logits: Tensor,
        *,
        only: Tensor | None = None,
        without: Tensor | None = None,
        forbidden: Sequence[tuple[int, int]] = (),
        forced: Tensor | None = None,
    ) -> Tensor:
        """Next tokens int64 (N,) from logits (N, V), which stay as they are.

        `only`: the ids allowed this time; `without`: ids not allowed this time; `forbidden`: (row, id) pairs not
        allowed this time; `forced`: the tokens rows had here before, -1 for one that draws, int64 (N,).
        A row of which nothing is left is `stuck`; its token means nothing.
        """
        self.stuck = self._free
        if self._quick is not None and only is None and without is None and not forbidden and forced is None:
            return self._draw_quickly(self._quick, logits)
        work = logits.clone()
        if only is not None:
            kept = torch.full_like(work, -torch.inf)
            work = kept.index_copy_(1, only, work.index_select(1, only))
        if without is not None:
            work.index_fill_(1, without, -torch.inf)
        if len(self._never):
            work.index_fill_(1, self._never, -torch.inf)
        for row, number in forbidden:
            work[row, number] = -torch.inf
        if self._biases.any:
            work = self._biases.add(work, self._so_far())
        if forbidden or self._biases.forbids:
            self.stuck = tuple((work.amax(-1) == -torch.inf).tolist())
        for change in self._changes:
            work = change(work)
        ids = self._pick(work) if not self.sampling.mirostat else self._pick_level(work, forced)
        if forced is not None and not self.sampling.mirostat:
            ids = torch.where(forced >= 0, forced, ids)
        self._history[:, self._window + self._place] = ids
        self._place += 1
        if self._dry is not None:
            self._dry.follow(self._so_far())
        return ids

    def _draw_quickly(self, quick: Quick, logits: Tensor) -> Tensor:
        """The same in numpy, on the same memory."""
        end = self._window + self._place
        seen = self._lately[:, max(0, end - self.sampling.penalty_tokens) : end]
        coins = self._coins[self._place].numpy() if self._plan.xtc_last else None
        ids = quick.draw(logits.numpy(), seen, self._randoms[self._place], coins)
        self._lately[:, end] = ids
        self._place += 1
        return torch.from_numpy(ids)

    def _left(self, work: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """What the last steps leave of scores (N, V).

        Sorted scores (N, K) and ids (N, K), and from which (N, 1) to below which place (N, 1) they are left.
        """
        values, order, count = shortlist(work, self._plan.ending, FEW)
        count = count[:, None]
        if not self._plan.xtc_last:
            return values, order, torch.zeros_like(count), count
        places = torch.arange(values.shape[1], device=values.device)
        chances = values.masked_fill(places >= count, -torch.inf).softmax(-1)
        threshold = self.sampling.xtc_threshold
        start = filters.xtc_start(chances, order, threshold, self._acts(), self._spared)
        return values, order, start, count

    def _pick(self, work: Tensor) -> Tensor:
        """Filter scores (N, V) and draw by the inverse of the cumulated distribution."""
        if not self.sampling.temperature:
            return work.argmax(-1)
        values, order, start, count = self._left(work)
        share = (values - values[:, :1]).exp_().cumsum_(-1)  # unnormalised, rising along the kept ones
        total = share.gather(1, count - 1)
        aim = self._random[self._place][:, None]
        if self._plan.xtc_last:
            below = torch.where(start > 0, share.gather(1, (start - 1).clamp(min=0)), 0.0)
            aim = below + aim * (total - below)
        else:
            aim = aim * total
        place = torch.minimum(torch.searchsorted(share, aim, right=True), count - 1)
        return order.gather(1, place)[:, 0]

    def _pick_level(self, work: Tensor, forced: Tensor | None) -> Tensor:
        """Draw with mirostat 2 and move its limit."""
        if not self.sampling.temperature:
            return work.argmax(-1) if forced is None else torch.where(forced >= 0, forced, work.argmax(-1))
        bits, limit = filters.surprises(work), self._limits[self._place]
        ids = self._pick(filters.mirostat(work, bits, limit))
        if forced is not None:
            ids = torch.where(forced >= 0, forced, ids)
        error = bits.gather(1, ids[:, None])[:, 0] - self.sampling.mirostat_tau
        self._limits[self._place + 1] = limit - self.sampling.mirostat_eta * error
        return ids

    # going back

    def rewind(self, place: int) -> None:
        """Stand where `place` tokens were drawn."""
        self._place = place
        if self._dry is not None:
            self._dry.start(self._so_far(), self._tokens - place)

    def renew(self, row: int, place: int) -> None:
        """New random numbers for a row from `place` on: the same ones would lean towards the same words."""
        more = torch.rand(2, self._tokens - place, generator=self._again[row])
        self._random[place:, row] = more[0].to(self._device)
        if self._plan.xtc:
            self._coins[place:, row] = more[1].to(self._device)
