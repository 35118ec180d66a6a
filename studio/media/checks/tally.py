"""What is tried in a check and what came of it, wherever the model runs."""

import math
from collections import Counter
from dataclasses import dataclass, field

from msgspec.structs import replace

from studio.core.events import ActCheck, Check, CheckName
from studio.core.jobs import Frame, Sampling, TextJob
from studio.media.checks.judges import Answer, judge, judge_going_on
from studio.media.checks.passages import Passage
from studio.media.frames import answer_tokens, frame_sha256

NEED_SHARE = 0.7  # 14 of 20 passages
GOING_ON_TOKENS = 80
FILL_IN_SHARE = 0.6  # 12 of 20: the middle need only be likelier with the text after it than without
_GREEDY = Sampling(temperature=0.0)
_USUAL = Sampling()  # going on is judged as people sample it: the likeliest text of any small model is a loop
_SEED = 1


@dataclass
class Tally:
    """What came of an act so far; `frame` None is going on or filling in."""

    act: CheckName
    frame: Frame | None
    need: int
    tried: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def note(self, fault: str) -> None:
        """One more passage was tried; `fault` says what was wrong, "" nothing."""
        self.tried += 1
        if fault:
            self.faults[fault] += 1

    def result(self) -> ActCheck:
        """The figures, and what went wrong, most frequent first."""
        noun = "middles" if self.act == "fill_in" else "answers"
        why = "; ".join(
            f"{count} of {self.tried} {noun} {fault}" for fault, count in self.faults.most_common()
        )
        return ActCheck(
            act=self.act,
            passed=self.tried - self.faults.total(),
            of=self.tried,
            need=self.need,
            frame_sha256=frame_sha256(self.frame) if self.frame else "",
            why=why,
        )


def tallies(check: Check, passages: int, *, fill_in: bool) -> list[Tally]:
    """Going on, filling in where the model can, then each frame's act once."""
    names: list[tuple[CheckName, Frame | None]] = [("continue", None)]
    if fill_in:
        names.append(("fill_in", None))
    frames = {frame.act: frame for frame in check.frames if frame.act != "continue"}
    return [Tally(act, frame, _need(act, passages)) for act, frame in [*names, *frames.items()]]


def _need(act: CheckName, passages: int) -> int:
    """How many passages must go well."""
    share = FILL_IN_SHARE if act == "fill_in" else NEED_SHARE
    return max(1, math.ceil(share * passages - 1e-9))


def trial_job(check: Check, frame: Frame | None, passage: Passage) -> TextJob:
    """The job that tries an act (None: going on) on a passage."""
    plain = TextJob(
        id=check.id,
        prompt=passage.text if frame is None else "",
        model=check.model,
        seed=_SEED,
        takes=1,
        tokens=GOING_ON_TOKENS,
        sampling=_USUAL if frame is None else _GREEDY,
        trim="none",
    )
    if frame is None:
        return plain
    instruction = {"instruct": passage.instruct.ask, "tone": passage.tone}.get(frame.act, "")
    return replace(
        plain,
        act=frame.act,
        frame=frame,
        selection=passage.text,
        instruction=instruction,
        tokens=answer_tokens(frame, passage.text),
    )


def fault_of(frame: Frame | None, passage: Passage, answer: Answer) -> str:
    """What is wrong with an answer to a trial's job; "" when nothing is."""
    return judge_going_on(passage, answer.text) if frame is None else judge(frame, passage, answer)
