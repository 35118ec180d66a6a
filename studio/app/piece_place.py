"""Where music is made: builds the music pane and its desks when a piece is first opened, nothing before."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.app.arts import Arts
from studio.app.models_desk import ModelsDesk
from studio.app.places import Places
from studio.app.project_desk import ProjectDesk
from studio.app.settings import Settings
from studio.app.tasks import Tasks
from studio.app.window import MainWindow
from studio.engine.thread import EngineThread

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk
    from studio.app.piece_parts import PieceParts

LAYOUT = "window/music_pane"


class PiecePlace(QObject):
    """The desks of the music pane, once there are any; what comes from elsewhere enters here."""

    notice = Signal(str, str)  # what, do
    told = Signal(str, str, str)  # what, do, tone
    save_requested = Signal(str)  # take id
    copy_requested = Signal(str)
    drag_wanted = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        settings: Settings,
        places: Places,
        arts: Arts,
        projects: ProjectDesk,
        models: ModelsDesk,
        engine: EngineThread,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.window, self.settings, self.places = window, settings, places
        self.projects, self.models = projects, models
        self.engine, self.tasks = engine, tasks
        self._arts = arts
        self._parts: PieceParts | None = None
        arts.bring("piece", self._make)
        for switch in ("roll.fold", "roll.surprise"):
            window.actions_by_id[switch].toggled.connect(partial(self._switch, switch))

    # -- the desks -----------------------------------------------------------------------------------

    @property
    def parts(self) -> "PieceParts":
        """All desks of the music pane; they are built now when they were not yet."""
        self._arts.desk("piece")
        assert self._parts is not None
        return self._parts

    def need(self) -> "PieceDesk":
        """The piece desk."""
        return self.parts.desk

    def open_desk(self) -> "PieceDesk | None":
        """The piece desk when a piece is open on it; nothing is built to find that out."""
        desk = self._parts.desk if self._parts is not None else None
        return desk if desk is not None and desk.work else None

    def _make(self) -> "PieceDesk":
        from studio.app.piece_parts import PieceParts  # all of music comes with it

        self._parts = PieceParts(self)
        if (state := self.settings.state(LAYOUT)) is not None:
            self._parts.desk.pane.restore_state(bytes(state.data()))
        return self._parts.desk

    def keep_layout(self) -> None:
        """Remember how the pane's room is divided."""
        if self._parts is not None:
            self.settings.keep(LAYOUT, self._parts.desk.pane.layout_state())

    def close(self) -> None:
        """The window closes: end what still runs, the sound first."""
        if self._parts is not None:
            self._parts.close()

    def track_names(self) -> dict[str, str]:
        """The names of the open piece's tracks, by their ids."""
        tracks = self._parts.desk.score.tracks if self._parts is not None else ()
        return {track.id: track.name for track in tracks}

    def _switch(self, action_id: str, on: bool) -> None:
        """A view of the roll is turned on or off."""
        if self._parts is not None:
            self._parts.edits.switch(action_id, on)

    # -- what comes from elsewhere ---------------------------------------------------------------------

    def new(self, title: str = "") -> "PieceDesk":
        """A new piece, open."""
        self.projects.add_work("piece", title=title)
        return self.need()
