"""Someone at a window with a piece open, whose worker follows a script."""

import contextlib
from collections.abc import Callable

from msgspec.structs import replace

from studio.app.piece_desk import PieceDesk
from studio.core.pieces import PieceJob, Task
from studio.core.takes import Take
from studio.media.music.score import TICKS, Note, Score
from studio.widgets.piece_body import PieceTakeBody
from studio.widgets.take_card import TakeCard
from tests.app.conftest import Scripted

TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


def tune(bars: int = 4, start: int = 0, pitches: tuple[int, ...] = TUNE) -> list[Note]:
    """Quarters, four a bar."""
    return [Note(start + TICKS * at, pitches[at % len(pitches)], TICKS, 80) for at in range(4 * bars)]


class Composer(Scripted):
    """Draws notes, asks for takes, judges them."""

    @property
    def place(self):
        return self.wiring.pieces

    @property
    def piece(self) -> PieceDesk:
        return self.wiring.pieces.need()

    @property
    def roll(self):
        return self.piece.pane.roll

    @property
    def prompt(self):
        return self.piece.pane.prompt

    @property
    def strip(self):
        return self.piece.pane.strip

    @property
    def judged(self):
        return self.piece.judged

    @property
    def score(self) -> Score:
        return self.piece.score

    @property
    def takes(self) -> dict[str, Take]:
        return self.piece.judged.takes

    @property
    def head(self) -> str:
        """The revision the piece stands at."""
        return self.session.history(self.piece.work).head

    def notes(self, track: str = "t1") -> tuple[Note, ...]:
        """The notes of a track; none when it is not there."""
        with contextlib.suppress(KeyError):
            return self.score.track(track).notes
        return ()

    def writes(self, notes: list[Note], track: str = "t1", words: str = "Draw notes") -> None:
        """More notes in a track, as one step of the person's."""
        before = self.score.track(track)
        self.piece.revise(self.score.with_track(before.with_notes([*before.notes, *notes])), words)

    def becomes(self, words: str = "Change", **parts: object) -> None:
        """The score with other parts (keys=..., chords=...), as one step of the person's."""
        self.piece.revise(replace(self.score, **parts), words, "arranged")

    def chooses_bars(self, first: int, last: int) -> None:
        """In the ruler; bars from 0."""
        self.piece.set_range((first, last))

    def asks(self, takes: int = 2, task: Task = "infill", bars: tuple[int, int] | None = None) -> list[Take]:
        """Propose for these bars (from 0) and wait until all takes have ended; they come in order."""
        return self.waits_for_takes(lambda: self.proposes_notes(takes, task, bars))

    def proposes_notes(
        self, takes: int = 2, task: Task = "infill", bars: tuple[int, int] | None = None
    ) -> None:
        """The same without waiting."""
        if bars is not None:
            self.chooses_bars(*bars)
        self.piece.knobs.set_task(task)
        self.prompt.set_takes(takes)
        self.does("take.propose")

    def waits_for_takes(self, do: Callable[[], object]) -> list[Take]:
        before = set(self.takes)
        do()

        def new() -> list[Take]:
            return [take for id_, take in self.takes.items() if id_ not in before]

        self.sees(lambda: new() and not self.piece.running and all(t.status != "streaming" for t in new()))
        self.sees(lambda: self.judged.settled)
        return sorted(new(), key=lambda take: take.index)

    def job(self) -> PieceJob:
        """The last job asked for."""
        return max(self.takes.values(), key=lambda take: (take.created_ms, take.index)).recipe.composing

    def card(self, take_id: str) -> TakeCard:
        """The card that shows this take."""
        cards = self.strip.findChildren(TakeCard)
        return next(card for card in cards if card.take is not None and card.take.id == take_id)

    def body(self, take_id: str) -> PieceTakeBody:
        body = self.card(take_id).body
        assert isinstance(body, PieceTakeBody)
        return body

    def is_saved(self) -> None:
        """Wait until everything is on disk."""
        self.sees(lambda: self.session.saved)
