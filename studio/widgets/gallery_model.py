"""The rows of a gallery as a list model: views, selection and screen readers read it."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from studio.widgets.gallery_items import GalleryItem, item_tip, item_words

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class GalleryModel(QAbstractListModel):
    """Newest first. Ids are unique."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: list[GalleryItem] = []
        self._at: dict[str, int] = {}

    def set_items(self, items: Sequence[GalleryItem]) -> None:
        """Show exactly these."""
        self.beginResetModel()
        self._items = list(items)
        self._index()
        self.endResetModel()

    def prepend(self, items: Sequence[GalleryItem]) -> None:
        """These are newer than all others."""
        fresh = [item for item in items if item.take not in self._at]
        if fresh:
            self.beginInsertRows(QModelIndex(), 0, len(fresh) - 1)
            self._items[:0] = fresh
            self._index()
            self.endInsertRows()

    def replace(self, item: GalleryItem) -> None:
        """A take came to stand otherwise; one that is not here: nothing."""
        row = self._at.get(item.take)
        if row is not None:
            self._items[row] = item
            index = self.index(row)
            self.dataChanged.emit(index, index)

    def item(self, row: int) -> GalleryItem:
        """The row's value. Raises IndexError."""
        return self._items[row]

    def row_of(self, take_id: str) -> int:
        """Where a take is; -1 when it is not here."""
        return self._at.get(take_id, -1)

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many there are."""
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Prompt, tooltip, and the words for screen readers."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return item.prompt
            case Qt.ItemDataRole.ToolTipRole:
                return item_tip(item)
            case Qt.ItemDataRole.AccessibleTextRole:
                return item_words(item)
            case _:
                return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """They can be chosen and dragged out."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return (
            Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemNeverHasChildren
        )

    def _index(self) -> None:
        self._at = {item.take: row for row, item in enumerate(self._items)}
