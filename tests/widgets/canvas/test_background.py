"""Threads of the canvas: only the newest of waiting work is done, and a canvas that goes takes nothing down."""

import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from studio.widgets.canvas.background import Newest


def test_a_newer_work_replaces_the_one_that_waits(qtbot: QtBot) -> None:
    newest = Newest()
    gate, done = threading.Event(), []
    newest.done.connect(lambda key, result: done.append((key, result)))
    newest.ask("look", 0, lambda: gate.wait(10))
    for number in range(1, 6):
        newest.ask("look", number, lambda number=number: number * number)
    newest.ask("other", "o", lambda: "o")
    gate.set()
    qtbot.waitUntil(lambda: newest.idle)
    told = [key for key, _ in done if key != 0]
    assert len(told) == 2 and set(told) == {5, "o"}  # two threads: either may be the first


def test_a_thread_outlives_the_canvas_it_works_for(qtbot: QtBot) -> None:
    for _ in range(30):
        parent = QObject()
        newest = Newest(parent)
        gate = threading.Event()
        newest.ask("look", 0, lambda gate=gate: gate.wait(10))
        thread = newest._thread
        gate.set()
        delete(parent)
        if thread is not None:
            thread.join(10)
            assert not thread.is_alive()
