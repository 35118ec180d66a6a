"""Presets of an art's knobs: the ones that came with Atelier and the person's own, one small JSON file each."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec
from msgspec import Meta

from studio.core.checked import Checked
from studio.core.errors import StudioError
from studio.core.files import write_whole
from studio.core.ids import new_id
from studio.core.piece_settings import PieceSettings
from studio.core.sampling import Sampling
from studio.media.picture.settings import PicturePreset

VERSION: Final = 1
K = TypeVar("K", bound=Checked)  # the knobs: Sampling, PicturePreset, PieceSettings
Foreign = Callable[[object, str], tuple[str, K, tuple[str, ...]]]
MAX_BYTES: Final = 1024 * 1024
TITLE_CHARS: Final = 60
_ARTS: Final = {Sampling: "sampling", PicturePreset: "picture", PieceSettings: "piece"}  # as in PresetFile


class Preset(msgspec.Struct, Generic[K], frozen=True, kw_only=True):
    """Named knobs. `own`: the person's, so it may be renamed and deleted."""

    id: str
    title: str
    knobs: K
    about: str = ""
    own: bool = False


class Imported(msgspec.Struct, Generic[K], frozen=True, kw_only=True):
    """A preset read from a file of another program; `left_out` says what of it Atelier does not have."""

    preset: Preset[K]
    left_out: tuple[str, ...] = ()


class PresetFile(Checked, frozen=True, kw_only=True, omit_defaults=True):
    """A preset as it lies on the disk; knobs that are not named stand as usual.

    One without any is of an older version and for texts.
    """

    atelier_preset: int
    title: Annotated[str, Meta(min_length=1, max_length=TITLE_CHARS)]
    about: Annotated[str, Meta(max_length=1000)] = ""
    sampling: Sampling | None = None
    picture: PicturePreset | None = None
    piece: PieceSettings | None = None


