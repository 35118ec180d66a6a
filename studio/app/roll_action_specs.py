"""What the window can do with notes in the piano roll, as values: part of action_specs.SPECS.

Arrows, Tab and the tools' letters are the roll's own keys (widgets.roll.keyboard); these here leave them free.
"""

from typing import Final

from studio.app.action_spec import ActionSpec

_ROWS: Final[tuple[tuple[str, str, str, str, str], ...]] = (
    ("cut", "Cut notes", "Ctrl+X", "cut", "The chosen notes go to be put down elsewhere"),
    ("copy", "Copy notes", "Ctrl+C", "copy", "Copies of the chosen notes, to be put down elsewhere"),
    ("paste", "Paste notes", "Ctrl+V", "paste", "At the playhead's bar, else behind what is chosen"),
    ("delete", "Delete notes", "Del", "trash", "Take the chosen notes away"),
    ("duplicate", "Duplicate", "D", "", "Copies of the chosen notes, behind them"),
    ("select_all", "Choose all", "Ctrl+A", "", "All notes of the track"),
    ("select_inverse", "Choose the others", "Ctrl+Alt+A", "", "What is chosen is not, what is not is"),
    ("select_pitch", "Choose all of the pitch", "P", "", "All notes as high as the chosen ones"),
    ("select_bars", "Choose all in the bars", "Shift+A", "", "All notes of the bars chosen in the ruler"),
    ("quantise", "Quantise", "Q", "quantise", "Chosen notes, else all, onto the grid as it was set last"),
    (
        "quantise_how",
        "Quantise…",
        "Shift+Q",
        "",
        "Grid, strength and swing, seen in the roll before it is done",
    ),
    ("humanise", "Humanise…", "U", "", "A little off the grid, a little uneven, as hands are"),
    ("velocity", "Velocity…", "W", "", "How strong the chosen notes are: the same, more, less, rising"),
    ("transpose", "Transpose…", "T", "", "By semitones, or by steps of the key"),
    ("transpose_up", "Semitone up", "", "", "The chosen notes a semitone higher (Up)"),
    ("transpose_down", "Semitone down", "", "", "The chosen notes a semitone lower (Down)"),
    ("octave_up", "Octave up", "", "", "The chosen notes an octave higher (Shift+Up)"),
    ("octave_down", "Octave down", "", "", "The chosen notes an octave lower (Shift+Down)"),
    ("step_up", "Step of the key up", "Ctrl+Up", "", "The chosen notes to the next of the key's scale"),
    ("step_down", "Step of the key down", "Ctrl+Down", "", "The chosen notes to the one before in the scale"),
    ("invert", "Invert", "I", "", "Upside down: what went up goes down as far"),
    ("invert_key", "Invert in the key", "Shift+I", "", "Upside down, in steps of the key"),
    ("reverse", "Reverse", "R", "", "Back to front"),
    ("legato", "Legato", "G", "", "Each of the chosen notes lasts until the next"),
    ("split", "Split", "S", "", "Cut the chosen notes at the playhead, else in their middle"),
    ("join", "Join", "J", "", "Make one of those that follow each other at a pitch"),
    (
        "redo_notes",
        "Redo the chosen notes",
        "Ctrl+Alt+R",
        "spark",
        "Takes in which only these notes are others",
    ),
    ("redo_odd", "Redo the odd ones", "Shift+O", "", "Takes in which only what surprises the model is other"),
)
_SWITCHES: Final = (
    ("fold", "Only rows of the key", "F", "fold", "Only rows of the key's scale, and those that have notes"),
    ("surprise", "Surprise", "O", "heat", "Colour each note by how much it surprises the model"),
)

ROLL_SPECS: Final = (
    *(
        ActionSpec(
            id=f"roll.{name}", title=title, keys=(keys,) if keys else (), icon=icon, tip=tip, where="roll"
        )
        for name, title, keys, icon, tip in _ROWS
    ),
    *(
        ActionSpec(
            id=f"roll.{name}", title=title, keys=(keys,), icon=icon, tip=tip, checkable=True, where="roll"
        )
        for name, title, keys, icon, tip in _SWITCHES
    ),
)
ROLL_MENU: Final = (
    "roll.cut", "roll.copy", "roll.paste", "roll.delete", "roll.duplicate", "",
    "roll.select_all", "roll.select_inverse", "roll.select_pitch", "roll.select_bars", "",
    "roll.quantise", "roll.quantise_how", "roll.humanise", "roll.velocity", "",
    "roll.legato", "roll.split", "roll.join", "roll.reverse", "",
    "roll.redo_notes", "roll.redo_odd", "", "roll.fold", "roll.surprise", "",
)  # fmt: skip
ROLL_PITCH_MENU: Final = (
    "roll.transpose", "", "roll.transpose_up", "roll.transpose_down", "roll.octave_up", "roll.octave_down", "",
    "roll.step_up", "roll.step_down", "", "roll.invert", "roll.invert_key",
)  # fmt: skip
