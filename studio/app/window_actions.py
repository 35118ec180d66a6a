"""What every action of the registry does."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from studio import __version__
from studio.app.arts import ArtActions
from studio.app.ask import run_dialog
from studio.app.picture_actions import SWITCHES, picture_commands
from studio.app.piece_actions import PIECE_SWITCHES, piece_commands
from studio.app.tasks import in_thread
from studio.app.text_actions import TEXT_SWITCHES, connect_text_actions, text_commands
from studio.app.theme import SchemeChoice, apply_theme
from studio.app.wiring import Wiring
from studio.dialogs.about import AboutDialog
from studio.dialogs.shortcuts import ShortcutsDialog


def connect_actions(wiring: Wiring) -> None:
    """Connect the registry; ids as in actions.SPECS."""
    window = wiring.window
    pane, actions = window.pane, window.actions_by_id
    for action_id, slot in _slots(wiring).items():
        actions.on(action_id, slot)
    connect_text_actions(wiring)
    ArtActions(
        actions,
        wiring.arts,
        {
            "text": text_commands(wiring),
            "picture": picture_commands(wiring),
            "piece": piece_commands(wiring),
        },
        {"text": TEXT_SWITCHES, "picture": SWITCHES, "piece": PIECE_SWITCHES},
    )
    actions["view.focus"].toggled.connect(window.set_focus_mode)
    actions["view.focus"].toggled.connect(
        lambda on: pane.editor.set_typewriter(on or actions["view.typewriter"].isChecked())
    )
    actions["view.authors"].toggled.connect(partial(_show_authors, wiring))
    actions["view.authors"].setChecked(wiring.settings.flag("view/authors", True))
    pane.set_show_authors(actions["view.authors"].isChecked())
    actions["edit.find_book"].triggered.connect(wiring.find_book.begin)
    _connect_spelling(wiring)
    window.palette_box.triggered.connect(lambda action_id: actions[action_id].trigger())
    window.messages.acted.connect(wiring.projects.bring_back)
    window.recent_menu.aboutToShow.connect(partial(_fill_recent, wiring))


def _slots(wiring: Wiring) -> dict[str, Callable[[], object]]:
    """What the actions do that are the same whatever is open; those of an art stand in its own table."""
    window, projects, tasks = wiring.window, wiring.projects, wiring.tasks
    actions = window.actions_by_id
    return {
        "file.new": lambda: tasks.start(projects.new()),
        "file.open": lambda: tasks.start(projects.ask_open()),
        "file.rename": lambda: tasks.start(projects.rename()),
        "file.save_copy": lambda: tasks.start(projects.save_copy()),
        "file.import": lambda: tasks.start(wiring.exchange.ask_import()),
        "file.import_picture": wiring.picture_files.ask_import,
        "file.import_music": wiring.piece_files.ask_import,
        "file.quit": window.close,
        "work.scene": lambda: projects.add_work("scene"),
        "work.chapter": lambda: projects.add_work("chapter"),
        "work.story": lambda: projects.add_work("story"),
        "work.note": lambda: projects.add_work("note"),
        "work.picture": lambda: projects.add_work("picture"),
        "work.piece": lambda: projects.add_work("piece"),
        "work.removed": lambda: tasks.start(wiring.scenes.show_removed()),
        "theme.system": partial(_theme, wiring, "system"),
        "theme.light": partial(_theme, wiring, "light"),
        "theme.dark": partial(_theme, wiring, "dark"),
        "tools.palette": lambda: window.palette_box.open_with(actions.palette()),
        "tools.search": wiring.search.open,
        "tools.add_model": wiring.add_model,
        "tools.add_gguf": lambda: tasks.start(wiring.models.add_file(window)),
        "tools.endpoints": lambda: tasks.start(wiring.remote.open()),
        "tools.doctor": lambda: tasks.start(_doctor(wiring)),
        "tools.shortcuts": lambda: tasks.start(_shortcuts(wiring)),
        "help.about": lambda: tasks.start(run_dialog(AboutDialog(__version__, window))),
    }


def _theme(wiring: Wiring, scheme: SchemeChoice) -> None:
    wiring.settings.keep("view/theme", scheme)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, scheme)


def _show_authors(wiring: Wiring, on: bool) -> None:
    wiring.settings.keep("view/authors", on)
    wiring.window.pane.set_show_authors(on)


def _connect_spelling(wiring: Wiring) -> None:
    """The dictionary is read once the window stands; its languages are a menu beside the switch."""
    action, settings = wiring.window.actions_by_id["view.spelling"], wiring.settings
    action.setChecked(settings.flag("view/spelling", True))

    def show(on: bool) -> None:
        settings.keep("view/spelling", on)
        wiring.spelling.set_on(on)

    action.toggled.connect(show)
    for menu in action.associatedObjects():
        if isinstance(menu, QMenu):
            below = menu.actions()[menu.actions().index(action) + 1]
            menu.insertMenu(below, wiring.spelling.menu)


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
