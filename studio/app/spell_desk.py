"""Spelling: which dictionary, whose own words, and what the editor asks about them."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, QObject, QThreadPool, Signal, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from studio.app.places import Places
from studio.app.session import Session
from studio.app.settings import Settings
from studio.core.errors import StudioError
from studio.core.files import write_whole
from studio.media.spelling import CARRIED, Speller, dictionaries
from studio.media.words import spelled_words
from studio.widgets.authored_edit import AuthoredEdit

LANGUAGE = "spelling/language"
WORDS = "words"  # the fact of a story that holds its own words
Story = Callable[[], str]


class SpellDesk(QObject):
    """Loads a dictionary beside the window when spelling is first wanted."""

    problem = Signal(object)  # StudioError
    _loaded = Signal(int, object)  # which question, Speller or StudioError
    _suggested = Signal(object, object)  # answer to, words

    def __init__(
        self, editor: AuthoredEdit, settings: Settings, places: Places, story: Story, parent: QObject
    ) -> None:
        """`story` gives the id of the work that the open text's own words are kept at."""
        super().__init__(parent)
        self.menu = QMenu("Spelling language")
        self._editor, self._settings, self._file, self._story = editor, settings, places.words_file, story
        self._session: Session | None = None
        self._speller: Speller | None = None
        self._on = False
        self._asked = 0
        self._personal: set[str] | None = None
        self._of_story: dict[str, set[str]] = {}
        self._names: set[str] = set()
        self._shown_story = ""
        self.menu.aboutToShow.connect(self._fill_menu)
        editor.spelling_added.connect(self.add)
        editor.spelling_ignored.connect(self.ignore)
        self._loaded.connect(self._on_loaded)
        self._suggested.connect(_answer)

    # -- on, off, which language -----------------------------------------------------------------

    @property
    def speller(self) -> Speller | None:
        """The dictionary, once it has been loaded."""
        return self._speller

    @property
    def language(self) -> str:
        """The language wanted: chosen, else the system's when there is a dictionary for it, else en_US."""
        wanted = self._settings.text(LANGUAGE) or QLocale.system().name()
        return wanted if wanted in dictionaries() else CARRIED

    def set_on(self, on: bool) -> None:
        """Check the spelling of the open text, or do not."""
        self._on = on
        if not on:
            self._editor.set_spelling(None)
            self._editor.suggest = None
        elif self._speller is None:
            self._load()
        else:
            self._show()

    def choose(self, language: str) -> None:
        """Check in another language from now on."""
        self._settings.keep(LANGUAGE, language)
        self._speller = None
        if self._on:
            self._editor.set_spelling(None)
            self._load()

    def _load(self) -> None:
        self._asked += 1
        language = self.language
        QThreadPool.globalInstance().start(
            partial(_load, self._asked, language, dictionaries().get(language), self._loaded.emit)
        )

    @Slot(int, object)
    def _on_loaded(self, asked: int, loaded: "Speller | StudioError") -> None:
        if asked != self._asked:
            return
        if isinstance(loaded, StudioError):
            self.problem.emit(loaded)
            return
        self._speller = loaded
        if self._on:
            self._show()

    def _show(self) -> None:
        assert self._speller is not None
        self._tell_own()
        self._editor.set_spelling(self._speller.known)
        self._editor.suggest = self.suggest

    def _fill_menu(self) -> None:
        self.menu.clear()
        group = QActionGroup(self.menu)
        for name in sorted(dictionaries()):
            action = self.menu.addAction(_title(name))
            action.setCheckable(True)
            action.setChecked(name == self.language)
            action.triggered.connect(partial(self._on_language, name))
            group.addAction(action)

    def _on_language(self, name: str, _checked: bool = False) -> None:
        self.choose(name)

    # -- what the editor asks --------------------------------------------------------------------

    def suggest(self, word: str, answer: Callable[[list[str]], None]) -> None:
        """What may have been meant; answered later, on the window's thread."""
        speller = self._speller
        if speller is not None:
            QThreadPool.globalInstance().start(lambda: self._suggested.emit(answer, speller.suggest(word)))

    # -- the person's own words ------------------------------------------------------------------

    def show_project(self, session: Session, titles: set[str]) -> None:
        """A project is open, or its works are others: words of their titles and of the lorebook are known."""
        if session is not self._session:
            self._session = session
            self._of_story = {
                work: {str(word) for word in facts[WORDS]}
                for work, facts in session.reader.all_facts(WORDS).items()
                if isinstance(facts.get(WORDS), list)
            }
        lore = session.reader.all_facts("lore/").values()
        self.set_names(
            titles | {name for facts in lore for entry in facts.values() for name in _names(entry)}
        )

    def leave(self) -> None:
        """The project is closed."""
        self._session = None

    def set_names(self, names: set[str]) -> None:
        """Titles and names whose words count as known."""
        split = {name[a:b] for name in names for a, b in spelled_words(name)}
        if split != self._names:
            self._names = split
            self._again()

    @Slot(str)
    def add(self, word: str) -> None:
        """Into the person's dictionary, for every project."""
        words = self._words_of_person()
        if word not in words:
            words.add(word)
            try:
                _write(self._file, words)
            except OSError as error:
                self.problem.emit(
                    StudioError(
                        f"“{word}” could not be written to {self._file}: {error.strerror or error}.",
                        kept="It counts as known until Atelier is closed.",
                        do="Make room or allow writing there, then add it again.",
                    )
                )
        self._tell_own()

    @Slot(str)
    def ignore(self, word: str) -> None:
        """Known in this story."""
        story = self._story()
        words = self._of_story.setdefault(story, set())
        if word not in words:
            words.add(word)
            kept = sorted(words)
            if self._session is not None and story:
                self._session.write(lambda store: store.set_fact(story, WORDS, kept))
        self._tell_own()

    def follow_story(self) -> None:
        """Another text may be open, maybe of another story."""
        if self._of_story and self._story() != self._shown_story:
            self._shown_story = self._story()
            self._again()

    def _again(self) -> None:
        """What counts as known is other: have the editor look again, if there is a dictionary."""
        if self._speller is not None and self._tell_own() and self._on:
            self._editor.set_spelling(self._speller.known)

    def _tell_own(self) -> bool:
        if self._speller is None:
            return False
        of_story = self._of_story.get(self._story(), set())
        return self._speller.set_own(self._words_of_person() | of_story | self._names)

    def _words_of_person(self) -> set[str]:
        if self._personal is None:
            try:
                self._personal = set(self._file.read_text("utf-8").split("\n")) - {""}
            except (OSError, UnicodeDecodeError):
                self._personal = set()
        return self._personal


def _load(asked: int, language: str, folder: Path | None, answer: Callable[[int, object], None]) -> None:
    try:
        loaded: Speller | StudioError = Speller(language, folder)
    except StudioError as error:
        loaded = error
    answer(asked, loaded)


def _answer(answer: Callable[[list[str]], None], words: list[str]) -> None:
    answer(words)


def _names(entry: Any) -> list[str]:
    """The title of a lorebook entry and its plain keys."""
    if not isinstance(entry, dict):
        return []
    keys = entry.get("keys")
    words = [entry.get("title"), entry.get("name"), *(keys if isinstance(keys, list) else [])]
    return [word for word in words if isinstance(word, str)]


def _title(name: str) -> str:
    """en_GB as "British English (en_GB)"."""
    locale = QLocale(name)
    known = locale.language() != QLocale.Language.C
    return f"{QLocale.languageToString(locale.language())} ({name})" if known else name


def _write(file: Path, words: set[str]) -> None:
    """All of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, ("\n".join(sorted(words)) + "\n").encode())
