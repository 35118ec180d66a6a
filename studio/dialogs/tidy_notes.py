"""Shows what tidying would change in a piece, note by note and in the roll, before it is done."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from studio.dialogs.tidy_changes import ChangesModel, changes_list
from studio.dialogs.tidy_fields import TidyFields
from studio.media.music.score import Score
from studio.media.music.tidying import Picks, Place, Tidied, Tidying, TidyWish, tidied
from studio.widgets.knob_fields import ChoiceField
from studio.widgets.labels import label
from studio.widgets.off_thread import OffThread

_SETTLE_MS: Final = 120


class TidyScope(Struct, frozen=True, kw_only=True):
    """Notes that can be looked at: "Bars 3 to 6 of Piano"; `picks` None is all of the piece."""

    title: str
    picks: Picks | None = None


class TidyNotesDialog(QDialog):
    """Every change can be left out; nothing changes until “Tidy” is pressed."""

    previewed = Signal(object)  # tidying.Tidied, what would be
    looked_at = Signal(str, int)  # track id and tick of the line that is chosen
    tidied = Signal(object)  # tidying.Tidied

    def __init__(
        self,
        score: Score,
        scopes: Sequence[TidyScope],
        wish: TidyWish | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """The first of the scopes is looked at to begin with."""
        super().__init__(parent)
        self.setWindowTitle("Tidy notes")
        self._score = score
        self._scopes = tuple(scopes)
        self._scope = ChoiceField(list(enumerate(scope.title for scope in scopes)))
        self._fields = TidyFields(wish or TidyWish())
        self._model = ChangesModel(score, self)
        self.list = changes_list(self._model)
        self._note = label("", "muted")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._tidy: QPushButton = self._buttons.addButton("Tidy", QDialogButtonBox.ButtonRole.AcceptRole)
        self._without: set[Place] = set()
        self._now = Tidied(score)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._elsewhere = OffThread(self)  # a piece of 20,000 notes takes a second
        self._looking = self._once_more = False
        self._lay_out()
        self._elsewhere.done.connect(self._on_found)
        self._settle.timeout.connect(self.look)
        self._scope.changed.connect(self._settle.start)
        self._fields.changed.connect(self._settle.start)
        self._model.ticked.connect(self._on_ticked)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self._buttons.accepted.connect(self._on_tidy)
        self._buttons.rejected.connect(self.reject)
        self.look()

    def _lay_out(self) -> None:
        self._scope.setAccessibleName("Which notes")
        self._scope.setToolTip("Which notes are looked at")
        self._note.setWordWrap(True)
        self._tidy.setProperty("primary", True)
        self._tidy.setDefault(True)
        top = QHBoxLayout()
        top.addWidget(label("Look at", "muted"))
        top.addWidget(self._scope, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addWidget(self._buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addLayout(top)
        outer.addWidget(self._fields)
        outer.addWidget(self.list, 1)
        outer.addLayout(foot)
        self.list.setMinimumHeight(280)

    # -- values ------------------------------------------------------------------------------------

    def wish(self) -> TidyWish:
        """What is wanted."""
        return self._fields.wish()

    def now(self) -> Tidied:
        """What would be done with the changes that are ticked."""
        return self._now

    @property
    def settled(self) -> bool:
        """What is shown is what stands in the fields."""
        return not self._looking and not self._settle.isActive()

    def look(self) -> None:
        """Work out what would change, then show it and tell it."""
        self._settle.stop()
        self._once_more = self._looking
        if not self._looking:
            self._looking = True
            self._elsewhere.start(self.wish(), self._work())

    def _work(self) -> Callable[[], Tidied]:
        picks = self._scopes[self._scope.value()].picks
        return partial(tidied, self._score, self.wish(), picks, frozenset(self._without))

    def _on_found(self, wish: TidyWish, now: Tidied) -> None:
        self._looking = False
        if self._once_more:
            self.look()
        else:
            self._show(wish, now)

    def _show(self, wish: TidyWish, now: Tidied) -> None:
        self._now = now
        self._model.show_steps(now.steps)
        counts: Counter[Tidying] = Counter(step.place.kind for step in now.steps)
        self._fields.show_counts({kind: counts[kind] for kind in wish.kinds})
        self._tidy.setEnabled(now.made > 0)
        self._note.setText(_words(now, wish, self._score))
        self.previewed.emit(now)

    def _on_ticked(self, place: Place, made: bool) -> None:
        if made:
            self._without.discard(place)
        else:
            self._without.add(place)
        self.look()

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            step = self._model.step(index.row())
            self.looked_at.emit(step.place.track, step.change.before.start)

    def _on_tidy(self) -> None:
        if not self.settled:
            self._now = self._work()()
        self.accept()
        self.tidied.emit(self._now)


def _words(now: Tidied, wish: TidyWish, score: Score) -> str:
    if not wish.kinds:
        return "Tick what is to be tidied."
    made = f"{now.made:,} of {len(now.steps):,} changes" if now.steps else "Nothing to change"
    parts = [f"{made}."]
    if "scale" in wish.kinds and wish.key is None and not score.keys:
        parts.append("The piece has no key: choose one.")
    if now.locked:
        notes = "1 locked note stays as it is." if now.locked == 1 else f"{now.locked:,} locked notes stay."
        parts.append(notes)
    return " ".join(parts)
