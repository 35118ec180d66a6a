"""Spelling with Hunspell's dictionaries: a few microseconds a word, suggestions in tens of milliseconds."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from studio.core.errors import StudioError

CARRIED: Final = "en_US"  # comes with the library
SYSTEM_FOLDERS: Final = (
    Path("/usr/share/hunspell"),
    Path("/usr/share/myspell/dicts"),
    Path("/usr/local/share/hunspell"),
    Path("/opt/homebrew/share/hunspell"),
    Path("/Library/Spelling"),
    Path.home() / "Library" / "Spelling",
)
SUGGESTIONS_MOST: Final = 8
_WORD_CHARS_MOST: Final = 60  # longer ones are no words, and Hunspell gives up on them
_REMEMBERED_MOST: Final = 200_000
_APOSTROPHES: Final = str.maketrans({"’": "'", "‘": "'", "\u2010": "-", "\u2011": "-"})


def dictionaries(folders: Iterable[Path] = SYSTEM_FOLDERS) -> dict[str, Path | None]:
    """Languages with a dictionary, by name ("en_GB"), and the folder each lies in; None: it comes along."""
    found: dict[str, Path | None] = {CARRIED: None}
    for folder in folders:
        try:
            names = sorted(path.stem for path in folder.glob("*.dic") if path.with_suffix(".aff").is_file())
        except OSError:
            continue
        for name in names:
            if not name.startswith("hyph_"):
                found.setdefault(name, folder)
    return found


class Speller:
    """One language's dictionary and the person's own words beside it. May be asked from any thread."""

    def __init__(self, language: str = CARRIED, folder: Path | None = None) -> None:
        """Load it: a tenth of a second. Raises StudioError "dictionary" when it cannot be read."""
        self.language = language
        self._own: frozenset[str] = frozenset()
        self._seen: dict[str, bool] = {}
        self._dictionary = _load(language, folder)

    def set_own(self, words: Iterable[str]) -> bool:
        """Words that count as known, in any case and with 's: names, inventions, all the person added.

        True when they are others than before.
        """
        own = frozenset(_plain(word).casefold() for word in words)
        if own == self._own:
            return False
        self._own = own
        self._seen.clear()
        return True

    def known(self, word: str) -> bool:
        """Whether it is spelled as the dictionary or the person has it.

        A word all in capitals counts as known, and so does one in letters that the dictionary's alphabet does not
        have: it is of another language.
        """
        answer = self._seen.get(word)
        if answer is None:
            if len(self._seen) >= _REMEMBERED_MOST:
                self._seen.clear()
            answer = self._seen[word] = self._look(_plain(word))
        return answer

    def suggest(self, word: str) -> list[str]:
        """What may have been meant, best first; with the apostrophe that the word had."""
        try:
            found = self._dictionary.suggest(_plain(word))
        except UnicodeEncodeError:
            return []
        curly = "’" in word
        out = [text.replace("'", "’") if curly else text for text in found]
        return list(dict.fromkeys(out))[:SUGGESTIONS_MOST]

    def _look(self, word: str) -> bool:
        if len(word) > _WORD_CHARS_MOST or (len(word) > 1 and word.isupper()) or self._is_own(word):
            return True
        try:
            if self._dictionary.spell(word):
                return True
        except UnicodeEncodeError:
            return True
        parts = word.split("-")
        return len(parts) > 1 and all(not part or self._look(part) for part in parts)

    def _is_own(self, word: str) -> bool:
        folded = word.casefold()
        return folded in self._own or (folded.endswith("'s") and folded[:-2] in self._own)


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", word).translate(_APOSTROPHES)


def _load(language: str, folder: Path | None) -> Any:
    from hunspell import Hunspell  # not with the window: only once spelling is wanted

    try:
        if folder is None:
            return Hunspell(language)
        return Hunspell(language, hunspell_data_dir=str(folder), system_encoding="UTF-8")
    except (OSError, UnicodeError, MemoryError) as error:
        raise StudioError(
            f"The dictionary {language} could not be read: {error}.",
            kept="Your text is untouched; it is not checked for now.",
            do="Choose another language for spelling in the View menu.",
            code="dictionary",
        ) from error
