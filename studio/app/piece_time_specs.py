"""What can be done with a piece's tracks and its time, as values: part of piece_action_specs.PIECE_SPECS."""

from typing import Final

from studio.app.action_spec import ActionSpec

_TRACKS: Final = (
    (
        "add_track",
        "Add a track…",
        "add",
        "An empty track behind the one in the roll; its instrument is asked",
    ),
    ("duplicate_track", "Duplicate the track", "copy", "A copy of the track in the roll, right behind it"),
    ("rename_track", "Rename the track", "edit", "Give the track in the roll another name"),
    ("mute_track", "Mute the track", "", "Silence the track in the roll, or let it sound again"),
    ("solo_track", "Solo the track", "", "Hear the track in the roll alone, or all of them again"),
    (
        "lock_track",
        "Lock the track",
        "lock",
        "Neither a model nor a hand changes its notes until it is unlocked",
    ),
    ("remove_track", "Remove the chosen tracks", "trash", "They stay in the history: undo brings them back"),
)
_TIME: Final = (
    ("tempo", "Tempo…", "Quarters a minute from a bar on"),
    ("meter", "Metre…", "2/4, 3/4, 4/4, 6/8 or another from a bar on; notes stay where they sound"),
    ("key", "Key…", "The key from a bar on, chosen or found in the notes"),
    ("find_keys", "Find the keys", "Set the keys of the whole piece as its notes sound"),
    ("marker", "Marker…", "Write a name over the bar: Verse, Chorus"),
)
_BARS: Final = (
    ("insert_bars", "Insert bars…", "Empty bars through all tracks"),
    ("delete_bars", "Delete bars…", "Take bars out of all tracks; what follows moves up"),
)
_CHORDS: Final = (
    ("chords", "Lay chords over bars…", "A progression as in Dm Gm A7 Dm, shown before it is laid"),
    ("find_chords", "Find the chords…", "What the notes sound like, laid into the chord track"),
    ("clear_chords", "Clear the chords", "Those of the chosen bars; with none chosen, all"),
)
PIECE_TIME_SPECS: Final = (
    *(ActionSpec(id=f"piece.{name}", title=title, icon=icon, tip=tip) for name, title, icon, tip in _TRACKS),
    *(
        ActionSpec(id=f"piece.{name}", title=title, tip=tip)
        for group in (_TIME, _BARS, _CHORDS)
        for name, title, tip in group
    ),
)
PIECE_TIME_MENU: Final = (
    *(f"piece.{name}" for name, *_ in _TRACKS),
    "",
    *(f"piece.{name}" for name, *_ in _TIME),
    "",
    *(f"piece.{name}" for name, *_ in _BARS),
    "",
    *(f"piece.{name}" for name, *_ in _CHORDS),
)
