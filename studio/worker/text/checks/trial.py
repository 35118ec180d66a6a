"""One check of a model: act after act, passage after passage, a step at a time so that jobs can go between."""

import math
from collections.abc import Callable
from dataclasses import replace

import torch

from studio.core.errors import StudioError
from studio.core.events import Check, Checked, Checking, Event, JobEnd, Started, TakeEnd
from studio.core.jobs import TextJob
from studio.media.checks.judges import Answer
from studio.media.checks.passages import Passage, load_passages
from studio.media.checks.tally import Tally, fault_of, tallies, trial_job
from studio.worker.causal.kept import KeptPrompts
from studio.worker.causal.model import CausalModel
from studio.worker.text.maker import TextRunner
from studio.worker.text.prompt import lay_out

MOST_BITS = 4.0  # a character; a model that needs more does not read English
_MOST_TOKENS = 1024

Send = Callable[[Event], None]
Stopped = Callable[[], bool]
GetRunner = Callable[[Stopped], TextRunner]


class Interrupted(Exception):  # noqa: N818 - no error: the passage is tried again later
    """The passage was broken off; it does not count."""


class Trial:
    """A check under way. `step` tries the next passage."""

    def __init__(
        self, check: Check, runner: GetRunner, send: Send, passages: tuple[Passage, ...] | None = None
    ) -> None:
        """`runner` gives the model each time anew: a job in between may have put it off the shelf."""
        self.check = check
        self._runner = runner
        self._send = send
        self._passages = load_passages() if passages is None else passages
        self._tallies: list[Tally] | None = None
        self._kept: KeptPrompts | None = None
        self._kept_for: CausalModel | None = None
        self._sha256 = ""
        self._done = 0

    def step(self, stopped: Stopped) -> bool:
        """Try one more passage; False when all are tried. A step that is stopped is tried again next time.

        Raises StudioError when the model cannot be loaded.
        """
        runner = self._own(self._runner(stopped))
        if self._tallies is None:
            self._tallies = tallies(
                self.check, len(self._passages), fill_in=runner.tokens.fill_in is not None
            )
            self._sha256 = runner.sha256()
            self._send(Checking(id=self.check.id, done=0.0))
        count = len(self._passages)
        total = len(self._tallies) * count
        if self._done >= total:
            return False
        tally, passage = self._tallies[self._done // count], self._passages[self._done % count]
        try:
            tally.note(self._try(runner, tally, passage, stopped))
        except Interrupted:
            return True
        self._done += 1
        self._send(Checking(id=self.check.id, done=self._done / total))
        return self._done < total

    def result(self) -> Checked:
        """What came of it: of a check that was stopped, the acts that were tried through."""
        through = [tally.result() for tally in self._tallies or () if tally.tried == len(self._passages)]
        return Checked(
            id=self.check.id, model=self.check.model, model_sha256=self._sha256, acts=tuple(through)
        )

    def _own(self, runner: TextRunner) -> TextRunner:
        """The runner with kept prompts of the check's own, so that the person's stay kept."""
        if self._kept is None or self._kept_for is not runner.model:
            self._kept, self._kept_for = KeptPrompts(runner.model), runner.model
        return replace(runner, kept=self._kept)

    def _try(self, runner: TextRunner, tally: Tally, passage: Passage, stopped: Stopped) -> str:
        """What is wrong with the model's answer; "" when nothing is."""
        if tally.act == "fill_in":
            return self._filled(runner, passage, stopped)
        job = trial_job(self.check, tally.frame, passage)
        if tally.frame is not None:  # a tokenizer with few words needs more of them
            tokens = round(tally.frame.length[1] * len(runner.tokens.encode(passage.text).ids)) + 8
            job = job.changed(tokens=min(max(job.tokens, tokens), _MOST_TOKENS))
        try:
            answer = _answer(runner, job, stopped)
        except StudioError as error:
            return (
                "did not fit into the model's context"
                if error.code == "too_long"
                else "could not be asked for"
            )
        return fault_of(tally.frame, passage, answer)

    def _filled(self, runner: TextRunner, passage: Passage, stopped: Stopped) -> str:
        """Whether the middle sentence costs less when the model knows what follows it."""
        before, middle, after = passage.gap()
        job = trial_job(self.check, None, passage).changed(prompt=before)
        without = _bits(runner, job, middle, stopped)
        with_it = _bits(runner, job.changed(suffix=after), middle, stopped)
        if without > MOST_BITS:
            return "were no English to the model"
        return "" if with_it < without else "were not foreseen better with the text after them"


def _answer(runner: TextRunner, job: TextJob, stopped: Stopped) -> Answer:
    """The model's answer through the same path as a person's job. Raises Interrupted."""
    heard: list[Event] = []
    runner.run(job, heard.append, stopped)
    if any(isinstance(event, JobEnd) and event.status == "stopped" for event in heard):
        raise Interrupted()
    prompt_tokens = next(event.made.prompt_tokens for event in heard if isinstance(event, Started))
    end = next(event for event in heard if isinstance(event, TakeEnd))
    limit = min(job.tokens, runner.model.context_tokens - prompt_tokens)
    return Answer(end.text, len(end.tokens) < limit)


def _bits(runner: TextRunner, job: TextJob, middle: str, stopped: Stopped) -> float:
    """Bits a character of a text after the job's prompt. Raises Interrupted."""

    def check() -> None:
        if stopped():
            raise Interrupted()

    with torch.inference_mode():
        prompt = lay_out(job, runner.tokens, runner.model.context_tokens)
        ids = runner.tokens.encode(middle).ids
        read = runner.kept.read(prompt.ids, check)
        cache = runner.model.cropped(read.cache, len(prompt.ids))
        check()
        logits = torch.cat([read.logits[None], runner.model.extend_all(cache, ids)[:-1]]).float()
        wanted = torch.tensor(ids, device=logits.device)
        picked = torch.log_softmax(logits, -1).gather(1, wanted[:, None])
    return -float(picked.sum()) / math.log(2) / max(len(middle), 1)
