"""One take of notes while it grows: its grammar, its draws, and the lines it has said so far."""

from collections.abc import Sequence

import numpy as np

from studio.core.takes import Token
from studio.media.music.document import note_line
from studio.media.music.grammar import Grammar
from studio.media.music.prompts import Plan
from studio.media.music.score import Note
from studio.media.music.vocabulary import SAMPLED
from studio.worker.music.draw import Dice


class GrowingPiece:
    """A take of a job; over all passes of a long range."""

    def __init__(self, index: int, dice: Dice) -> None:
        self.index = index
        self.text = ""
        self.drawn = 0  # tokens, those the grammar gives not counted
        self.count = 0  # notes that were drawn
        self.records: list[Token] = []  # one a drawn note: what the model thought of it
        self._dice = dice
        self._grammar: Grammar | None = None
        self._track = ""
        self._cost = 0.0  # of the note that is being said: the sum of its tokens' log probabilities
        self._said = 0  # notes of this pass
        self._passed = 0  # bars that earlier passes wrote

    def begin(self, plan: Plan) -> str:
        """Go on with another pass; what is said already: the notes that stay, for a take holds all of its bars."""
        self._passed = self.bars
        self._grammar, self._said, self._cost = plan.grammar(), 0, 0.0
        return "".join(self._say(track, note) for track, notes in plan.kept.items() for note in notes)

    @property
    def notes(self) -> Sequence[tuple[str, Note]]:
        """What was drawn in this pass, by tracks' ids."""
        return self._grammar.notes if self._grammar is not None else ()

    @property
    def bars(self) -> int:
        """How many bars of single tracks are written by now."""
        return self._passed + (self._grammar.block if self._grammar is not None else 0)

    @property
    def ended(self) -> bool:
        """The pass is whole."""
        return self._grammar is None or self._grammar.done

    def push(self, logits: np.ndarray) -> tuple[Sequence[int], str]:
        """Draw from logits (V,); the tokens to feed the model next, and what was said by it (whole lines)."""
        assert self._grammar is not None
        drawn = self._dice.draw(logits[:SAMPLED], self._grammar.allowed())
        given = self._grammar.push(drawn.id)
        self.drawn += 1
        self._cost += drawn.logprob
        return (drawn.id, *given), self._fresh()

    def _fresh(self) -> str:
        """The lines of the notes that are finished by now."""
        assert self._grammar is not None
        fresh = self._grammar.notes[self._said :]
        if not fresh:
            return ""
        lines = []
        for track, note in fresh:
            lines.append(self._say(track, note))
            self.records.append(Token(id=note.pitch, end=len(self.text), logprob=self._cost / len(fresh)))
        self.count += len(fresh)
        self._said += len(fresh)
        self._cost = 0.0
        return "".join(lines)

    def _say(self, track: str, note: Note) -> str:
        """Another line."""
        head = f"track {track}\n" if track != self._track else ""
        self._track = track
        line = head + note_line(note)
        self.text += line
        return line
