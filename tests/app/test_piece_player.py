"""The open piece is played: transport, playhead, loop, takes in place, a keyboard that is recorded."""

from pathlib import Path

import pytest
from mido import Message
from mido.ports import EchoPort
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.app.piece_player_desk import PiecePlayerDesk
from studio.app.piece_record_desk import Hands
from studio.app.player import NOTHING, SILENT
from studio.app.player_sound import HeldKey
from studio.media.music.edits_time import set_key, set_meter, set_tempo
from studio.media.music.edits_tracks import add_track, remove_track, set_track
from studio.media.music.score import TICKS, Held, Key, Note
from studio.widgets.icons import IconButton
from tests.app.piece_person import Composer, tune

BAR = 4 * TICKS


@pytest.fixture
def playing(composer: Composer) -> PiecePlayerDesk:
    """Eight bars of a tune."""
    composer.writes(tune(8))
    return composer.place.parts.playing


def bar_of(composer: Composer):
    return composer.piece.pane.transport


def plays(composer: Composer, playing: PiecePlayerDesk, beyond: int = 0) -> None:
    """Wait until it plays behind a tick."""
    composer.sees(lambda: playing.player.playing and playing.player.tick > beyond)


def is_playing(composer: Composer, take_id: str) -> bool:
    """The take's card offers to stop."""
    buttons = composer.body(take_id).findChildren(IconButton)
    return any(button.toolTip().startswith("Stop playing") for button in buttons)


def test_with_no_sound_device_the_transport_says_so(composer: Composer, playing: PiecePlayerDesk) -> None:
    bar = bar_of(composer)
    composer.sees(lambda: bar.words.text() == "No sound device")
    assert bar.words.toolTip() == SILENT
    assert bar.volume.isHidden()
    assert not playing.player.out.running


def test_space_in_the_notes_plays_and_stops(composer: Composer, playing: PiecePlayerDesk) -> None:
    composer.roll.setFocus()
    composer.does("play.toggle")
    plays(composer, playing, TICKS)
    bar = bar_of(composer)
    assert bar.play.toolTip() == "Stop (Space)"
    assert composer.roll.state.playhead > TICKS
    assert bar.place.text() in ("1.2", "1.3", "1.4")
    composer.does("play.toggle")
    assert not playing.player.playing
    assert bar.play.toolTip() == "Play (Space)"
    stood = playing.player.tick
    composer.does("play.start")
    assert playing.player.tick == 0 < stood
    assert bar.place.text() == "1.1"


def test_an_empty_piece_says_that_there_is_nothing_to_play(composer: Composer) -> None:
    composer.does("play.toggle")
    assert composer.told.startswith(NOTHING)


def test_place_tempo_metre_and_key_are_those_at_the_playhead(
    composer: Composer, playing: PiecePlayerDesk
) -> None:
    score = set_tempo(set_meter(composer.score, 2, 3, 4), 2 * BAR, 90)
    composer.piece.revise(set_key(score, Key(2 * BAR, 2, "minor")), "Change", "arranged")
    bar = bar_of(composer)
    assert (bar.tempo.value(), bar.meter.text(), bar.key.text()) == (120, "4/4", "No key")
    composer.roll.playhead_wanted.emit(2 * BAR + 3 * TICKS + TICKS)
    assert bar.place.text() == "4.2"  # the third bar has three beats now
    assert bar.clock.text() == "0:06.6"
    assert (bar.tempo.value(), bar.meter.text(), bar.key.text()) == (90, "3/4", "D min")
    composer.roll.playhead_wanted.emit(100 * BAR)  # behind the last bar
    assert bar.place.text() == f"{3 + (98 * 4) // 3}.{98 * 4 % 3 + 1}"


def test_the_ruler_moves_the_playhead(composer: Composer, playing: PiecePlayerDesk) -> None:
    composer.roll.playhead_wanted.emit(3 * BAR)
    assert playing.player.tick == 3 * BAR
    assert composer.roll.state.playhead == 3 * BAR


