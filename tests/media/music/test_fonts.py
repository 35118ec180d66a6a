"""Soundfonts are checked before they play, and what is in them is found."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.music.fonts import SoundFont, built_in_font, check_font, open_font
from tests.tiny_fonts import sine, tiny_font


def font(folder: Path, **values: object) -> SoundFont:
    path = folder / "tiny.sf2"
    path.write_bytes(tiny_font(**values))  # type: ignore[arg-type]
    return open_font(path)


def test_the_built_in_font_is_found_without_importing_pretty_midi() -> None:
    import subprocess
    import sys

    code = "import sys; from studio.media.music.fonts import open_font; f = open_font(); \
print(f.info.presets, 'pretty_midi' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["136", "False"]


def test_the_built_in_font_has_all_programs_and_a_drum_kit() -> None:
    found = open_font()
    assert found.info.path == built_in_font()
    instruments = found.instruments()
    assert all((0, program) in instruments for program in range(128))
    assert (128, 0) in instruments
    assert instruments[0, 0] == "Piano 1"
    assert all(found.regions(program) for program in range(128))
    assert found.regions(0, drums=True)


def test_a_font_tells_its_name_and_size(tmp_path: Path) -> None:
    info = font(tmp_path, presets=((0, 0), (128, 0))).info
    assert (info.name, info.presets, info.compressed) == ("Tiny", 2, False)
    assert info.size_bytes == (tmp_path / "tiny.sf2").stat().st_size


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "it is empty"),
        (b"MThd\0\0\0\6", "does not begin as a SoundFont"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "does not begin as a SoundFont"),
        (tiny_font()[:-40], "it is cut short"),
        (tiny_font(drop=b"shdr"), "'shdr' is missing"),
        (tiny_font(drop=b"ifil"), "'ifil' is missing"),
        (tiny_font(version=4), "version 4"),
        (tiny_font(instrument=7), "'pgen' points outside"),
        (tiny_font(sample=3), "'igen' points outside"),
        (tiny_font(presets=()), "it has no instrument"),
        (tiny_font().replace(b"Sine" + b"\0" * 16 + struct.pack("<II", 0, 4000),
                             b"Sine" + b"\0" * 16 + struct.pack("<II", 0, 4001)), "lies outside the file"),
    ],
)  # fmt: skip
def test_a_broken_font_is_refused_and_the_built_in_one_plays(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "bad.sf2"
    path.write_bytes(data)
    with pytest.raises(StudioError) as told:
        check_font(path)
    assert told.value.code == "font_broken"
    assert words in told.value.what
    assert "bad.sf2" in told.value.what
    assert told.value.kept == "The built-in soundfont plays."


def test_a_font_that_is_gone_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as told:
        open_font(tmp_path / "gone.sf2")
    assert told.value.code == "font_missing"
    assert "built-in" in told.value.kept


@given(at=st.integers(0, len(tiny_font()) - 1), value=st.integers(0, 255))
def test_one_wrong_byte_breaks_nothing_but_the_font(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    from studio.media.music.voices import Instrument, Voice, Voices

    data = bytearray(tiny_font())
    data[at] = value
    path = tmp_path_factory.mktemp("font") / "x.sf2"
    path.write_bytes(data)
    try:
        sounds = Voices(open_font(path))
    except StudioError:
        return
    out = np.zeros((2, 2000), np.float32)
    voice = Voice(0, 1000, 69, 100)
    if sounds.end(Instrument(0), voice) > 0:
        sounds.add(out, 0, Instrument(0), voice)
    assert np.isfinite(out).all()


def test_a_program_that_the_font_lacks_is_played_by_another(tmp_path: Path) -> None:
    found = font(tmp_path, presets=((0, 5), (3, 7)))
    assert found.regions(5) == found.regions(40) == found.regions(7, bank=3)
    assert found.regions(0, drums=True) == ()


def test_drums_take_the_kit_of_their_program_or_the_first(tmp_path: Path) -> None:
    found = font(tmp_path, presets=((0, 0), (128, 0), (128, 8)))
    assert found.instruments() == {(0, 0): "Preset 0", (128, 0): "Preset 1", (128, 8): "Preset 2"}
    assert found.regions(8, drums=True)
    assert found.regions(3, drums=True)


def test_zones_split_the_keys_and_the_velocities(tmp_path: Path) -> None:
    low, high = 0 | 59 << 8, 60 | 127 << 8
    found = font(tmp_path, zones=[[(43, low), (48, 100)], [(43, high), (44, 0 | 64 << 8), (58, 72)]])
    first, second = found.regions(0)
    assert (first.keys, first.velocities, first.quiet_db) == ((0, 59), (0, 127), 4.0)
    assert (second.keys, second.velocities, second.root) == ((60, 127), (0, 64), 72)
    assert second.cents(60) == -1200


def test_a_zone_reads_its_envelope_pan_loop_and_filter(tmp_path: Path) -> None:
    zone = [
        (33, -1200),
        (34, 0),
        (36, 1200),
        (37, 200),
        (38, -12000),
        (17, -250),
        (54, 1),
        (8, 6900),
        (57, 2),
        (51, 1),
    ]
    region = font(tmp_path, zones=[zone]).regions(0)[0]
    assert (region.volume.delay_s, region.volume.attack_s, region.volume.decay_s) == (0.5, 1.0, 2.0)
    assert (region.volume.sustain, region.volume.release_s) == (20.0, 0.0)
    assert (region.pan, region.mode, region.group, region.tune_cents) == (-0.5, 1, 2, 100)
    assert region.filter_hz == pytest.approx(440, rel=1e-3)
    assert (region.loop_start, region.loop_end) == (1000, 3000)


def test_compressed_samples_of_an_sf3_are_decoded(tmp_path: Path) -> None:
    found = font(tmp_path, vorbis=True, version=3)
    assert found.info.compressed
    decoded = found.samples(found.regions(0)[0])
    assert len(decoded) == 4000
    assert np.abs(decoded - sine() / 32768).max() < 0.05
    assert found.samples(found.regions(0)[0]) is decoded


def test_an_sf3_with_a_clip_that_is_no_vorbis_is_silent(tmp_path: Path) -> None:
    data = tiny_font(vorbis=True, version=3).replace(b"OggS", b"Xxxx")
    path = tmp_path / "x.sf3"
    path.write_bytes(data)
    found = open_font(path)
    assert len(found.samples(found.regions(0)[0])) == 0
