"""A dock's widget that every art has one of its own for: the knobs."""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget, QWidget


class ArtStack(QStackedWidget):
    """Shows that of the current art; each is built when it is first shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._pages: dict[str, QWidget] = {}
        self._art = ""
        self._none = QWidget()  # for an art that has none
        self.addWidget(self._none)

    def bring(self, art: str, make: Callable[[], QWidget]) -> None:
        """Have `make` build an art's widget, once, when it is first shown."""
        self._makers[art] = make
        if art == self._art:
            self.show_art(art)

    def show_art(self, art: str) -> None:
        """Show an art's widget; nothing for an art that has none."""
        self._art = art
        make = self._makers.pop(art, None)
        if make is not None:
            self._pages[art] = make()
            self.addWidget(self._pages[art])
        self.setCurrentWidget(self._pages.get(art, self._none))
