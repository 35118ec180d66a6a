"""One registry of everything the window can do: it feeds menus, toolbar, shortcuts and the command palette."""

from collections.abc import Callable, Iterable
from typing import Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from studio.app.action_spec import ActionSpec
from studio.app.action_specs import SPECS
from studio.app.settings import Settings
from studio.widgets.command_palette import PaletteEntry
from studio.widgets.icons import put_icon


class Actions(QObject):
    """The QActions, by id."""

    def __init__(self, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self._actions: dict[str, QAction] = {}
        self._reasons: dict[str, str] = {}
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

    def of(self, where: Literal["window", "canvas", "roll"]) -> list[QAction]:
        """The actions whose keys act there."""
        return [self._actions[spec.id] for spec in SPECS if spec.where == where]

    def set_reason(self, action_id: str, reason: str) -> None:
        """Why an action makes no sense now: it is grey and its tooltip says so; "" frees it."""
        if reason != self._reasons.get(action_id, ""):
            self._reasons[action_id] = reason
            self._actions[action_id].setEnabled(not reason)
            self._dress(self._actions[action_id], next(spec for spec in SPECS if spec.id == action_id))

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
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut if spec.where == "window" else here)
        self._dress(action, spec)
        if spec.icon:
            put_icon(action, spec.icon)
        return action

    def _dress(self, action: QAction, spec: ActionSpec) -> None:
        """Keys, and the tip that names them."""
        action.setShortcuts(self._keys(spec))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = spec.tip or spec.title.rstrip("…")
        tip = f"{tip} ({keys})" if keys else tip
        action.setToolTip(self._reasons.get(spec.id) or tip)

    def _keys(self, spec: ActionSpec) -> list[QKeySequence]:
        unset = "(default)"
        own = self._settings.text(f"shortcuts/{spec.id}", unset)
        keys = spec.keys if own == unset else ((own,) if own else ())
        rivals = (other for other in SPECS if other.id in self._actions and self._meet(spec, other))
        taken = {used for other in rivals for used in self._keys_of(other.id)}
        return [QKeySequence(text) for text in keys if QKeySequence(text).toString() not in taken]

    @staticmethod
    def _meet(one: ActionSpec, other: ActionSpec) -> bool:
        """Whether both could hear the same key: the canvas and the roll never have the keyboard together."""
        return one.id != other.id and (one.where == other.where or "window" in (one.where, other.where))
