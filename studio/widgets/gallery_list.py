"""The list of a gallery: a list view whose layout is arithmetic and whose cells are painted in one go."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QRegion, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from studio.widgets.gallery_layout import GalleryLayout
from studio.widgets.gallery_model import GalleryModel
from studio.widgets.gallery_paint import CellPainter
from studio.widgets.gallery_thumbs import ThumbLoader
from studio.widgets.tones import Tones, current_tones, follow_tones

SIDES_PX: Final = (96, 256)
_SIDE_PX: Final = 160
_Index = QModelIndex | QPersistentModelIndex
_Action = QAbstractItemView.CursorAction


class GalleryList(QListView):
    """Qt's list view gives selection, keys and words for screen readers; where cells lie is ours.

    (Its own icon mode lays out every item anew: too slow for 20,000.)
    """

    entered_by_key = Signal(QModelIndex)
    reject_pressed = Signal()
    copy_pressed = Signal()
    dragged = Signal()
    zoomed = Signal(int)  # Ctrl and the wheel: +1 | -1

    def __init__(self, model: GalleryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items = model
        self._side_px = _SIDE_PX
        self._cells = CellPainter()
        self.thumbs = ThumbLoader(self._nearest, self)
        self.setModel(model)
        self.setObjectName("galleryList")
        self.setAccessibleName("Pictures of the project")
        self.setToolTip("")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        )  # the columns stay when rows come
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.thumbs.came.connect(self._on_came)
        follow_tones(self._on_tones)

    # -- values ---------------------------------------------------------------------------

    def side_px(self) -> int:
        """A thumbnail's longer side."""
        return self._side_px

    def set_side_px(self, side_px: int) -> None:
        """Larger or smaller thumbnails; what was on top stays in sight."""
        side_px = min(SIDES_PX[1], max(SIDES_PX[0], side_px))
        if side_px != self._side_px:
            anchor = self.first_seen()
            self._side_px = side_px
            self._sharpen()
            self.doItemsLayout()
            self.show_first(*anchor)

    def arithmetic(self) -> GalleryLayout:
        """Where everything lies."""
        return GalleryLayout(self.viewport().width(), self._side_px, self._items.rowCount())

    def first_seen(self) -> tuple[str, int]:
        """The first take that is in sight and how far above its row's top the view begins; "" for none."""
        layout, top = self.arithmetic(), self.verticalOffset()
        span = layout.span(top, top)
        if not span or not top:
            return "", 0
        return self._items.item(span[0]).take, top - layout.place(span[0])[1]

    def show_first(self, take_id: str, by_px: int = 0) -> None:
        """Scroll so that this take's row is on top again; one that is not here: to the beginning."""
        row = self._items.row_of(take_id)
        top = self.arithmetic().place(row)[1] + by_px if row >= 0 else 0
        self.verticalScrollBar().setValue(top)

    def visible(self) -> range:
        """The rows that are in sight."""
        top = self.verticalOffset()
        return self.arithmetic().span(top, top + self.viewport().height())

    def _nearest(self) -> Sequence[str]:
        """What is in sight, then a screen below, then one above."""
        top, height = self.verticalOffset(), self.viewport().height()
        if not self.isVisible():
            return ()
        layout = self.arithmetic()
        seen = layout.span(top, top + height)
        below = range(seen.stop, layout.span(top, top + 2 * height).stop)
        above = range(layout.span(max(0, top - height), top).start, seen.start)
        return [self._items.item(row).take for part in (seen, below, above) for row in part]

    def _sharpen(self) -> None:
        self.thumbs.side_px = round(self._side_px * self.devicePixelRatioF())

    def _on_came(self, take_ids: tuple[str, ...]) -> None:
        for take_id in take_ids:
            row = self._items.row_of(take_id)
            if row >= 0:
                self.viewport().update(self._cell(row))

    def _on_tones(self, _tones: Tones) -> None:
        self.viewport().update()

    def _cell(self, row: int) -> QRect:
        x, y, width, height = self.arithmetic().place(row)
        return QRect(x, y - self.verticalOffset(), width, height)

    # -- what a view must say -------------------------------------------------------------

    def visualRect(self, index: _Index) -> QRect:
        """Where a cell lies in the viewport."""
        return self._cell(index.row()) if index.isValid() else QRect()

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The cell at a point of the viewport."""
        row = self.arithmetic().at(point.x(), point.y() + self.verticalOffset())
        return self._items.index(row) if row >= 0 else QModelIndex()

    def horizontalOffset(self) -> int:
        """It never scrolls sideways."""
        return 0

    def verticalOffset(self) -> int:
        """How far it is scrolled."""
        return self.verticalScrollBar().value()

    def scrollTo(
        self, index: _Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        """As little as needed, or as the hint says."""
        if not index.isValid():
            return
        rect, room = self._cell(index.row()), self.viewport().height()
        bar = self.verticalScrollBar()
        if hint == QAbstractItemView.ScrollHint.PositionAtCenter:
            bar.setValue(bar.value() + rect.center().y() - room // 2)
        elif rect.top() < 8 or hint == QAbstractItemView.ScrollHint.PositionAtTop:
            bar.setValue(bar.value() + rect.top() - 8)
        elif rect.bottom() > room - 8:
            bar.setValue(bar.value() + rect.bottom() - room + 8)

    def moveCursor(self, action: _Action, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Where an arrow or a page leads."""
        count = self._items.rowCount()
        if not count:
            return QModelIndex()
        layout = self.arithmetic()
        now = self.currentIndex().row()
        if now < 0:
            return self._items.index(min(self.visible().start, count - 1))
        page = max(1, self.viewport().height() // layout.row_px) * layout.columns
        moves = {
            _Action.MoveLeft: -1,
            _Action.MovePrevious: -1,
            _Action.MoveRight: 1,
            _Action.MoveNext: 1,
            _Action.MoveUp: -layout.columns,
            _Action.MoveDown: layout.columns,
            _Action.MovePageUp: -page,
            _Action.MovePageDown: page,
            _Action.MoveHome: -count,
            _Action.MoveEnd: count,
        }
        goal = now + moves[action]
        if action in (_Action.MoveUp, _Action.MoveDown) and not 0 <= goal < count:
            goal = now if action == _Action.MoveUp else max(now, min(count - 1, goal))
        return self._items.index(min(count - 1, max(0, goal)))

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """From one cell to another in reading order; while a rectangle is drawn, all that it touches."""
        selection = QItemSelection()
        ends = sorted((self.indexAt(rect.topLeft()).row(), self.indexAt(rect.bottomRight()).row()))
        if self.state() == QAbstractItemView.State.DragSelectingState or ends[0] < 0:
            area, top = rect.normalized(), self.verticalOffset()
            runs = self.arithmetic().within(area.left(), area.top() + top, area.right(), area.bottom() + top)
        else:
            runs = [(ends[0], ends[1])]
        for first, last in runs:
            selection.select(self._items.index(first), self._items.index(last))
        self.selectionModel().select(selection, command)

    def visualRegionForSelection(self, _selection: QItemSelection) -> QRegion:
        """All that is in sight: cheaper than knowing better."""
        return QRegion(self.viewport().rect())

    def isIndexHidden(self, _index: _Index) -> bool:
        """Nothing is."""
        return False

    def keyboardSearch(self, _search: str) -> None:
        """The search field does that."""

    def doItemsLayout(self) -> None:
        """Nothing to lay out: only how far it scrolls."""
        QAbstractItemView.doItemsLayout(self)

    def updateGeometries(self) -> None:
        """How far it scrolls."""
        layout, room = self.arithmetic(), self.viewport().height()
        bar = self.verticalScrollBar()
        bar.setSingleStep(max(1, layout.row_px // 3))
        bar.setPageStep(room)
        bar.setRange(0, max(0, layout.height - room))

    # -- Qt's events ----------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells that the event touches."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tones = current_tones()
        layout, top, area = self.arithmetic(), self.verticalOffset(), event.rect()
        chosen = self.selectionModel()
        now = self.currentIndex().row() if self.hasFocus() else -1
        missing = False
        for row in layout.span(area.top() + top, area.bottom() + top):
            x, y, width, height = layout.place(row)
            item = self._items.item(row)
            found = self.thumbs.cache.get(item.take)
            missing = missing or found is None or found[1] != self.thumbs.side_px
            self._cells.paint(
                painter,
                QRect(x, y - top, width, height),
                item,
                found[0] if found is not None else None,
                tones,
                selected=chosen.isSelected(self._items.index(row)),
                current=row == now,
            )
        if missing:
            self.thumbs.poke()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns; what was on top stays."""
        anchor = self.first_seen()
        self._sharpen()
        self.updateGeometries()
        if event.oldSize().width() != event.size().width():
            self.show_first(*anchor)
        self.thumbs.poke()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """What is seen moves; what comes into sight may be missing."""
        self.viewport().scroll(dx, dy)
        self.thumbs.scrolled(dy, self.viewport().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return opens, Backspace rejects, Ctrl+C copies the picture; the rest is a list's."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if self.currentIndex().isValid():
                self.entered_by_key.emit(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete) and not event.modifiers():
            self.reject_pressed.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl: larger or smaller thumbnails."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomed.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        """Whoever knows the files makes the drag."""
        self.dragged.emit()
