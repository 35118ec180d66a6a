"""Stems are made in their own thread, exactly, and only where something changed."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from studio.media.music.curves import Sound
from studio.media.music.fonts import SoundFont, open_font
from studio.media.music.score import Bend, Control, Held, Note, Score, Tempo, Track
from studio.media.music.stems import (
    CHUNK,
    CHUNK_BYTES,
    RAMP,
    Shelf,
    Stage,
    Stem,
    Stems,
    layout,
    made_of,
    render,
)
from studio.media.music.transport import TimeMap
from studio.media.music.voices import Instrument, Voice, Voices
from studio.media.music.voicing import part_of
from tests.tiny_fonts import band, melody, tiny_font

WAIT_S = 60.0


@pytest.fixture
def font(tmp_path: Path) -> SoundFont:
    path = tmp_path / "tiny.sf2"
    path.write_bytes(tiny_font())
    return open_font(path)


class Made:
    """What the stems' thread gives; waits for a stage."""

    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self._came = threading.Condition()

    def __call__(self, stage: Stage) -> None:
        with self._came:
            self.stages.append(stage)
            self._came.notify_all()

    def wait(self, until: Callable[[Stage], bool]) -> Stage:
        with self._came:
            assert self._came.wait_for(lambda: bool(self.stages) and until(self.stages[-1]), WAIT_S)
            return self.stages[-1]

    def whole(self, score: Score) -> Stage:
        return self.wait(lambda stage: stage.score is score and not stage.missing)


@pytest.fixture
def made() -> Made:
    return Made()


@pytest.fixture
def stems(font: SoundFont, made: Made) -> Iterator[Stems]:
    owner = Stems(font, made)
    yield owner
    assert owner.stop()


