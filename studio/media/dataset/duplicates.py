"""Which documents double one another: which are kept, and which must stand on one side if all are."""

from collections.abc import Hashable, Iterable, Sequence

from msgspec import Struct

from studio.media.dataset.found import Document, Problem


class Doubled(Struct, frozen=True):
    """Document `lesser` stands in document `greater`, by index, to `share` (0..1)."""

    lesser: int
    greater: int
    share: float = 1.0


def copies(keys: Sequence[Hashable]) -> list[Doubled]:
    """Those whose key (a hash of the content) stands earlier already; the first is kept."""
    first: dict[Hashable, int] = {}
    return [
        Doubled(index, first[key]) for index, key in enumerate(keys) if first.setdefault(key, index) != index
    ]


def spared(pairs: Iterable[Doubled]) -> list[Doubled]:
    """Of near duplicates one pair for each that can go: `greater` stays, so nothing goes that is nowhere else.

    Deterministic: longer ones are decided on first as `greater` of their pairs; of several, the one it shares most with
    is told.
    """
    above: dict[int, list[Doubled]] = {}
    for pair in pairs:
        above.setdefault(pair.lesser, []).append(pair)
    decided: dict[int, Doubled | None] = {}
    for start in sorted(above):
        path = [start]
        while path:  # no recursion: a chain of versions may be long
            waiting = [pair.greater for pair in above.get(path[-1], ()) if pair.greater not in decided]
            if waiting:
                path.append(waiting[0])
                continue
            index = path.pop()
            staying = [pair for pair in above.get(index, ()) if decided[pair.greater] is None]
            decided[index] = max(staying, key=lambda pair: (pair.share, -pair.greater), default=None)
    return [pair for _, pair in sorted(decided.items()) if pair is not None]


def spanning(pairs: Iterable[Doubled]) -> list[Doubled]:
    """Just so many of the pairs as hold together what all of them do, the closest ones."""
    homes = _Homes()
    closest = sorted(pairs, key=lambda pair: (-pair.share, pair.lesser, pair.greater))
    return sorted(
        (pair for pair in closest if homes.join(pair.lesser, pair.greater)), key=lambda pair: pair.lesser
    )


def together(documents: Sequence[Document], problems: Iterable[Problem]) -> list[list[Document]]:
    """Documents in groups that must stand on one side: equal ones, and those that a problem joins to another."""
    homes = _Homes()
    names = {document.file for document in documents}
    for document in documents:
        homes.join(("sha256", document.sha256), document.file)
    for problem in problems:
        if problem.file in names and problem.other in names:
            homes.join(problem.file, problem.other)
    groups: dict[Hashable, list[Document]] = {}
    for document in documents:
        groups.setdefault(homes.of(document.file), []).append(document)
    return list(groups.values())


class _Homes:
    """Things joined into groups (union-find)."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def of(self, thing: Hashable) -> Hashable:
        """The same for all things of a group."""
        while (above := self._above.setdefault(thing, thing)) != thing:
            self._above[thing] = self._above[above]
            thing = self._above[thing]
        return thing

    def join(self, one: Hashable, other: Hashable) -> bool:
        """Whether they were apart."""
        first, second = self.of(one), self.of(other)
        self._above[second] = first
        return first != second
