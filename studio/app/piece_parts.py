"""The music pane and its desks, joined; imported when a piece is first opened (piece_place)."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from studio.app.piece_desk import PieceDesk
from studio.app.piece_edit_desk import PieceEditDesk
from studio.app.piece_knobs_desk import PieceKnobsDesk
from studio.app.piece_models import PieceModels
from studio.app.piece_player_desk import PiecePlayerDesk
from studio.app.piece_proposals import PieceProposals
from studio.app.piece_surprise_desk import PieceSurpriseDesk
from studio.app.piece_tidy_desk import PieceTidyDesk
from studio.app.piece_time_desk import PieceTimeDesk
from studio.app.piece_tracks_desk import PieceTracksDesk
from studio.app.presets_desk import PresetsDesk, piece_presets
from studio.panes.music.pane import MusicPane

if TYPE_CHECKING:
    from studio.app.piece_place import PiecePlace


class PieceParts(QObject):
    """Makes the desks in the order they need each other; each joins itself with what it listens to."""

    def __init__(self, place: "PiecePlace") -> None:
        super().__init__(place)
        window = place.window
        pane = MusicPane()
        models = PieceModels(pane, place.models, place.settings, place.engine, self)
        self.desk = PieceDesk(pane, place.engine, models, self)
        self.desk.knobs = self.knobs = PieceKnobsDesk(self.desk, self)
        self.knobs.changed.connect(self.desk.judged.make_ready)
        self.proposals = PieceProposals(self.desk, place.tasks, self)
        for part in (self.desk, self.proposals):
            part.notice.connect(place.notice)
        self._make_edits(place)
        self.playing = PiecePlayerDesk(self.desk, place.settings, place.tasks, window, self)
        self.playing.notice.connect(place.notice)
        self._make_tracks_and_time(place)
        self.proposals.compared.connect(place.told)
        own = piece_presets(place.places.data / "presets" / "music")
        presets = PresetsDesk(pane.knobs, own, place.tasks, window, self)
        presets.notice.connect(place.notice)
        pane.prompt.add_model_requested.connect(lambda kind: place.tasks.start(models.add(window, kind)))
        pane.prompt.knobs_requested.connect(lambda: window.show_dock("view.knobs"))
        for wish in ("save_requested", "copy_requested", "drag_wanted"):
            getattr(pane.strip, wish).connect(getattr(place, wish))
        ghost = window.actions_by_id["view.ghost"]
        self.desk.judged.set_ghost(ghost.isChecked())
        ghost.toggled.connect(self.desk.judged.set_ghost)
        window.fill_dock("view.tracks", lambda: pane.tracks)
        window.knobs.bring("piece", lambda: pane.knobs)
        for action in window.actions_by_id.of("roll"):
            pane.roll.addAction(action)

    def _make_tracks_and_time(self, place: "PiecePlace") -> None:
        """The list of tracks; tempo, metre, keys, bars and chords."""
        self.tracks = PieceTracksDesk(self.desk, place.window, self)
        self.tracks.mixing.connect(self.playing.mixing)
        self.time = PieceTimeDesk(self.desk, place.tasks, place.window, self)
        for part in (self.tracks, self.time):
            part.notice.connect(place.notice)

    def _make_edits(self, place: "PiecePlace") -> None:
        """What is done with notes beyond mouse and keys."""
        desk, window, settings, tasks = self.desk, place.window, place.settings, place.tasks
        self.edits = PieceEditDesk(desk, window.actions_by_id, settings, tasks, window, self)
        self.tidy = PieceTidyDesk(desk, self.edits.dialogs.preview, settings, tasks, window, self)
        self.surprise = PieceSurpriseDesk(desk, place.engine, self)
        self.edits.odd_notes = self.surprise.odd
        self.surprise.changed.connect(self.edits.refresh)
        for part in (self.edits, self.tidy, self.surprise):
            part.notice.connect(place.notice)
        self.edits.redo_wanted.connect(self.proposals.redo)

    def close(self) -> None:
        """End what still runs."""
        self.playing.close()
