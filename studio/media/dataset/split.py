"""Which side a document falls on: by what it holds, never by chance, its name or its place."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Final

import msgspec
from msgspec import Struct

from studio.core.tuning import DataSettings
from studio.media.dataset.duplicates import together
from studio.media.dataset.found import SIDES, Document, Problem, Side

_FEW: Final = (
    20  # groups: below, the shares are kept to the document; above, a folder that grows keeps its sides
)
_LARGE_SHARE: Final = 1 / 3  # of everything: a document as long as that is learnt from


class _Group(Struct):
    documents: list[Document]
    place: float  # 0..1, by the content
    units: int
    side: Side = "train"
    fixed: bool = False


def sides(
    documents: Sequence[Document],
    problems: Iterable[Problem],
    data: DataSettings,
    known: Mapping[str, Side],
) -> tuple[Document, ...]:
    """The documents with their sides, by name. Whatever doubles another (equal, or joined by a problem) shares its.

    Each group has a place in 0..1, a hash of its content and the seed: the lowest `validation` of it is the validation
    side, the next `test` the test side. Then the sides are brought near the wished shares by moving those
    nearest to the bounds, so that a small folder has all sides where it can: two documents make a training and a
    validation side, three make all three. `known` (sha256 -> side) are sides of an earlier run and stay.
    """
    groups = [_group(found, data, known) for found in together(documents, problems)]
    _keep_large_ones(groups, held_out=(data.validation > 0) + (data.test > 0))
    _balance(groups, data)
    placed = [
        msgspec.structs.replace(document, side=group.side) for group in groups for document in group.documents
    ]
    return tuple(sorted(placed, key=lambda document: document.file))


def _keep_large_ones(groups: list[_Group], held_out: int) -> None:
    """What is a large part of all is learnt from, while enough others remain for the sides held out."""
    total = sum(group.units for group in groups)
    free = sorted((g for g in groups if not g.fixed), key=lambda g: (-g.units, g.place))
    for index, group in enumerate(free):
        enough = index == 0 or len(free) - index > held_out
        if group.units > total * _LARGE_SHARE and enough:
            group.side, group.fixed = "train", True


def _group(documents: list[Document], data: DataSettings, known: Mapping[str, Side]) -> _Group:
    key = min(document.sha256 for document in documents)
    digest = hashlib.sha256(f"{data.seed}:{key}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    group = _Group(documents, place, sum(document.units for document in documents))
    earlier = {known[document.sha256] for document in documents if document.sha256 in known}
    if earlier:  # of several the one that was learnt from: what was seen can't be a test
        group.side, group.fixed = min(earlier, key=SIDES.index), True
    elif place < data.validation:
        group.side = "validation"
    elif place < data.validation + data.test:
        group.side = "test"
    return group


def _balance(groups: list[_Group], data: DataSettings) -> None:
    """Bring both held-out sides between their bounds; what is fixed stays."""
    validation = _quota(data.validation, len(groups), len(groups) - 1)
    test = _quota(data.test, len(groups), len(groups) - 1 - validation)
    middles = {"validation": data.validation / 2, "test": data.validation + data.test / 2}
    wished: tuple[tuple[Side, int], ...] = (("validation", validation), ("test", test))
    for side, quota in wished:
        most = quota if len(groups) < _FEW else 2 * quota
        _give_away(groups, side, most, middles[side])
    for side, quota in wished:
        least = quota if len(groups) < _FEW else ceil(quota / 2)
        _take(groups, side, least, middles[side])


def _quota(share: float, count: int, most: int) -> int:
    """How many groups a side should have: at least one where it is wanted and there are enough."""
    return max(0, min(most, max(1, round(share * count)))) if share else 0


def _give_away(groups: list[_Group], side: Side, most: int, middle: float) -> None:
    mine = [group for group in groups if group.side == side]
    free = sorted((g for g in mine if not g.fixed), key=lambda g: abs(g.place - middle))
    for group in free[max(0, most - (len(mine) - len(free))) :]:
        group.side = "train"


def _take(groups: list[_Group], side: Side, least: int, middle: float) -> None:
    """From training, of those that may go; a training side never loses its last."""
    free = sorted(
        (g for g in groups if g.side == "train" and not g.fixed), key=lambda g: abs(g.place - middle)
    )
    learning = sum(group.side == "train" for group in groups)
    missing = least - sum(group.side == side for group in groups)
    for group in free[: max(0, min(missing, learning - 1))]:
        group.side = side
