"""What each knob of the music pane is called, what it does in plain words, and with which tasks it counts."""

from typing import Final

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "What": ("task", "bars", "amount"),
    "Key and chords": ("key", "hold_chords"),
    "How the notes are": ("scope", "density", "polyphony", "register", "duration", "each_bar"),
    "New track": ("role", "program"),
    "Chance": ("temperature", "top_p", "top_k", "seed", "takes"),
}
EXPLAINED: Final[dict[str, tuple[str, str]]] = {
    "task": ("Task", "What the next takes will be."),
    "bars": ("Bars", "How many bars the takes go on for where no bars are chosen."),
    "amount": ("Amount", "How many of the notes are written anew: 0.2 touches up, 1 keeps none."),
    "key": ("Key", "Notes outside the held key cannot be written: every take is wholly in it."),
    "hold_chords": (
        "Chords",
        "Notes outside the chord that the chord track has there cannot be written.",
    ),
    "scope": ("Notes of", "Whose notes: those of every written track, or of one that shall be otherwise."),
    "density": ("Density", "How many notes start in a beat."),
    "polyphony": ("Voices", "How many notes sound at once."),
    "register": ("Register", "How high the notes lie, in the mean."),
    "duration": ("Note length", "How long the notes last, in the mean."),
    "each_bar": (
        "In each bar",
        "Asks it of every bar by itself; else of the written bars as a whole.",
    ),
    "role": (
        "Role",
        "What the new track does: it stands for how its notes are, where you do not say so above.",
    ),
    "program": ("Instrument", "The new track's instrument; its range is kept to."),
    "temperature": (
        "Temperature",
        "How daring the choice of notes is: below 1 more usual, above 1 more unexpected.",
    ),
    "top_p": ("Top-p", "Only the likeliest choices that together make up this share are drawn from."),
    "top_k": ("Top-k", "Only so many of the likeliest choices are drawn from; 0 takes all."),
    "seed": (
        "Seed",
        "Where chance begins. Empty: a new one each time. The same seed and knobs make the same notes.",
    ),
    "takes": ("Takes", "How many takes are made side by side."),
}
TASKS_OF: Final[dict[str, tuple[str, ...]]] = {  # knob: the tasks it does something in; others: all
    "bars": ("continue", "add", "drums"),
    "amount": ("vary",),
    "role": ("harmonise", "add"),
    "program": ("harmonise", "add"),
}
TASK_WORDS: Final[dict[str, str]] = {
    "bars": "Counts when the takes continue the piece, or begin an empty one.",
    "amount": "Counts when notes are varied.",
    "role": "Counts when a track is added.",
    "program": "Counts when a track is added.",
}
ROLE_WORDS: Final = (
    ("", "As the model likes"),
    ("melody", "Melody"),
    ("counter", "Counter-melody"),
    ("chords", "Chords"),
    ("bass", "Bass"),
    ("pad", "Long chords (pad)"),
)
EVERY: Final = "All written tracks"
NEW: Final = "The new track"
ANY: Final = "As the model likes"
