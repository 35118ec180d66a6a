"""The player: what is heard, where, when; in silence too, for a machine with no sound device."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

import studio.app.player as player_module
import studio.app.player_sound as player_sound
from studio.app.player import NOTHING, SILENT, Player
from studio.app.player_clock import Clock, Glide
from studio.core.errors import StudioError
from studio.media.music.mix import Mixer
from studio.media.music.score import TICKS, Note, Score, Tempo, Track
from studio.media.music.transport import RATE, TimeMap
from studio.widgets.audio_out import Device

SLOW = 2_000_000  # microseconds a quarter


def piece(*pitches: int, track: str = "t1", duration: int = TICKS) -> Score:
    """A quarter a pitch, 120 a minute, on the piano."""
    notes = tuple(Note(TICKS * at, pitch, duration, 100) for at, pitch in enumerate(pitches))
    return Score(tracks=(Track(id=track, notes=notes),))


LONG = piece(*[60, 64, 67, 72] * 16)


class Tapped(Clock):
    """Keeps what was given to the device, with the transport's frame behind each block."""

    def __init__(self, mixer: Mixer, time_map: TimeMap) -> None:
        super().__init__(mixer, time_map)
        self.blocks: list[tuple[int, np.ndarray, float]] = []
        self.tapped = mixer

    def pull(self, frames: int) -> np.ndarray:
        block = super().pull(frames)
        self.blocks.append((self.tapped.transport.frame, block, time.perf_counter()))
        return block

    def loudest(self, first: int = 0) -> float:
        """The peak of the blocks from a number on."""
        return max((float(np.abs(block).max()) for _, block, _ in self.blocks[first:]), default=0.0)


