"""Ticks and frames, and the transport's state from block to block."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from studio.media.music.score import Meter, Tempo, seconds_at
from studio.media.music.transport import LOOP_LEAST_FRAMES, Loop, Slice, TimeMap, Transport, meter_at

TEMPOS = (Tempo(0, 500_000), Tempo(960, 250_000), Tempo(1920, 1_000_000))


@given(
    tick=st.integers(0, 100_000),
    scale=st.sampled_from([0.5, 1.0, 2.0]),
    rate=st.sampled_from([22_050, 44_100]),
)
def test_ticks_and_frames_agree_with_the_scores_seconds(tick: int, scale: float, rate: int) -> None:
    time = TimeMap(TEMPOS, rate, scale)
    frame = time.frame_at(tick)
    assert frame == pytest.approx(seconds_at(TEMPOS, tick) * rate / scale, abs=0.51)
    assert time.tick_at(frame) == pytest.approx(tick, abs=0.1)


def test_time_maps_of_the_same_values_are_equal() -> None:
    assert TimeMap(TEMPOS) == TimeMap(TEMPOS)
    assert hash(TimeMap(TEMPOS)) == hash(TimeMap(TEMPOS))
    assert TimeMap(TEMPOS) != TimeMap(TEMPOS, scale=1.1)
    with pytest.raises(ValueError, match="scale"):
        TimeMap(TEMPOS, scale=0.0)


def test_a_stopped_transport_plays_nothing() -> None:
    assert Transport(frame=7).advance(512) == (Transport(frame=7), ())


def test_playing_moves_on_block_by_block() -> None:
    now, first = Transport(frame=100).play().advance(512)
    now, second = now.advance(512)
    assert (first, second) == ((Slice(0, 512, 100, False),), (Slice(0, 512, 612, False),))
    assert (now.state, now.frame) == ("playing", 1124)


def test_a_count_in_comes_before_the_first_frame_to_the_frame() -> None:
    now, slices = Transport(frame=50).play(700).advance(512)
    assert (now.state, slices) == ("counting", (Slice(0, 512, -700, True),))
    now, slices = now.advance(512)
    assert slices == (Slice(0, 188, -188, True), Slice(188, 324, 50, False))
    assert (now.state, now.frame) == ("playing", 374)


def test_a_loop_turns_inside_a_block() -> None:
    now = Transport(frame=9_900).looped(Loop(5_000, 10_000)).play()
    now, slices = now.advance(512)
    assert slices == (Slice(0, 100, 9_900, False), Slice(100, 412, 5_000, False))
    assert (now.frame, now.laps) == (5_412, 1)


def test_a_place_behind_the_loop_plays_on_to_the_end() -> None:
    now, slices = Transport(frame=20_000, end=20_100).looped(Loop(5_000, 10_000)).play().advance(512)
    assert slices == (Slice(0, 100, 20_000, False),)
    assert (now.state, now.frame) == ("stopped", 20_100)


def test_a_loop_too_short_to_hear_is_none() -> None:
    assert Transport().looped(Loop(100, 200)).loop is None
    assert Transport().looped(Loop(100, 200_000)).looped(None).loop is None


def test_playing_at_the_end_begins_again() -> None:
    assert Transport(frame=900, end=900).play().frame == 0
    assert Transport(frame=899, end=900).play().frame == 899


def test_seeking_ends_a_count_in_and_keeps_playing() -> None:
    assert Transport().play(1_000).seek(77) == Transport(frame=77, state="playing")
    assert Transport().seek(-5) == Transport()
    assert Transport(state="playing", frame=9).stop() == Transport(frame=9)


def test_what_is_heard_lags_and_comes_around_the_loop() -> None:
    playing = Transport(state="playing", frame=5_200, loop=Loop(5_000, 10_000))
    assert playing.heard(1_000) == 4_200
    assert Transport(state="playing", frame=5_200, loop=Loop(5_000, 10_000), laps=1).heard(1_000) == 9_200
    assert Transport(state="playing", frame=300).heard(1_000) == 0
    assert Transport(frame=300).heard(1_000) == 300


def test_another_tempo_keeps_the_tick() -> None:
    old, new = TimeMap(TEMPOS), TimeMap(TEMPOS, scale=2.0)
    now = Transport(frame=old.frame_at(1_500), end=old.frame_at(4_000)).looped(
        Loop(old.frame_at(0), old.frame_at(1_920))
    )
    after = now.rescaled(old, new)
    assert after.frame == new.frame_at(1_500)
    assert after.end == new.frame_at(4_000)
    assert after.loop == Loop(0, new.frame_at(1_920))


@example(blocks=[1, 1], frame=0, loop=(0, 2205), end=0, count=0)  # a loop behind the end
@given(
    blocks=st.lists(st.integers(1, 3_000), min_size=1, max_size=30),
    frame=st.integers(0, 12_000),
    loop=st.none() | st.tuples(st.integers(0, 6_000), st.integers(0, 12_000)),
    end=st.integers(-1, 12_000),
    count=st.integers(0, 2_000),
)
def test_the_size_of_blocks_makes_no_difference(
    blocks: list[int], frame: int, loop: tuple[int, int] | None, end: int, count: int
) -> None:
    start = Transport(frame=frame, end=end).looped(Loop(*loop) if loop else None).play(count)
    heard: list[int | None] = []
    now = start
    for size in blocks:
        now, slices = now.advance(size)
        block: list[int | None] = [None] * size
        for part in slices:
            block[part.offset : part.offset + part.frames] = range(part.frame, part.frame + part.frames)
        heard += block
    whole, slices = start.advance(sum(blocks))
    together: list[int | None] = [None] * sum(blocks)
    for part in slices:
        together[part.offset : part.offset + part.frames] = range(part.frame, part.frame + part.frames)
    assert heard == together
    assert now == whole


def test_a_map_is_another_with_each_of_its_values_and_refuses_scales_past_its_bounds() -> None:
    assert (
        len({TimeMap(TEMPOS), TimeMap(TEMPOS, 22_050), TimeMap(TEMPOS, scale=2.0), TimeMap(TEMPOS[:1])}) == 4
    )
    assert (TimeMap(TEMPOS, scale=0.1).scale, TimeMap(TEMPOS, scale=4.0).scale) == (0.1, 4.0)
    for scale in (0.09, 4.1):
        with pytest.raises(ValueError, match="scale"):
            TimeMap(TEMPOS, scale=scale)


def test_at_its_end_a_loop_is_begun_where_it_stands() -> None:
    behind = Transport(frame=9_000, end=8_000).looped(Loop(6_000, 12_000))
    assert behind.play().frame == 9_000
    assert Transport(frame=9_000, end=8_000).play().frame == 0
    assert Transport(frame=9_000).play().frame == 9_000


def test_playing_anew_and_a_new_loop_count_laps_from_none() -> None:
    turned = Transport(state="playing", frame=5_200, loop=Loop(5_000, 10_000), laps=3)
    assert (turned.play().laps, turned.stop().laps, turned.seek(6_000).laps) == (0, 0, 0)
    assert turned.looped(Loop(4_000, 10_000)).laps == 0
    assert Transport().play(-5) == Transport(state="playing")


def test_a_loop_of_the_least_length_is_one_and_none_begins_before_the_piece() -> None:
    assert Transport().looped(Loop(10, 10 + LOOP_LEAST_FRAMES)).loop == Loop(10, 10 + LOOP_LEAST_FRAMES)
    assert Transport().looped(Loop(10, 9 + LOOP_LEAST_FRAMES)).loop is None
    assert Transport().looped(Loop(-1, 90_000)).loop is None


def test_a_count_in_given_up_leaves_none_of_it() -> None:
    assert Transport(frame=5).play(1_000).stop() == Transport(frame=5)


def test_another_tempo_leaves_no_loop_and_no_end_where_there_were_none() -> None:
    old, new = TimeMap(TEMPOS), TimeMap(TEMPOS, scale=2.0)
    after = Transport(frame=100).rescaled(old, new)
    assert (after.loop, after.end, after.frame) == (None, -1, 50)


def test_while_counting_the_place_that_waits_is_heard() -> None:
    assert Transport(frame=5_000).play(1_000).heard(700) == 5_000


def test_heard_never_lies_before_the_loop_nor_comes_around_when_it_was_not_entered() -> None:
    loop = Loop(5_000, 10_000)
    assert Transport(state="playing", frame=5_001, loop=loop, laps=1).heard(20_000) == 5_000
    assert Transport(state="playing", frame=4_000, loop=loop, laps=1).heard(500) == 3_500
    assert Transport(state="playing", frame=7_000, loop=loop, laps=1).heard(500) == 6_500


def test_the_end_is_reached_to_the_frame_and_kept() -> None:
    now, slices = Transport(end=512).play().advance(512)
    assert (now.state, now.frame, slices) == ("stopped", 512, (Slice(0, 512, 0, False),))
    assert Transport(frame=600, end=512, state="playing").advance(64) == (
        Transport(frame=600, end=512),
        (),
    )


def test_the_metre_in_force_is_the_last_one_begun() -> None:
    meters = (Meter(0, 4, 4), Meter(1_920, 6, 8))
    assert [meter_at(meters, tick).beats for tick in (0, 1_919, 1_920, 9_999)] == [4, 4, 6, 6]
