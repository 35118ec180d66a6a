"""MIDI ports: without the extra, without MIDI in the system, and through mido's own ports in memory."""

import sys
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message
from mido.ports import EchoPort
from pytestqt.qtbot import QtBot

from studio.app.midi_ports import MISSING, Listener, open_in, open_out, port_names, why_no_ports
from studio.app.midi_recording import PEDAL, Recording, with_pedal
from studio.app.midi_sending import Sender, channels_of, chased, events_of, setup_of
from studio.app.player_clock import Heard
from studio.core.errors import StudioError
from studio.media.music.score import TICKS, Bend, Control, Held, Note, Score, Tempo, Track
from studio.media.music.transport import Loop, State, TimeMap

TIMES = TimeMap((Tempo(0, 500_000),))


# -- which ports there are ------------------------------------------------------------------------


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    assert why_no_ports() == MISSING
    assert "pip install" in MISSING
    assert port_names("in") == port_names("out") == ()
    with pytest.raises(StudioError) as told:
        open_in("Keys")
    assert MISSING in told.value.what
    assert told.value.code == "no_port"


@pytest.mark.parametrize("opened", [open_in, open_out])
def test_a_port_that_is_not_there_is_told(opened: object) -> None:
    with pytest.raises(StudioError) as told:
        opened("No such keyboard 42")  # type: ignore[operator]
    assert told.value.code == "no_port"
    assert "No such keyboard 42" in told.value.what
    assert isinstance(port_names("in"), tuple)
    assert isinstance(port_names("out"), tuple)


# -- a keyboard -----------------------------------------------------------------------------------


class Broken(EchoPort):
    """Pulled out while it was listened to."""

    def _receive(self, block: bool = True) -> None:
        raise OSError("no such device")


def test_what_is_played_is_heard_in_order_with_its_moment(qtbot: QtBot) -> None:
    port, found = EchoPort("keys"), []
    listener = Listener(port, lambda message, when_s: found.append((message.note, when_s)), found.append)
    for note in (60, 64, 67):
        port.send(Message("note_on", note=note))
    qtbot.waitUntil(lambda: len(found) == 3)
    assert listener.close()
    assert [note for note, _ in found] == [60, 64, 67]
    assert found[0][1] <= found[1][1] <= found[2][1]
    assert port.closed


def test_a_keyboard_that_is_pulled_out_is_told_once(qtbot: QtBot) -> None:
    lost: list[str] = []
    listener = Listener(Broken("keys"), lambda *_: None, lost.append)
    qtbot.waitUntil(lambda: bool(lost))
    assert listener.close()
    assert lost == ["The MIDI keyboard is gone: no such device."]


# -- what is written of it ------------------------------------------------------------------------


def test_keys_become_notes_as_long_as_they_were_held() -> None:
    recording = Recording()
    recording.press(100, 60, 90)
    recording.press(130, 64, 70)
    recording.let_go(400, 60)
    recording.let_go(500, 72)  # was never down
    assert recording.finish(700)[0] == (Note(100, 60, 300, 90), Note(130, 64, 570, 70))


def test_a_key_struck_again_ends_its_note_and_a_touched_one_is_not_nothing() -> None:
    recording = Recording()
    recording.press(100, 60, 90)
    recording.press(200, 60, 80)
    recording.let_go(201, 60)
    notes, _ = recording.finish(700)
    assert [(note.start, note.duration) for note in notes] == [(100, 100), (200, 10)]


def test_a_key_held_over_the_loop_ends_with_it() -> None:
    recording = Recording((0, 1920))
    recording.press(1800, 60, 90)
    recording.let_go(50, 60)
    recording.press(60, 62, 90)
    recording.let_go(300, 62)
    assert recording.finish(400)[0] == (Note(60, 62, 240, 90), Note(1800, 60, 120, 90))


def test_the_pedal_takes_the_place_of_what_it_was_there() -> None:
    recording = Recording()
    recording.press(100, 60, 90)
    recording.pedal(480, 127)
    _, pedal = recording.finish(960)
    assert pedal == (Control(480, PEDAL, 127), Control(960, PEDAL, 0))
    before = (Control(0, PEDAL, 0), Control(600, PEDAL, 20), Control(600, 11, 99), Control(2000, PEDAL, 1))
    score = Score(tracks=(Track(id="t1", controls=before),))
    assert with_pedal(score, "t1", pedal).track("t1").controls == (
        before[0], *pedal[:1], before[2], pedal[1], before[3],
    )  # fmt: skip
    assert with_pedal(score, "t1", ()) is score


