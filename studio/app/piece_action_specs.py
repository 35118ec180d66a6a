"""What the window can do with a piece of music, as values: part of action_specs.SPECS."""

from studio.app.action_spec import ActionSpec
from studio.app.piece_ask_specs import PIECE_ASK_SPECS
from studio.app.piece_time_specs import PIECE_TIME_SPECS
from studio.app.roll_action_specs import ROLL_SPECS

PIECE_SPECS = (
    ActionSpec(
        id="file.import_music",
        title="Import music…",
        icon="import",
        tip="A MIDI, MusicXML or ABC file becomes a piece, or the content of the open one when it is empty",
    ),
    ActionSpec(
        id="file.export_music",
        title="Export the music…",
        icon="export",
        tip="Notes as MIDI or MusicXML, sound as WAV, FLAC or OGG; whole, some bars, some tracks",
    ),
    ActionSpec(
        id="file.copy_music",
        title="Copy the music",
        keys=("Ctrl+Alt+C",),
        icon="copy",
        tip="To the clipboard, as a MIDI file for other programs",
    ),
    ActionSpec(
        id="view.tracks",
        title="Tracks",
        keys=("Ctrl+Alt+T",),
        icon="sliders",
        checkable=True,
        tip="The tracks of the piece: instrument, mute, solo, volume, pan; the chosen ones are written",
    ),
    *PIECE_TIME_SPECS,
    *PIECE_ASK_SPECS,
    ActionSpec(
        id="play.toggle",
        title="Play or stop",
        keys=("Space",),
        icon="play",
        tip="From the playhead on; Space does it while the notes have the keyboard",
        where="roll",
    ),
    ActionSpec(
        id="play.take",
        title="Play the take",
        keys=("Shift+Space",),
        tip="The chosen take in its place, from the start of its bars; once more: stop",
        where="roll",
    ),
    ActionSpec(
        id="play.start", title="Back to the start", keys=("Ctrl+Home",), icon="to-start", where="roll"
    ),
    ActionSpec(id="play.loop", title="Loop on or off", icon="loop", tip="Repeat the loop of the ruler"),
    ActionSpec(id="play.metronome", title="Metronome on or off", icon="metronome"),
    ActionSpec(
        id="play.count_in", title="Count-in on or off", icon="count-in", tip="A bar of clicks before it plays"
    ),
    ActionSpec(
        id="play.record",
        title="Record",
        icon="record",
        tip="Write what the MIDI keyboard plays, from the playhead on",
    ),
    *ROLL_SPECS,
)
