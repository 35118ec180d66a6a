"""The line above a gallery: search, filters, how large the thumbnails are."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSlider, QWidget

from studio.widgets.gallery_items import VERDICTS, GalleryWants
from studio.widgets.gallery_list import SIDES_PX
from studio.widgets.icons import put_icon
from studio.widgets.labels import label

_PAUSE_MS: Final = 200
_WORDS: Final = 6
_SEARCH_PX: Final = 150
_STEP_PX: Final = 16

Choice = tuple[str, str]  # value, title


class GalleryFilters(QWidget):
    """Tells what is wanted: search once typing pauses, filters at once."""

    changed = Signal(object)  # GalleryWants
    side_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._search = QLineEdit()
        self._verdict = _box("Verdict")
        self._model = _box("Model")
        self._adapter = _box("Adapter")
        self._work = _box("Work")
        self._count = label("", "muted")
        self._side = QSlider(Qt.Orientation.Horizontal)
        self._told = GalleryWants()
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self._search.setPlaceholderText("Search prompts")
        self._search.setAccessibleName("Search prompts")
        self._search.setToolTip("Pictures whose prompt has these words")
        self._search.setClearButtonEnabled(True)
        self._search.setMinimumWidth(_SEARCH_PX)
        glass = QAction(self._search)
        put_icon(glass, "search", "muted", 16)
        self._search.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        for value, title in VERDICTS:
            self._verdict.addItem(title, value)
        self.set_choices((), (), ())
        self._side.setRange(*SIDES_PX)
        self._side.setSingleStep(_STEP_PX)
        self._side.setPageStep(2 * _STEP_PX)
        self._side.setMinimumWidth(72)
        self._side.setMaximumWidth(96)
        self._side.setAccessibleName("Size of the thumbnails")
        self._side.setToolTip("Size of the thumbnails (Ctrl and the wheel)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._search, 3)
        for box in (self._verdict, self._model, self._adapter, self._work):
            row.addWidget(box, 1)
        row.addWidget(self._count)
        row.addWidget(self._side)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_typed)
        self._search.returnPressed.connect(self._tell)
        self._pause.timeout.connect(self._tell)
        for box in (self._verdict, self._model, self._adapter, self._work):
            box.currentIndexChanged.connect(self._tell)
        self._side.valueChanged.connect(self.side_changed)

    # -- values ---------------------------------------------------------------------------

    def wants(self) -> GalleryWants:
        """What is wanted, as the fields stand."""
        return GalleryWants(
            query=self._search.text().strip(),
            verdict=str(self._verdict.currentData()),
            model=str(self._model.currentData()),
            adapter=str(self._adapter.currentData()),
            work=str(self._work.currentData()),
        )

    def set_wants(self, wants: GalleryWants) -> None:
        """Show what is wanted; tells it when that is new."""
        self._search.setText(wants.query)
        pairs = (
            (self._verdict, wants.verdict),
            (self._model, wants.model),
            (self._adapter, wants.adapter),
            (self._work, wants.work),
        )
        for box, value in pairs:
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(value)))
            box.blockSignals(False)
        self._tell()

    def set_choices(
        self, models: Sequence[Choice], adapters: Sequence[Choice], works: Sequence[Choice]
    ) -> None:
        """What there is to filter by; what was chosen stays while it is still there. Tells only when it is not."""
        for box, every, choices in (
            (self._model, "All models", models),
            (self._adapter, "All adapters", adapters),
            (self._work, "All pictures", works),
        ):
            chosen = box.currentData()
            box.blockSignals(True)
            box.clear()
            box.addItem(every, "")
            for value, title in choices:
                box.addItem(title, value)
                box.setItemData(box.count() - 1, value, Qt.ItemDataRole.ToolTipRole)
            box.setCurrentIndex(max(0, box.findData(chosen)))
            box.setEnabled(bool(choices))
            box.blockSignals(False)
        if self.wants() != self._told and not self._pause.isActive():
            self._tell()

    def set_count(self, text: str) -> None:
        """How many there are, in words."""
        self._count.setText(text)

    def set_side_px(self, side_px: int) -> None:
        """How large thumbnails are."""
        self._side.setValue(side_px)

    def focus_search(self) -> None:
        """Into the search field."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def _on_typed(self, _text: str) -> None:
        self._pause.start()

    def _tell(self) -> None:
        self._pause.stop()
        wants = self.wants()
        if wants != self._told:
            self._told = wants
            self.changed.emit(wants)


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(_WORDS)
    return box
