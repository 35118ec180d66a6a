"""The roll's colours, worked out from the tones of the moment."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from studio.widgets.tones import Tones

STRENGTHS: Final = 8  # steps of velocity that are told apart
SURPRISE_STEPS: Final = (3.0, 5.0, 7.0, 10.0)  # nats a note; all its tokens together
SURPRISE_WORDS: Final = ("expected", "likely", "open", "unusual", "surprising")
Shades = NDArray[np.uint8]


class Looks(Struct, frozen=True, kw_only=True):
    """`notes` are 2 x 8 fills (human, then model; soft to loud), then 5 of surprise, then one for what has none."""

    notes: tuple[QColor, ...]
    edges: tuple[QColor, QColor, QColor, QColor]  # human, model, chosen, plain
    hatch: QBrush
    white_key: QColor
    black_key: QColor
    ivory: QColor
    ebony: QColor
    key_line: QColor
    key_text: QColor
    key_text_dark: QColor
    row_line: QColor
    octave_line: QColor
    bar_line: QColor
    beat_line: QColor
    step_line: QColor
    others: QColor
    take_fill: QColor
    take_edge: QColor
    gone: QColor
    come: QColor
    region: QColor
    locked: QColor
    held: QBrush
    lock: QColor
    loop: QColor
    marker: QColor
    marker_edge: QColor
    chord: QColor
    chord_text: QColor
    playhead: QColor
    caret: QColor
    rubber: QColor
    text: QColor
    muted: QColor
    faint: QColor
    ground: QColor
    border: QColor
    accent: QColor
    accent_text: QColor


def looks(tones: Tones) -> Looks:
    """The colours that go with these tones."""
    ink = tones.text
    human, model = tones.accent, tones.model_text
    fills = [
        mix(colour, tones.surface, 0.32 + 0.60 * step / (STRENGTHS - 1))
        for colour in (human, model)
        for step in range(STRENGTHS)
    ]
    dark = tones.scheme == "dark"
    return Looks(
        notes=(*fills, *_heat(tones), mix(tones.faint, tones.surface, 0.35)),
        edges=(
            mix(human, tones.surface if dark else ink, 0.72 if dark else 0.86),
            mix(model, tones.surface if dark else ink, 0.72 if dark else 0.86),
            QColor(ink),
            QColor(tones.muted),
        ),
        hatch=QBrush(hatch(see_through(tones.text, 0.55))),
        white_key=QColor(tones.surface),
        black_key=mix(tones.sunken, tones.surface, 0.55),
        ivory=QColor("#d9d6cf" if dark else tones.raised),
        ebony=QColor("#2b2c31" if dark else "#45423c"),
        key_line=QColor("#a8a49b" if dark else tones.border),
        key_text=QColor("#45423c" if dark else tones.muted),
        key_text_dark=QColor("#c9c5bc"),
        row_line=mix(tones.border, tones.surface, 0.45),
        octave_line=QColor(tones.border),
        bar_line=mix(tones.border_strong, tones.surface, 0.65),
        beat_line=QColor(tones.border),
        step_line=mix(tones.border, tones.surface, 0.5),
        others=see_through(tones.faint, 0.34),
        take_fill=see_through(tones.model_text, 0.20),
        take_edge=QColor(tones.model_text),
        gone=QColor(tones.danger),
        come=QColor(tones.success),
        locked=see_through(tones.lock_bar, 0.16),
        held=QBrush(hatch(see_through(tones.lock_bar, 0.20))),
        lock=QColor(tones.lock_bar),
        region=see_through(tones.model_text, 0.10),
        loop=see_through(tones.accent, 0.22),
        marker=QColor(tones.warning_wash),
        marker_edge=QColor(tones.warning),
        chord=QColor(tones.raised),
        chord_text=QColor(ink),
        playhead=QColor(tones.danger),
        caret=QColor(tones.focus),
        rubber=see_through(tones.accent, 0.14),
        text=QColor(ink),
        muted=QColor(tones.muted),
        faint=QColor(tones.faint),
        ground=QColor(tones.background),
        border=QColor(tones.border),
        accent=QColor(tones.accent),
        accent_text=QColor(tones.accent_text),
    )


def _heat(tones: Tones) -> tuple[QColor, ...]:
    """From what the model expected to what surprised it."""
    return (
        mix(tones.success, tones.surface, 0.30),
        mix(tones.success, tones.warning, 0.55, tones.surface, 0.50),
        mix(tones.warning, tones.surface, 0.62),
        mix(tones.warning, tones.danger, 0.45, tones.surface, 0.80),
        mix(tones.danger, tones.surface, 0.95),
    )


def mix(first: str, second: str, share: float, third: str = "", of_both: float = 1.0) -> QColor:
    """`share` of the first with the rest of the second; then `of_both` of that with the rest of a third."""
    a, b = QColor(first), QColor(second)
    both = [x * share + y * (1 - share) for x, y in zip(_rgb(a), _rgb(b), strict=True)]
    if third:
        both = [x * of_both + y * (1 - of_both) for x, y in zip(both, _rgb(QColor(third)), strict=True)]
    return QColor(*(round(value) for value in both))


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def see_through(colour: str, alpha: float) -> QColor:
    """The same with that opacity."""
    out = QColor(colour)
    out.setAlphaF(alpha)
    return out


def hatch(colour: QColor) -> QPixmap:
    """A tile of slanting lines: what is locked."""
    side = 6
    tile = QPixmap(side, side)
    tile.fill(QColor(0, 0, 0, 0))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 1.2))
    for shift in (-side, 0, side):
        painter.drawLine(shift, side, shift + side, 0)
    painter.end()
    return tile


def strength(velocities: NDArray[np.int32]) -> Shades:
    """The step of each velocity, 0 to 7."""
    steps: Shades = np.clip(velocities >> 4, 0, STRENGTHS - 1).astype(np.uint8)
    return steps


def surprise_step(nats: float) -> int:
    """The legend's step of a note's surprise, 0 to 4."""
    return bisect_right(SURPRISE_STEPS, nats)


def surprise_shades(nats: Iterable[float | None]) -> Shades:
    """The fill of each note in the surprise view; None has not been measured."""
    first = 2 * STRENGTHS
    plain = first + len(SURPRISE_WORDS)
    return np.array([plain if one is None else first + surprise_step(one) for one in nats], dtype=np.uint8)


def surprise_explained() -> Sequence[str]:
    """For each step its word and the nats it stands for."""
    ends = [f"under {most:g} nats" for most in SURPRISE_STEPS]
    return [
        f"{word}: {end}"
        for word, end in zip(SURPRISE_WORDS, [*ends, f"{SURPRISE_STEPS[-1]:g} nats and more"], strict=True)
    ]
