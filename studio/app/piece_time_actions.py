"""What the actions of tracks and time do; nothing of the music pane is imported for this table."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.app.piece_parts import PieceParts
    from studio.app.piece_place import PiecePlace


def piece_time_commands(place: "PiecePlace") -> dict[str, Callable[[], object]]:
    """Ids as in piece_time_specs."""

    def parts(do: Callable[["PieceParts"], object]) -> Callable[[], object]:
        return lambda: do(place.parts)

    return {
        "piece.add_track": parts(lambda it: it.tracks.ask_add()),
        "piece.duplicate_track": parts(lambda it: it.tracks.duplicate()),
        "piece.rename_track": parts(lambda it: it.tracks.ask_name()),
        "piece.mute_track": parts(lambda it: it.tracks.toggle("mute")),
        "piece.solo_track": parts(lambda it: it.tracks.toggle("solo")),
        "piece.lock_track": parts(lambda it: it.tracks.toggle("lock")),
        "piece.remove_track": parts(lambda it: it.tracks.remove()),
        "piece.tempo": parts(lambda it: it.time.ask_tempo()),
        "piece.meter": parts(lambda it: it.time.ask_meter()),
        "piece.key": parts(lambda it: it.time.ask_key()),
        "piece.find_keys": parts(lambda it: it.time.find_keys()),
        "piece.marker": parts(lambda it: it.time.ask_marker()),
        "piece.insert_bars": parts(lambda it: it.time.ask_insert_bars()),
        "piece.delete_bars": parts(lambda it: it.time.ask_delete_bars()),
        "piece.chords": parts(lambda it: it.time.ask_chords()),
        "piece.find_chords": parts(lambda it: it.time.ask_find_chords()),
        "piece.clear_chords": parts(lambda it: it.time.clear_chords()),
    }
