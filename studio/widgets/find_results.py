"""What was found in a whole book, scene by scene, and what shall take its place."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from studio.media.find import Options
from studio.widgets.find_options import FindOptions
from studio.widgets.labels import button, empty_state, label, set_role
from studio.widgets.tones import current_tones

_WORK: Final = Qt.ItemDataRole.UserRole
_HIT: Final = Qt.ItemDataRole.UserRole + 1
_EMPTY: Final = "Search every scene of this story.\nReturn begins; a double click goes to the place."


class HitLine(Struct, frozen=True, kw_only=True):
    """A hit at characters start..end with the words around it, in one line."""

    start: int
    end: int
    before: str
    hit: str
    after: str


class FoundScene(Struct, frozen=True, kw_only=True):
    """The hits of one text; `lines` holds the first of `count`."""

    work: str
    title: str
    count: int
    lines: tuple[HitLine, ...]


class FindResults(QWidget):
    """Values in, signals out."""

    search_requested = Signal()
    replace_requested = Signal()
    hit_chosen = Signal(str, int, int)  # work id, start, end

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pattern = _line("Find in the whole book")
        self._template = _line("Replace by")
        self._how = FindOptions()
        self._find = button("Find", "Search every scene of this story (Return)", "search")
        self._replace = button(
            "Replace in checked", "Replace every hit in the checked scenes; each scene has its own undo"
        )
        self._summary = label("", "muted")
        self._summary.setWordWrap(True)
        self._summary.setAccessibleName("What was found")
        self._tree = QTreeWidget()
        self._empty = empty_state(_EMPTY)
        self._lay_out()
        self._pattern.returnPressed.connect(self.search_requested)
        self._template.returnPressed.connect(self.search_requested)
        self._find.clicked.connect(self.search_requested)
        self._how.changed.connect(self._on_how)
        self._replace.clicked.connect(self.replace_requested)
        self._tree.itemActivated.connect(self._on_activated)
        self._tree.itemChanged.connect(self._show_buttons)
        self._show_buttons()

    def _lay_out(self) -> None:
        tree = self._tree
        tree.setHeaderHidden(True)
        tree.setIndentation(14)
        tree.setAccessibleName("Hits, scene by scene")
        tree.setToolTip("Return or a double click goes to the place; Space checks a scene")
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setItemDelegate(_HitDelegate(tree))
        tree.hide()
        how = QHBoxLayout()
        how.addWidget(self._how)
        how.addStretch(1)
        how.addWidget(self._find)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(self._replace)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 8)
        outer.setSpacing(8)
        outer.addWidget(self._pattern)
        outer.addLayout(how)
        outer.addWidget(self._template)
        outer.addWidget(self._summary)
        outer.addWidget(self._empty, 1)
        outer.addWidget(tree, 1)
        outer.addLayout(last)

    # -- values ---------------------------------------------------------------------------

    def options(self) -> Options:
        """What is looked for, and how."""
        return self._how.options(self._pattern.text())

    def template(self) -> str:
        """What takes its place."""
        return self._template.text()

    def begin(self, pattern: str = "") -> None:
        """Put the keyboard into the field; a `pattern` takes the old one's place."""
        if pattern:
            self._pattern.setText(pattern)
        self._pattern.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._pattern.selectAll()

    def show_found(self, scenes: Sequence[FoundScene], summary: str) -> None:
        """Show the hits, every scene checked and unfolded."""
        self._tree.clear()
        for scene in scenes:
            top = QTreeWidgetItem([f"{scene.title}   {scene.count:,}"])
            top.setData(0, _WORK, scene.work)
            top.setFlags(top.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            top.setCheckState(0, Qt.CheckState.Checked)
            for line in scene.lines:
                child = QTreeWidgetItem([f"{line.before}{line.hit}{line.after}"])
                child.setData(0, _WORK, scene.work)
                child.setData(0, _HIT, (line.start, line.end, len(line.before), len(line.hit)))
                child.setToolTip(0, f"…{line.before}{line.hit}{line.after}…")
                top.addChild(child)
            if scene.count > len(scene.lines):
                top.addChild(_more(scene.count - len(scene.lines)))
            self._tree.addTopLevelItem(top)
            top.setExpanded(True)
        self._empty.setVisible(not scenes)
        self._tree.setVisible(bool(scenes))
        self.tell(summary)
        self._show_buttons()

    def tell(self, words: str, role: str = "muted") -> None:
        """One sentence above the hits."""
        set_role(self._summary, role)
        self._summary.setText(words)
        self._summary.setVisible(bool(words))

    def checked(self) -> list[str]:
        """The works in which to replace."""
        tops = (self._tree.topLevelItem(i) for i in range(self._tree.topLevelItemCount()))
        return [str(top.data(0, _WORK)) for top in tops if top and top.checkState(0) == Qt.CheckState.Checked]

    def check(self, work_id: str, on: bool) -> None:
        """Check or uncheck a scene."""
        for index in range(self._tree.topLevelItemCount()):
            top = self._tree.topLevelItem(index)
            if top is not None and top.data(0, _WORK) == work_id:
                top.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    # -- what the person wants ------------------------------------------------------------

    def _on_how(self) -> None:
        if self._pattern.text():
            self.search_requested.emit()

    def _on_activated(self, item: QTreeWidgetItem) -> None:
        if hit := item.data(0, _HIT):
            self.hit_chosen.emit(item.data(0, _WORK), hit[0], hit[1])

    def _show_buttons(self) -> None:
        self._replace.setEnabled(bool(self.checked()))


class _HitDelegate(QStyledItemDelegate):
    """Paints the hit in a line strong, on the colour of a find."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """A line with its hit, or a scene's title as usual."""
        hit = index.data(_HIT)
        if not hit:
            super().paint(painter, option, index)
            return
        full = QStyleOptionViewItem(option)
        self.initStyleOption(full, index)
        text, full.text = full.text, ""
        style = full.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, full, painter, full.widget)
        tones = current_tones()
        layout = QTextLayout(text, full.font)
        mark = QTextLayout.FormatRange()
        mark.start, mark.length = _units(text[: hit[2]]), _units(text[hit[2] : hit[2] + hit[3]])
        look = QTextCharFormat()
        look.setFontWeight(QFont.Weight.DemiBold)
        look.setForeground(QColor(tones.text))
        look.setBackground(QColor(tones.flash))
        mark.format = look
        layout.setFormats([mark])
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(100_000)
        layout.endLayout()
        area = full.rect.adjusted(4, 0, -4, 0)
        painter.save()
        painter.setClipRect(area)
        painter.setPen(QColor(tones.muted))
        left = min(0.0, area.width() * 0.4 - _first(line.cursorToX(mark.start)))  # the hit is in sight
        layout.draw(painter, area.topLeft().toPointF() + QPointF(left, (area.height() - line.height()) / 2))
        painter.restore()


def _units(text: str) -> int:
    """UTF-16 places, as Qt counts."""
    return len(text.encode("utf-16-le")) // 2


def _more(count: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem([f"… and {count:,} more"])
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    return item


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setPlaceholderText(name)
    line.setAccessibleName(name)
    line.setToolTip(name)
    return line


def _first(pair: object) -> float:
    """Qt's answer is a place and a count; its stubs say less."""
    return float(pair[0]) if isinstance(pair, tuple) else 0.0
