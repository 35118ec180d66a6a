"""Tokens back to a window: the exact inverse of tokens.encode, with what was written put in its place."""

from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from studio.media.music import vocabulary as v
from studio.media.music.tokens_grid import GridBar, GridNote, GridTrack, Window, nominal_steps


def decode(ids: Sequence[int]) -> Window:
    """The window these tokens hold; what was not told is -1 in it. Raises ValueError naming the token that is wrong.

    A sequence may stop anywhere behind the time line: what is there is read, a note cut off in the middle is not.
    """
    return _Reader(ids).window()


class _Reader:
    """Reads a sequence once from left to right."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.at = 0

    def window(self) -> Window:
        heads: list[tuple[int, bool]] = []
        notes: list[list[GridNote]] = []
        try:
            self._take(v.PIECE)
            bars = self._time_line()
        except _CutOffError:
            raise ValueError("the tokens end within the time line") from None
        with suppress(_CutOffError):
            self._tracks(bars, heads, notes)
            if self._next() == v.FILLS:
                self._pull()
                self._blocks(bars, notes)
            if self._next() == v.STOP:
                self._pull()
            if self.at < len(self.ids):
                self._wrong(ahead=True)
        return Window(
            tuple(bars),
            tuple(
                GridTrack(program=program, drums=drums, notes=tuple(sorted(found)))
                for (program, drums), found in zip(heads, notes, strict=True)
            ),
        )

    def _tracks(
        self, bars: list[GridBar], heads: list[tuple[int, bool]], notes: list[list[GridNote]]
    ) -> None:
        while v.TRACK <= self._next() < v.BAR:
            if self._pull() != v.TRACK + len(heads):
                self._wrong()
            heads.append(self._instrument())
            notes.append([])
            self._levels()
            while v.BAR <= self._next() < v.FAMILY:
                bar = self._among(bars)
                if self._next() == v.FILL:
                    self._pull()
                self._notes(bar, notes[-1])

    def _time_line(self) -> list[GridBar]:
        bars: list[GridBar] = []
        beats, unit, tempo, key, chord, start = 4, 4, -1, -1, -1, 0
        while self._next() == v.BAR + len(bars):
            self._pull()
            length = 0
            if v.METER <= self._next() < v.TEMPO:
                beats, unit, length = self._meter()
            if v.TEMPO <= self._next() < v.KEY:
                tempo = _or_none(self._pull() - v.TEMPO, len(v.TEMPOS))
            if v.KEY <= self._next() < v.CHORD:
                key = _or_none(self._pull() - v.KEY, 24)
            chords = self._chords(chord)
            chord = chords[-1][1]
            bars.append(GridBar(start, length or nominal_steps(beats, unit), beats, unit, tempo, key, chords))
            start = bars[-1].end
        return bars

    def _meter(self) -> tuple[int, int, int]:
        """Beats, unit and, if it is said or follows, the length in steps."""
        index = self._pull() - v.METER
        length = 0
        if self._next() == v.LENGTH:
            self._pull()
            if not v.POSITION <= self._next() < v.PITCH:
                self._wrong(ahead=True)
            length = self._pull() - v.POSITION + 1
        if index < len(v.METERS):
            return *v.METERS[index], length
        if not length:
            self._wrong()
        return length, 48, length

    def _chords(self, before: int) -> tuple[tuple[int, int], ...]:
        """The chords of a bar; the first goes on from `before` where it is not said."""
        chords = [(0, before)]
        if v.CHORD <= self._next() < v.DENSITY:
            chords = [(0, self._chord())]
        while v.POSITION <= self._next() < v.PITCH:
            chords.append((self._pull() - v.POSITION, self._chord()))
        return tuple(chords)

    def _chord(self) -> int:
        token = self._pull()
        if not v.CHORD <= token < v.DENSITY:
            self._wrong()
        return _or_none(token - v.CHORD, 12 * len(v.QUALITIES))

    def _instrument(self) -> tuple[int, bool]:
        """Program and whether it is drums."""
        if self._next() == v.DRUMS:
            self._pull()
            return 0, True
        family, variant = self._pull() - v.FAMILY, self._pull() - v.VARIANT
        if not (0 <= family < 16 and 0 <= variant < 8):
            self._wrong()
        return family * 8 + variant, False

    def _levels(self) -> None:
        while self._next() >= v.DENSITY:
            self._pull()

    def _blocks(self, bars: list[GridBar], notes: list[list[GridNote]]) -> None:
        while v.TRACK <= self._next() < v.TRACK + len(notes):
            track = self._pull() - v.TRACK
            bar = self._among(bars)
            if v.METER <= self._next() < v.TEMPO:
                self._meter()
            if v.KEY <= self._next() < v.CHORD:
                self._pull()
            self._chords(-1)
            self._levels()
            self._take(v.WRITE)
            self._notes(bar, notes[track])
            self._take(v.END)

    def _notes(self, bar: GridBar, into: list[GridNote]) -> None:
        """Notes as long as there are any."""
        position = velocity = -1
        while True:
            if v.POSITION <= self._next() < v.PITCH:
                position = self._pull() - v.POSITION
                if position >= bar.length:
                    self._wrong()
            if not v.PITCH <= self._next() < v.VELOCITY:
                return
            pitch, held = self._pull() - v.PITCH, 0
            if v.VELOCITY <= self._next() < v.DURATION:
                velocity = self._pull() - v.VELOCITY
            while self._next() == v.HOLD:
                self._pull()
                held += v.LONGEST_DURATION
            if position < 0 or velocity < 0 or not v.DURATION <= self._next() < v.SAMPLED:
                self._wrong(ahead=True)
            duration = held + self._pull() - v.DURATION + 1
            into.append(GridNote(bar.start + position, pitch, duration, velocity))

    def _among(self, bars: list[GridBar]) -> GridBar:
        """The bar that is named next."""
        index = self._pull() - v.BAR
        if not 0 <= index < len(bars):
            self._wrong()
        return bars[index]

    def _next(self) -> int:
        """The token that comes, -1 at the end."""
        return self.ids[self.at] if self.at < len(self.ids) else -1

    def _pull(self) -> int:
        if self.at >= len(self.ids):
            raise _CutOffError
        self.at += 1
        return self.ids[self.at - 1]

    def _take(self, token: int) -> None:
        if self._next() != token:
            self._wrong(ahead=True)
        self.at += 1

    def _wrong(self, ahead: bool = False) -> NoReturn:
        """Raises ValueError about the token just read, or the one to come."""
        at = self.at if ahead else self.at - 1
        if at >= len(self.ids):
            raise _CutOffError
        raise ValueError(f"token {at}: {v.NAMES[self.ids[at]]} cannot stand here")


class _CutOffError(Exception):
    """The tokens end where more must follow."""


def _or_none(value: int, none: int) -> int:
    return -1 if value == none else value
