"""Which art is open: the window's actions go to the desk of the open work's kind."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Literal, Protocol

from PySide6.QtCore import QObject, Signal, SignalInstance, Slot
from PySide6.QtWidgets import QWidget

from studio.app.actions import Actions
from studio.app.session import Session
from studio.widgets.lineage_view import LineageNode

Art = Literal["text", "picture", "piece"]
Commands = Mapping[str, Callable[[], object]]
KINDS: Final[Mapping[str, Art]] = {"scene": "text", "note": "text", "picture": "picture", "piece": "piece"}
NOT_HERE: Final[Mapping[Art, str]] = {
    "text": "Only in a scene or a note: open one on the left",
    "picture": "Only in a picture: open one on the left, or make a new one",
    "piece": "Only in a piece of music: open one on the left, or make a new one",
}


class ArtDesk(Protocol):
    """What the window asks of the desk of an art: of the writing, the image and the music pane's."""

    session: Session | None
    work: str

    @property
    def art(self) -> Art: ...
    @property
    def pane(self) -> QWidget: ...
    @property
    def running(self) -> bool: ...
    @property
    def lineage_changed(self) -> SignalInstance: ...
    @property
    def notice(self) -> SignalInstance: ...
    def open(self, session: Session, work_id: str, title: str) -> None: ...
    def leave(self) -> None: ...
    def flush(self) -> None: ...
    def stop(self) -> None: ...
    def focus(self) -> None: ...
    def set_title(self, title: str) -> None: ...
    def set_saved(self, saved: bool) -> None: ...
    def set_worker_notice(self, words: str, tone: str) -> None: ...
    def set_quiet(self, on: bool) -> None: ...
    def nodes(self) -> list[LineageNode]: ...
    def branch_from(self, node_id: str) -> None: ...
    def show_take(self, take_id: str) -> None: ...


class Arts(QObject):
    """The desks by art, made when first needed; the current one is that of the open work, or of the last one."""

    changed = Signal(str)  # the art that is current now
    opened = Signal(object)  # the desk that opened a work
    left = Signal()  # no work is open
    made = Signal(object)  # a desk that was just made

    def __init__(self, text: ArtDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._desks: dict[Art, ArtDesk] = {"text": text}
        self._makers: dict[Art, Callable[[], ArtDesk]] = {}
        self.current: ArtDesk = text

    def bring(self, art: Art, make: Callable[[], ArtDesk]) -> None:
        """Have `make` build the desk of another art, once, when a work of it is first opened."""
        self._makers[art] = make

    def desk(self, art: Art) -> ArtDesk:
        """The desk of an art; it is built now when it was not yet."""
        if art not in self._desks:
            self._desks[art] = self._makers[art]()
            self.made.emit(self._desks[art])
        return self._desks[art]

    def desks(self) -> list[ArtDesk]:
        """Those that are built."""
        return list(self._desks.values())

    @property
    def work(self) -> str:
        """The open work; "" when none is."""
        return self.current.work

    @property
    def running(self) -> bool:
        """A job of the open work runs or waits."""
        return self.current.running

    def open(self, session: Session, work_id: str, title: str, kind: str) -> None:
        """Show a work at the desk of its kind; the desk that had one open lets go of it."""
        desk = self.desk(KINDS[kind])
        if desk is not self.current:
            self.current.leave()
            self.current = desk
        desk.open(session, work_id, title)
        self.changed.emit(desk.art)
        self.opened.emit(desk)

    def leave(self) -> None:
        """Let go of the open work."""
        self.current.leave()
        self.left.emit()

    def flush(self) -> None:
        """Tell now all that is held back."""
        self.current.flush()

    def set_saved(self, saved: bool) -> None:
        """Whether everything is on disk."""
        for desk in self._desks.values():
            desk.set_saved(saved)

    def set_enabled(self, on: bool) -> None:
        """Whether the panes take anything at all."""
        for desk in self._desks.values():
            desk.pane.setEnabled(on)

    def set_quiet(self, on: bool) -> None:
        """Nothing but the work in its pane, or all again."""
        for desk in self._desks.values():
            desk.set_quiet(on)

    def set_worker_notice(self, words: str, tone: str) -> None:
        """A word about the model under the open work."""
        for desk in self._desks.values():
            desk.set_worker_notice(words, tone)


class ArtActions(QObject):
    """Sends the actions to the open work's art; those it has no use for are grey and say why."""

    def __init__(
        self,
        actions: Actions,
        arts: Arts,
        commands: Mapping[Art, Commands],
        switches: Mapping[Art, frozenset[str]],
    ) -> None:
        """`commands`: what an art's actions do, by id; `switches`: ids of what is only greyed in the other arts."""
        super().__init__(arts)
        self._actions, self._arts, self._commands = actions, arts, commands
        self._homes: dict[str, list[Art]] = {}
        for art in commands:
            for action_id in (*commands[art], *switches.get(art, ())):
                self._homes.setdefault(action_id, []).append(art)
        for action_id in sorted({action_id for table in commands.values() for action_id in table}):
            actions.on(action_id, partial(self._do, action_id))
        arts.changed.connect(self.show)
        self.show()

    def _do(self, action_id: str) -> None:
        command = self._commands[self._arts.current.art].get(action_id)
        if command is not None:
            command()

    @Slot()
    def show(self) -> None:
        """Grey what the open work has no use for."""
        art = self._arts.current.art
        for action_id, homes in self._homes.items():
            self._actions.set_reason(action_id, "" if art in homes else NOT_HERE[homes[0]])
