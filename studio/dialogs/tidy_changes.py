"""The list of changes that tidying would make, each with a box to tick."""

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QListView, QWidget

from studio.media.music.score import Score, Track
from studio.media.music.tidying import Step, Tidying
from studio.widgets.roll.change_words import change_words

SHORT: Final[dict[Tidying, str]] = {
    "scale": "Key",
    "grid": "Grid",
    "range": "Range",
    "overlaps": "Overlap",
    "velocity": "Velocity",
}
_Index = QModelIndex | QPersistentModelIndex


class ChangesModel(QAbstractListModel):
    """Thousands of changes at once: words are made only for what is seen."""

    ticked = Signal(object, bool)  # tidying.Place, whether it is to be made

    def __init__(self, score: Score, parent: QWidget | None = None) -> None:
        """`score` as it is before."""
        super().__init__(parent)
        self._score = score
        self._bars = score.bars()
        self._tracks: dict[str, Track] = {track.id: track for track in score.tracks}
        self._steps: Sequence[Step] = ()
        self._names = False

    def show_steps(self, steps: Sequence[Step]) -> None:
        """Other changes; where they are as many, the list stays where it is scrolled to."""
        self._names = len({step.place.track for step in steps}) > 1
        if len(steps) == len(self._steps):
            self._steps = steps
            if steps:
                self.dataChanged.emit(self.index(0), self.index(len(steps) - 1))
            return
        self.beginResetModel()
        self._steps = steps
        self.endResetModel()

    def step(self, row: int) -> Step:
        """One of them."""
        return self._steps[row]

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        """How many there are."""
        return 0 if parent.isValid() else len(self._steps)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a line says, and its tick."""
        step = self._steps[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if step.made else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            track = self._tracks[step.place.track]
            words = change_words(step.change, self._score, self._bars, track, names=self._names)
            return f"{SHORT[step.place.kind]}:  {words}"
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """A tick was set or taken away."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        self.ticked.emit(self._steps[index.row()].place, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def flags(self, _index: _Index) -> Qt.ItemFlag:
        """All can be ticked."""
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemNeverHasChildren
        )


def changes_list(model: ChangesModel) -> QListView:
    """The view of them."""
    view = QListView()
    view.setModel(model)
    view.setUniformItemSizes(True)
    view.setAccessibleName("What would be changed")
    view.setToolTip("Untick what shall stay as it is; a chosen line is shown in the roll")
    view.setTextElideMode(Qt.TextElideMode.ElideRight)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return view
