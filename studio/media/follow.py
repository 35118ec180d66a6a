"""Where a place or a passage of a text is after edits, and where a character came from."""

from collections.abc import Iterable

from studio.media.spans import Edit


def stayed(at: int, edits: Iterable[Edit]) -> int:
    """Where the place `at` stands after `edits`; text inserted exactly there comes after it.

    Inside replaced text it goes to the replacement's beginning.
    """
    for edit in edits:
        end = edit.at + len(edit.removed)
        if edit.at >= at or edit.removed == edit.inserted:
            continue
        at = edit.at if end > at else at + len(edit.inserted) - len(edit.removed)
    return at


def moved_range(at: int, length: int, edits: Iterable[Edit]) -> tuple[int, int] | None:
    """Where `length` characters at `at` stand after `edits`, as (at, length); None when an edge was overwritten.

    What is inserted at either edge stays outside; what is changed inside changes the length.
    """
    for edit in edits:
        end = edit.at + len(edit.removed)
        grown = len(edit.inserted) - len(edit.removed)
        if edit.removed == edit.inserted or edit.at >= at + length:
            continue  # a lock changes no place
        if end <= at:
            at += grown
        elif edit.at >= at and end <= at + length:
            length += grown
        else:
            return None
    return at, length


def origin(place: int, edits: Iterable[Edit]) -> int | None:
    """Where the character at `place` stands after `edits`; None when one of them took it away.

    With the edits that lead back in time it says where a character came from.
    """
    for edit in edits:
        end = edit.at + len(edit.removed)
        if edit.removed == edit.inserted or place < edit.at:
            continue
        if place < end:
            return None
        place += len(edit.inserted) - len(edit.removed)
    return place
