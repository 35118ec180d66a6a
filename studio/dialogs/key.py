"""The key from a bar on: chosen, or found in the notes; or a change of key taken away."""

from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from studio.dialogs.time_step import TimeStepDialog, bar_field
from studio.media.music.edits_time import remove_key, set_key
from studio.media.music.keyfinding import KeyGuess, find_key, pitched
from studio.media.music.score import Key, Mode, Score
from studio.media.music.theory import key_at, key_name, tonic_name
from studio.widgets.labels import button


class KeyDialog(TimeStepDialog):
    """A tonic and a mode from a bar on; says what the notes there sound like."""

    def __init__(self, score: Score, bar: int, parent: QWidget | None = None, *, find: bool = False) -> None:
        """`bar` counts from 0; `find`: what the notes sound like is put in at once."""
        super().__init__("Key", "Set the key", score, parent)
        self.bar = bar_field(score, bar, "From bar", "The bar from which on the key holds")
        self.tonic, self.mode = QComboBox(), QComboBox()
        self.tonic.setAccessibleName("Tonic")
        self.tonic.setToolTip("The note the key is named after")
        self.mode.setAccessibleName("Mode")
        self.mode.setToolTip("Major or minor")
        self.mode.addItem("major", "major")
        self.mode.addItem("minor", "minor")
        self.found: QPushButton = button(
            "Find it from the notes", "Put in the key the notes from this bar sound like"
        )
        self.form.addRow("From &bar", self.bar)
        self.add_row("&Key", self.tonic, self.mode)
        self.add_row("", self.found)
        self._typed = False
        self._guess: KeyGuess | None = None
        self._name_tonics("major")
        self._follow()
        self.bar.valueChanged.connect(self._follow)
        self.mode.currentIndexChanged.connect(self._on_mode)
        self.tonic.currentIndexChanged.connect(self._on_tonic)
        self.found.clicked.connect(self.use_found)
        self.tonic.setFocus()
        if find:
            self.use_found()

    def key(self) -> Key:
        """The key as chosen."""
        tick = self.start_of(self.bar.value() - 1)
        return Key(tick, max(0, self.tonic.currentIndex()), self._mode())

    def change(self, score: Score) -> Score:
        """With the key, or without the one that stands at the bar."""
        key = self.key()
        if self.removing:
            return remove_key(score, key.tick)
        held = key_at(score.keys, key.tick)
        if held is not None and (held.tonic, held.mode) == (key.tonic, key.mode):
            return score
        return set_key(score, key)

    @property
    def words(self) -> str:
        """ "D minor from bar 5"."""
        if self.removing:
            return f"Remove the key of bar {self.bar.value()}"
        return f"{key_name(self.key())} from bar {self.bar.value()}"

    def describe(self) -> str:
        """The key that holds there now, and what the notes sound like."""
        held = key_at(self.score.keys, self.start_of(self.bar.value() - 1))
        now = f"Now {key_name(held)} holds there." if held else "No key is set there yet."
        heard = (
            f" The notes sound like {self._guess.words}." if self._guess else " No notes sound from there on."
        )
        return now + heard

    def removable(self) -> str:
        """A key that stands at the bar can be taken away."""
        tick = self.start_of(self.bar.value() - 1)
        return (
            f"Remove the key at bar {self.bar.value()}"
            if any(k.tick == tick for k in self.score.keys)
            else ""
        )

    def use_found(self) -> None:
        """Put in what the notes sound like."""
        if self._guess is not None:
            self._typed = True
            self._put(self._guess.key)
            self.look()

    def _mode(self) -> Mode:
        return "minor" if self.mode.currentData() == "minor" else "major"

    def _listen(self) -> None:
        """What the notes from the bar up to the next change of key sound like."""
        start = self.start_of(self.bar.value() - 1)
        end = next((key.tick for key in self.score.keys if key.tick > start), None)
        self._guess = find_key(pitched(self.score), start, end)
        self.found.setEnabled(self._guess is not None)

    def _put(self, key: Key) -> None:
        for field in (self.tonic, self.mode):
            field.blockSignals(True)
        self.mode.setCurrentIndex(0 if key.mode == "major" else 1)
        self._name_tonics(key.mode)
        self.tonic.setCurrentIndex(key.tonic)
        for field in (self.tonic, self.mode):
            field.blockSignals(False)

    def _name_tonics(self, mode: Mode) -> None:
        """The twelve tonics by the names they have in this mode: Db major, C# minor."""
        at = max(0, self.tonic.currentIndex())
        self.tonic.blockSignals(True)
        self.tonic.clear()
        self.tonic.addItems([tonic_name(Key(0, tonic, mode)) for tonic in range(12)])
        self.tonic.setCurrentIndex(at)
        self.tonic.blockSignals(False)

    def _follow(self) -> None:
        self._listen()
        if not self._typed:
            held = key_at(self.score.keys, self.start_of(self.bar.value() - 1))
            self._put(held or (self._guess.key if self._guess else Key(0, 0)))
        self.look()

    def _on_mode(self) -> None:
        self._typed = True
        self._name_tonics(self._mode())
        self.look()

    def _on_tonic(self) -> None:
        self._typed = True
        self.look()
