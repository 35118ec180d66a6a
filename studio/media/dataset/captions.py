"""The captions of a folder of pictures as a person edits them: what is changed is kept elsewhere, never in the folder.

`Captions` is a value: each edit, of one caption or of many, makes another one that can be undone and redone. A dialog
shows it, `write_edits` keeps it, training reads it back through ImageSettings.captions.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.files import safe_name, told, write_whole
from studio.core.tuning import ImageSettings
from studio.media.dataset.captions_given import Caption, one_line

VERSION: Final = 1
UNDO_MOST: Final = 100
LENGTH_MOST: Final = 10_000
Edit = Callable[[str], str]


class Change(Struct, frozen=True):
    """One edit: what it was called, and the person's own captions before and after (None: the folder's)."""

    words: str
    before: Mapping[str, str | None]
    after: Mapping[str, str | None]


class Captions(Struct, frozen=True, kw_only=True):
    """The folder's captions (`given`) and the person's own in their place (`own`), by file relative to the folder."""

    given: Mapping[str, Caption] = {}
    own: Mapping[str, str] = {}
    done: tuple[Change, ...] = ()
    undone: tuple[Change, ...] = ()

    def of(self, file: str) -> Caption:
        """What holds for a picture; an empty one from nowhere when it has none."""
        if file in self.own:
            return Caption(self.own[file], "edited")
        return self.given.get(file, Caption("", ""))

    def edited(self, files: Iterable[str], edit: Edit, words: str) -> "Captions":
        """With the captions of these pictures changed; itself where that changes nothing. `words` name it for undo."""
        after: dict[str, str | None] = {}
        for file in files:
            old = self.of(file).text
            new = one_line(edit(old))[:LENGTH_MOST]
            if new != old:
                after[file] = new
        return self._changed(after, words)

    def reverted(self, files: Iterable[str], words: str) -> "Captions":
        """With the folder's own captions for these pictures."""
        return self._changed({file: None for file in files if file in self.own}, words)

    def undo(self) -> "Captions":
        """Before the last edit; itself when there is none."""
        if not self.done:
            return self
        last = self.done[-1]
        own = _laid(self.own, last.before)
        return replace(self, own=own, done=self.done[:-1], undone=(*self.undone, last))

    def redo(self) -> "Captions":
        """After the edit that was undone last; itself when there is none."""
        if not self.undone:
            return self
        last = self.undone[-1]
        own = _laid(self.own, last.after)
        return replace(self, own=own, done=(*self.done, last), undone=self.undone[:-1])

    def tags(self) -> dict[str, int]:
        """The parts between commas and how many captions have each, the most frequent first."""
        count: dict[str, int] = {}
        for file in dict.fromkeys((*self.given, *self.own)):
            for tag in dict.fromkeys(_tags(self.of(file).text)):
                count[tag] = count.get(tag, 0) + 1
        return dict(sorted(count.items(), key=lambda pair: (-pair[1], pair[0])))

    def _changed(self, after: Mapping[str, str | None], words: str) -> "Captions":
        if not after:
            return self
        change = Change(words, {file: self.own.get(file) for file in after}, after)
        done = (*self.done, change)[-UNDO_MOST:]
        return replace(self, own=_laid(self.own, after), done=done, undone=())


def _laid(own: Mapping[str, str], over: Mapping[str, str | None]) -> dict[str, str]:
    both = {**own, **over}
    return {file: text for file, text in both.items() if text is not None}


def _tags(text: str) -> list[str]:
    return [tag for part in text.split(",") if (tag := part.strip())]


# -- edits -------------------------------------------------------------------------------------------


def put(text: str) -> Edit:
    """This caption."""
    return lambda _: text


def prefixed(words: str) -> Edit:
    """The words (a trigger word, say) before the caption, unless they stand in it already."""
    return lambda old: old if says(old, words) else ", ".join(part for part in (words, old) if part)


def suffixed(words: str) -> Edit:
    """The words behind the caption, unless they stand in it already."""
    return lambda old: old if says(old, words) else ", ".join(part for part in (old, words) if part)


def without(words: str) -> Edit:
    """The caption without the words: as a part between commas, else wherever they stand as words."""

    def edit(old: str) -> str:
        tags = _tags(old)
        left = [tag for tag in tags if tag.casefold() != words.casefold()]
        if len(left) < len(tags):
            return ", ".join(left)
        return ", ".join(_tags(_pattern(words).sub("", old))) if says(old, words) else old

    return edit


def swapped(words: str, by: str) -> Edit:
    """Other words wherever these stand as words, in whatever case."""
    return lambda old: _pattern(words).sub(lambda _: by, old) if words else old


def says(text: str, words: str) -> bool:
    """Whether the words stand in the text as words; case does not matter."""
    return not words or bool(_pattern(words).search(text))


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)


def spoken(caption: str, settings: ImageSettings) -> str:
    """What is trained with: the caption or the one that stands in for it, with the trigger word in front."""
    text = caption or one_line(settings.caption)
    return one_line(prefixed(one_line(settings.trigger))(text))


# -- the file ----------------------------------------------------------------------------------------


class _Kept(Struct, frozen=True, kw_only=True):
    version: int = VERSION
    folder: str = ""  # for whoever opens the file
    captions: dict[str, str] = {}


def edits_file(data: Path, folder: Path) -> Path:
    """Where the edits of a folder are kept below the user's data: one file for each real path."""
    real = folder.resolve()
    key = hashlib.sha256(str(real).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return data / "captions" / f"{safe_name(real.name, 'folder')[:60]}-{key}.json"


def read_edits(path: Path) -> dict[str, str]:
    """The person's own captions; none where there is no such file yet.

    Raises StudioError "captions" for a damaged file or one of a newer version, "io" and the like from the system.
    """
    with told(f"read the captions in {path}", "Nothing was changed."):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return {}
    try:
        kept = msgspec.json.decode(data, type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        why = f"is damaged: {error}"
    else:
        if kept.version <= VERSION:
            return kept.captions
        why = f"is of version {kept.version}; this Atelier knows {VERSION}"
    raise StudioError(
        f"The file with your captions, {path}, {why}.",
        kept="Nothing was changed.",
        do="Move it away to start again with the folder's own captions.",
        code="captions",
    )


def write_edits(path: Path, folder: Path, own: Mapping[str, str]) -> None:
    """Keep the person's own captions: the old file or the new one, never half. Raises StudioError."""
    kept = _Kept(folder=str(folder), captions=dict(sorted(own.items())))
    with told(f"keep the captions in {path}", "The last ones that were kept are as they were."):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, msgspec.json.encode(kept))
