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


def connect_text_actions(wiring: Wiring) -> None:
    """Connect the actions of the writing pane; ids as in actions.SPECS."""
    window, pane, actions = wiring.window, wiring.window.pane, wiring.window.actions_by_id
    for act in ACTS:
        actions.on(f"act.{act}", partial(pane.act_requested.emit, act, ""))
    actions.on("act.tone", partial(_choose_tone, wiring))
    for unit in UNITS:
        actions.on(f"take.{unit}", partial(pane.part_wanted.emit, unit))
    actions.on("edit.lock", pane.lock_requested.emit)
    actions.on("tools.check_model", wiring.acts.check)
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
