"""Shows what tidying would change, as a diff, before it is done."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from studio.media.diff import diff_of
from studio.media.spans import Edit, SpanText
from studio.media.tidy import RULES, Fix, Rule, apart, held, mended, mendings, untidy
from studio.widgets.diff_view import DiffView
from studio.widgets.labels import label

TITLES: Final[dict[Rule, str]] = {
    "spacing": "Spacing",
    "quotes": "Quotes",
    "doubled": "Doubled words",
    "repeated": "Repeated lines",
    "unfinished": "Unfinished end",
}
_ROLE: Final = Qt.ItemDataRole.UserRole


class TidyDialog(QDialog):
    """Every fix can be left out; nothing changes until “Tidy” is pressed."""

    tidied = Signal(object)  # Edit of the text that was shown

    def __init__(self, value: SpanText, what: str, parent: QWidget | None = None) -> None:
        """`what` names the text: "this scene", "the chosen take"."""
        super().__init__(parent)
        self.setWindowTitle(f"Tidy {what}")
        self._value = value
        self._fixes: tuple[Fix, ...] = ()
        self._rules = {rule: QCheckBox(title) for rule, title in TITLES.items()}
        self._list = QListWidget()
        self.view = DiffView()
        self._note = label("", "warning")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._tidy: QPushButton = self._buttons.addButton("Tidy", QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out()
        # searched once, not at every tick
        self._found = {rule: untidy(value.text, (rule,)) for rule in RULES}
        self._held = held(value)
        for rule, box in self._rules.items():
            count = len(self._found[rule])
            box.setText(f"{TITLES[rule]} ({count})")
            box.setEnabled(count > 0)
            box.setChecked(count > 0 and rule != "unfinished")
            box.toggled.connect(self._find)
        self._list.itemChanged.connect(self._show)
        self._find()

    def _lay_out(self) -> None:
        self._list.setAccessibleName("What would be mended")
        self._list.setToolTip("Untick what shall stay as it is")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._list.setSpacing(2)
        self._tidy.setProperty("primary", True)
        rules = QHBoxLayout()
        for rule in RULES:
            rules.addWidget(self._rules[rule])
        rules.addStretch(1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self._list)
        halves.addWidget(self.view)
        halves.setSizes([300, 540])
        halves.setHandleWidth(16)
        halves.setChildrenCollapsible(False)
        self._buttons.accepted.connect(self._on_tidy)
        self._buttons.rejected.connect(self.reject)
        foot = QHBoxLayout()
        foot.addWidget(self._note, 1)
        foot.addWidget(self._buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(12)
        outer.addLayout(rules)
        outer.addWidget(halves, 1)
        outer.addLayout(foot)
        self.resize(860, 560)

    def edit(self) -> Edit | None:
        """What would be done with the fixes that are ticked."""
        return mended(self._value, self._chosen())

    def _chosen(self) -> list[Fix]:
        ticked = []
        for row, fix in enumerate(self._fixes):
            if self._list.item(row).checkState() == Qt.CheckState.Checked:
                ticked.append(fix)
        return ticked

    def _find(self) -> None:
        rules = [rule for rule, box in self._rules.items() if box.isChecked()]
        self._fixes = apart(fix for rule in RULES if rule in rules for fix in self._found[rule])
        self._list.blockSignals(True)
        self._list.clear()
        for fix in self._fixes:
            item = QListWidgetItem(f"{fix.why[0].upper()}{fix.why[1:]}\n{self._around(fix)}")
            locked = self._held(fix)
            item.setCheckState(Qt.CheckState.Unchecked if locked else Qt.CheckState.Checked)
            if locked:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
                item.setToolTip("This passage is locked.")
            self._list.addItem(item)
        self._list.blockSignals(False)
        self._show()

    def _around(self, fix: Fix) -> str:
        text = self._value.text
        before, after = text[max(0, fix.start - 20) : fix.start], text[fix.end : fix.end + 12]
        words = f"…{before}⟦{text[fix.start : fix.end][:30]}⟧{after}…"
        return words.replace("\n", "¶")

    def _show(self) -> None:
        chosen = self._chosen()
        edit = mended(self._value, chosen)
        after = self._value if edit is None else self._value.apply(edit)
        self.view.show_pieces(diff_of(self._value, after, mendings(self._value, chosen)))
        self._tidy.setEnabled(edit is not None)
        locked = sum(map(self._held, self._fixes))
        self._note.setText(f"{locked} in locked passages stay as they are." if locked else "")

    def _on_tidy(self) -> None:
        edit = self.edit()
        self.accept()
        if edit is not None:
            self.tidied.emit(edit)