def test_the_pedal_leaves_locked_bars_alone() -> None:
    held = Track(id="t1", controls=(Control(500, PEDAL, 3),), held=(Held(400, 900),))
    pedal = (Control(100, PEDAL, 127), Control(600, PEDAL, 0), Control(1000, PEDAL, 20))
    found = with_pedal(Score(tracks=(held,)), "t1", pedal).track("t1").controls
    assert found == (pedal[0], held.controls[0], pedal[2])


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 5_000), st.integers(60, 63), st.integers(1, 127)), max_size=40
    )
)
def test_whatever_is_played_gives_notes_that_can_be_written(
    keys: list[tuple[bool, int, int, int]],
) -> None:
    recording, presses = Recording((0, 5_000)), 0
    for down, tick, pitch, velocity in keys:
        if down:
            presses += 1
            recording.press(tick, pitch, velocity)
        else:
            recording.let_go(tick, pitch)
    notes, _ = recording.finish(5_000)
    assert len(notes) == presses
    assert all(note.duration >= 10 and note.start >= 0 for note in notes)
    assert notes == tuple(sorted(notes))


# -- an instrument --------------------------------------------------------------------------------


def song(**changes: object) -> Score:
    """Two tracks, a kit, one muted."""
    tracks = (
        Track(
            id="a",
            program=40,
            volume=90,
            pan=-1.0,
            notes=(Note(0, 60, TICKS), Note(TICKS, 60, TICKS, 99)),
            controls=(Control(0, 11, 80), Control(700, 11, 50)),
            bends=(Bend(TICKS, 100),),
        ),
        Track(id="b", drums=True, notes=(Note(TICKS, 36, 10),)),
        Track(id="c", mute=True, notes=(Note(0, 90, TICKS),)),
    )
    return Score(tracks=tracks)


def test_each_track_has_its_channel_and_drums_have_theirs() -> None:
    tracks = [Track(id=str(at), drums=at == 3) for at in range(20)]
    channels = channels_of(Score(tracks=tuple(tracks)))
    assert channels["3"] == 9
    assert [channels[str(at)] for at in (0, 1, 2, 4, 9, 10)] == [0, 1, 2, 3, 8, 10]
    assert channels["16"] == channels["0"]  # there are only sixteen


def test_a_note_ends_before_the_same_one_begins_and_muted_tracks_are_silent() -> None:
    sent = [event.message() for event in events_of(song())]
    at = [(one.type, getattr(one, "note", None)) for one in sent]
    assert ("note_on", 90) not in at
    again = [one for one in at if one[1] == 60]
    assert again == [("note_on", 60), ("note_off", 60), ("note_on", 60), ("note_off", 60)]
    assert {one.channel for one in sent if one.type != "note_on"} == {0, 9}
    assert Message("pitchwheel", channel=0, pitch=100) in sent


def test_programs_and_faders_are_sent_first() -> None:
    setup = setup_of(song())
    assert setup[:3] == (
        Message("program_change", channel=0, program=40),
        Message("control_change", channel=0, control=7, value=90),
        Message("control_change", channel=0, control=10, value=0),
    )
    assert {one.channel for one in setup} == {0, 9}


def test_in_the_middle_the_controls_that_hold_there_are_sent() -> None:
    assert [event.message() for event in chased(events_of(song()), 600)] == [
        Message("control_change", channel=0, control=11, value=80),
        Message("pitchwheel", channel=0, pitch=100),
    ]


