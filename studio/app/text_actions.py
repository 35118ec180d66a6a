"""What the writing pane's own actions do: acts on a passage, ghost text, locks, looks inside the model."""

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QCursor

from studio.app.ask import run_dialog
from studio.app.wiring import Wiring
from studio.dialogs.tones import TonesDialog
from studio.widgets.act_menu import ActChoice

ACTS = ("rewrite", "expand", "shorten", "describe", "instruct")
UNITS = ("word", "sentence", "paragraph")


TEXT_SWITCHES = frozenset(
    {
        "view.authors",
        "view.heat",
        "view.typewriter",
        "view.spelling",
        "view.context",
        "view.lore",
        "view.scene",
        "edit.find_book",
    }
)


def text_commands(wiring: Wiring) -> dict[str, Callable[[], object]]:
    """The actions of the writing pane; ids as in actions.SPECS."""
    pane, tasks, exchange = wiring.window.pane, wiring.tasks, wiring.exchange
    acts = {f"act.{act}": partial(pane.act_requested.emit, act, "") for act in ACTS}
    units = {f"take.{unit}": partial(pane.part_wanted.emit, unit) for unit in UNITS}
    return {
        **acts,
        **units,
        "act.tone": partial(_choose_tone, wiring),
        "act.picture_passage": wiring.passage.picture,
        "file.export": lambda: tasks.start(exchange.ask_export()),
        "file.pdf": lambda: tasks.start(exchange.ask_pdf()),
        "file.print": lambda: tasks.start(exchange.ask_print()),
        "edit.undo": pane.undo,
        "edit.redo": pane.redo,
        "edit.lock": pane.lock_requested.emit,
        "edit.find": wiring.find.open,
        "edit.replace": lambda: wiring.find.open(replacing=True),
        "edit.find_next": lambda: wiring.find.step(1),
        "edit.find_previous": lambda: wiring.find.step(-1),
        "edit.tidy": wiring.compare.tidy,
        "take.propose": pane.propose,
        "take.stop": wiring.stop,
        "take.accept": pane.accept_chosen,
        "take.reject": pane.reject_chosen,
        "take.regenerate": pane.regenerate,
        "take.compare": wiring.compare.compare_takes,
        "take.next": lambda: pane.choose_next(1),
        "take.previous": lambda: pane.choose_next(-1),
        "work.split": wiring.scenes.split,
        "work.merge": wiring.scenes.merge,
        "work.duplicate": wiring.scenes.duplicate,
        "view.zoom_in": lambda: pane.zoom_by(1),
        "view.zoom_out": lambda: pane.zoom_by(-1),
        "view.zoom_reset": pane.zoom_reset,
        "tools.check_model": wiring.acts.check,
    }


def connect_text_actions(wiring: Wiring) -> None:
    """The switches of the writing pane, and what its entries say."""
    window, pane = wiring.window, wiring.window.pane
    _switch(wiring, "view.ghost", wiring.text.ghost.set_on, usual=True)
    _switch(wiring, "view.heat", wiring.heat.set_on, usual=False)
    _switch(wiring, "view.typewriter", pane.editor.set_typewriter, usual=False)
    wiring.acts.edit_tones = lambda: wiring.tasks.start(_edit_tones(wiring))
    wiring.acts.changed.connect(partial(_explain, wiring))
    for menu in window.menuBar().findChildren(type(window.recent_menu)):
        if menu.title() == "A&sk":
            menu.setToolTipsVisible(True)


def _switch(wiring: Wiring, action_id: str, put: Callable[[bool], object], usual: bool) -> None:
    """A view that is remembered between launches."""
    key = action_id.replace(".", "/")
    action = wiring.window.actions_by_id[action_id]

    def toggled(on: bool) -> None:
        wiring.settings.keep(key, on)
        put(on)

    action.setChecked(wiring.settings.flag(key, usual))
    put(action.isChecked())
    action.toggled.connect(toggled)


def _explain(wiring: Wiring, choices: tuple[ActChoice, ...]) -> None:
    """An act that the model is not offered for says so in its entry; its key tells the same in words."""
    for choice in choices:
        if choice.act == "continue":
            continue
        action: QAction = wiring.window.actions_by_id[f"act.{choice.act}"]
        title = str(action.property("title") or action.text())
        action.setProperty("title", title)
        action.setText(f"{title}  ({choice.short})" if choice.short else title)


def _choose_tone(wiring: Wiring) -> None:
    """The list of tones at the pointer; where the model is not offered for it: why."""
    pane = wiring.window.pane
    if wiring.acts.why_not("tone") or pane.selection()[0] == pane.selection()[1]:
        pane.act_requested.emit("tone", "")
        return
    menu = pane.prompt.acts.menu_of_tones(pane, pane.act_requested.emit)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(QCursor.pos())


async def _edit_tones(wiring: Wiring) -> None:
    dialog = TonesDialog(wiring.acts.tones(), wiring.window)
    if await run_dialog(dialog):
        wiring.acts.set_tones(dialog.tones())
