"""What the actions do while a piece is open; nothing of the music pane is imported for this table."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from studio.app.piece_ask_specs import piece_ask_commands
from studio.app.piece_time_actions import piece_time_commands
from studio.app.roll_action_specs import ROLL_SPECS
from studio.app.wiring import Wiring

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk
    from studio.app.piece_parts import PieceParts
    from studio.panes.music.pane import MusicPane

PIECE_SWITCHES: Final = frozenset({"view.knobs", "view.tracks", "roll.fold", "roll.surprise"})


def piece_commands(wiring: Wiring) -> dict[str, Callable[[], object]]:
    """The actions of the music pane; ids as in actions.SPECS."""
    place = wiring.pieces

    def desk(do: Callable[["PieceDesk"], object]) -> Callable[[], object]:
        return lambda: do(place.need())

    def pane(do: Callable[["MusicPane"], object]) -> Callable[[], object]:
        return lambda: do(place.need().pane)

    def parts(do: Callable[["PieceParts"], object]) -> Callable[[], object]:
        return lambda: do(place.parts)

    def of_take(do: Callable[["PieceParts", str], object]) -> Callable[[], object]:
        return lambda: do(place.parts, place.need().pane.strip.chosen() or "")

    files = wiring.piece_files
    return {
        "file.export": files.export,
        "file.export_music": files.export,
        "file.copy_music": files.copy,
        **{spec.id: partial(_edit, wiring, spec.id) for spec in ROLL_SPECS if not spec.checkable},
        **piece_time_commands(place),
        **piece_ask_commands(place),
        "edit.lock": parts(lambda it: it.edits.toggle_lock()),
        "edit.tidy": parts(lambda it: it.tidy.tidy()),
        "play.toggle": parts(lambda it: it.playing.toggle()),
        "play.take": parts(lambda it: it.playing.play_take()),
        "play.start": parts(lambda it: it.playing.to_start()),
        "play.loop": pane(lambda it: it.transport.loop.click()),
        "play.metronome": pane(lambda it: it.transport.metronome.click()),
        "play.count_in": pane(lambda it: it.transport.count_in.click()),
        "play.record": pane(lambda it: it.transport.record.click()),
        "edit.undo": desk(lambda it: it.undo()),
        "edit.redo": desk(lambda it: it.redo()),
        "take.propose": parts(lambda it: it.proposals.propose()),
        "take.stop": wiring.stop,
        "take.accept": desk(lambda it: it.judged.accept_chosen()),
        "take.reject": desk(lambda it: it.judged.reject_chosen()),
        "take.regenerate": of_take(lambda it, take: it.proposals.regenerate(take)),
        "take.again": of_take(lambda it, take: it.proposals.again(take)),
        "take.more_like": of_take(lambda it, take: it.proposals.more_like(take)),
        "take.from_take": of_take(lambda it, take: it.proposals.from_take(take)),
        "take.compare": pane(lambda it: it.bar.set_switch("compare", not it.bar.switch("compare"))),
        "take.next": pane(lambda it: it.strip.choose_next(1)),
        "take.previous": pane(lambda it: it.strip.choose_next(-1)),
        "view.zoom_in": pane(lambda it: it.roll.zoom_in()),
        "view.zoom_out": pane(lambda it: it.roll.zoom_out()),
        "view.zoom_reset": pane(lambda it: it.roll.fit()),
        "canvas.fit": pane(lambda it: it.roll.fit()),
    }


def _edit(wiring: Wiring, action_id: str) -> None:
    """What is done with notes; the table is the edit desk's, which knows the roll."""
    wiring.pieces.parts.edits.do(action_id)
