"""The names are General MIDI's, checked against another list of them; ranges are playable and wide enough."""

import re

import pretty_midi
import pytest

from studio.media.music import instruments


def plain(name: str) -> str:
    name = name.casefold().replace("hi-mid", "hi mid")
    return re.sub(r"[^a-z0-9]|1$", "", re.sub(r"\bhi\b", "high", name))


def test_programs_and_families_are_those_of_general_midi() -> None:
    assert len(instruments.PROGRAMS) == len(set(instruments.PROGRAMS)) == 128
    for program, name in enumerate(instruments.PROGRAMS):
        assert plain(name) == plain(pretty_midi.program_to_instrument_name(program))
        assert plain(instruments.family(program)) == plain(pretty_midi.program_to_instrument_class(program))


def test_drums_are_those_of_general_midi() -> None:
    assert list(instruments.DRUMS) == list(range(35, 82))
    for pitch, name in instruments.DRUMS.items():
        other = plain(pretty_midi.note_number_to_drum_name(pitch)).replace("highhat", "hihat")
        assert plain(name).replace("highhat", "hihat") == other
    assert instruments.drum_name(42) == "Closed hi-hat"
    assert instruments.drum_name(10) == ""


def test_an_instrument_is_found_by_name() -> None:
    assert instruments.program_of(" french  HORN") == 60
    assert instruments.program_of("Theremin") is None
    assert instruments.program_name(40) == "Violin"
    assert instruments.program_name(40, drums=True) == "Drums"


@pytest.mark.parametrize("program", range(128))
def test_a_range_is_at_least_an_octave_of_midi_and_more(program: int) -> None:
    low, high = instruments.comfortable(program)
    assert low >= 0
    assert high <= 127
    assert high - low >= 12


def test_ranges_are_those_players_know() -> None:
    assert instruments.comfortable(0) == (21, 108)  # a piano's 88 keys
    lowest = {
        "Violin": 55,
        "Viola": 48,
        "Cello": 36,
        "Contrabass": 28,
        "Acoustic guitar (nylon)": 40,
        "Flute": 60,
    }
    told = {name: instruments.comfortable(instruments.PROGRAMS.index(name))[0] for name in lowest}
    assert told == lowest
    assert instruments.comfortable(80) == (0, 127)  # a synthesiser has none


def test_every_range_is_of_an_instrument_that_there_is() -> None:
    assert set(instruments._RANGES) <= set(instruments.PROGRAMS)
