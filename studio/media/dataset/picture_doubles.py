"""Pictures that are in a folder twice, or nearly: which ones stay, and what is said of the others."""

from collections.abc import Callable, Mapping, Sequence

from studio.core.tune_events import Finding
from studio.media.dataset.duplicates import Doubled, copies, spared
from studio.media.dataset.found import Document, Problem
from studio.media.dataset.likeness import Signature, near_pairs


def without_doubles(
    documents: Sequence[Document],
    signs: Mapping[str, Signature],
    captions: Mapping[str, str],
    drop: bool,
    tick: Callable[[int], None],
) -> tuple[list[Document], list[Problem]]:
    """The documents that stay, and what is said of those that double another; `drop`: the lesser ones are left out.

    `signs` and `captions` (of its own, "" for none) go by file; `tick` hears how many were compared. The larger picture
    stays, of equals the one with a caption, then the first by name. Two that are nearly the same stay both when their
    captions differ: somebody sees a difference there.
    """
    ranked = sorted(documents, key=lambda one: (-one.units, not captions[one.file], one.file))
    told = _Told(ranked)
    gone: set[int] = set()
    for double in copies([document.sha256 for document in ranked]):
        told.add(double, "duplicate", "is the same file as", drop)
        gone.add(double.lesser)
    rest = [at for at in range(len(ranked)) if at not in gone]
    pairs = near_pairs([signs[ranked[at].file] for at in rest], tick)
    near = [Doubled(rest[later], rest[earlier]) for earlier, later in pairs]
    words = [captions[document.file] for document in ranked]
    differ = [
        pair for pair in near if words[pair.lesser] and words[pair.greater] not in ("", words[pair.lesser])
    ]
    for pair in sorted(differ, key=lambda pair: (pair.lesser, pair.greater)):
        told.add(pair, "near_duplicate", "looks nearly the same, but is captioned otherwise than", False)
    for pair in spared(set(near) - set(differ)):
        told.add(pair, "near_duplicate", "shows nearly the same as", drop)
        gone.add(pair.lesser)
    return [one for at, one in enumerate(ranked) if at not in gone or not drop], told.problems


class _Told:
    """What is said of doubles."""

    def __init__(self, ranked: Sequence[Document]) -> None:
        self._ranked = ranked
        self.problems: list[Problem] = []

    def add(self, pair: Doubled, finding: Finding, words: str, left_out: bool) -> None:
        file, other = self._ranked[pair.lesser].file, self._ranked[pair.greater].file
        words = f"{words} “{other}”"
        self.problems.append(Problem(file=file, finding=finding, words=words, left_out=left_out, other=other))
