"""Pieces written out as MIDI, MusicXML or sound: the whole, some bars, some tracks; whole files or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from studio.core.checked import Checked
from studio.core.errors import StoppedError, StudioError
from studio.core.files import told, write_whole
from studio.media.music.score import END_MOST, Score

Format = Literal["midi", "musicxml", "wav", "flac", "ogg"]
FORMATS: Final[dict[Format, tuple[str, str]]] = {
    "midi": ("MIDI", ".mid"), "musicxml": ("MusicXML", ".musicxml"), "wav": ("WAV", ".wav"), "flac": ("FLAC", ".flac"),
    "ogg": ("Ogg Vorbis", ".ogg"),
}  # fmt: skip
SOUNDS: Final = ("wav", "flac", "ogg")
RATES_HZ: Final = (22_050, 32_000, 44_100, 48_000, 88_200, 96_000)  # of media.music.audio, which needs numpy
KEPT: Final = "The project is as it was."
Bar = Annotated[int, Meta(ge=0)]


class PieceWish(Checked, frozen=True, kw_only=True):
    """What the person wants written. Bars count from 0, None: from the start, to the end. `tracks`: their ids; () all.

    `rate` (Hz), `bits` (WAV and FLAC), `quality` (OGG, 0 to 1) and `stems` (a file a track) are for sound.
    """

    format: Format = "midi"
    first_bar: Bar | None = None
    last_bar: Bar | None = None
    tracks: tuple[str, ...] = ()
    rate: Literal[22050, 32000, 44100, 48000, 88200, 96000] = 44100
    bits: Literal[16, 24] = 16
    quality: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.6
    stems: bool = False

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""
        return FORMATS[self.format][1]

    @property
    def sounds(self) -> bool:
        """Whether sound is written, not notes."""
        return self.format in SOUNDS


class Exported(Struct, frozen=True, kw_only=True):
    """The files that were written, and what is to be said about them."""

    paths: tuple[Path, ...]
    words: str = ""


def write_piece(
    score: Score,
    target: Path,
    wish: PieceWish,
    title: str = "",
    font: Path | None = None,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda _: None,
) -> Exported:
    """Write a piece to `target`, or each track's sound beside it. `font`: a soundfont; None is the built-in one.

    Each file is written whole or not at all. `progress` is told the share of the sound that is done. Raises
    StudioError: "empty", "too_long", "full", "read_only", "io", "slow", "font_missing", "font_broken"; StoppedError.
    """
    behind = (wish.first_bar or 0) >= len(score.bars())
    if wish.sounds and not behind:
        return _write_sound(score, target, wish, font, stopped, progress)
    part = Score() if behind else _part(score, wish)
    if not part.note_count:
        raise StudioError(
            "There are no notes to write there.", kept=KEPT, do="Choose other bars or tracks.", code="empty"
        )
    data, notes = _notation(part, wish.format, title)
    if stopped():
        raise StoppedError("The export was stopped.", kept=KEPT)
    with told(f"write {target}", kept=KEPT):
        write_whole(target, data)
    return Exported(paths=(target,), words=" ".join(notes))


def _part(score: Score, wish: PieceWish) -> Score:
    """The bars and tracks that are wished for, from tick 0 on."""
    from studio.media.music.midi_write import excerpt

    if wish.first_bar is None and wish.last_bar is None and not wish.tracks:
        return score
    start, end = 0, END_MOST
    if wish.first_bar is not None or wish.last_bar is not None:
        bars = score.bars()
        last = len(bars) - 1 if wish.last_bar is None else min(wish.last_bar, len(bars) - 1)
        start, end = bars.span(min(wish.first_bar or 0, last), last)
    return excerpt(score, start, end, wish.tracks or None)


def _notation(part: Score, kind: Format, title: str) -> tuple[bytes, tuple[str, ...]]:
    if kind == "midi":
        from studio.media.music.midi_write import write_midi

        made = write_midi(part, title=title)
    else:
        from studio.media.music.exchange import write_musicxml

        made = write_musicxml(part, title)
    return made.data, made.notes


def _write_sound(
    score: Score,
    target: Path,
    wish: PieceWish,
    font: Path | None,
    stopped: Callable[[], bool],
    progress: Callable[[float], None],
) -> Exported:
    from studio.media.music.audio import AudioWish, write_audio
    from studio.media.music.fonts import open_font

    asked = AudioWish(
        format=wish.format,  # type: ignore[arg-type]  # one of SOUNDS
        rate=wish.rate,
        bits=wish.bits,
        quality=wish.quality,
        first_bar=wish.first_bar,
        last_bar=wish.last_bar,
        tracks=wish.tracks,
        stems=wish.stems,
    )
    written = write_audio(score, target, asked, open_font(font), stopped, progress)
    return Exported(paths=written.paths, words=written.words)