class Stand:
    """What is heard, as a test has it."""

    def __init__(self) -> None:
        self.port = EchoPort("synth")
        self.lost: list[str] = []
        self.now = self.at("stopped", 0)
        self.looks = 0
        self.sender = Sender(self.port, self.heard, self.lost.append)

    def heard(self) -> Heard:
        self.looks += 1
        return self.now

    def seen(self, qtbot: QtBot) -> None:
        """Wait until what is heard now was looked at."""
        count = self.looks + 2
        qtbot.waitUntil(lambda: self.looks >= count)

    def at(self, state: State, tick: int, origin: int = 0, loop: tuple[int, int] | None = None) -> Heard:
        frame, first = TIMES.frame_at(tick), TIMES.frame_at(origin)
        frames = Loop(*(TIMES.frame_at(one) for one in loop)) if loop else None
        return Heard(state, frame, float(tick), frames, TIMES, first, 1, 0)

    def plays(self, tick: int, origin: int = 0, loop: tuple[int, int] | None = None) -> None:
        self.now = self.at("playing", tick, origin, loop)

    def sent(self, qtbot: QtBot, wanted: list[tuple[str, int]]) -> None:
        """Wait until these notes were sent; in order, nothing else in between."""
        found: list[tuple[str, int]] = []

        def all_there() -> bool:
            for message in self.port.iter_pending():
                if message.type in ("note_on", "note_off"):
                    found.append((message.type[5:], message.note))
            return len(found) >= len(wanted)

        qtbot.waitUntil(all_there)
        assert found == wanted


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()
    yield made
    assert made.sender.close()


def test_notes_are_sent_when_they_are_heard_and_end_when_it_stops(qtbot: QtBot, stand: Stand) -> None:
    stand.sender.show(song())
    stand.plays(5)
    stand.sender.set_playing(True)
    stand.sent(qtbot, [("on", 60)])
    stand.plays(TICKS + 1)
    stand.sent(qtbot, [("off", 60), ("on", 60), ("on", 36)])
    stand.sender.set_playing(False)
    stand.sent(qtbot, [("off", 60), ("off", 36)])


def test_the_start_is_not_missed_when_it_is_looked_a_little_late(qtbot: QtBot, stand: Stand) -> None:
    stand.sender.show(song())
    stand.plays(TICKS + 30, origin=TICKS)
    stand.sender.set_playing(True)
    stand.sent(qtbot, [("on", 60), ("on", 36), ("off", 36)])


def test_a_loop_plays_to_its_end_ends_its_notes_and_begins_again(qtbot: QtBot, stand: Stand) -> None:
    loop = (0, 2 * TICKS)
    stand.sender.show(song())
    stand.plays(5, loop=loop)
    stand.sender.set_playing(True)
    stand.sent(qtbot, [("on", 60)])
    stand.plays(400, loop=loop)
    stand.seen(qtbot)
    stand.plays(10, loop=loop)  # what lay between was not looked at: it is sent all the same
    stand.sent(qtbot, [("off", 60), ("on", 60), ("on", 36), ("off", 36), ("off", 60), ("on", 60)])


def test_other_notes_leave_those_alone_that_still_sound(qtbot: QtBot, stand: Stand) -> None:
    held = Track(id="a", notes=(Note(0, 50, 4 * TICKS), Note(0, 60, 4 * TICKS)))
    stand.sender.show(Score(tracks=(held,)))
    stand.plays(100)
    stand.sender.set_playing(True)
    stand.sent(qtbot, [("on", 50), ("on", 60)])
    stand.sender.show(Score(tracks=(held.with_notes(held.notes[:1]),)))
    stand.sent(qtbot, [("off", 60)])
    stand.sender.set_playing(False)
    stand.sent(qtbot, [("off", 50)])


def test_while_it_counts_in_nothing_is_sent(qtbot: QtBot, stand: Stand) -> None:
    looked = threading.Event()

    def heard() -> Heard:
        looked.set()
        return stand.at("counting", 0)

    sender = Sender(stand.port, heard, stand.lost.append)
    sender.show(song())
    sender.set_playing(True)
    qtbot.waitUntil(looked.is_set)
    assert sender.close()
    assert list(stand.port._messages) == []


class Dead(EchoPort):
    """Pulled out while it was played on."""

    def _send(self, msg: Message) -> None:
        raise OSError("no such device")


def test_an_instrument_that_is_pulled_out_is_told_once(qtbot: QtBot) -> None:
    stand = Stand()
    lost: list[str] = []
    stand.plays(5)
    sender = Sender(Dead("synth"), lambda: stand.now, lost.append)
    sender.show(song())
    sender.set_playing(True)
    qtbot.waitUntil(lambda: bool(lost))
    assert sender.close()
    assert stand.sender.close()
    assert lost == ["The MIDI out port is gone: no such device."]