def direct(font: SoundFont, score: Score, track: str, scale: float = 1.0) -> Sound:
    """The whole track in one go."""
    sounds = Voices(font)
    part = part_of(score.track(track), TimeMap(score.tempos, scale=scale), sounds)
    end = max(sounds.end(part.instrument, voice) for voice in part.voices)
    out = np.zeros((2, -(-end // CHUNK) * CHUNK), np.float32)
    for voice in part.voices:
        sounds.add(out, 0, part.instrument, voice)
    return out


def joined(stage: Stage, track: str) -> Sound:
    stem = next(stem for stem in stage.stems if stem.track == track)
    silent = np.zeros((2, CHUNK), np.float32)
    return np.concatenate([silent if chunk is None else chunk for chunk in stem.chunks], axis=1)


def test_chunks_put_together_are_the_track_to_the_last_bit(font: SoundFont, made: Made, stems: Stems) -> None:
    score = band(3)
    stems.show(score)
    stage = made.whole(score)
    for track in ("t0", "t1", "t2"):
        assert (joined(stage, track) == direct(font, score, track)).all()


def test_an_edit_makes_only_the_chunks_its_notes_reach(font: SoundFont, made: Made, stems: Stems) -> None:
    score = band(2, notes=32)
    stems.show(score)
    before = made.whole(score)
    track = score.track("t1")
    edited = score.with_track(track.with_notes([*track.notes, Note(480 * 8, 72, 240)]))
    stems.show(edited)
    after = made.whole(edited)
    changed = {
        (stem.track, index)
        for stem, old in zip(after.stems, before.stems, strict=True)
        for index, (new, was) in enumerate(zip(stem.chunks, old.chunks, strict=True))
        if new is not was
    }
    start = after.time.frame_at(480 * 8)
    assert changed == {("t1", index) for index in range(start // CHUNK, (start + 22_050) // CHUNK + 1)}
    assert (joined(after, "t1") == direct(font, edited, "t1")).all()


def test_undoing_an_edit_makes_nothing(made: Made, stems: Stems, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.media.music import stems as module

    score = band(2)
    edited = score.with_track(score.track("t0").with_notes([Note(0, 40, 960)]))
    for each in (score, edited):
        stems.show(each)
        made.whole(each)
    monkeypatch.setattr(module, "render", None)  # a chunk made now would be a TypeError
    again = replace(score)
    stems.show(again)
    assert made.whole(again).stems


def test_faders_and_names_make_nothing_anew(made: Made, stems: Stems) -> None:
    score = band(2)
    stems.show(score)
    first = made.whole(score)
    louder = score.with_track(
        replace(score.track("t0"), volume=30, pan=-1.0, mute=True, name="x", locked=True)
    )
    stems.show(louder)
    second = made.whole(louder)
    assert all(a is b for a, b in zip(first.stems[0].chunks, second.stems[0].chunks, strict=True))


def test_until_an_edited_chunk_is_made_the_old_one_is_heard(made: Made, stems: Stems) -> None:
    score = band(1)
    stems.show(score)
    before = made.whole(score)
    count = len(made.stages)
    edited = score.with_track(score.track("t0").with_notes([Note(0, 50, 1920 * 4)]))
    stems.show(edited)
    made.whole(edited)
    first = made.stages[count]
    assert 0 in first.stems[0].missing
    assert first.stems[0].chunks[0] is before.stems[0].chunks[0]
    assert not first.ready_at(0)


def test_another_tempo_or_scale_moves_the_sound(font: SoundFont, made: Made, stems: Stems) -> None:
    score = band(1)
    stems.show(score, 2.0)
    fast = made.whole(score)
    assert (joined(fast, "t0") == direct(font, score, "t0", 2.0)).all()
    slower = replace(score, tempos=(Tempo(0, 700_000),))
    stems.show(slower)
    slow = made.whole(slower)
    assert slow.end > 2 * fast.end
    assert (joined(slow, "t0") == direct(font, slower, "t0")).all()


def test_chunks_near_the_play_position_come_first(made: Made, stems: Stems) -> None:
    score = band(2, notes=64)
    end = TimeMap(score.tempos).frame_at(score.end)
    stems.near(end // 2)
    stems.show(score)
    stage = made.wait(lambda stage: stage.ready_at(end // 2))
    if stage.missing:
        assert not stage.ready_at(0)
    made.whole(score)


def test_silent_stretches_take_no_memory(made: Made, stems: Stems) -> None:
    score = Score(tracks=(Track(id="a", notes=(Note(0, 60, 240), Note(480 * 40, 60, 240))),))
    stems.show(score)
    chunks = made.whole(score).stems[0].chunks
    assert sum(chunk is not None for chunk in chunks) <= 4
    assert len(chunks) > 20


def test_a_piece_larger_than_the_budget_is_made_around_the_play_position(font: SoundFont, made: Made) -> None:
    owner = Stems(font, made, budget_mib=1)  # 4 chunks
    try:
        score = band(1, notes=64)
        owner.show(score)
        first = made.wait(lambda stage: stage.ready_at(3 * CHUNK) and stage.ready_at(0))
        assert not first.ready_at(10 * CHUNK)
        owner.near(10 * CHUNK)
        later = made.wait(lambda stage: all(stage.ready_at(at * CHUNK) for at in (10, 11, 12, 13)))
        assert sum(chunk is not None for chunk in later.stems[0].chunks) * CHUNK_BYTES <= 2 * 2**20
    finally:
        assert owner.stop()


def test_the_shelf_lets_go_of_the_least_wanted() -> None:
    shelf = Shelf(2 * CHUNK_BYTES)
    keys = [(Instrument(0), at, (), ()) for at in range(3)]
    for key in keys[:2]:
        shelf.put(key, np.zeros((2, CHUNK), np.float32))
    assert shelf.get(keys[0]) is not None
    shelf.put(keys[2], np.zeros((2, CHUNK), np.float32))
    assert len(shelf) == 2
    assert shelf.get(keys[1]) is None
    assert shelf.get(keys[0]) is not None


def test_a_stage_cannot_be_written_to(made: Made, stems: Stems) -> None:
    score = band(1)
    stems.show(score)
    chunk = made.whole(score).stems[0].chunks[0]
    assert chunk is not None
    with pytest.raises(ValueError, match="read-only"):
        chunk[0, 0] = 1.0


def test_a_drawn_note_does_not_wait_for_the_chunk_that_is_being_made(
    made: Made, stems: Stems, monkeypatch: pytest.MonkeyPatch
) -> None:
    score = Score(tracks=(Track(id="a", notes=tuple(Note(at * 10, 60, 10) for at in range(20))),))
    order: list[str] = []
    add = Voices.add

    def watched(self: Voices, out: Sound, frame: int, instrument: Instrument, voice: Voice) -> None:
        order.append("asked" if voice.pitch == 90 else "piece")
        if order == ["piece"] * 3:
            stems.note(instrument, 90, 100, lambda _sound: None)
        add(self, out, frame, instrument, voice)

    monkeypatch.setattr(Voices, "add", watched)
    stems.show(score)
    made.whole(score)
    assert len(made.stages[-1].stems[0].chunks) >= 1
    assert order[:5] == ["piece", "piece", "piece", "asked", "piece"]


def test_a_drawn_note_is_made_at_once(stems: Stems) -> None:
    came = threading.Event()
    got: list[Sound] = []
    stems.show(band(8, notes=256))  # there is much else to do
    stems.note(Instrument(0), 69, 100, lambda sound: (got.append(sound), came.set()))  # type: ignore[func-returns-value]
    assert came.wait(WAIT_S)
    assert got[0].shape[0] == 2
    assert np.abs(got[0]).max() > 0.1
    assert np.abs(got[0][:, -1]).max() < 1e-3


def test_a_take_in_place_shares_every_chunk_it_does_not_change(made: Made, stems: Stems) -> None:
    score = band(2, notes=32)
    stems.show(score)
    before = made.whole(score)
    track = score.track("t0")
    kept = [note for note in track.notes if not 1_920 * 2 <= note.start < 1_920 * 3]
    take = score.with_track(
        track.with_notes([*kept, *(Note(1_920 * 2 + 240 * at, 55, 240) for at in range(8))])
    )
    stems.show(take)
    after = made.whole(take)
    assert after.end == before.end
    same = [new is old for new, old in zip(after.stems[0].chunks, before.stems[0].chunks, strict=True)]
    assert 1 <= same.count(False) <= 5
    assert all(new is old for new, old in zip(after.stems[1].chunks, before.stems[1].chunks, strict=True))


def test_expression_is_reached_without_a_step(font: SoundFont) -> None:
    sounds = Voices(font)
    track = Track(id="a", notes=(Note(0, 69, 1_920),), controls=(Control(480, 11, 0), Control(960, 11, 127)))
    time = TimeMap((Tempo(0, 500_000),))
    key = layout(part_of(track, time, sounds), sounds).keys[0]
    assert key is not None
    chunk = render(sounds, key)
    plain = np.zeros((2, CHUNK), np.float32)
    sounds.add(plain, 0, Instrument(0), Voice(0, 88_200, 69, 80))
    at = time.frame_at(480)
    assert (chunk[:, : at - RAMP] == plain[:, : at - RAMP]).all()
    assert np.abs(chunk[:, at:]).max() == 0
    assert np.abs(np.diff(chunk[0, at - RAMP : at])).max() < 1.1 * np.abs(np.diff(plain[0])).max()


def test_a_change_of_expression_just_behind_a_chunk_is_prepared_in_it(font: SoundFont) -> None:
    sounds, time = Voices(font), TimeMap((Tempo(0, 500_000),))
    tick = next(at for at in range(10_000) if time.frame_at(at) > CHUNK + 20)
    controls = (Control(0, 11, 127), Control(tick, 11, 0))
    track = Track(id="a", notes=(Note(0, 69, 1_920),), controls=controls)
    keys = layout(part_of(track, time, sounds), sounds).keys
    chunks = [render(sounds, key) for key in keys if key is not None]
    steps = np.abs(np.diff(np.concatenate(chunks, axis=1)[0]))
    assert steps[CHUNK - RAMP : CHUNK + 40].max() < 1.1 * steps[: CHUNK - RAMP].max()
    assert np.abs(chunks[1][:, time.frame_at(tick) - CHUNK :]).max() == 0


def test_expression_holds_on_into_chunks_without_a_change_of_it(font: SoundFont) -> None:
    sounds, time = Voices(font), TimeMap((Tempo(0, 500_000),))
    track = Track(id="a", notes=(Note(0, 69, 960 * 4),), controls=(Control(0, 11, 0),))
    for key in layout(part_of(track, time, sounds), sounds).keys:
        assert key is not None and np.abs(render(sounds, key)).max() == 0


def test_of_changes_closer_than_the_ramp_the_last_counts(font: SoundFont) -> None:
    sounds, time = Voices(font), TimeMap((Tempo(0, 500_000),))
    controls = (Control(480, 11, 0), Control(481, 11, 127), Control(482, 11, 0))
    track = Track(id="a", notes=(Note(0, 69, 1_920),), controls=controls)
    key = layout(part_of(track, time, sounds), sounds).keys[0]
    assert key is not None
    assert np.abs(render(sounds, key)[:, time.frame_at(482) :]).max() == 0


def test_a_layout_ends_with_its_last_sound_and_its_chunks_hold_each_voice(font: SoundFont) -> None:
    sounds, time = Voices(font), TimeMap((Tempo(0, 500_000),))
    track = Track(id="a", notes=(Note(0, 60, 240), Note(9_600, 60, 240)))
    found = layout(part_of(track, time, sounds), sounds)
    part = part_of(track, time, sounds)
    ends = [sounds.end(part.instrument, voice) for voice in part.voices]
    assert found.end == max(ends) and len(found.keys) == -(-found.end // CHUNK)
    for voice, end in zip(part.voices, ends, strict=True):
        reached = {at for at, key in enumerate(found.keys) if key is not None and voice in key[2]}
        assert reached == set(range(voice.start // CHUNK, (end - 1) // CHUNK + 1))


def test_a_shelf_keeps_one_chunk_however_small_its_budget_and_fills_it_to_the_last_byte() -> None:
    keys = [(Instrument(0), at, (), ()) for at in range(3)]
    tiny, exact = Shelf(1), Shelf(3 * CHUNK_BYTES)
    for key in keys:
        tiny.put(key, np.zeros((2, CHUNK), np.float32))
        exact.put(key, np.zeros((2, CHUNK), np.float32))
    assert (len(tiny), len(exact)) == (1, 3)
    assert tiny.get(keys[2]) is not None


def test_what_a_tracks_sound_is_made_of_is_all_but_the_mixers_values() -> None:
    time = TimeMap((Tempo(0, 500_000),))
    track = Track(id="a", notes=(Note(0, 60, 9),), controls=(Control(0, 11, 5),))
    of = made_of(track, time)
    for same in ({"volume": 3}, {"pan": 1.0}, {"mute": True}, {"name": "x"}, {"held": (Held(0, 9),)}):
        assert made_of(replace(track, **same), time) == of
    others = (
        replace(track, program=1),
        replace(track, drums=True),
        replace(track, bends=(Bend(0, 9),)),
        replace(track, notes=()),
        replace(track, controls=(Control(0, 11, 6),)),
    )
    assert all(made_of(other, time) != of for other in others)
    assert made_of(track, TimeMap((Tempo(0, 400_000),))) != of
    mixed = replace(track, controls=(Control(0, 7, 5),))
    assert made_of(mixed, time) != made_of(replace(mixed, volume=3), time)


def test_a_stage_counts_what_is_missing_and_knows_where() -> None:
    stems = (
        Stem(track="a", chunks=(None, None, None), missing=frozenset({1, 2})),
        Stem(track="b", chunks=(None,), missing=frozenset({0})),
    )
    stage = Stage(score=Score(), time=TimeMap((Tempo(0, 500_000),)), stems=stems, end=3 * CHUNK)
    assert stage.missing == 3
    assert [stage.ready_at(frame) for frame in (0, CHUNK, 2 * CHUNK - 1, 3 * CHUNK)] == [
        False,
        False,
        False,
        True,
    ]


def test_under_another_tempo_no_old_sound_is_heard_until_the_new_is_made(made: Made, stems: Stems) -> None:
    score = band(1)
    stems.show(score)
    made.whole(score)
    count = len(made.stages)
    slower = replace(score, tempos=(Tempo(0, 700_000),))
    stems.show(slower)
    made.whole(slower)
    assert made.stages[count].stems[0].chunks[0] is None


def test_a_drawn_note_is_short_however_long_its_sound_rings(stems: Stems) -> None:
    came = threading.Event()
    got: list[Sound] = []

    def heard(sound: Sound) -> None:
        got.append(sound)
        came.set()

    stems.note(Instrument(0), 69, 100, heard, 0.2)
    assert came.wait(WAIT_S)
    assert got[0].shape[1] <= round(0.2 * 44_100) + round(0.25 * 44_100)


def test_an_empty_score_has_an_empty_stage(made: Made, stems: Stems) -> None:
    score = Score(tracks=(Track(id="a"), melody("b", notes=0)))
    stems.show(score)
    stage = made.whole(score)
    assert stage.end == 0
    assert stage.ready_at(0)


def test_stopping_ends_the_thread_in_the_middle_of_work(font: SoundFont, made: Made) -> None:
    owner = Stems(font, made)
    owner.show(band(8, notes=512))
    assert owner.stop()