@pytest.fixture
def player(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    monkeypatch.setattr(player_module, "Clock", Tapped)
    made = Player()
    yield made
    assert made.close()


def tap(player: Player) -> Tapped:
    assert isinstance(player.clock, Tapped)
    return player.clock


def test_nothing_is_read_or_played_before_something_is_to_be_heard(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.set_metronome(True)
    player.seek(960)
    player.set_loop((0, 1920))
    qtbot.waitUntil(lambda: player.silent == SILENT)  # it was looked for a device
    assert not player.out.running
    assert [thread for thread in threading.enumerate() if thread.name == "stems"] == []
    assert tap(player).blocks == []


def test_playing_moves_the_playhead_and_is_heard(player: Player, qtbot: QtBot) -> None:
    ticks: list[int] = []
    player.moved.connect(ticks.append)
    player.show(LONG)
    with qtbot.waitSignal(player.playing_changed) as told:
        player.play()
    assert told.args == [True]
    qtbot.waitUntil(lambda: player.tick > TICKS)
    player.stop()
    assert not player.playing
    played = [tick for tick in ticks if tick]
    assert played == sorted(played)
    assert len(set(played)) > 5
    assert tap(player).loudest() > 0.05


def test_it_begins_where_it_stands_and_stays_where_it_was_stopped(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.seek(4 * TICKS)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 4 * TICKS)
    assert player.tick < 8 * TICKS
    player.stop()
    stopped = player.tick
    qtbot.waitUntil(lambda: not player.out.running)  # it rests, for there is no device
    assert player.tick == stopped
    player.toggle()
    qtbot.waitUntil(lambda: player.tick > stopped)
    assert player.tick < stopped + 4 * TICKS


def test_at_the_end_it_stops_by_itself_where_it_began(player: Player, qtbot: QtBot) -> None:
    player.show(piece(60, 62, duration=60))
    with qtbot.waitSignal(player.playing_changed, check_params_cb=lambda on: not on):
        player.play(TICKS)
    assert player.tick == TICKS
    player.play(9 * TICKS)  # behind the end: from the start
    assert player.tick == 0
    qtbot.waitUntil(lambda: 0 < player.tick < TICKS)


def test_an_empty_piece_says_so_and_the_metronome_plays_it_all_the_same(player: Player, qtbot: QtBot) -> None:
    player.show(piece())
    with qtbot.waitSignal(player.told) as told:
        player.play()
    assert told.args == [NOTHING]
    assert not player.playing
    player.set_metronome(True)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 2 * TICKS)
    assert tap(player).loudest() > 0.05


def test_a_jump_while_it_plays_is_a_jump_of_what_is_heard(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 0)
    ticks: list[int] = []
    player.moved.connect(ticks.append)
    player.seek(40 * TICKS)
    qtbot.waitUntil(lambda: player.tick > 40 * TICKS)
    assert min(ticks) >= 40 * TICKS  # nor a look back at what was pulled before
    assert tap(player).blocks[-1][0] >= 20 * RATE


def test_a_loop_repeats_and_what_follows_it_is_not_reached(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.set_loop((2 * TICKS, 3 * TICKS))
    ticks: list[int] = []
    player.moved.connect(ticks.append)
    player.play(2 * TICKS)
    qtbot.waitUntil(lambda: sum(b < a for a, b in pairwise(ticks)) >= 2)
    assert min(ticks) >= 2 * TICKS
    assert max(ticks) <= 3 * TICKS + 10
    player.set_loop(None)
    qtbot.waitUntil(lambda: player.tick > 3 * TICKS + 100)


def test_another_score_goes_on_in_time(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.play()
    qtbot.waitUntil(lambda: player.tick > TICKS)
    before = player.tick
    player.show(piece(*[48] * 64))
    qtbot.waitUntil(lambda: player.sound.stage is not None and player.sound.stage.score is player.score)
    assert player.playing
    qtbot.waitUntil(lambda: player.tick > before + TICKS // 2)
    assert player.tick < before + 16 * TICKS


def test_another_tempo_stays_at_its_tick(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.seek(32 * TICKS)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 32 * TICKS)
    player.show(replace(LONG, tempos=(Tempo(0, SLOW),)))
    qtbot.waitUntil(lambda: player.clock.heard().time.tempos[0].micros == SLOW)
    assert 32 * TICKS <= player.tick < 40 * TICKS
    frame, tick = player.clock.heard()[1:3]
    assert abs(TimeMap((Tempo(0, SLOW),)).tick_at(frame) - tick) < 1


def test_a_scale_of_two_plays_twice_as_fast(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.set_scale(2.0)
    player.play()
    qtbot.waitUntil(lambda: player.tick > TICKS)
    heard = player.clock.heard()
    assert abs(heard.time.frame_at(4 * TICKS) - RATE) <= 1  # four quarters in a second, not in two


def test_mute_and_volume_need_no_new_sound(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.play()
    qtbot.waitUntil(lambda: player.sound.stage is not None and not player.sound.stage.missing)
    qtbot.waitUntil(lambda: player.tick > TICKS)
    stage = player.sound.stage
    player.mix([replace(LONG.tracks[0], mute=True)])
    count = len(tap(player).blocks) + 3
    qtbot.waitUntil(lambda: len(tap(player).blocks) > count + 10)
    assert tap(player).loudest(count) == 0
    assert player.sound.stage is stage
    player.mix(LONG.tracks)
    qtbot.waitUntil(lambda: tap(player).loudest(-1) > 0.02)
    player.set_gain(0.0)
    count = len(tap(player).blocks) + 3
    qtbot.waitUntil(lambda: len(tap(player).blocks) > count + 10)
    assert tap(player).loudest(count) == 0


def test_a_count_in_waits_a_bar_with_four_clicks(player: Player, qtbot: QtBot) -> None:
    player.show(replace(LONG, tempos=(Tempo(0, 250_000),)))
    player.set_count_in(True)
    player.play(8 * TICKS)
    qtbot.waitUntil(lambda: player.clock.heard().state == "counting")
    assert player.clock.heard().early_ticks > TICKS
    assert player.tick == 8 * TICKS
    qtbot.waitUntil(lambda: player.clock.heard().state == "playing")
    counted = [block for frame, block, _ in tap(player).blocks if frame == 8 * RATE // 4]
    sound = np.abs(np.concatenate(counted)[:, 0])
    assert abs(len(sound) - RATE) < 4_000  # a bar of four at 240 a minute
    beat = RATE // 4
    assert all(sound[at * beat : at * beat + beat // 4].max() > 0.1 for at in range(4))
    assert all(sound[at * beat + beat // 2 : at * beat + beat * 3 // 4].max() < 0.01 for at in range(4))


def test_a_note_is_heard_though_nothing_plays(player: Player, qtbot: QtBot) -> None:
    levels: list[float] = []
    player.level_changed.connect(levels.append)
    player.show(LONG)
    player.note("t1", 60, 100)
    qtbot.waitUntil(lambda: tap(player).loudest() > 0.05)
    assert not player.playing
    assert player.sound.stage is None  # a note needs no stems
    qtbot.waitUntil(lambda: max(levels, default=0) > 0.05)
    qtbot.waitUntil(lambda: levels[-1] == 0.0)


def test_a_note_of_a_track_that_is_gone_is_no_error(player: Player, qtbot: QtBot) -> None:
    player.show(LONG)
    player.note("t9", 60, 100)
    qtbot.waitUntil(lambda: player.sound.font_name != "")
    player.note("t9", 60, 100)


def test_a_held_key_dies_away_when_it_is_let_go(player: Player, qtbot: QtBot) -> None:
    player.show(piece(60))
    player.hold_awake(True)
    qtbot.waitUntil(lambda: player.sound.font_name != "")
    key = player.sound.press("t1", 48, 110)
    qtbot.waitUntil(lambda: tap(player).loudest() > 0.05)
    key.let_go()
    count = len(tap(player).blocks) + round(0.3 * 50)
    qtbot.waitUntil(lambda: len(tap(player).blocks) > count + 5)
    assert tap(player).loudest(count) == 0
    assert player.out.running  # a keyboard is at hand: it stays awake


def test_a_key_that_is_let_go_before_its_sound_is_made_dies_away_too(player: Player, qtbot: QtBot) -> None:
    player.show(piece(60))
    player.hold_awake(True)
    qtbot.waitUntil(lambda: player.sound.font_name != "")
    player.sound.press("t1", 48, 110).let_go()
    qtbot.waitUntil(lambda: tap(player).loudest() > 0.05)
    count = len(tap(player).blocks) + round(0.3 * 50)
    qtbot.waitUntil(lambda: len(tap(player).blocks) > count + 5)
    assert tap(player).loudest(count) == 0


def test_a_broken_soundfont_is_told_and_the_built_in_one_plays(
    player: Player, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "mine.sf2"
    broken.write_bytes(b"RIFF nothing")
    with qtbot.waitSignal(player.failed) as told:
        player.set_font(broken)
    assert isinstance(told.args[0], StudioError)
    assert told.args[0].code == "font_broken"
    qtbot.waitUntil(lambda: player.sound.font_name != "")
    assert player.sound.font is None
    player.show(LONG)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 0)


def test_with_no_soundfont_at_all_the_playhead_runs(
    player: Player, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(_path: Path | None) -> None:
        raise StudioError("none", kept="", do="", code="font_missing")

    monkeypatch.setattr(player_sound, "open_font", none)
    player.show(LONG)
    with qtbot.waitSignal(player.failed):
        player.play(4 * TICKS)
    qtbot.waitUntil(lambda: player.tick > 5 * TICKS)
    player.note("t1", 60, 100)


def test_another_soundfont_takes_over_while_it_plays(player: Player, qtbot: QtBot, tmp_path: Path) -> None:
    from studio.media.music.fonts import built_in_font

    mine = tmp_path / "mine.sf2"
    mine.write_bytes(built_in_font().read_bytes())
    player.show(LONG)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 0)
    first = player.sound._stems
    player.set_font(mine)
    qtbot.waitUntil(lambda: player.sound._stems is not first)
    qtbot.waitUntil(lambda: len([one for one in threading.enumerate() if one.name == "stems"]) == 1)
    before = player.tick
    qtbot.waitUntil(lambda: player.tick > before)


def test_a_device_that_comes_later_is_played_on(player: Player, qtbot: QtBot) -> None:
    started: list[str] = []
    player.out._start.connect(started.append)
    qtbot.waitUntil(lambda: player.silent == SILENT)
    player.show(LONG)
    player.play()
    qtbot.waitUntil(lambda: started == [""])
    qtbot.waitUntil(lambda: player.tick > 0)
    with qtbot.waitSignal(player.state_changed):
        player.out._on_found((Device("usb", "Headphones", True),))
    assert started == ["", ""]
    assert player.silent == ""


def test_recording_goes_on_behind_the_end(player: Player, qtbot: QtBot) -> None:
    player.show(piece(60, duration=60))
    player.set_recording(True)
    player.play()
    qtbot.waitUntil(lambda: player.tick > 3 * TICKS)
    player.set_recording(False)
    qtbot.waitUntil(lambda: not player.playing)


def test_closing_while_the_font_is_read_leaves_nothing_behind(qtbot: QtBot) -> None:
    player = Player()
    player.show(LONG)
    player.play()
    assert player.close()
    qtbot.wait(50)
    assert player.sound._stems is None


# -- the clock, which needs no window -------------------------------------------------------------


def clock_at(frame: int = 0) -> tuple[Mixer, Clock]:
    mixer = Mixer()
    clock = Clock(mixer, TimeMap((Tempo(0, 500_000),)))
    clock.seek(clock.time.tick_at(frame))
    mixer.play()
    clock.turn()
    return mixer, clock


def test_the_clock_counts_from_the_last_block_by_the_latency() -> None:
    _, clock = clock_at()
    clock.set_latency(100)
    for _ in range(10):
        clock.pull(1024)
    pulled_s = clock._last.when_s
    assert clock.heard(pulled_s).frame == 10_240 - 4_410
    assert abs(clock.heard(pulled_s + 0.05).frame - (10_240 - 2_205)) <= 1
    assert clock.heard(pulled_s + 9).frame == 10_240  # nothing was pulled since: no further
    assert clock.heard(pulled_s - 9).frame == 10_240 - 4_410


def test_the_clock_does_not_look_behind_a_jump() -> None:
    _, clock = clock_at()
    clock.set_latency(100)
    for _ in range(10):
        clock.pull(1024)
    clock.seek(clock.time.tick_at(88_200))
    clock.pull(1024)
    heard = clock.heard(clock._last.when_s)
    assert heard.frame == heard.origin == 88_200


def test_a_new_map_moves_where_the_stretch_began() -> None:
    _, clock = clock_at(44_100)
    clock.pull(100)
    clock.retime(TimeMap((Tempo(0, 1_000_000),)))
    clock.pull(100)
    assert clock.heard().origin == 88_200


def test_the_glide_runs_evenly_over_blocks() -> None:
    glide, shown = Glide(RATE), []
    for step in range(200):
        now_s = step * 0.016
        heard = int(now_s * RATE) // 1024 * 1024  # in steps of a block
        shown.append(glide.at(heard, now_s))
    steps = np.diff(shown[40:])
    assert steps.min() > 0.6 * 0.016 * RATE
    assert steps.max() < 1.4 * 0.016 * RATE
    assert glide.at(500_000, 3.2) == 500_000  # a jump is one
    waits = [glide.at(500_000, 3.2 + at) for at in (0.05, 0.2, 2.0)]  # no block comes
    assert max(waits) <= 500_000 + 0.03 * RATE
    assert glide.at(500_000 - 2_000, 5.21) >= waits[-1] >= waits[0]
