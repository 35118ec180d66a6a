"""Fingerprints of texts: the smallest hashes of their runs of words, by which copies and parts are found.

A bottom-k sketch (A. Broder, On the resemblance and containment of documents, 1997). Below the lesser of two sketches'
highest hashes both hold all hashes of their texts, so that both resemblance and containment can be estimated there.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.media.dataset.found import Stopped

SHINGLE_WORDS: Final = (
    4  # runs of three are shared by strangers ("one of the"), of five too easily broken by an edit
)
HASHES_LEAST: Final = 48
HASHES_MOST: Final = 2_048
_HASHES_TOGETHER: Final = 8_000_000  # 64 MB for a whole folder
_COMPARED_TOGETHER: Final = 2_000_000  # hashes of a whole folder by which pairs are looked for
_COMPARED_LEAST: Final = 20
_EVIDENCE_LEAST: Final = 3  # hashes; fewer say nothing
_CROWD: Final = 8  # documents that share a hash: from there on not all pairs are compared
_HUBS: Final = 3
_PAIRS_POLLED: Final = 2_000
_WORD: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff]+"
)
_FACTORS: Final = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)

Hashes = NDArray[np.uint64]


class Pair(NamedTuple):
    """Two texts by their index; `lesser` is the shorter one and `share` how much of it stands in the other, 0..1."""

    lesser: int
    greater: int
    share: float


def hashes_each(texts: int) -> int:
    """How many hashes a text may keep when so many are compared."""
    return min(HASHES_MOST, max(HASHES_LEAST, _HASHES_TOGETHER // max(1, texts)))


def sketch(blocks: Iterable[str], most: int) -> Hashes:
    """The `most` smallest hashes of a text's runs of SHINGLE_WORDS words, ascending; none for a shorter text."""
    known: dict[str, int] = {}
    kept = np.empty(0, np.uint64)
    before: list[int] = []
    for block in blocks:
        for word in _WORD.findall(block.casefold()):
            found = known.get(word)
            if found is None:
                found = known[word] = zlib.crc32(word.encode("utf-8", "replace"))
            before.append(found)
        if len(before) >= SHINGLE_WORDS:
            mixed = _mixed(np.array(before, np.uint64))
            kept = np.unique(np.concatenate((kept, mixed)))[:most]
            before = before[-(SHINGLE_WORDS - 1) :]
    return kept.copy()  # not a view that keeps the whole text's hashes


def _mixed(words: Hashes) -> Hashes:
    """One hash for each run of words; the last steps are splitmix64's."""
    count = len(words) - SHINGLE_WORDS + 1
    out = np.zeros(count, np.uint64)
    for index, factor in enumerate(_FACTORS):
        out = (out ^ (words[index : index + count] * np.uint64(factor))) * np.uint64(_FACTORS[0])
    out ^= out >> np.uint64(30)
    out *= np.uint64(0xBF58476D1CE4E5B9)
    out ^= out >> np.uint64(27)
    out *= np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))


def contained(lesser: Hashes, greater: Hashes) -> float:
    """How much of one text stands in another, 0..1, as far as their sketches tell; 0 when they can't."""
    if not len(lesser) or not len(greater):
        return 0.0
    top = greater[-1] if len(greater) >= HASHES_LEAST else np.uint64(2**64 - 1)
    among = lesser[lesser <= top]
    if len(among) < min(_EVIDENCE_LEAST, len(lesser)):
        return 0.0
    return len(np.intersect1d(among, greater, assume_unique=True)) / len(among)


def near_pairs(
    sketches: Sequence[Hashes], lengths: Sequence[int], least: float, stopped: Stopped
) -> list[Pair] | None:
    """The pairs of texts of which the shorter one stands to `least` in the other, by index; None when stopped.

    In folders of more than some thousand texts pairs are looked for by a part of each sketch: a short part of a very
    long text may not be seen there. Where more than _CROWD texts share a hash (a licence at the head of each), each is
    compared with the longest of them and with its neighbours in length only.
    """
    by_length = sorted(range(len(sketches)), key=lambda index: (-lengths[index], index))
    pairs: list[Pair] = []
    few = max(_COMPARED_LEAST, _COMPARED_TOGETHER // max(1, len(sketches)))
    for count, (one, other) in enumerate(_candidates([sketches[i][:few] for i in by_length], stopped)):
        if count % _PAIRS_POLLED == 0 and stopped():
            return None
        greater, lesser = by_length[one], by_length[other]
        share = contained(sketches[lesser], sketches[greater])
        if share >= least:
            pairs.append(Pair(lesser, greater, share))
    return None if stopped() else pairs


def _candidates(sketches: Sequence[Hashes], stopped: Stopped) -> Iterator[tuple[int, int]]:
    """Pairs (a < b) that share a few hashes."""
    if not any(len(hashes) for hashes in sketches) or stopped():
        return
    owners = np.repeat(np.arange(len(sketches), dtype=np.int64), [len(hashes) for hashes in sketches])
    hashes = np.concatenate(list(sketches))
    order = np.argsort(hashes, kind="stable")  # within one hash the owners stay in order
    owners, hashes = owners[order], hashes[order]
    if stopped():
        return
    found: list[NDArray[Any]] = []
    sizes = np.flatnonzero(np.diff(hashes, prepend=~hashes[:1], append=~hashes[-1:]))
    starts, ends = sizes[:-1], sizes[1:]
    many = len(sketches)
    for step in range(1, _CROWD):  # each with the step-th behind it, where the crowd is small enough
        fits = (ends - starts > step) & (ends - starts <= _CROWD)
        at = np.concatenate([np.arange(0)] + [starts[fits] + n for n in range(_CROWD - step)])
        at = at[at + step < len(hashes)]
        at = at[hashes[at] == hashes[at + step]]
        found.append(owners[at] * many + owners[at + step])
    for start, end in zip(starts[ends - starts > _CROWD], ends[ends - starts > _CROWD], strict=True):
        crowd = owners[start:end]
        found.append(crowd[:-1] * many + crowd[1:])
        found += [hub * many + crowd[index + 1 :] for index, hub in enumerate(crowd[:_HUBS])]
        if stopped():
            return
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    smallest = np.array([max(1, min(_EVIDENCE_LEAST, len(hashes))) for hashes in sketches])
    for key in keys[counts >= smallest[keys % many]]:
        yield int(key // many), int(key % many)