def test_the_loop_button_repeats_the_ruler_s_loop_the_chosen_bars_or_all(
    composer: Composer, playing: PiecePlayerDesk
) -> None:
    bar = bar_of(composer)
    bar.loop.click()
    assert playing.player.loop == (0, 8 * BAR) == composer.roll.state.loop
    bar.loop.click()
    assert playing.player.loop is None
    assert composer.roll.state.loop is None
    composer.roll.loop_changed.emit((BAR, 3 * BAR))
    assert bar.loop.isChecked()
    assert playing.player.loop == (BAR, 3 * BAR)
    bar.loop.click()
    bar.loop.click()  # the same again
    assert playing.player.loop == (BAR, 3 * BAR)
    composer.roll.loop_changed.emit(None)
    assert not bar.loop.isChecked()
    composer.chooses_bars(2, 3)
    bar.loop.click()
    assert playing.player.loop == (2 * BAR, 4 * BAR)
    composer.roll.playhead_wanted.emit(3 * BAR)
    composer.does("play.start")
    assert playing.player.tick == 2 * BAR
    composer.does("play.start")
    assert playing.player.tick == 0


def test_metronome_count_in_and_volume_are_remembered(
    composers, composer: Composer, playing: PiecePlayerDesk
) -> None:
    bar = bar_of(composer)
    composer.does("play.metronome")
    composer.does("play.count_in")
    bar.volume.setValue(40)
    assert playing.player.sound.metronome
    later = composers()
    bar = bar_of(later)
    assert bar.metronome.isChecked()
    assert bar.count_in.isChecked()
    assert bar.volume.value() == 40
    assert later.place.parts.playing.player.sound.metronome


def test_a_note_that_is_drawn_sounds(composer: Composer, playing: PiecePlayerDesk) -> None:
    levels: list[float] = []
    playing.player.level_changed.connect(levels.append)
    composer.roll.commands.insert(60, 8 * BAR, TICKS, 100)
    composer.roll.notes_sounded.emit(60, 100, "t1")
    composer.sees(lambda: max(levels, default=0) > 0.01)
    assert not playing.player.playing


def test_mute_and_a_fader_that_is_dragged_are_heard_at_once(
    composer: Composer, playing: PiecePlayerDesk
) -> None:
    playing.mixing(set_track(composer.score, "t1", mute=True))
    assert playing.player.sound._mixer._next_view.strips == ()
    composer.does("play.toggle")
    plays(composer, playing)
    composer.sees(lambda: bool(playing.player.sound._mixer._next_view.strips))
    playing.mixing(set_track(composer.score, "t1", mute=True))
    assert playing.player.sound._mixer._next_view.strips[0].left == 0
    composer.piece.revise(set_track(composer.score, "t1", volume=60), "Volume", "arranged")
    assert 0 < playing.player.sound._mixer._next_view.strips[0].left < 0.5


def test_another_work_ends_what_plays(composer: Composer, playing: PiecePlayerDesk) -> None:
    composer.roll.loop_changed.emit((0, BAR))
    composer.does("play.toggle")
    plays(composer, playing)
    composer.does("work.scene")
    assert not playing.player.playing
    composer.does("work.piece")
    assert playing.player.tick == 0
    assert playing.player.score.note_count == 0
    assert playing.player.loop is None
    assert not bar_of(composer).loop.isChecked()


# -- takes ----------------------------------------------------------------------------------------


def test_a_take_plays_in_its_place_and_another_takes_over_in_time(
    composer: Composer, playing: PiecePlayerDesk
) -> None:
    first, second = composer.asks(2, bars=(4, 5))
    composer.strip.play_requested.emit(second.id)
    assert composer.strip.chosen() == second.id
    assert playing.player.score == composer.judged.laid(second.id)
    plays(composer, playing, 4 * BAR)
    assert playing.player.tick < 6 * BAR
    assert is_playing(composer, second.id)
    before = playing.player.tick
    composer.strip.choose(first.id)
    assert playing.player.playing
    assert playing.player.score == composer.judged.laid(first.id)
    assert is_playing(composer, first.id)
    assert not is_playing(composer, second.id)
    plays(composer, playing, before)
    composer.strip.play_requested.emit(first.id)  # once more: stop
    assert not playing.player.playing
    assert not is_playing(composer, first.id)


