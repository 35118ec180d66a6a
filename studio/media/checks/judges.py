"""Whether a model did an act well on a passage: objective measures only, the same for every model."""

from dataclasses import dataclass

from studio.core.jobs import Frame
from studio.media.checks.passages import Passage, Task
from studio.media.checks.words import (
    copied,
    has,
    reads_like_english,
    repeated,
    sentences,
    words_of,
)

MOST_REPEATED = 0.25  # of the three-word runs
MOST_COPIED = 0.6  # of the four-word runs of a rewording may stand in the passage
MOST_COPIED_NEW = 0.35  # of a description or a continuation
MOST_FROM_EXAMPLES = 0.2
LEAST_WORDS = 12  # of a continuation
LEAST_DISTINCT = 0.4  # different words in a continuation
_SAME = 0.85  # of the words: the same text


@dataclass(frozen=True)
class Answer:
    """What a model wrote; `ended` is False when it was stopped by its number of tokens."""

    text: str
    ended: bool = True


def judge(frame: Frame, passage: Passage, answer: Answer) -> str:
    """ "" when the act was done well, else what is wrong, as in “12 of 20 answers …”."""
    fault = _sound(frame, passage, answer)
    if fault:
        return fault
    match frame.act:
        case "rewrite":
            return _reworded(passage, answer.text) or _all_kept(passage, answer.text)
        case "tone":
            return _reworded(passage, answer.text) or _kept(passage, answer.text, len(passage.keep) - 1)
        case "expand":
            return _all_kept(passage, answer.text) or _grown(passage, answer.text)
        case "shorten":
            return _no_mere_cut(passage, answer.text) or _kept(passage, answer.text, len(passage.keep) - 1)
        case "summarise":
            return _no_mere_cut(passage, answer.text) or _kept(passage, answer.text, 2)
        case "describe":
            return _described(passage, answer.text)
        case "instruct":
            return _obeyed(passage, answer.text)
        case _:
            raise ValueError(frame.act)


def _sound(frame: Frame, passage: Passage, answer: Answer) -> str:
    """What every answer must be: there, ended, of an honest length, no loop, none of the template's examples."""
    text = answer.text.strip()
    if not text:
        return "were empty"
    if not answer.ended:
        return "did not end by themselves"
    least, most = frame.length
    if frame.act == "instruct":
        least, most = passage.instruct.length
    if len(text) < least * len(passage.text):
        return "were too short"
    if len(text) > most * len(passage.text):
        return "were too long"
    if repeated(text) > MOST_REPEATED + repeated(passage.text):
        return "repeated themselves"
    if copied(text, frame.shots) > MOST_FROM_EXAMPLES:
        return "copied the template's examples"
    if frame.act != "instruct" and not reads_like_english(text):
        return "were no English prose"
    return ""


def _reworded(passage: Passage, text: str) -> str:
    return "copied the passage" if copied(text, passage.text) > MOST_COPIED else ""


def _kept(passage: Passage, text: str, least: int) -> str:
    kept = sum(has(text, wanted) for wanted in passage.keep)
    return "" if kept >= least else "lost names or facts"


def _all_kept(passage: Passage, text: str) -> str:
    return _kept(passage, text, len(passage.keep))


def _grown(passage: Passage, text: str) -> str:
    """An expanded passage says more, and does not merely go on after a copy of it."""
    words = words_of(passage.text)
    if words_of(text)[: len(words)] == words:
        return "copied the passage and went on"
    known = set(words)
    fresh = sum(word not in known for word in words_of(text))
    return "" if fresh >= 0.3 * len(words) else "said little that is new"


def _no_mere_cut(passage: Passage, text: str) -> str:
    """A shortened passage is not its first sentences, nor a piece out of it."""
    short, whole = " ".join(words_of(text)), " ".join(words_of(passage.text))
    return "copied a piece of the passage" if short in whole else ""


def _described(passage: Passage, text: str) -> str:
    if not any(has(text, subject) for subject in passage.subject):
        return "did not name what they describe"
    if copied(text, passage.text) > MOST_COPIED_NEW:
        return "copied the passage"
    return "" if sentences(text) >= 2 else "had less than two sentences"


def _obeyed(passage: Passage, text: str) -> str:
    """Whether the task was done, and the rest of the passage left as it was."""
    task: Task = passage.instruct
    wrong = "did not do what was asked"
    if task.lines:
        lines = [line for line in text.splitlines() if line.strip()]
        named = len(lines) == len(task.lines) and all(len(words_of(line)) <= 4 for line in lines)
        once = all(sum(has(line, name) for line in lines) == 1 for name in task.lines)
        return "" if named and once else wrong
    if not all(has(text, wanted) for wanted in task.must):
        return wrong
    if any(has(text, word) for word in task.must_not):
        return wrong
    if task.ends and not text.rstrip(' "”').replace("’", "'").endswith(
        task.ends.replace("’", "'").rstrip('"”')
    ):
        return wrong
    mine, given = set(words_of(text)), set(words_of(passage.text))
    new = len(mine - given - set(words_of(task.ask)))
    return "" if new <= 0.45 * len(mine) else "changed more than was asked"


def judge_going_on(passage: Passage, text: str) -> str:
    """Whether a text goes on as prose does: words, sentences, no loop, nothing copied. "" when it does."""
    words = words_of(text)
    if len(words) < LEAST_WORDS:
        return "were too short"
    if repeated(text) > MOST_REPEATED or len(set(words)) / len(words) < LEAST_DISTINCT:
        return "repeated themselves"
    if not reads_like_english(text):
        return "were no English prose"
    if copied(text, passage.text) > MOST_COPIED_NEW:
        return "copied the passage"
    return "" if sentences(text) else "ended no sentence"
