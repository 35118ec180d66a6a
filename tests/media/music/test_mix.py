"""The mixer: exact sums, gains, no clicks when anything changes, and never above full."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.clicks import Click, click_sound
from studio.media.music.curves import Sound
from studio.media.music.mix import FADE, KNEE, SHOTS_MOST, Mixer, Strip, View, gains, limit, mix, view_of
from studio.media.music.score import Score, Tempo, Track
from studio.media.music.stems import CHUNK, Stage, Stem
from studio.media.music.transport import Loop, TimeMap

TONE_HZ = 100.0


def tone(hertz: float = TONE_HZ, chunks: int = 3, level: float = 0.2) -> Sound:
    """A sine over some chunks, both channels the same."""
    wave = np.sin(2 * np.pi * hertz * np.arange(chunks * CHUNK) / 44_100) * level
    return np.stack([wave, wave]).astype(np.float32)


def cut(sound: Sound) -> tuple[Sound | None, ...]:
    return tuple(sound[:, at : at + CHUNK].copy() for at in range(0, sound.shape[1], CHUNK))


def view(*sounds: Sound, left: float = 1.0, right: float = 1.0, clicks: Sequence[Click] = ()) -> View:
    strips = tuple(Strip(str(at), cut(sound), left, right) for at, sound in enumerate(sounds))
    return View(strips=strips, clicks=tuple(clicks))


def pulled(mixer: Mixer, frames: int, block: int = 512) -> Sound:
    return np.concatenate([mixer.pull(min(block, frames - at)) for at in range(0, frames, block)]).T


def steepest(sound: Sound) -> float:
    """The largest step from one frame to the next: a click is a large one."""
    return float(np.abs(np.diff(sound, axis=1)).max())


SMOOTH = 0.2 * 2 * np.pi * TONE_HZ / 44_100  # the tone's own largest step


@given(frame=st.integers(0, 4 * CHUNK), frames=st.integers(1, 2 * CHUNK))
def test_a_block_is_the_sum_of_its_strips_wherever_it_begins(frame: int, frames: int) -> None:
    first, second = tone(100), tone(333, 2, 0.1)
    mixed = View(strips=(Strip("a", cut(first), 0.5, 1.0), Strip("b", cut(second), 1.0, 0.0)), gain=0.5)
    wanted = np.zeros((2, 6 * CHUNK + 1), np.float32)
    wanted[:, : 3 * CHUNK] += first * np.array([[0.25], [0.5]], np.float32)
    wanted[:, : 2 * CHUNK] += second * np.array([[0.5], [0.0]], np.float32)
    assert np.allclose(mix(mixed, frame, frames), wanted[:, frame : frame + frames], atol=1e-7)


def test_a_silent_chunk_costs_nothing_and_sounds_like_it() -> None:
    strip = Strip("a", (None, cut(tone())[0]), 1.0, 1.0)
    block = mix(View(strips=(strip,)), CHUNK - 10, 20)
    assert np.abs(block[:, :10]).max() == 0
    assert np.abs(block[:, 11:]).max() > 0


def test_gains_follow_volume_pan_mute_and_solo() -> None:
    plain = Track(id="a", volume=127)
    assert gains(plain, soloed=False) == pytest.approx((1, 1))
    assert gains(Track(id="a", volume=64), soloed=False)[0] == pytest.approx((64 / 127) ** 2)
    assert gains(Track(id="a", volume=127, pan=-1.0), soloed=False) == pytest.approx((2**0.5, 0), abs=1e-9)
    assert gains(Track(id="a", mute=True, solo=True), soloed=True) == (0, 0)
    assert gains(plain, soloed=True) == (0, 0)
    assert gains(Track(id="a", volume=127, solo=True), soloed=True) == pytest.approx((1, 1))


def test_values_past_their_bounds_count_as_the_bounds() -> None:
    loud, far = Track(id="a", volume=200), Track(id="a", volume=127, pan=3.0)
    assert gains(loud, soloed=False) == pytest.approx((1, 1))
    assert gains(Track(id="a", volume=-9), soloed=False) == (0, 0)
    assert gains(far, soloed=False) == pytest.approx((0, 2**0.5), abs=1e-9)
    assert gains(Track(id="a", volume=127, pan=0.5), soloed=False)[1] > 1


def test_a_stem_whose_track_is_gone_is_not_heard() -> None:
    stems = tuple(Stem(track=name, chunks=cut(tone())) for name in "ab")
    stage = Stage(
        score=Score(tracks=(Track(id="b"),)), time=TimeMap((Tempo(0, 500_000),)), stems=stems, end=9
    )
    seen = view_of(stage, clicks=[Click(5, 1)], gain=0.5)
    assert [strip.track for strip in seen.strips] == ["b"]
    assert (seen.clicks, seen.gain) == ((Click(5, 1),), 0.5)


def test_what_lies_before_the_piece_is_silent() -> None:
    block = mix(view(tone()), -100, 200)
    assert np.abs(block[:, :100]).max() == 0
    assert (block[:, 100:] == tone()[:, :100]).all()


def test_the_limiter_bends_what_is_under_full_too_and_keeps_the_sign() -> None:
    bent = limit(np.array([[0.9, -0.9, 40.0], [-40.0, 0.1, 0.7]], np.float32))
    assert KNEE < bent[0, 0] < 0.9 and bent[0, 1] == -bent[0, 0]
    assert KNEE < limit(np.full((2, 9), 0.9, np.float32)).max() < 0.9
    assert bent[0, 2] == -bent[1, 0] == np.float32(0.9999)
    assert bent[1].tolist()[1:] == [np.float32(0.1), np.float32(0.7)]


def test_a_view_takes_the_mixers_values_and_not_the_stages() -> None:
    score = Score(tracks=(Track(id="a"), Track(id="b", solo=True)))
    stems = tuple(Stem(track=name, chunks=cut(tone())) for name in "ab")
    stage = Stage(score=score, time=TimeMap((Tempo(0, 500_000),)), stems=stems, end=3 * CHUNK)
    assert [strip.left > 0 for strip in view_of(stage).strips] == [False, True]
    now = (Track(id="a"), Track(id="b", mute=True))
    assert [strip.left > 0 for strip in view_of(stage, now).strips] == [True, False]


def test_the_limiter_leaves_the_quiet_and_never_reaches_full() -> None:
    levels = np.linspace(-8, 8, 4_001, dtype=np.float32)[None].repeat(2, axis=0)
    bent = limit(levels.copy())
    quiet = np.abs(levels) <= KNEE
    assert (bent[quiet] == levels[quiet]).all()
    assert np.abs(bent).max() < 1
    assert (np.diff(bent[0]) >= 0).all()


def test_playing_gives_the_piece_after_its_first_frames() -> None:
    mixer = Mixer()
    mixer.show(view(tone()))
    assert np.abs(pulled(mixer, 1_000)).max() == 0
    mixer.play()
    assert np.allclose(pulled(mixer, 3_000)[:, 64:], tone()[:, 64:3_000], atol=1e-6)
    assert mixer.transport.frame == 3_000


def test_blocks_of_any_size_give_the_same_sound() -> None:
    heard = []
    for block in (64, 500, 4_096):
        mixer = Mixer()
        mixer.show(view(tone(), clicks=[Click(100, 2), Click(6_000, 1)]))
        mixer.move(lambda transport: transport.looped(Loop(2_000, 7_777)))
        mixer.play()
        heard.append(pulled(mixer, 20_000, block))
    assert np.allclose(heard[0], heard[1], atol=1e-6)
    assert np.allclose(heard[0], heard[2], atol=1e-6)


@pytest.mark.parametrize("block", [40, 512])
@pytest.mark.parametrize("change", ["mute", "volume", "content", "seek", "stop", "loop", "start inside"])
def test_no_change_clicks(change: str, block: int) -> None:
    mixer = Mixer()
    loud = tone()
    mixer.show(view(loud))
    if change == "start inside":
        mixer.move(lambda transport: transport.seek(10_000 + 110))  # at the tone's crest
        mixer.play()
        heard = pulled(mixer, 2_000, block)
        assert steepest(heard) < 0.2 / 64 + 2 * SMOOTH
        return
    mixer.play()
    parts = [pulled(mixer, 5_110, block)]
    if change == "mute":
        mixer.show(view(loud, left=0.0, right=0.0))
    elif change == "volume":
        mixer.show(view(loud, left=1.7, right=0.2))
    elif change == "content":
        mixer.show(view(-loud))
    elif change == "seek":
        mixer.move(lambda transport: transport.seek(30_000 + 330))
    elif change == "stop":
        mixer.move(lambda transport: transport.stop())
    else:
        mixer.move(lambda transport: transport.looped(Loop(1_000, 5_300)))
    parts.append(pulled(mixer, 5_000, block))
    heard = np.concatenate(parts, axis=1)[:, 100:]
    rise = 0.2 / 64 if change in ("seek", "loop") else 0.0
    assert steepest(heard) < rise + 0.4 / FADE + 2 * SMOOTH
    if change in ("mute", "stop"):
        assert np.abs(heard[:, -2_000:]).max() == 0


def test_a_loop_repeats_the_same_frames() -> None:
    mixer = Mixer()
    mixer.show(view(tone(123)))
    mixer.move(lambda transport: transport.looped(Loop(1_000, 9_000)))
    mixer.play()
    heard = pulled(mixer, 9_000 + 3 * 8_000)
    laps = [heard[:, 9_000 + at * 8_000 + FADE : 17_000 + at * 8_000] for at in range(3)]
    assert np.allclose(laps[0], laps[1], atol=1e-6)
    assert np.allclose(laps[0], heard[:, 1_000 + FADE : 9_000], atol=1e-6)


def test_clicks_fall_on_their_frames_and_ring_over_block_edges() -> None:
    mixer = Mixer()
    mixer.show(View(clicks=(Click(500, 2), Click(3_000, 1))))
    mixer.play()
    heard = pulled(mixer, 6_000)
    for frame, accent in ((500, 2), (3_000, 1)):
        click = click_sound(accent, 44_100)  # type: ignore[arg-type]
        assert np.allclose(heard[0, frame : frame + len(click)], click, atol=1e-6)


def test_a_count_in_clicks_alone_and_then_the_piece_begins() -> None:
    mixer = Mixer()
    mixer.show(view(tone()))
    mixer.play((2_000, (Click(-2_000, 2), Click(-1_000, 1))))
    heard = pulled(mixer, 2_000)
    click = click_sound(2, 44_100)
    assert np.allclose(heard[0, :1_000], click[:1_000], atol=1e-6)
    assert mixer.transport.state == "playing"
    later = pulled(mixer, 3_000)
    rest = np.zeros(3_000, np.float32)
    tail = click_sound(1, 44_100)[1_000:]
    rest[: len(tail)] = tail
    assert np.allclose(later[0, 64:], (tone()[0, :3_000] + rest)[64:], atol=1e-6)


def test_clicks_sound_by_their_accent_and_a_counting_click_may_begin_inside_a_block() -> None:
    mixer = Mixer()
    mixer.show(View())
    mixer.play((2_048, (Click(-2_048, 0), Click(-300, 2))))
    heard = pulled(mixer, 4_096, 1_024)
    wanted = np.zeros(8_192, np.float32)
    for frame, accent in ((0, 0), (1_748, 2)):
        click = click_sound(accent, 44_100)  # type: ignore[arg-type]
        wanted[frame : frame + len(click)] += click
    assert np.allclose(heard[0], wanted[:4_096], atol=1e-6)


def test_a_new_view_is_passed_into_over_its_first_frames_alone() -> None:
    mixer = Mixer()
    loud = np.full((2, CHUNK), 0.4, np.float32)
    mixer.show(view(loud))
    mixer.play()
    pulled(mixer, 1_000, 100)
    mixer.show(view(loud * 0.5))
    heard = pulled(mixer, 1_000, 100)
    share = np.arange(FADE) / FADE
    assert np.allclose(heard[0, :FADE], 0.4 * (1 - share) + 0.2 * share, atol=1e-5)
    assert np.allclose(heard[0, FADE:], 0.2, atol=1e-6)


def test_what_is_left_fades_over_its_frames_and_what_is_jumped_to_rises_over_fewer() -> None:
    mixer = Mixer()
    steady = np.full((2, CHUNK), 0.4, np.float32)
    mixer.show(view(steady))
    mixer.pull(512)
    mixer.play()
    start = pulled(mixer, 640, 40)
    assert np.allclose(start[0, :64], 0.4 * np.arange(64) / 64, atol=1e-6)
    assert np.allclose(start[0, 64:], 0.4, atol=1e-6)
    mixer.move(lambda transport: transport.stop())
    stopped = pulled(mixer, 640, 40)
    assert np.allclose(stopped[0, :FADE], 0.4 * (1 - np.arange(FADE) / FADE), atol=1e-6)
    assert np.abs(stopped[:, FADE:]).max() == 0
    assert np.abs(pulled(mixer, 640, 40)).max() == 0


def test_a_count_in_after_playing_lets_the_sound_fade_where_it_begins() -> None:
    mixer = Mixer()
    mixer.show(view(np.full((2, CHUNK), 0.4, np.float32)))
    mixer.play()
    pulled(mixer, 1_024)
    mixer.play((2_000, ()))
    heard = pulled(mixer, 1_024)
    assert np.allclose(heard[0, :FADE], 0.4 * (1 - np.arange(FADE) / FADE), atol=1e-6)
    assert np.abs(heard[:, FADE:]).max() == 0


@pytest.mark.parametrize("block", [40, 512])
@pytest.mark.parametrize("between", [0, 120])
def test_where_a_view_changes_and_playing_stops_the_sound_fades_from_what_it_was(
    block: int, between: int
) -> None:
    mixer = Mixer()
    mixer.show(view(np.full((2, CHUNK), 0.4, np.float32)))
    mixer.play()
    pulled(mixer, 1_024)
    mixer.show(View())
    before = pulled(mixer, between, block) if between else np.full((2, 1), 0.4)
    mixer.move(lambda transport: transport.stop())
    heard = np.concatenate([before, pulled(mixer, 1_024, block)], axis=1)
    assert steepest(heard) < 0.9 / FADE
    assert np.abs(heard[:, -500:]).max() == 0


@pytest.mark.parametrize("change", ["seek", "count"])
def test_where_a_view_changes_and_the_place_does_what_was_heard_fades(change: str) -> None:
    mixer = Mixer()
    mixer.show(view(np.full((2, CHUNK), 0.4, np.float32)))
    mixer.play()
    pulled(mixer, 1_024)
    mixer.show(View())
    if change == "seek":
        mixer.move(lambda transport: transport.seek(9_000))
    else:
        mixer.play((2_000, ()))
    heard = np.concatenate([np.full((2, 1), 0.4), pulled(mixer, 1_024)], axis=1)
    assert steepest(heard) < 0.9 / FADE + 0.4 / 64
    assert np.abs(heard[:, -500:]).max() == 0


def test_of_very_many_notes_at_once_the_last_are_heard() -> None:
    mixer = Mixer()
    for at in range(SHOTS_MOST + 5):
        mixer.sound(np.full((2, 4_000), 2.0**-20 * (1 if at else 1_000), np.float32))
    mixer.pull(64)
    assert mixer.pull(64)[0, 0] == pytest.approx(SHOTS_MOST * 2.0**-20)


def test_the_peak_is_what_it_was_before_the_limiter() -> None:
    mixer = Mixer()
    mixer.sound(np.full((2, 512), -3.0, np.float32))
    mixer.pull(256)
    assert mixer.peak == 3.0
    mixer.pull(512)
    mixer.pull(512)
    assert mixer.peak == 0.0


def test_a_drawn_note_is_in_the_next_block_though_nothing_plays() -> None:
    mixer = Mixer()
    note = tone()[:, :1_500]
    mixer.sound(note, 0.5, 1.0)
    heard = pulled(mixer, 2_048, 512)
    assert np.allclose(heard[0, :1_500], note[0] * 0.5, atol=1e-6)
    assert np.allclose(heard[1, :1_500], note[1], atol=1e-6)
    assert np.abs(heard[:, 1_500:]).max() == 0


def test_a_note_that_is_let_go_dies_away_without_a_step() -> None:
    mixer = Mixer()
    note = tone()
    shot = mixer.sound(note)
    first = pulled(mixer, 1_024, 512)
    shot.let_go(2_000)
    rest = pulled(mixer, 4_096, 512)
    assert np.allclose(first[0], note[0, :1_024], atol=1e-6)
    fall = 1 - np.arange(2_000) / 2_000
    assert np.allclose(rest[0, :2_000], note[0, 1_024:3_024] * fall, atol=1e-5)
    assert np.abs(rest[:, 2_000:]).max() == 0


def test_a_note_that_is_let_go_before_its_first_block_or_after_its_last_is_no_error() -> None:
    mixer = Mixer()
    early, late = mixer.sound(tone()), mixer.sound(tone()[:, :300])
    early.let_go(100)
    assert np.abs(pulled(mixer, 1_024)[:, 300:]).max() == 0
    late.let_go(100)
    assert np.abs(pulled(mixer, 1_024)).max() == 0


def test_the_end_of_the_piece_stops_playing() -> None:
    mixer = Mixer()
    mixer.show(view(tone()))
    mixer.move(lambda transport: transport.ending(1_300))
    mixer.play()
    heard = pulled(mixer, 4_096)
    assert mixer.transport.state == "stopped"
    assert np.abs(heard[:, 1_300 + FADE + 1 :]).max() == 0


def test_behind_the_end_what_sounds_fades_and_not_before_it() -> None:
    mixer = Mixer()
    mixer.show(view(np.full((2, CHUNK), 0.4, np.float32)))
    mixer.move(lambda transport: transport.ending(1_300))
    mixer.pull(512)
    mixer.play()
    heard = pulled(mixer, 4_096)
    assert np.allclose(heard[0, 64:1_300], 0.4, atol=1e-6)
    assert np.allclose(heard[0, 1_300 : 1_300 + FADE], 0.4 * (1 - np.arange(FADE) / FADE), atol=1e-6)


def test_a_loud_piece_is_bent_and_the_peak_says_so() -> None:
    mixer = Mixer()
    mixer.show(view(*[tone(level=0.9) for _ in range(4)]))
    mixer.play()
    mixer.pull(4_096)
    block = mixer.pull(4_096)
    assert block.shape == (4_096, 2)
    assert block.dtype == np.float32
    assert np.abs(block).max() < 1
    assert mixer.peak > 3
