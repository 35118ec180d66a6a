"""A window in which someone types without end; every text known to be on disk is acknowledged on stdout."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

import studio.app.main as program
from studio.app.wiring import Wiring


def main() -> int:
    """Type, flush, and print the length of the text at each `saved`."""
    open_window = program.open_window

    def open_and_type(*arguments: object) -> Wiring:
        wiring = open_window(*arguments)
        keep_typing(wiring)
        return wiring

    program.open_window = open_and_type
    return program.run_window()


def keep_typing(wiring: Wiring) -> None:
    """A few keys whenever the last ones are on disk."""
    session, pane = wiring.projects.session, wiring.window.pane
    assert session is not None
    print(f"project {session.folder}", flush=True)
    on_its_way = [0]

    def acknowledge(saved: bool) -> None:
        if saved:
            print(f"saved {on_its_way[0]}", flush=True)

    def type_on() -> None:
        if session.saved and pane.work():
            number = len(pane.value().text)
            QTest.keyClicks(pane.editor, f"{number:06d} "[: 1 + number % 7])
            on_its_way[0] = len(pane.value().text)
            pane.flush()

    session.saved_changed.connect(acknowledge)
    timer = QTimer(wiring, interval=1)
    timer.timeout.connect(type_on)
    wiring.ended.connect(timer.stop)
    timer.start()


if __name__ == "__main__":
    sys.exit(main())