def test_a_rejected_take_can_be_heard_and_then_the_piece_is_the_piece(
    composer: Composer, playing: PiecePlayerDesk
) -> None:
    (take,) = composer.asks(1, bars=(4, 5))
    composer.judged.reject(take.id, "")
    assert playing.player.score == composer.score
    composer.does("play.take")
    assert playing.player.score == composer.judged.laid(take.id) != composer.score
    plays(composer, playing, 4 * BAR)
    composer.does("play.toggle")
    assert playing.player.score == composer.score


def test_the_loop_of_a_chosen_take_is_its_bars(composer: Composer, playing: PiecePlayerDesk) -> None:
    composer.asks(1, bars=(4, 5))
    composer.piece.set_range(None)
    bar_of(composer).loop.click()
    assert playing.player.loop == (4 * BAR, 6 * BAR)


def test_play_take_with_no_take_does_nothing(composer: Composer, playing: PiecePlayerDesk) -> None:
    composer.does("play.take")
    assert not playing.player.playing


# -- the menu -------------------------------------------------------------------------------------


def entries(composer: Composer) -> dict[str, list[str]]:
    """The menu as it opens: its lists and what they offer."""
    bar = bar_of(composer)
    bar.more_opening.emit()
    menu = bar.menu_of_more(bar)
    found = {
        one.title(): [action.text() for action in one.actions() if not action.isSeparator()]
        for one in menu.findChildren(QMenu)
    }
    menu.deleteLater()
    return found


def test_the_menu_says_why_there_is_nothing_to_choose(composer: Composer, playing: PiecePlayerDesk) -> None:
    composer.sees(lambda: playing.player.silent == SILENT)
    found = entries(composer)
    assert found["Soundfont"] == ["Built-in General MIDI", "Choose a soundfont…"]
    assert found["Sound device"] == [SILENT]
    assert len(found["MIDI keyboard"]) == 1
    assert "MIDI" in found["MIDI keyboard"][0]
    assert len(found["MIDI out"]) == 1


def test_a_soundfont_of_ones_own_is_remembered_and_a_broken_one_is_not(
    composers, composer: Composer, playing: PiecePlayerDesk, tmp_path: Path
) -> None:
    from studio.media.music.fonts import built_in_font

    mine, broken = tmp_path / "Mine.sf2", tmp_path / "Broken.sf2"
    mine.write_bytes(built_in_font().read_bytes())
    broken.write_bytes(b"RIFF")
    playing.sound.set_font(mine)
    composer.sees(lambda: playing.player.sound.font_name != "")
    assert entries(composer)["Soundfont"] == ["Built-in General MIDI", "Mine", "Choose a soundfont…"]
    playing.sound.set_font(broken)
    composer.sees(lambda: "Broken.sf2" in composer.told)
    assert playing.player.font is None
    assert composer.wiring.settings.text("music/font") == ""
    assert entries(composer)["Soundfont"] == ["Built-in General MIDI", "Mine", "Choose a soundfont…"]
    playing.sound.choose("font", str(mine))
    assert composers().place.parts.playing.player.font == mine


def test_a_port_that_cannot_be_opened_is_told(composer: Composer, playing: PiecePlayerDesk) -> None:
    playing.sound.choose("midi_in", "Gone 1")
    assert "Gone 1" in composer.told
    assert not bar_of(composer).record.isEnabled()
    playing.sound.choose("midi_out", "Gone 2")
    assert "Gone 2" in composer.told


# -- a keyboard and an instrument -----------------------------------------------------------------


