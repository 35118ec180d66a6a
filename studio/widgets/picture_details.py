"""One picture large, with its whole recipe and where it comes from."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from studio.core.pictures import ImageJob
from studio.core.takes import Take
from studio.widgets.icons import IconButton, put_icon
from studio.widgets.labels import ElidedLabel, button, empty_state, label, set_role
from studio.widgets.picture_keys import LOOKING, looked
from studio.widgets.picture_menu import fill_picture_menu
from studio.widgets.picture_stage import PictureStage, Viewpoint
from studio.widgets.picture_words import RECALLS, doing_text, recipe_rows, recipe_text
from studio.widgets.reason_line import ReasonLine
from studio.widgets.recipe_list import RecipeList
from studio.widgets.take_bodies import CardFacts
from studio.widgets.take_card import standing
from studio.widgets.take_wishes import TakeWishes

_SIDE_PX: Final = 340
_MARGIN_PX: Final = 12
_EMPTY: Final = "Choose a picture to see it large, with the recipe that made it."


class PictureDetails(TakeWishes):
    """Values in: a take, its pixels, better names for models; signals out: what is wanted of it."""

    closed = Signal()
    stepped = Signal(int)  # -1 | +1: the neighbour is wanted

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._take: Take | None = None
        self._names: Mapping[str, str] = {}
        self._asked = ""
        self.stage = PictureStage(Viewpoint(self))
        self.stage.setMinimumSize(160, 160)
        self.stage.margin_px = _MARGIN_PX
        self.recipe = RecipeList()
        self._state = ElidedLabel("strong")
        self._reason = ReasonLine(self)
        self._grew = label("", "muted")
        self._from = button(
            "Open what it grew from", "The take that this one goes on from", "branch", flat=True
        )
        self._accept = button("Accept", "Make this take part of the picture", "accept", primary=True)
        self._reject = button("Reject", "Reject it; it is kept and can be found again", "reject")
        self._restore = button("Restore", "Take the rejection back", "undo")
        self._like = button("More like this", "Pictures that vary this one a little", "spark")
        self._branch = button("Work from here", "Take up the work as it stood for this take", "branch")
        self._recall = button("Recall", "Set the knobs as they were for this picture", "knobs")
        self._more = IconButton("more", "More for this picture")
        self._close = IconButton("close", "Back (Esc)")
        self._empty = empty_state(_EMPTY)
        self._stack = QStackedLayout(self)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Picture and recipe")
        self.setAccessibleDescription(f"Left and right go to the neighbours. {LOOKING}.")
        self._lay_out()
        self._connect()

    # -- building -------------------------------------------------------------------------

    def _lay_out(self) -> None:
        split = self._split
        split.setChildrenCollapsible(False)
        split.addWidget(self.stage)
        split.addWidget(self._side())
        split.setStretchFactor(0, 1)
        split.setSizes([3 * _SIDE_PX, _SIDE_PX])
        self._stack.addWidget(self._empty)
        self._stack.addWidget(split)

    def _side(self) -> QWidget:
        side = QWidget()
        side.setMinimumWidth(_SIDE_PX - 80)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(8)
        copy_all = IconButton("copy", "Copy the whole recipe")
        copy_all.clicked.connect(self.copy_recipe)
        close = self._close
        close.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self._state, 1)
        for widget in (copy_all, self._more, close):
            head.addWidget(widget)
        column.addLayout(head)
        for row in ((self._accept, self._reject, self._restore), (self._like, self._recall), (self._branch,)):
            column.addLayout(_row(row))
        column.addWidget(self._reason)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Recipe")
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 4, 0, 4)
        rows.addWidget(self.recipe)
        rows.addWidget(self._grew)
        rows.addWidget(self._from, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addStretch(1)
        area.setWidget(inner)
        column.addWidget(area, 1)
        return side

    def _connect(self) -> None:
        for one, what in (
            (self._accept, "accept"),
            (self._reject, "reject"),
            (self._restore, "restore"),
            (self._like, "more_like"),
            (self._branch, "branch"),
        ):
            one.clicked.connect(lambda _on=False, what=what: self._say(what))
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for what, title, tip in RECALLS:
            action = menu.addAction(title)
            action.setToolTip(tip)
            action.triggered.connect(lambda _on=False, what=what: self._say("recall", what))
        self._recall.setMenu(menu)
        put_icon(self._recall, "knobs", "text", 16)
        self._more.clicked.connect(
            lambda: self._open_menu(self._more.mapToGlobal(self._more.rect().bottomLeft()))
        )
        self._reason.given.connect(lambda reason: self._say("reject", reason))
        self._from.clicked.connect(self._open_from)

    def set_upright(self) -> None:
        """The picture above its recipe: for a narrow place beside other views, which can be closed itself."""
        self._close.hide()
        self._split.setOrientation(Qt.Orientation.Vertical)
        self._split.setSizes([_SIDE_PX, 2 * _SIDE_PX])

    # -- values ---------------------------------------------------------------------------

    def show_take(self, take: Take, names: Mapping[str, str] | None = None) -> None:
        """Show a take; `names` gives models and adapters (by path, as jobs name them) better names."""
        if self._take is None or take.id != self._take.id:
            self.stage.set_image(QImage())
            self.stage.viewpoint.fit()
            self._asked = ""
        self._take = take
        self._names = names if names is not None else self._names
        text, role = standing(take, doing_text(0, 0))
        self._state.show_text(text[:1].upper() + text[1:] if text else "Undecided")
        set_role(self._state, role if text else "strong")
        self.recipe.show_rows(recipe_rows(take, self._names))
        job = take.recipe.job
        grew = job.from_take if isinstance(job, ImageJob) else ""
        self._grew.setText("" if grew else "It was made from words, not from another take.")
        self._grew.setVisible(not grew and isinstance(job, ImageJob) and job.mode == "text")
        self._from.setVisible(bool(grew))
        facts = self._facts()
        for one, on in (
            (self._accept, facts.may_accept),
            (self._reject, facts.may_reject),
            (self._like, facts.may_remake and take.picture is not None),
        ):
            one.setEnabled(on)
        self._accept.setHidden(facts.rejected)
        self._reject.setHidden(facts.rejected)
        self._restore.setVisible(facts.rejected)
        self._stack.setCurrentIndex(1)
        if take.status != "streaming" and take.picture is not None and self._asked != take.picture.asset:
            self._asked = take.picture.asset
            self.image_wanted.emit(take.id)

    def update_take(self, take: Take) -> None:
        """The take came to stand otherwise; another one: nothing."""
        if self._take is not None and take.id == self._take.id:
            self.show_take(take)

    def show_image(self, take_id: str, image: QImage) -> None:
        """The pixels of the take; of another: nothing."""
        if self._take is not None and take_id == self._take.id:
            self.stage.set_image(image)

    def take_id(self) -> str:
        """The take that is shown, "" for none."""
        return self._take.id if self._take is not None else ""

    def clear(self) -> None:
        """Show nothing."""
        self._take = None
        self.stage.set_image(QImage())
        self._stack.setCurrentIndex(0)

    def copy_recipe(self) -> None:
        """The whole recipe as text onto the clipboard."""
        if self._take is not None:
            QApplication.clipboard().setText(recipe_text(self._take, self._names))

    # -- what the person wants ------------------------------------------------------------

    def _facts(self) -> CardFacts:
        take = self._take
        if take is None:
            return CardFacts()
        ended = take.status != "streaming"
        return CardFacts(
            may_accept=ended and take.verdict is None and take.picture is not None,
            may_reject=take.verdict is None,
            may_remake=ended,
            rejected=take.verdict == "rejected",
        )

    def _say(self, what: str, detail: str = "") -> None:
        if self._take is None:
            return
        if what == "ask_reason":
            self._reason.ask()
        else:
            self.wish(what, self._take.id, detail)

    def _open_from(self) -> None:
        job = self._take.recipe.job if self._take is not None else None
        if isinstance(job, ImageJob) and job.from_take:
            self.open_requested.emit(job.from_take)

    def menu(self) -> QMenu:
        """What can be done with the take; the caller owns it."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        if self._take is not None:
            fill_picture_menu(menu, self._facts(), self._say, shown=self._take.picture is not None)
        return menu

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.exec(at)
        menu.deleteLater()

    # -- Qt's events ----------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The same menu under the pointer."""
        if self._take is not None:
            self._open_menu(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Look, judge, go to the neighbours."""
        if self._take is None or looked(self.stage, event) or self._did(event):
            return
        super().keyPressEvent(event)

    def _did(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        facts = self._facts()
        match event.key():
            case Qt.Key.Key_Left:
                self.stepped.emit(-1)
            case Qt.Key.Key_Right:
                self.stepped.emit(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if facts.may_accept:
                self._say("accept")
            case Qt.Key.Key_Backspace | Qt.Key.Key_Delete if facts.may_reject:
                self._say("reject")
            case Qt.Key.Key_Escape:
                self.closed.emit()
            case _:
                return False
        return True


def _row(widgets: tuple[QPushButton, ...]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
