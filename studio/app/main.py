"""Starts the window."""

import gc
import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from studio.app.places import Places
from studio.app.settings import Settings
from studio.app.signals import SignalClose
from studio.app.theme import apply_theme
from studio.core.errors import StudioError

if TYPE_CHECKING:
    from qasync import QEventLoop

    from studio.app.wiring import Wiring

GIL_SWITCH_S = 0.001
HEADLESS = ("offscreen", "minimal")  # Qt platforms on which nobody sees a window


def run_window(project: Path | None = None, places: Places | None = None) -> int:
    """Open the window and stay until it is closed; the exit status."""
    places = places or Places.default()
    quicken_switching()
    try:
        _log_to(places)
        app = make_app(Settings(places))
        wiring = open_window(places, project)
    except (StudioError, OSError) as error:
        return _not_opened(error, places)
    signals = SignalClose(wiring.window.close, wiring)
    app.processEvents()  # the window is painted and can be typed into; only then is asyncio read
    with event_loop(app) as loop:
        wiring.ended.connect(loop.stop)
        if not wiring.has_ended:  # it may have been closed already
            loop.run_forever()
        signals.release()
        loop.run_until_complete(wiring.tasks.drain())
    _empty_clipboard(app)
    return 0


def _empty_clipboard(app: QApplication) -> None:
    """Without a desktop Qt holds copies itself until after Python has ended, and destroying ours then crashes."""
    if app.platformName() in HEADLESS:
        app.clipboard().clear()


def _not_opened(error: StudioError | OSError, places: Places) -> int:
    """Say why there is no window: on the terminal, and in a box where someone can see one."""
    do = (
        ""
        if isinstance(error, StudioError)
        else f" Atelier keeps its data in {places.data}; see “atelier doctor”."
    )
    words = f"Atelier could not be opened: {error}.{do}"
    print(words, file=sys.stderr)  # noqa: T201
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(app, QApplication) and app.platformName() not in HEADLESS:
        QMessageBox.critical(None, "Atelier", words)
    return 1


def event_loop(app: QApplication) -> "QEventLoop":
    """asyncio on Qt's event loop."""
    from qasync import QEventLoop

    return QEventLoop(app)


def quicken_switching() -> None:
    """Threads give way sooner, so that the engine's never holds up a keystroke."""
    sys.setswitchinterval(GIL_SWITCH_S)


def make_app(settings: Settings) -> QApplication:
    """The one QApplication, themed."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("Atelier")
    app.setDesktopFileName("atelier")
    apply_theme(app, settings.scheme())
    return app


def open_window(places: Places, project: Path | None = None) -> "Wiring":
    """Build and show the window with a project in it; the model loads in the background."""
    from studio.app.window import MainWindow
    from studio.app.window_actions import connect_actions
    from studio.app.wiring import Wiring
    from studio.engine.thread import EngineThread

    settings = Settings(places)
    engine = EngineThread(places.worker_log())
    engine.start()
    window = MainWindow(settings)
    wiring = Wiring(window, settings, places, engine)
    connect_actions(wiring)
    fallen_back = wiring.models.show()
    try:
        wiring.projects.open_at_start(project)
    except BaseException:
        engine.stop()
        raise
    if fallen_back:
        window.messages.show_message(fallen_back, do="Another model was chosen below.", tone="warning")
    window.show()
    _FirstPaint(window, partial(_begin, wiring))
    return wiring


def _begin(wiring: "Wiring") -> None:
    """What may be read once the window can be seen: the model, the dictionary."""
    gc.collect()
    gc.freeze()  # what start-up made stays: looking through it again and again would hold up keystrokes
    wiring.models.start()
    wiring.spelling.set_on(wiring.window.actions_by_id["view.spelling"].isChecked())


class _FirstPaint(QObject):
    """Calls back once the window has painted."""

    def __init__(self, window: QObject, then: Callable[[], None]) -> None:
        super().__init__(window)
        self._then: Callable[[], None] | None = then
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint."""
        if event.type() == QEvent.Type.Paint and self._then is not None:
            then, self._then = self._then, None
            QTimer.singleShot(0, self, then)
        return False


def _log_to(places: Places) -> None:
    places.logs.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        filename=places.logs / "window.log",
        level=os.environ.get("ATELIER_LOG", "INFO"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
