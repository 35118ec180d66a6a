"""What every action of the registry does."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from studio import __version__
from studio.app.ask import run_dialog
from studio.app.tasks import in_thread
from studio.app.theme import SchemeChoice, apply_theme
from studio.app.wiring import Wiring
from studio.dialogs.about import AboutDialog
from studio.dialogs.shortcuts import ShortcutsDialog


def connect_actions(wiring: Wiring) -> None:
    """Connect the registry; ids as in actions.SPECS."""
    window, projects, tasks = wiring.window, wiring.projects, wiring.tasks
    pane, actions = window.pane, window.actions_by_id
    slots: dict[str, Callable[[], object]] = {
        "file.new": lambda: tasks.start(projects.new()),
        "file.open": lambda: tasks.start(projects.ask_open()),
        "file.rename": lambda: tasks.start(projects.rename()),
        "file.save_copy": lambda: tasks.start(projects.save_copy()),
        "file.export": lambda: tasks.start(projects.export()),
        "file.quit": window.close,
        "edit.undo": pane.undo,
        "edit.redo": pane.redo,
        "take.propose": pane.propose,
        "take.stop": wiring.stop,
        "take.accept": pane.accept_chosen,
        "take.reject": pane.reject_chosen,
        "take.regenerate": pane.regenerate,
        "take.next": lambda: pane.choose_next(1),
        "take.previous": lambda: pane.choose_next(-1),
        "work.scene": lambda: projects.add_work("scene"),
        "work.chapter": lambda: projects.add_work("chapter"),
        "work.story": lambda: projects.add_work("story"),
        "work.note": lambda: projects.add_work("note"),
        "view.zoom_in": lambda: pane.zoom_by(1),
        "view.zoom_out": lambda: pane.zoom_by(-1),
        "view.zoom_reset": pane.zoom_reset,
        "theme.system": partial(_theme, wiring, "system"),
        "theme.light": partial(_theme, wiring, "light"),
        "theme.dark": partial(_theme, wiring, "dark"),
        "tools.palette": lambda: window.palette_box.open_with(actions.palette()),
        "tools.add_model": wiring.add_model,
        "tools.doctor": lambda: tasks.start(_doctor(wiring)),
        "tools.shortcuts": lambda: tasks.start(_shortcuts(wiring)),
        "help.about": lambda: tasks.start(run_dialog(AboutDialog(__version__, window))),
    }
    for action_id, slot in slots.items():
        actions.on(action_id, slot)
    actions["view.focus"].toggled.connect(window.set_focus_mode)
    actions["view.authors"].toggled.connect(partial(_show_authors, wiring))
    actions["view.authors"].setChecked(wiring.settings.flag("view/authors", True))
    pane.set_show_authors(actions["view.authors"].isChecked())
    window.palette_box.triggered.connect(lambda action_id: actions[action_id].trigger())
    window.messages.acted.connect(projects.bring_back)
    window.recent_menu.aboutToShow.connect(partial(_fill_recent, wiring))


def _theme(wiring: Wiring, scheme: SchemeChoice) -> None:
    wiring.settings.keep("view/theme", scheme)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, scheme)


def _show_authors(wiring: Wiring, on: bool) -> None:
    wiring.settings.keep("view/authors", on)
    wiring.window.pane.set_show_authors(on)


def _fill_recent(wiring: Wiring) -> None:
    menu = wiring.window.recent_menu
    menu.clear()
    for folder in wiring.settings.recent():
        action = QAction(f"{folder.stem}  —  {folder.parent}", menu)
        action.triggered.connect(partial(_open_recent, wiring, folder))
        menu.addAction(action)
    menu.setEnabled(True)
    if menu.isEmpty():
        menu.addAction("No projects yet").setEnabled(False)


def _open_recent(wiring: Wiring, folder: Path, _checked: bool = False) -> None:
    wiring.tasks.start(wiring.projects.open(folder))


async def _doctor(wiring: Wiring) -> None:
    from studio.app.doctor import check_installation, doctor_words

    wiring.window.messages.show_message("Checking this installation…", do="Esc stops it.")
    stopped = threading.Event()
    try:
        checks = await in_thread(check_installation, wiring.places, stopped.is_set)
    finally:
        stopped.set()
        wiring.window.messages.clear()
    what, do, details, sound = doctor_words(checks)
    tone = "success" if sound else "warning"
    wiring.window.messages.show_message(what, do=do, details=details, tone=tone)


async def _shortcuts(wiring: Wiring) -> None:
    actions = wiring.window.actions_by_id
    dialog = ShortcutsDialog(actions.shortcuts(), wiring.window)

    def change(action_id: str, keys: str | None) -> None:
        actions.set_shortcut(action_id, keys)
        dialog.show_keys(action_id, actions.shortcuts()[action_id][1])

    dialog.changed.connect(change)
    await run_dialog(dialog)
