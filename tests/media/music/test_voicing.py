"""From notes to voices: pedal, repeated keys, pitch wheel, expression, drums that stop each other."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from studio.media.music.fonts import open_font
from studio.media.music.score import Bend, Control, Note, Tempo, Track
from studio.media.music.transport import TimeMap
from studio.media.music.voices import Instrument, Voice, Voices
from studio.media.music.voicing import HELD_MOST_S, Part, part_of
from tests.tiny_fonts import FLAT, Gen, tiny_font

TIME = TimeMap((Tempo(0, 480_000),), rate=1_000)  # a tick is a frame
SLOW = TimeMap((Tempo(0, 480_000),), rate=1_000, scale=0.5)


@pytest.fixture
def sounds(tmp_path: Path) -> Voices:
    return voices(tmp_path)


def voices(
    folder: Path, zones: Iterable[list[Gen]] = (), presets: tuple[tuple[int, int], ...] = ((0, 0),)
) -> Voices:
    path = folder / "tiny.sf2"
    path.write_bytes(tiny_font(list(zones) or None, presets))
    return Voices(open_font(path))


def part(sounds: Voices, notes: Iterable[Note], time: TimeMap = TIME, **values: object) -> Part:
    return part_of(Track(id="a", notes=tuple(sorted(notes)), **values), time, sounds)  # type: ignore[arg-type]


def pedal(*moves: tuple[int, int]) -> tuple[Control, ...]:
    return tuple(Control(tick, 64, value) for tick, value in moves)


def test_notes_become_voices_at_their_frames(sounds: Voices) -> None:
    found = part(sounds, [Note(0, 60, 100, 90), Note(50, 64, 0, 200)], SLOW, program=5)
    assert found.instrument == Instrument(5)
    assert found.voices == (Voice(0, 200, 60, 90), Voice(100, 101, 64, 127))


def test_a_key_struck_again_ends_what_it_held(sounds: Voices) -> None:
    notes = [Note(0, 60, 500), Note(0, 60, 300), Note(100, 60, 50), Note(100, 61, 500), Note(400, 60, 50)]
    found = part(sounds, notes).voices
    assert [(voice.start, voice.off, voice.pitch) for voice in found] == [
        (0, 100, 60), (0, 100, 60), (100, 150, 60), (100, 600, 61), (400, 450, 60),
    ]  # fmt: skip


def test_the_pedal_holds_notes_until_it_is_lifted(sounds: Voices) -> None:
    controls = pedal((50, 127), (60, 90), (300, 0), (600, 64), (650, 63))
    notes = [Note(0, 60, 40), Note(10, 62, 100), Note(100, 64, 100), Note(100, 65, 400), Note(550, 67, 70)]
    found = part(sounds, notes, controls=controls).voices
    assert [voice.off for voice in found] == [40, 300, 300, 500, 650]


def test_a_pedal_never_lifted_does_not_hold_for_ever(sounds: Voices) -> None:
    (voice,) = part(sounds, [Note(0, 60, 40)], controls=pedal((0, 127))).voices
    assert voice.off == 40 + HELD_MOST_S * 1_000


def test_a_key_struck_again_under_the_pedal_begins_anew(sounds: Voices) -> None:
    found = part(sounds, [Note(0, 60, 40), Note(200, 60, 40)], controls=pedal((0, 127), (500, 0))).voices
    assert [voice.off for voice in found] == [200, 500]


def test_the_wheel_bends_the_notes_that_sound(sounds: Voices) -> None:
    bends = (Bend(0, 0), Bend(50, 4096), Bend(150, -8192), Bend(2_000, 0))
    found = part(sounds, [Note(0, 60, 40), Note(100, 62, 100), Note(9_000, 64, 50)], bends=bends).voices
    assert found[1].bends == ((0, 100), (50, -200))
    assert found[2].bends == ()
    assert dict(found[0].bends)[50] == 100


def test_the_wheels_reach_is_set_by_its_parameter(sounds: Voices) -> None:
    controls = (Control(0, 6, 7), Control(1, 101, 0), Control(2, 100, 0), Control(3, 6, 12))
    (voice,) = part(sounds, [Note(10, 60, 40)], bends=(Bend(5, 8191),), controls=controls).voices
    assert voice.bends == ((0, 1_200),)


def test_the_bank_is_the_first_that_is_chosen(sounds: Voices) -> None:
    assert part(sounds, [], controls=(Control(0, 0, 8),)).instrument.bank == 8


def test_expression_and_volume_on_the_way_scale_the_loudness(sounds: Voices) -> None:
    controls = (Control(10, 11, 127), Control(20, 7, 50), Control(30, 11, 64))
    found = part(sounds, [], controls=controls, volume=100).loudness
    assert [frame for frame, _ in found] == [10, 20, 30]
    assert [factor for _, factor in found] == pytest.approx([1, 0.25, 0.25 * (64 / 127) ** 2])


def test_drums_of_a_group_stop_each_other(tmp_path: Path) -> None:
    zones = [[*FLAT, (43, 42 | 46 << 8), (57, 1)], [*FLAT, (43, 36 | 36 << 8)]]
    sounds = voices(tmp_path, zones, ((128, 0),))
    notes = [Note(0, 46, 100), Note(5, 36, 100), Note(50, 42, 10), Note(50, 44, 10), Note(90, 42, 10)]
    found = part(sounds, notes, drums=True).voices
    assert [(voice.pitch, voice.cut) for voice in found] == [(46, 50), (36, -1), (42, -1), (44, 90), (42, -1)]
