"""“Picture this passage”: from the writing pane to a picture of what is told there."""

from PySide6.QtCore import QObject, Signal, Slot

from studio.app.picture_place import PicturePlace
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.media.picture.passage import passage_at, passage_prompt, passage_title

ACTION = "act.picture_passage"


class PassageDesk(QObject):
    """Joins the open text with the place where pictures are made; a new picture, so no text is touched."""

    notice = Signal(str, str)  # what, do

    def __init__(self, window: MainWindow, text: TextDesk, pictures: PicturePlace, parent: QObject) -> None:
        super().__init__(parent)
        self._text, self._pictures = text, pictures
        window.pane.editor.addAction(window.actions_by_id[ACTION])  # its context menu has it too

    @Slot()
    def picture(self) -> None:
        """A new picture of the selected passage, else of the sentence at the caret, with takes on their way."""
        pane = self._text.pane
        if self._text.session is None:
            return
        pane.flush()
        text = pane.value().text
        start, end = pane.selection()
        try:
            first, last = passage_at(text, start, end)
        except ValueError:
            self.notice.emit("There is no passage to picture yet.", "Write a sentence, or select one.")
            return
        passage = text[first:last]
        self._pictures.propose(passage_prompt(passage), passage_title(passage))
