"""One registry of everything the window can do: it feeds menus, toolbar, shortcuts and the command palette."""

from collections.abc import Callable, Iterable

from msgspec import Struct
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from studio.app.settings import Settings
from studio.widgets.command_palette import PaletteEntry
from studio.widgets.icons import put_icon


class ActionSpec(Struct, frozen=True, kw_only=True):
    """One action: `id` like "take.accept" (its group comes first), `keys` in Qt's portable text."""

    id: str
    title: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    checkable: bool = False


SPECS = (
    ActionSpec(id="file.new", title="New project", keys=("Ctrl+N",), icon="add"),
    ActionSpec(id="file.open", title="Open project…", keys=("Ctrl+O",), icon="open"),
    ActionSpec(id="file.rename", title="Rename project…", icon="edit"),
    ActionSpec(id="file.save_copy", title="Save a copy…", keys=("Ctrl+Shift+S",), icon="save-copy"),
    ActionSpec(id="file.export", title="Export story…", keys=("Ctrl+E",), icon="export"),
    ActionSpec(id="file.quit", title="Quit", keys=("Ctrl+Q",), icon="app-exit"),
    ActionSpec(id="edit.undo", title="Undo", keys=("Ctrl+Z",), icon="undo", tip="Step back in this text"),
    ActionSpec(
        id="edit.redo", title="Redo", keys=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", tip="Step forward again"
    ),
    ActionSpec(
        id="take.propose",
        title="Propose",
        keys=("Ctrl+Return", "Ctrl+Enter"),
        icon="spark",
        tip="The model writes on from the cursor, several takes side by side",
    ),
    ActionSpec(id="take.stop", title="Stop", keys=("Esc",), icon="stop", tip="Takes stay as far as they got"),
    ActionSpec(
        id="take.accept",
        title="Accept take",
        keys=("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        icon="accept",
        tip="The chosen take becomes part of the text; the others stay in the lineage",
    ),
    ActionSpec(
        id="take.reject",
        title="Reject take",
        keys=("Ctrl+Shift+Backspace",),
        icon="reject",
        tip="Set the chosen take aside; it is kept and found again in the lineage",
    ),
    ActionSpec(
        id="take.regenerate",
        title="Regenerate",
        keys=("Ctrl+R",),
        icon="regenerate",
        tip="The same request with a new seed; the takes so far stay in the lineage",
    ),
    ActionSpec(id="take.next", title="Next take", keys=("Alt+Right",), icon="down"),
    ActionSpec(id="take.previous", title="Previous take", keys=("Alt+Left",), icon="up"),
    ActionSpec(id="work.scene", title="New scene", keys=("Ctrl+Shift+N",), icon="scene"),
    ActionSpec(id="work.chapter", title="New chapter", icon="chapter"),
    ActionSpec(id="work.story", title="New story", icon="story"),
    ActionSpec(id="work.note", title="New note", icon="note"),
    ActionSpec(
        id="view.authors",
        title="Colour the model's words",
        keys=("Ctrl+Shift+M",),
        icon="authors",
        checkable=True,
        tip="Tell the model's text from yours by colour",
    ),
    ActionSpec(id="view.works", title="Works", keys=("F8",), icon="panel-left", checkable=True),
    ActionSpec(id="view.lineage", title="Lineage", keys=("F9",), icon="panel-right", checkable=True),
    ActionSpec(id="view.queue", title="Queue", keys=("F10",), icon="panel-bottom", checkable=True),
    ActionSpec(
        id="view.focus",
        title="Distraction-free",
        keys=("F11",),
        icon="zen",
        checkable=True,
        tip="Only the text",
    ),
    ActionSpec(id="view.zoom_in", title="Larger text", keys=("Ctrl+=", "Ctrl++"), icon="zoom-in"),
    ActionSpec(id="view.zoom_out", title="Smaller text", keys=("Ctrl+-",), icon="zoom-out"),
    ActionSpec(id="view.zoom_reset", title="Normal text size", keys=("Ctrl+0",), icon="search"),
    ActionSpec(id="theme.system", title="Follow the system", icon="settings"),
    ActionSpec(id="theme.light", title="Light", icon="sun"),
    ActionSpec(id="theme.dark", title="Dark", icon="moon"),
    ActionSpec(id="tools.palette", title="Command palette…", keys=("Ctrl+Shift+P",), icon="search"),
    ActionSpec(id="tools.add_model", title="Add a model folder…", icon="model"),
    ActionSpec(id="tools.doctor", title="Check this installation", icon="info"),
    ActionSpec(id="tools.shortcuts", title="Keyboard shortcuts…", icon="knobs"),
    ActionSpec(id="help.about", title="About Atelier", icon="help"),
)


class Actions(QObject):
    """The QActions, by id."""

    def __init__(self, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._actions: dict[str, QAction] = {}
        for spec in SPECS:
            self._actions[spec.id] = self._make(spec)

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def on(self, action_id: str, slot: Callable[[], object]) -> None:
        """Call `slot` when it is triggered."""
        self._actions[action_id].triggered.connect(lambda _checked=False: slot())

    def all(self) -> Iterable[QAction]:
        """Every action, in the registry's order."""
        return self._actions.values()

    def palette(self) -> list[PaletteEntry]:
        """The registry for the command palette."""
        return [
            PaletteEntry(
                id=spec.id,
                title=spec.title.rstrip("…"),
                shortcut=action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
                group=spec.id.partition(".")[0].capitalize(),
                enabled=action.isEnabled(),
            )
            for spec, action in ((spec, self._actions[spec.id]) for spec in SPECS)
            if spec.id != "tools.palette"
        ]

    def shortcuts(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Title and keys of every action, by id."""
        return {spec.id: (spec.title, self._keys_of(spec.id)) for spec in SPECS}

    def _keys_of(self, action_id: str) -> tuple[str, ...]:
        return tuple(keys.toString() for keys in self._actions[action_id].shortcuts())

    def set_shortcut(self, action_id: str, keys: str | None) -> None:
        """Give it other keys ("" for none); None goes back to its own, less those another action has by now."""
        if keys is None:
            self._settings.forget(f"shortcuts/{action_id}")
        else:
            self._settings.keep(f"shortcuts/{action_id}", keys)
        spec = next(spec for spec in SPECS if spec.id == action_id)
        self._dress(self._actions[action_id], spec)

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.title, self)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self._dress(action, spec)
        if spec.icon:
            put_icon(action, spec.icon)
        return action

    def _dress(self, action: QAction, spec: ActionSpec) -> None:
        """Keys, and the tip that names them."""
        action.setShortcuts(self._keys(spec))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = spec.tip or spec.title.rstrip("…")
        action.setToolTip(f"{tip} ({keys})" if keys else tip)

    def _keys(self, spec: ActionSpec) -> list[QKeySequence]:
        unset = "(default)"
        own = self._settings.text(f"shortcuts/{spec.id}", unset)
        keys = spec.keys if own == unset else ((own,) if own else ())
        taken = {used for other in self._actions if other != spec.id for used in self._keys_of(other)}
        return [QKeySequence(text) for text in keys if QKeySequence(text).toString() not in taken]
