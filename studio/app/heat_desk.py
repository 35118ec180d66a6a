"""The heat view: how much each of the model's words surprised the model, in the text and in the cards."""

from PySide6.QtCore import QObject, QTimer, Slot

from studio.app.text_desk import TextDesk
from studio.core.takes import Token
from studio.media.inside import surprises
from studio.media.spans import HUMAN, SpanText
from studio.panes.text.pane import TextPane

DELAY_MS = 150
Heat = list[tuple[int, int, float]]


class HeatDesk(QObject):
    """Reads tokens only while the view is on, each take's once."""

    def __init__(self, pane: TextPane, text: TextDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._pane = pane
        self._text = text
        self._on = False
        self._tokens: dict[str, tuple[str, tuple[Token, ...]]] = {}
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.show)
        text.opened.connect(self._on_opened)
        text.judged.changed.connect(self._later)
        text.lineage_changed.connect(self._later)

    def set_on(self, on: bool) -> None:
        """Colour by surprise, or not; while it is on a click on a word looks inside."""
        self._on = on
        self._pane.set_look_inside(on)
        self.show()

    @Slot()
    def _later(self) -> None:
        if self._on and not self._timer.isActive():
            self._timer.start()

    @Slot(str)
    def _on_opened(self, _work_id: str) -> None:
        self._tokens.clear()
        self._later()

    @Slot()
    def show(self) -> None:
        """Colour the text and the cards anew."""
        on = self._on and self._text.session is not None
        value = self._pane.value()
        self._pane.editor.set_heat(self._heat_of(value) if on else None)
        for take_id in self._pane.strip.take_ids():
            draft = self._pane.strip.draft(take_id)
            self._pane.strip.set_heat(take_id, self._heat_of(draft) if on and draft else None)

    def _heat_of(self, value: SpanText) -> Heat:
        out: Heat = []
        for author in {run.author for run in value.runs} - {HUMAN}:
            text, tokens = self._read(author)
            if tokens:
                out += surprises(text, tokens, value, author)
        return sorted(out)

    def _read(self, author: str) -> tuple[str, tuple[Token, ...]]:
        """A take's text and tokens; nothing of one that streams or is not of this project."""
        session, known = self._text.session, self._tokens.get(author)
        if known is not None or session is None:
            return known or ("", ())
        take = self._text.takes.get(author)
        try:
            text = take.text if take is not None else session.reader.take(author).text
        except KeyError:
            text = ""
        tokens = session.reader.take_tokens(author) if text else ()
        if tokens or take is None:
            self._tokens[author] = (text, tokens)
        return text, tokens