class Presets(Generic[K]):
    """The presets of one person for one art; every change is on the disk before the call returns.

    `foreign` reads the presets of other programs; without it there are none to read.
    """

    def __init__(self, own: Path, built_in: Path, kind: type[K], foreign: Foreign[K] | None = None) -> None:
        self._own = own
        self._built_in = built_in
        self._kind = kind
        self._foreign = foreign
        self.problems: tuple[StudioError, ...] = ()

    def all(self) -> tuple[Preset[K], ...]:
        """Built-in ones, then the person's by title. Files that cannot be read are named in `problems`."""
        problems: list[StudioError] = []
        found: list[Preset[K]] = []
        for folder, own in ((self._built_in, False), (self._own, True)):
            presets = []
            for file in sorted(folder.glob("*.json")):
                try:
                    presets.append(self._read(file, own))
                except StudioError as error:
                    problems.append(error)
            found += sorted(presets, key=lambda preset: preset.title.casefold()) if own else presets
        self.problems = tuple(problems)
        return tuple(found)

    def find(self, preset_id: str) -> Preset[K] | None:
        """The preset of that id."""
        return next((preset for preset in self.all() if preset.id == preset_id), None)

    def save(self, title: str, knobs: K, about: str = "") -> Preset[K]:
        """Keep these knobs under a title; an own preset of that title is replaced.

        Raises StudioError when the title cannot be used or the disk refuses.
        """
        title = self._checked_title(title)
        old = self._own_titled(title)
        file = self._file(old.id) if old else self._new_file(title)
        self._write(file, title, about, knobs)
        return Preset(id=_id(file, True), title=title, knobs=knobs, about=about, own=True)

    def rename(self, preset_id: str, title: str) -> Preset[K]:
        """Give an own preset another title. Raises StudioError when it is taken."""
        preset = self._own_of(preset_id)
        title = self._checked_title(title)
        other = self._own_titled(title)
        if other is not None and other.id != preset_id:
            raise StudioError(
                f"There is a preset “{title}” already.",
                kept="Nothing was changed.",
                do="Choose another name.",
            )
        file = self._file(preset_id)
        self._write(file, title, preset.about, preset.knobs)
        return msgspec.structs.replace(preset, title=title)

    def delete(self, preset_id: str) -> None:
        """Remove an own preset's file."""
        self._own_of(preset_id)
        _disk(lambda: self._file(preset_id).unlink(), "The preset could not be deleted")

    def import_file(self, path: Path) -> Imported[K]:
        """Read a preset file of Atelier, KoboldAI Lite or SillyTavern and keep it as an own one.

        Raises StudioError, and changes nothing, when it cannot be read or holds no preset.
        """
        data = _bytes_of(path)
        value = _parsed(data, path.name)
        left_out: tuple[str, ...] = ()
        if self._foreign is None or (isinstance(value, dict) and "atelier_preset" in value):
            read = _decoded(data, path.name)
            title, about, knobs = read.title, read.about, self._knobs_of(read, path.name)
        else:
            title, knobs, left_out = self._foreign(value, path.name)
            about = f"Imported from {path.name}."[:1000]
        return Imported(
            preset=self.save(self._free_title(title or path.stem), knobs, about), left_out=left_out
        )

    def _read(self, file: Path, own: bool) -> Preset[K]:
        read = _decoded(_bytes_of(file), file.name)
        knobs = self._knobs_of(read, file.name)
        return Preset(id=_id(file, own), title=read.title, knobs=knobs, about=read.about, own=own)

    def _knobs_of(self, read: PresetFile, name: str) -> K:
        """The knobs of this art. Raises StudioError when the file is for another one."""
        told = [knobs for knobs in (read.sampling, read.picture, read.piece) if knobs is not None]
        for knobs in told or [Sampling()]:
            if isinstance(knobs, self._kind):
                return knobs
        raise _unreadable(name, "it holds settings of another pane")

    # titles and files

    def _checked_title(self, title: str) -> str:
        title = " ".join(title.split())[:TITLE_CHARS].strip()
        if not title:
            raise StudioError("A preset needs a name.", kept="Nothing was changed.", do="Type a name.")
        if any(preset.title.casefold() == title.casefold() for preset in self.all() if not preset.own):
            raise StudioError(
                f"“{title}” came with Atelier and stays as it is.",
                kept="Nothing was changed.",
                do="Choose another name.",
            )
        return title

    def _free_title(self, title: str) -> str:
        """The title, numbered when it is taken."""
        title = (
            " ".join(re.sub(r"[\x00-\x1f\ud800-\udfff]", " ", title).split())[: TITLE_CHARS - 5].strip()
            or "Imported"
        )
        taken = {preset.title.casefold() for preset in self.all()}
        number, free = 2, title
        while free.casefold() in taken:
            free, number = f"{title} {number}", number + 1
        return free

    def _own_titled(self, title: str) -> Preset[K] | None:
        same = (preset for preset in self.all() if preset.own and preset.title.casefold() == title.casefold())
        return next(same, None)

    def _own_of(self, preset_id: str) -> Preset[K]:
        preset = self.find(preset_id)
        if preset is None or not preset.own:
            raise StudioError("There is no such preset of your own.", kept="Nothing was changed.")
        return preset

    def _file(self, preset_id: str) -> Path:
        return self._own / f"{preset_id.removeprefix('own/')}.json"

    def _new_file(self, title: str) -> Path:
        plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "preset"
        return self._own / f"{stem}-{new_id()[-6:].lower()}.json"

    def _write(self, file: Path, title: str, about: str, knobs: K) -> None:
        """Written whole or not at all."""
        art = next(name for kind, name in _ARTS.items() if isinstance(knobs, kind))
        values: dict[str, Any] = {art: knobs}
        preset = PresetFile(atelier_preset=VERSION, title=title, about=about, **values)
        data = msgspec.json.format(msgspec.json.encode(preset), indent=2) + b"\n"

        def write() -> None:
            self._own.mkdir(parents=True, exist_ok=True)
            write_whole(file, data)

        _disk(write, "The preset could not be saved")


def _disk(act: Callable[[], None], what: str) -> None:
    try:
        act()
    except OSError as error:
        raise StudioError(
            f"{what}: {error.strerror or error}.",
            kept="Your knobs stay as they are.",
            do="Look at the disk and try again.",
        ) from error


def _id(file: Path, own: bool) -> str:
    return f"{'own' if own else 'built-in'}/{file.stem}"


def _bytes_of(path: Path) -> bytes:
    """The file's contents; StudioError when it cannot be read or is too large to be a preset."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path.name, str(error)) from error
    if len(data) > MAX_BYTES:
        raise _unreadable(path.name, "it is larger than any preset")
    return data


def _parsed(data: bytes, name: str) -> object:
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(name, f"it is no JSON: {error}") from error


def _decoded(data: bytes, name: str) -> PresetFile:
    """A preset file of Atelier's own; StudioError for a damaged one and for one of a newer version."""
    value = _parsed(data, name)
    version = value.get("atelier_preset") if isinstance(value, dict) else None
    if type(version) is int and version > VERSION:
        raise StudioError(
            f"The preset {name} was written by a newer Atelier.",
            kept="Nothing was changed.",
            do="Update Atelier to use it.",
        )
    try:
        return msgspec.convert(value, PresetFile)
    except (msgspec.ValidationError, RecursionError) as error:
        raise _unreadable(name, str(error)) from error


def _unreadable(name: str, why: str) -> StudioError:
    return StudioError(
        f"The preset {name} cannot be read: {why[:200]}.",
        kept="Nothing was changed.",
        do="Choose another file, or save the preset again where it came from.",
        code="damaged_preset",
    )
