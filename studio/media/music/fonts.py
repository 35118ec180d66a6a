"""Soundfonts: the one that came with pretty_midi, or a person's own .sf2 or .sf3, checked before it plays."""

import importlib.util
from collections import OrderedDict
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from studio.core.errors import StudioError
from studio.media.music.soundfont_file import BrokenFontError, FontTables, read_tables
from studio.media.music.zones import Region, regions_of

DRUM_BANK: Final = 128
CLIPS_MOST_BYTES: Final = 48 * 2**20  # decoded samples of an sf3 that are kept
CLIP_MOST_FRAMES: Final = 60 * 192_000
KEPT: Final = "The built-in soundfont plays."
ENDINGS: Final = (".sf2", ".sf3")
Sound = NDArray[np.float32]


class FontInfo(Struct, frozen=True, kw_only=True):
    """What a soundfont says of itself."""

    path: Path
    name: str
    presets: int
    size_bytes: int
    compressed: bool


class SoundFont:
    """An open font. Its samples are mapped, not read; regions are worked out when first asked for.

    May be used from several threads.
    """

    def __init__(self, path: Path, tables: FontTables) -> None:
        self.info = FontInfo(
            path=path,
            name=tables.name or path.stem,
            presets=len(tables.phdr) - 1,
            size_bytes=path.stat().st_size,
            compressed=tables.samples.dtype == np.uint8,
        )
        self._tables = tables
        heads = tables.phdr[:-1]
        self._rows = {(int(head["bank"]), int(head["preset"])): row for row, head in enumerate(heads)}
        self._regions: dict[int, tuple[Region, ...]] = {}
        self._clips: OrderedDict[int, Sound] = OrderedDict()
        self._lock = Lock()

    def instruments(self) -> dict[tuple[int, int], str]:
        """The names of its presets by (bank, program), sorted; bank 128 holds drum kits."""
        heads = self._tables.phdr
        return {
            key: bytes(heads["name"][row]).split(b"\0")[0].decode("latin-1").strip()
            for key, row in sorted(self._rows.items())
        }

    def regions(self, program: int, *, drums: bool = False, bank: int = 0) -> tuple[Region, ...]:
        """What sounds for a program: of that bank, else of bank 0, else program 0, else the font's first.

        Drums take their kit from bank 128, else its first kit; a font with no kit at all gives ().
        """
        row = self._row(program, drums=drums, bank=bank)
        if row is None:
            return ()
        with self._lock:
            if row not in self._regions:
                self._regions[row] = regions_of(self._tables, row)
            return self._regions[row]

    def _row(self, program: int, *, drums: bool, bank: int) -> int | None:
        if drums:
            kits = [key for key in sorted(self._rows) if key[0] == DRUM_BANK]
            wanted = [(DRUM_BANK, program), (DRUM_BANK, 0), *kits]
        else:
            plain = [key for key in sorted(self._rows) if key[0] != DRUM_BANK]
            wanted = [(bank, program), (0, program), (0, 0), *plain]
        return next((self._rows[key] for key in wanted if key in self._rows), None)

    def samples(self, region: Region) -> Sound:
        """The region's recording, mono, -1 to 1, float32 (frames,); empty when an sf3's clip cannot be decoded."""
        if not region.compressed:
            if self._tables.samples.dtype == np.uint8:
                return np.zeros(0, np.float32)
            return self._tables.samples[region.start : region.end].astype(np.float32) * np.float32(1 / 32768)
        with self._lock:
            if region.sample in self._clips:
                self._clips.move_to_end(region.sample)
            else:
                self._clips[region.sample] = self._decoded(region)
                while len(self._clips) > 1 and sum(c.nbytes for c in self._clips.values()) > CLIPS_MOST_BYTES:
                    self._clips.popitem(last=False)
            return self._clips[region.sample]

    def _decoded(self, region: Region) -> Sound:
        import soundfile

        try:
            with soundfile.SoundFile(BytesIO(bytes(self._tables.samples[region.start : region.end]))) as file:
                if file.frames > CLIP_MOST_FRAMES:
                    return np.zeros(0, np.float32)
                clip: Sound = file.read(dtype="float32", always_2d=True)[:, 0]
        except (soundfile.SoundFileError, ValueError):
            return np.zeros(0, np.float32)
        return np.ascontiguousarray(np.nan_to_num(clip))


def built_in_font() -> Path:
    """The General MIDI soundfont inside the installed pretty_midi (which is not imported).

    Raises StudioError "font_missing" when the installation lacks it.
    """
    spec = importlib.util.find_spec("pretty_midi")
    path = Path(spec.origin).parent / "TimGM6mb.sf2" if spec and spec.origin else None
    if path is None or not path.is_file():
        raise StudioError(
            "The built-in soundfont is missing from this installation.",
            kept="Everything but sound works.",
            do="Install Atelier again, or choose a soundfont of your own (.sf2 or .sf3).",
            code="font_missing",
        )
    return path


def check_font(path: Path) -> FontInfo:
    """What a file is, once it has proved to be a soundfont.

    Raises StudioError "font_missing", "font_broken": both say that the built-in one plays.
    """
    return open_font(path).info


def open_font(path: Path | None = None) -> SoundFont:
    """Open a soundfont; None: the built-in one.

    Raises StudioError "font_missing", "font_broken": both say that the built-in one plays.
    """
    if path is None:
        return _opened(built_in_font(), kept="Everything but sound works.")
    return _opened(path, kept=KEPT)


def _opened(path: Path, kept: str) -> SoundFont:
    try:
        font = SoundFont(path, read_tables(path))
    except OSError as error:
        raise StudioError(
            f"The soundfont {path} could not be opened: {error.strerror or error}.",
            kept=kept,
            do="Choose it again where it lies now.",
            code="font_missing",
        ) from error
    except BrokenFontError as error:
        raise StudioError(
            f"The file {path.name} cannot be used as a soundfont: {error}.",
            kept=kept,
            do="Choose another .sf2 or .sf3, or get this one again.",
            code="font_broken",
        ) from error
    return font
