"""The takes of the moment, side by side; all panes share it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QScrollArea, QStackedLayout, QWidget

from studio.core.takes import Take
from studio.media.spans import Edit, SpanText
from studio.widgets.labels import empty_state
from studio.widgets.take_bodies import TEXT_WORDS, StripWords, TextBody, is_piece, is_text
from studio.widgets.take_body import TextTakeBody
from studio.widgets.take_card import NARROW_PX, TakeCard
from studio.widgets.take_wishes import TakeWishes

if TYPE_CHECKING:
    from studio.media.music.score import Score  # with the first piece, not before

MAX_TAKES: Final = 8
_HEIGHT_PX: Final = 160  # a card's head, two lines and its buttons, and a scroll bar


class TakeStrip(TakeWishes):
    """One to eight cards of equal width. One is chosen; the keys of the window act on it."""

    take_edited = Signal(str, object)  # take id, Edit
    chosen_changed = Signal(str)
    token_asked = Signal(str, int, QPoint)  # take id, place in its text, where on the screen

    def __init__(
        self, parent: QWidget | None = None, body_factory: Callable[[], QWidget] = TextTakeBody
    ) -> None:
        super().__init__(parent)
        self._body_factory = body_factory
        self._words: StripWords = getattr(body_factory, "STRIP_WORDS", TEXT_WORDS)
        self._cards: list[TakeCard] = []
        self._spare: list[TakeCard] = []  # made for later
        self._chosen = ""
        self._show_authors = True
        self._inspect = False
        self._vertical = False
        self._score: Score | None = None
        self._scored = False  # another score than the shown takes were laid over
        self._empty = empty_state(self._words.empty)
        self._area = QScrollArea()
        self._row = QWidget()
        self._stack = QStackedLayout(self)
        cards = QHBoxLayout(self._row)
        cards.setContentsMargins(0, 0, 0, 0)
        cards.setSpacing(8)
        self._layout = cards
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._row)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._area)
        self.setMinimumHeight(_HEIGHT_PX)
        self.setAccessibleName("Takes")
        for number in range(1, MAX_TAKES + 1):
            key = QShortcut(QKeySequence(f"Alt+{number}"), self)
            key.activated.connect(lambda index=number - 1: self._choose_index(index))
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    def set_vertical(self, on: bool) -> None:
        """Cards one below the other, in a column beside the work, or side by side below it."""
        self._vertical = on
        never, maybe = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self._layout.setDirection(
            QBoxLayout.Direction.TopToBottom if on else QBoxLayout.Direction.LeftToRight
        )
        if on and self._layout.count() == len(self._cards):
            self._layout.addStretch(100)  # cards stay at the top
        self._area.setVerticalScrollBarPolicy(maybe if on else never)
        self._area.setHorizontalScrollBarPolicy(never if on else maybe)
        self.setMinimumHeight(0 if on else _HEIGHT_PX)
        self.setMinimumWidth(NARROW_PX + 14 if on else 0)  # and a scroll bar
        for card in (*self._cards, *self._spare):
            card.set_narrow(on)

    # -- values ---------------------------------------------------------------------------

    def show_takes(self, takes: Sequence[Take], drafts: Mapping[str, SpanText] | None = None) -> None:
        """Show exactly these; cards of takes that were there already stay as they are."""
        known = {card.take.id: card for card in self._cards if card.take is not None}
        spare = [card for card in self._cards if card.take is None]
        cards: list[TakeCard] = []
        for take in takes:
            card = known.pop(take.id, None) or (spare.pop(0) if spare else self._next_card())
            cards.append(card)
        self._set_cards(cards)
        for card, take in zip(cards, takes, strict=True):  # once it stands here: it may ask for its picture
            if self._scored or card.take != take or not is_piece(card.body):
                card.show_take(take, (drafts or {}).get(take.id))
        self._scored = False
        ids = self.take_ids()
        if self._chosen not in ids:
            best = next((card.take.id for card in cards if card.take and card.take.verdict is None), "")
            self.choose(best or (ids[0] if ids else ""))
        else:
            self._mark()

    def prepare(self, count: int) -> bool:
        """Make one card for later, 6 ms, while fewer than so many are there; whether it was the last one."""
        if len(self._cards) + len(self._spare) < min(count, MAX_TAKES):
            card = self._new_card()
            card.hide()
            card.setParent(self._row)
            for widget in (card, *card.findChildren(QWidget)):
                widget.ensurePolished()
            self._spare.append(card)
        return len(self._cards) + len(self._spare) >= min(count, MAX_TAKES)

    def set_waiting(self, count: int, text: str = "waiting for the model…") -> None:
        """Cards for takes that are asked for and do not exist yet."""
        cards = self._cards[:count]
        cards += [self._next_card() for _ in range(count - len(cards))]
        self._set_cards(cards)
        for card in cards:
            card.show_waiting(text or "waiting for the model…")
        self.choose("")

    def append(self, take_id: str, text: str) -> None:
        """More text of a streaming take; of a take that is not shown: nothing."""
        if card := self._card(take_id):
            card.append_piece(text)

    def show_image(self, take_id: str, image: QImage) -> None:
        """The picture of a take, or what it looks like so far while it is drawn; of one not shown: nothing."""
        if card := self._card(take_id):
            card.show_image(image)

    def show_step(self, take_id: str, step: int, steps: int) -> None:
        """How far a growing picture is."""
        if card := self._card(take_id):
            card.show_step(step, steps)

    def show_score(self, score: "Score") -> None:
        """The piece that takes of music were asked for."""
        self._scored = self._scored or score is not self._score
        self._score = score
        for card in (*self._cards, *self._spare):
            if is_piece(card.body):
                card.body.show_score(score)

    def set_playing(self, take_id: str) -> None:
        """Which take is heard; "" none."""
        for card in self._cards:
            if is_piece(card.body):
                card.body.set_playing(card.take is not None and card.take.id == take_id != "")

    def update_take(self, take: Take) -> None:
        """A take came to stand otherwise (done, failed, accepted, ...)."""
        if card := self._card(take.id):
            card.show_take(take)

    def set_partly_accepted(self, take_ids: Collection[str]) -> None:
        """These takes are in the text in part: their cards say so."""
        for card in self._cards:
            card.set_partly_accepted(card.take is not None and card.take.id in take_ids)

    def apply_draft(self, take_id: str, edit: Edit) -> None:
        """A take's text was changed elsewhere. Not echoed."""
        card = self._card(take_id)
        if card and is_text(card.body):
            card.body.apply_edit(edit)

    def clear(self) -> None:
        """Show the empty strip."""
        self._set_cards([])
        self.choose("")

    def take_ids(self) -> list[str]:
        """The takes shown, in order."""
        return [card.take.id for card in self._cards if card.take is not None]

    def draft(self, take_id: str) -> SpanText | None:
        """A take's text with the person's changes; None when it is not shown or no text."""
        card = self._card(take_id)
        return card.body.draft() if card and is_text(card.body) else None

    def may_edit(self, take_id: str) -> bool:
        """Whether the person may change this take now: it is shown, has ended and was not judged."""
        card = self._card(take_id)
        return card is not None and is_text(card.body) and not card.body.isReadOnly()

    def flush(self) -> None:
        """Tell all changes to takes that are still held back."""
        for card in self._cards:
            card.any_body.flush()

    def set_show_authors(self, on: bool) -> None:
        """Tint what models wrote, or do not."""
        self._show_authors = on
        for body in self._texts():
            body.set_show_authors(on)

    def set_inspect(self, on: bool) -> None:
        """Whether a click on a model's word asks to look inside the model."""
        self._inspect = on
        for body in self._texts():
            body.set_inspect(on)

    def set_heat(self, take_id: str, values: Sequence[tuple[int, int, float]] | None) -> None:
        """Colour a take by surprise: start, end, nats; None: not at all."""
        card = self._card(take_id)
        if card and is_text(card.body):
            card.body.set_heat(values)

    def set_hint(self, text: str) -> None:
        """What the empty strip says."""
        self._empty.setText(text or self._words.empty)

    def set_running(self, on: bool) -> None:
        """While takes are asked for, the empty strip says so."""
        self._empty.setText(self._words.running if on else self._words.empty)

    # -- the chosen one -------------------------------------------------------------------

    def chosen(self) -> str | None:
        """The chosen take."""
        return self._chosen or None

    def choose(self, take_id: str) -> None:
        """Choose a take of those shown; "" chooses none."""
        changed = take_id != self._chosen
        self._chosen = take_id
        self._mark()
        if changed:
            self.chosen_changed.emit(take_id)

    def choose_next(self, step: int = 1) -> None:
        """Choose the neighbour, round and round."""
        ids = self.take_ids()
        if ids:
            at = ids.index(self._chosen) + step if self._chosen in ids else 0
            self._choose_index(at % len(ids))

    def accept_chosen(self) -> None:
        """As if its button were pressed."""
        if card := self._card(self._chosen):
            card.accept()

    def reject_chosen(self, reason: str = "") -> None:
        """As if its button were pressed."""
        if card := self._card(self._chosen):
            card.reject(reason)

    # -- inside ---------------------------------------------------------------------------

    def _choose_index(self, index: int) -> None:
        if index < len(self._cards) and (take := self._cards[index].take):
            self.choose(take.id)
            self._cards[index].setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._area.ensureWidgetVisible(self._cards[index], 8, 0)

    def _mark(self) -> None:
        for card in self._cards:
            card.set_chosen(card.take is not None and card.take.id == self._chosen)

    def _card(self, take_id: str) -> TakeCard | None:
        return next((card for card in self._cards if card.take and card.take.id == take_id), None)

    def _texts(self) -> Iterator[TextBody]:
        for card in (*self._cards, *self._spare):
            if is_text(card.body):
                yield card.body

    def _others(self, than: TakeCard) -> tuple[tuple[str, str], ...]:
        return tuple(
            (card.take.id, f"take {number}")
            for number, card in enumerate(self._cards, 1)
            if card is not than and card.take is not None
        )

    def _set_cards(self, cards: list[TakeCard]) -> None:
        for card in self._cards:
            if card not in cards:
                card.any_body.flush()
                self._layout.removeWidget(card)
                card.hide()
                card.deleteLater()
        for index, card in enumerate(cards):
            card.set_number(index + 1)
            if self._layout.indexOf(card) != index:
                self._layout.insertWidget(index, card, 1)
                card.show()
        self._cards = cards
        self._stack.setCurrentWidget(self._area if cards else self._empty)

    def _next_card(self) -> TakeCard:
        return self._spare.pop(0) if self._spare else self._new_card()

    def _new_card(self) -> TakeCard:
        card = TakeCard(self._body_factory(), 1)
        if self._vertical:
            card.set_narrow(True)
        card.others = lambda: self._others(card)
        if self._score is not None and is_piece(card.body):
            card.body.show_score(self._score)

        def tell(signal: Callable[..., None], *more: object) -> None:
            if card.take is not None:
                signal(card.take.id, *more)

        card.accept_requested.connect(lambda: tell(self.accept_requested.emit))
        card.reject_requested.connect(lambda reason: tell(self.reject_requested.emit, reason))
        card.restore_requested.connect(lambda: tell(self.restore_requested.emit))
        card.wished.connect(lambda what, detail: tell(partial(self.wish, what), detail))
        card.pressed.connect(lambda: tell(self.choose))
        card.stepped.connect(self.choose_next)
        if is_text(card.body):
            card.body.set_show_authors(self._show_authors)
            card.body.set_inspect(self._inspect)
            card.take_edited.connect(lambda edit: tell(self.take_edited.emit, edit))
            card.body.token_clicked.connect(lambda at, point: tell(self.token_asked.emit, at, point))
        return card

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        for card in self._cards:
            if card.take is not None and new is not None and (new is card or card.isAncestorOf(new)):
                self.choose(card.take.id)
