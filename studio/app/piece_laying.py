"""Where takes of music belong: the scores they were asked for, and the piece as it stands with one laid in."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from studio.app.session import Session
from studio.core.errors import StudioError
from studio.core.pieces import PieceJob
from studio.core.takes import Take
from studio.media.music.carried import unpack
from studio.media.music.document_lines import read_head
from studio.media.music.score import Score
from studio.media.music.take_places import TakePlace, lay, place_of
from studio.media.spans import SpanText

_KEPT: Final = 4  # scores; the strip shows the takes of one at a time
_BRANCH: Final = "“Work from here” takes the piece up as it stood for this take. Nothing is lost."


def base_of(session: Session, work: str, now: Score, job: PieceJob) -> Score:
    """The score that a job was asked for; `now` where its file is lost.

    A fresh job's is the piece as it stands, or has a key or chords of its own: then the notes are not read again.
    """
    try:
        data = session.asset(job.score)
        history = session.history(work)
        if job.parent == history.head and not job.from_take:
            spans = msgspec.msgpack.decode(data, type=SpanText)
            head, notes = _parted(spans.text)
            if notes and notes == _parted(history.text.text)[1]:
                base = replace(read_head(head.split("\n")), tracks=now.tracks)
                return now if base == now else base
        return unpack(data)
    except (StudioError, msgspec.DecodeError):
        return now


def _parted(text: str) -> tuple[str, str]:
    """What stands above the first track, and the tracks."""
    head, _, notes = text.partition("\ntrack ")
    return head, notes


class PieceLaying:
    """Where the takes of one piece belong in it as it stands, and the piece with one of them laid in."""

    def __init__(self, session: Session, work: str, now: Callable[[], Score]) -> None:
        """`now` tells the piece as it stands."""
        self._session, self._work, self._now = session, work, now
        self._bases: dict[str, Score] = {}  # by the file's name
        self._placed: dict[str, tuple[Score, TakePlace]] = {}  # by job, for a score

    def base(self, take: Take) -> Score:
        """The score that a take was asked for; the same object for every take of it."""
        job = take.recipe.composing
        if job.score not in self._bases:
            while len(self._bases) >= _KEPT:
                self._bases.pop(next(iter(self._bases)))
            self._bases[job.score] = base_of(self._session, self._work, self._now(), job)
        return self._bases[job.score]

    def place(self, take: Take) -> TakePlace:
        """Where a take belongs."""
        now, known = self._now(), self._placed.get(take.job)
        if known is None or known[0] is not now:
            near = known[1].bars if known is not None else 0
            known = now, place_of(self.base(take), now, take.recipe.composing, near)
            self._placed[take.job] = known
        return known[1]

    def laid(self, take: Take) -> Score:
        """The piece with a take laid in, of one that was not finished as far as it came.

        Raises StudioError when it has no place, or says what no note can be.
        """
        place = self.place(take)
        if place.why_not:
            raise StudioError(place.why_not, kept="The piece and the take are as they were.", do=_BRANCH)
        whole = take.status == "done"
        return lay(self._now(), take.recipe.composing, place, take.id, take.text, whole=whole)