class Keys:
    """A keyboard at the piece."""

    def __init__(self, playing: PiecePlayerDesk) -> None:
        self.port = EchoPort("keys")
        playing.sound.listen(self.port, "keys")

    def down(self, pitch: int) -> None:
        self.port.send(Message("note_on", note=pitch, velocity=90))

    def up(self, pitch: int) -> None:
        self.port.send(Message("note_on", note=pitch, velocity=0))  # as many keyboards say it

    def pedal(self, value: int) -> None:
        self.port.send(Message("control_change", control=64, value=value))


@pytest.fixture
def keys(playing: PiecePlayerDesk) -> Keys:
    return Keys(playing)


def test_without_a_keyboard_recording_says_what_to_do(composer: Composer) -> None:
    bar = bar_of(composer)
    assert not bar.record.isEnabled()
    assert "MIDI keyboard" in bar.record.toolTip()


def test_a_key_sounds_at_once_and_writes_nothing(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    composer.sees(lambda: playing.player.sound.font_name != "")
    before, score = composer.head, composer.score
    keys.down(60)
    composer.sees(lambda: playing.player._mixer.peak > 0.01)
    keys.up(60)
    composer.sees(lambda: playing.player._mixer.peak == 0)
    assert composer.head == before
    assert composer.score is score


def test_what_is_played_is_written_at_the_playhead_as_one_step(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    before = composer.notes()
    composer.roll.playhead_wanted.emit(7 * BAR)
    bar_of(composer).record.click()
    plays(composer, playing, 7 * BAR)
    pressed = playing.player.tick
    keys.down(90)
    plays(composer, playing, pressed + TICKS // 2)
    keys.up(90)
    keys.pedal(127)
    keys.down(91)
    composer.sees(lambda: not list(keys.port._messages))
    plays(composer, playing, 9 * BAR)  # behind the end of the piece and its last sound
    assert composer.notes() == before
    composer.does("play.toggle")
    new = [note for note in composer.notes() if note not in before]
    assert [note.pitch for note in new] == [90, 91]
    assert pressed - 60 <= new[0].start <= pressed + TICKS
    assert new[0].duration > TICKS // 4
    assert new[1].end <= playing.player.tick + 30
    assert all(note.author == "" for note in new)
    assert [control.value for control in composer.score.track("t1").controls] == [127, 0]
    assert composer.session.history(composer.piece.work).node(composer.head).words == "Record 2 notes"
    assert not bar_of(composer).record.isChecked()
    composer.does("edit.undo")
    assert composer.notes() == before


def test_the_record_button_ends_recording_and_the_piece_plays_on(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    composer.does("play.record")
    plays(composer, playing)
    keys.down(90)
    composer.sees(lambda: not list(keys.port._messages))
    playing_from = playing.player.tick
    plays(composer, playing, playing_from + 60)
    composer.does("play.record")
    assert playing.player.playing
    assert 90 in {note.pitch for note in composer.notes()}


def test_nothing_played_is_no_step(composer: Composer, playing: PiecePlayerDesk, keys: Keys) -> None:
    before = composer.head
    composer.does("play.record")
    plays(composer, playing)
    composer.does("play.toggle")
    assert composer.head == before


def test_a_locked_track_is_not_recorded_into(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    composer.piece.revise(set_track(composer.score, "t1", locked=True), "Lock", "locked")
    composer.does("play.record")
    assert "locked" in composer.told
    assert not playing.player.playing
    assert not bar_of(composer).record.isChecked()


def test_what_is_played_into_locked_bars_is_told_and_is_no_step(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    held = replace(composer.score.track("t1"), held=(Held(0, 8 * BAR),))
    composer.piece.revise(composer.score.with_track(held), "Lock bars", "locked")
    before = composer.head
    composer.does("play.record")
    plays(composer, playing)
    keys.down(90)
    composer.sees(lambda: not list(keys.port._messages))
    composer.does("play.toggle")
    assert composer.head == before
    assert composer.told != ""


def test_a_track_that_is_gone_when_recording_ends_is_told(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    score, other = add_track(composer.score, 40)
    composer.piece.revise(score, "Add a track", "arranged")
    composer.piece.show_track(other.id)
    composer.does("play.record")
    plays(composer, playing)
    keys.down(90)
    composer.sees(lambda: not list(keys.port._messages))
    composer.piece.revise(remove_track(composer.score, other.id), "Remove a track", "arranged")
    composer.does("play.toggle")
    assert composer.told.startswith("The track that was recorded is gone")
    assert 90 not in {note.pitch for note in composer.notes()}


def test_keys_sound_on_the_track_that_is_shown(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    score, other = add_track(composer.score, 40)
    composer.piece.revise(score, "Add a track", "arranged")
    pressed: list[tuple[str, int]] = []
    press = playing.player.sound.press

    def watched(track: str, pitch: int, velocity: int) -> HeldKey:
        pressed.append((track, pitch))
        return press(track, pitch, velocity)

    monkeypatch.setattr(playing.player.sound, "press", watched)
    keys.down(60)
    composer.sees(lambda: pressed == [("t1", 60)])
    composer.piece.show_track(other.id)
    keys.down(62)
    composer.sees(lambda: pressed == [("t1", 60), (other.id, 62)])


def test_the_pedal_holds_keys_that_were_let_go(playing: PiecePlayerDesk) -> None:
    hands, let_go = Hands(), []

    class Key(HeldKey):
        def let_go(self) -> None:
            let_go.append(self)

    first, second = Key(44_100), Key(44_100)
    hands.press(60, first)
    hands.set_pedal(True)
    hands.let_go(60)
    assert let_go == []
    hands.press(60, second)
    hands.set_pedal(False)
    assert let_go == [first]
    hands.let_go(60)
    assert let_go == [first, second]


def test_warming_up_in_a_count_in_is_not_written_but_an_early_first_note_is(
    composer: Composer, playing: PiecePlayerDesk, keys: Keys
) -> None:
    composer.piece.revise(set_tempo(composer.score, 0, 60), "Tempo", "arranged")
    composer.does("play.count_in")
    composer.does("play.record")
    heard = playing.player.clock.heard
    composer.sees(lambda: heard().state == "counting")
    keys.down(95)
    keys.up(95)
    composer.sees(lambda: 0 < heard().early_ticks < TICKS // 4 or heard().state == "playing")
    keys.down(96)
    composer.sees(lambda: playing.player.tick > TICKS)
    keys.up(96)
    composer.sees(lambda: not list(keys.port._messages))
    composer.does("play.toggle")
    new = [note for note in composer.notes() if note.pitch > 90]
    assert [note.pitch for note in new] == [96]
    assert new[0].start < TICKS // 4


def test_an_instrument_plays_what_is_heard_and_is_silent_when_it_stops(
    composer: Composer, playing: PiecePlayerDesk, qtbot: QtBot
) -> None:
    port, sent = EchoPort("synth"), []
    playing.sound.send_to(port, "synth")
    composer.roll.playhead_wanted.emit(BAR)
    composer.does("play.toggle")

    def has(kind: str, pitch: int) -> bool:
        sent.extend(port.iter_pending())
        return any(one.type == kind and one.note == pitch for one in sent if hasattr(one, "note"))

    first = tune(8)[4].pitch
    composer.sees(lambda: has("note_on", first))
    assert sent[0].type == "program_change"
    composer.does("play.toggle")
    composer.sees(lambda: has("note_off", first))
    composer.sees(lambda: sent.extend(port.iter_pending()) or sent[-1].control == 123)


def test_space_on_the_transport_s_button_plays_too(
    composer: Composer, playing: PiecePlayerDesk, qtbot: QtBot
) -> None:
    button = bar_of(composer).play
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    plays(composer, playing)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not playing.player.playing


def test_a_new_note_while_it_plays_is_heard_the_next_time(
    composer: Composer, playing: PiecePlayerDesk
) -> None:
    composer.does("play.toggle")
    plays(composer, playing)
    composer.writes([Note(0, 40, TICKS)])
    assert playing.player.playing
    assert playing.player.score == composer.score
