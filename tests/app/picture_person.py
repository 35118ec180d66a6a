"""Someone at a window with a picture open, whose worker follows a script."""

from collections.abc import Callable

from PySide6.QtGui import QColor, QImage

from studio.app.picture_desk import PictureDesk
from studio.core.pictures import Box, ImageJob
from studio.core.takes import Take
from studio.media.picture.document import PictureDoc
from tests.app.conftest import Scripted


class Painter(Scripted):
    """Draws, masks, asks for takes, judges them."""

    @property
    def place(self):
        return self.wiring.pictures

    @property
    def picture(self) -> PictureDesk:
        return self.wiring.pictures.need()

    @property
    def canvas(self):
        return self.picture.pane.canvas

    @property
    def prompt(self):
        return self.picture.pane.prompt

    @property
    def strip(self):
        return self.picture.pane.strip

    @property
    def doc(self) -> PictureDoc:
        return self.picture.doc

    @property
    def takes(self) -> dict[str, Take]:
        return self.picture.judged.takes

    def asks(self, words: str = "a red heart", takes: int = 2, action: str = "take.propose") -> list[Take]:
        """Propose and wait until all takes have ended; they come in order."""
        if words:
            self.prompt.set_words(words)
        self.prompt.set_takes(takes)
        return self.waits_for_takes(lambda: self.does(action))

    def waits_for_takes(self, do: Callable[[], object]) -> list[Take]:
        before = set(self.takes)
        do()

        def new() -> list[Take]:
            return [take for id_, take in self.takes.items() if id_ not in before]

        self.sees(lambda: new() and not self.picture.running and all(t.status != "streaming" for t in new()))
        return sorted(new(), key=lambda take: take.index)

    def job(self) -> ImageJob:
        """The last job asked for."""
        return max(self.takes.values(), key=lambda take: (take.created_ms, take.index)).recipe.drawing

    def masks(self, x: int, y: int, width: int, height: int) -> None:
        """Mask a rectangle of the canvas."""
        self.canvas.steps.mask_box(Box(x=x, y=y, width=width, height=height))
        self.canvas.flush()

    def sees_pixels(self) -> QImage:
        """The canvas as it is seen, all assets read."""
        self.sees(lambda: all(self.picture.images.image_of(name) is not None for name in self.doc.assets))
        return self.canvas.flatten()

    def colour_at(self, x: int, y: int) -> tuple[int, int, int, int]:
        colour: QColor = self.sees_pixels().pixelColor(x, y)
        return colour.red(), colour.green(), colour.blue(), colour.alpha()

    def is_saved(self) -> None:
        """Wait until everything is on disk."""
        self.canvas.flush()
        self.sees(lambda: self.session.saved)
