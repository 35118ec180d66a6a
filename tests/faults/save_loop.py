"""A window in which someone types without end; every text known to be on disk is acknowledged on stdout."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from qasync import QEventLoop

from studio.app.main import make_app, open_window
from studio.app.places import Places
from studio.app.settings import Settings


def main() -> None:
    """Type, flush, and print the length of the text at each `saved`."""
    places = Places.default()
    app = make_app(Settings(places))
    loop = QEventLoop(app)
    with loop:
        wiring = open_window(places)
        session = wiring.projects.session
        assert session is not None
        print(f"project {session.folder}", flush=True)
        pane = wiring.window.pane
        on_its_way = [0]

        def acknowledge(saved: bool) -> None:
            if saved:
                print(f"saved {on_its_way[0]}", flush=True)

        def type_on() -> None:
            if session.saved:
                number = len(pane.value().text)
                QTest.keyClicks(pane.editor, f"{number:06d} "[: 1 + number % 7])
                on_its_way[0] = len(pane.value().text)
                pane.flush()

        session.saved_changed.connect(acknowledge)
        timer = QTimer(interval=1)
        timer.timeout.connect(type_on)
        timer.start()
        loop.run_forever()


if __name__ == "__main__":
    sys.exit(main())
