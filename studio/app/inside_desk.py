"""Looks inside the model: one word's probability and alternatives, and going on from one of them."""

import math
from functools import partial

from PySide6.QtCore import QObject, QPoint, Signal, Slot

from studio.app.text_desk import TextDesk
from studio.core.takes import Take, Token
from studio.media.follow import origin
from studio.media.inside import found_in_take, place_in_take, token_at, token_span
from studio.panes.text.pane import TextPane
from studio.widgets.token_popover import OtherWord, TokenInside, TokenPopover

CHANGED = "The words round here were changed since, so it can't be told what the model thought of this one."
OLD = "This take was made before Atelier kept what the model thought, so there is nothing to look into."


class InsideDesk(QObject):
    """A character of a card or of the text -> its token -> the popover -> a job that begins with another word."""

    notice = Signal(str, str)  # what, do

    def __init__(self, pane: TextPane, text: TextDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._pane = pane
        self._text = text
        self.popover: TokenPopover | None = None
        pane.token_asked.connect(self.look)

    @Slot(str, int, QPoint)
    def look(self, take_id: str, place: int, point: QPoint) -> None:
        """Show what the model thought at a place of a take's card, or (take id "") of the text."""
        author = take_id or self._author_at(place)
        take = self._take(author)
        if take is None:
            return
        tokens = self._tokens(author)
        if not tokens:
            streams = take.status == "streaming"
            self.notice.emit("Wait for the end of this take." if streams else OLD, "")
            return
        at = self._place_in_draft(take, place) if take_id else self._place_in_text(take, place)
        index = token_at(tokens, at) if at is not None else None
        if index is None:
            self.notice.emit(CHANGED, "Its card, in the lineage, still shows the take as it was made.")
            return
        self._show(take, tokens, index, point)

    def _author_at(self, place: int) -> str:
        value = self._pane.value()
        return next((run.author for run in value.slice_runs(place, place + 1)), "")

    def _take(self, author: str) -> Take | None:
        session = self._text.session
        if session is None:
            return None
        if not author:
            self.notice.emit("You wrote this word yourself.", "The model's words are the coloured ones.")
            return None
        take = self._text.takes.get(author)
        if take is None:
            try:
                take = session.reader.take(author)
            except KeyError:
                self.notice.emit(
                    "A model wrote this, but not in this project: its thoughts did not come along.", ""
                )
        return take

    def _tokens(self, take_id: str) -> tuple[Token, ...]:
        assert self._text.session is not None
        return self._text.session.reader.take_tokens(take_id)

    # -- which character of the take it is -------------------------------------------------------

    def _place_in_draft(self, take: Take, place: int) -> int | None:
        draft = self._text.judged.draft(take.id)
        if draft is None or [run.author for run in draft.slice_runs(place, place + 1)] != [take.id]:
            return None
        return place_in_take(take.text, draft.text, place)

    def _place_in_text(self, take: Take, place: int) -> int | None:
        """By the history where it can be followed, else by the words round about."""
        self._pane.flush()
        place_then = self._followed(take, place)
        return place_then if place_then is not None else found_in_take(take.text, self._pane.value(), place)

    def _followed(self, take: Take, place: int) -> int | None:
        session, standing = self._text.session, self._text.judged.standing(take.id)
        if session is None or standing is None or take.work != self._text.work:
            return None
        history = session.history(self._text.work)
        before = 0
        for revision in standing.revisions:
            (edit,) = history.path_edits(history.node(revision).parent, revision)
            then = origin(place, history.path_edits(history.head, revision))
            if then is not None and edit.at <= then < edit.at + len(edit.inserted):
                return self._in_take(take, before + then - edit.at, edit.inserted[then - edit.at])
            before += len(edit.inserted)
        return None

    def _in_take(self, take: Take, place: int, character: str) -> int | None:
        """From the draft to the take; None unless the character agrees."""
        draft = self._text.judged.draft(take.id)
        at = place_in_take(take.text, draft.text, place) if draft is not None else None
        return at if at is not None and take.text[at] == character else None

    # -- showing and going on --------------------------------------------------------------------

    def _show(self, take: Take, tokens: tuple[Token, ...], index: int, point: QPoint) -> None:
        token = tokens[index]
        start, end = token_span(tokens, index)
        elsewhere = "This take belongs to another text: open it to go on from another word."
        why_not = "" if take.work == self._text.work else elsewhere
        others = tuple(
            OtherWord(text=other.text, share=math.exp(other.logprob), current=other.id == token.id)
            for other in token.others
        )
        inside = TokenInside(
            text=take.text[start:end],
            share=math.exp(token.logprob),
            rank=token.rank,
            others=others,
            why_not=why_not if others else OLD,
        )
        if self.popover is not None:
            self.popover.deleteLater()
        self.popover = TokenPopover(self._pane)
        self.popover.chosen.connect(partial(self._go_on, take, token, start))
        self.popover.show_token(inside, point)

    def _go_on(self, take: Take, token: Token, start: int, row: int) -> None:
        """New takes that begin as this one did and go on with another word."""
        self._text.go_on_with(take.recipe.writing, take.text[:start] + token.others[row].text)
