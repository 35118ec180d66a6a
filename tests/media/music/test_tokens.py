"""Tokens of music: exact both ways, whatever is filled, kept and told."""

import doctest
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music import tokens
from studio.media.music import vocabulary as v
from studio.media.music.attributes import Levels
from studio.media.music.tokens import Cell, Encoded, Tell, decode, encode
from studio.media.music.tokens_grid import GridBar, GridNote, GridTrack, Window
from studio.media.music.tokens_measure import BLOCK_MOST, costs, measured, note_nll
from studio.media.music.vocabulary import IDS, METERS, ids_of, words_of

Draw = Callable[..., object]


@st.composite
def windows(draw: Draw) -> Window:
    """Windows of a few bars in any metre, pickups and odd lengths, doubled, long and overlapping notes among them."""
    bars: list[GridBar] = []
    for _ in range(draw(st.integers(1, 3))):
        beats, unit = draw(st.sampled_from((*METERS[:8], *METERS[18:25], (5, 16))))
        nominal = GridBar(0, 1, beats, unit).nominal
        length = draw(st.one_of(st.just(nominal), st.integers(1, min(nominal, 144))))
        if draw(st.integers(0, 9)) == 0:
            length = draw(st.integers(1, 144))
            beats, unit = length, 48
        places = draw(st.lists(st.integers(1, max(1, length - 1)), max_size=2, unique=True))
        chords = [0, *sorted(place for place in places if place < length)]
        bars.append(
            GridBar(
                bars[-1].end if bars else 0,
                length,
                beats,
                unit,
                draw(st.integers(-1, 15)),
                draw(st.integers(-1, 23)),
                tuple((place, draw(st.integers(-1, 12 * len(v.QUALITIES) - 1))) for place in chords),
            )
        )
    note = st.builds(
        GridNote,
        st.integers(0, bars[-1].end - 1),
        st.integers(0, 127),
        st.one_of(st.integers(1, 60), st.sampled_from((48, 49, 96, 97, 1_500))),
        st.integers(0, 15),
    )
    tracks = draw(
        st.lists(
            st.builds(
                lambda program, drums, notes: GridTrack(
                    program=0 if drums else program, drums=drums, notes=tuple(sorted(notes))
                ),
                st.integers(0, 127),
                st.booleans(),
                st.lists(note, max_size=10),
            ),
            min_size=1,
            max_size=3,
        )
    )
    return Window(tuple(bars), tuple(tracks))


@st.composite
def asked(draw: Draw) -> tuple[Window, list[Cell], list[tuple[int, int]]]:
    """A window, bars to be written and notes to be kept."""
    window = draw(windows())
    cells = [(track, bar) for track in range(len(window.tracks)) for bar in range(len(window.bars))]
    fills = draw(st.lists(st.sampled_from(cells), unique=True))
    notes = [(track, at) for track, one in enumerate(window.tracks) for at in range(len(one.notes))]
    kept = draw(st.lists(st.sampled_from(notes), unique=True)) if notes else []
    return window, fills, kept


def test_the_worked_example_holds() -> None:
    found = doctest.testmod(tokens)
    assert found.attempted >= 7 and not found.failed


@given(asked())
def test_whatever_is_filled_and_kept_the_window_comes_back_exactly(
    given_: tuple[Window, list[Cell], list[tuple[int, int]]],
) -> None:
    window, fills, kept = given_
    levels = measured(window, fills)
    made = encode(window, fills, kept, Tell(tracks=levels[0], cells=levels[1]))
    assert decode(made.ids) == window
    assert decode([*made.ids, v.STOP]) == window


@given(asked())
def test_spans_and_written_stretches_are_where_they_say(
    given_: tuple[Window, list[Cell], list[tuple[int, int]]],
) -> None:
    window, fills, kept = given_
    made = encode(window, fills, kept)
    whole = sorted((track, at) for track, one in enumerate(window.tracks) for at in range(len(one.notes)))
    assert sorted((span.track, span.note) for span in made.spans) == whole
    for span in made.spans:
        note, ids = window.tracks[span.track].notes[span.note], made.ids[span.start : span.stop]
        assert v.PITCH + note.pitch in ids and v.DURATION <= ids[-1] < v.SAMPLED
        assert 48 * ids.count(v.HOLD) + ids[-1] - v.DURATION + 1 == note.duration
    assert len(made.written) == len(fills) == made.ids.count(v.WRITE) == made.ids.count(v.FILL)
    for start, stop in made.written:
        assert made.ids[start - 1] == v.WRITE and made.ids[stop - 1] == v.END
        assert all(token < v.SAMPLED for token in made.ids[start:stop])
    ordered = [(bar, track) for track, bar in fills]
    blocks = [
        (at, token) for at, token in enumerate(made.ids) if v.TRACK <= token < v.BAR and at > made.fills_at
    ]
    assert [(made.ids[at + 1] - v.BAR, token - v.TRACK) for at, token in blocks] == sorted(ordered)


def simple() -> Window:
    """Two tracks of two bars; the second one long and doubled."""
    bars = (GridBar(0, 36, 3, 4, 10, 0), GridBar(36, 36, 3, 4, 10, 0))
    first = GridTrack(program=40, notes=(GridNote(0, 60, 12), GridNote(12, 62, 24), GridNote(36, 64, 36)))
    second = GridTrack(program=0, notes=(GridNote(0, 48, 72), GridNote(0, 48, 72), GridNote(0, 55, 36, 5)))
    return Window(bars, (first, second))


def test_what_is_not_told_is_not_in_the_tokens() -> None:
    made = encode(simple(), [(0, 1)], tell=Tell(tempo=False, key=False, chords=False))
    named = words_of(made.ids)
    assert named.startswith("PIECE Bar_0 Meter_3/4 Tempo_N Key_N Chord_N Bar_1 Track_0")
    assert named.count("Key_") == named.count("Key_N") == 2
    bare = decode(made.ids)
    assert {(bar.tempo, bar.key, bar.chords) for bar in bare.bars} == {(-1, -1, ((0, -1),))}
    assert bare.tracks == simple().tracks


def test_a_chord_that_goes_on_over_the_bar_line_is_not_said_again() -> None:
    bars = (GridBar(0, 48, chords=((0, 0), (24, 7))), GridBar(48, 48, chords=((0, 7), (12, 0))))
    made = encode(Window(bars, (GridTrack(),)))
    assert "Chord_C Position_24 Chord_Cm7b5 Bar_1 Position_12 Chord_C Track_0" in words_of(made.ids)
    assert decode(made.ids).bars == bars


def test_levels_stand_at_the_track_and_in_the_block_and_only_those_that_are_told() -> None:
    tell = Tell(tracks={0: Levels(density=3, register=4)}, cells={(0, 1): Levels(duration=5)})
    named = words_of(encode(simple(), [(0, 1)], tell=tell).ids)
    assert "Track_0 Family_5 Variant_0 Density_3 Register_4 Bar_0" in named
    assert "Track_0 Bar_1 Meter_3/4 Key_C:major Chord_N NoteLength_5 WRITE" in named


def test_measured_levels_count_kept_notes_and_only_the_bars_to_be_written() -> None:
    tracks, cells = measured(simple(), [(0, 1), (1, 0), (1, 1)], ["density", "duration"], ["density"])
    assert tracks == {0: Levels(density=1, duration=5), 1: Levels(density=2, duration=5)}
    assert measured(simple(), [(1, 0)])[0][1].density == 3  # one bar's notes over one bar
    assert cells == {(0, 1): Levels(density=1), (1, 0): Levels(density=3), (1, 1): Levels(density=0)}


def test_a_kept_note_stands_behind_fill_and_is_not_written() -> None:
    made = encode(simple(), [(1, 0)], [(1, 2)])
    assert "Bar_0 FILL Position_0 Pitch_55 Velocity_5 Duration_36 Bar_1 FILLS" in words_of(made.ids)
    (start, stop), *_ = made.written
    assert (
        words_of(made.ids[start:stop])
        == "Position_0 Pitch_48 Velocity_10 HOLD Duration_24 Pitch_48 HOLD Duration_24 END"
    )


def test_costs_are_the_tokens_each_bar_takes() -> None:
    window = simple()
    bare = encode(window)
    heads = sum(3 for _ in window.tracks)
    time_line = bare.ids.index(v.TRACK)
    assert sum(map(sum, costs(window))) == len(bare.ids) - heads - time_line
    assert costs(window)[0] == [8, 5]
    filled = encode(
        window, [(0, 1)], tell=Tell(cells={(0, 1): Levels(density=1, polyphony=1, register=1, duration=1)})
    )
    assert len(filled.ids) - len(bare.ids) <= BLOCK_MOST


def test_the_surprise_of_a_note_is_that_of_its_tokens() -> None:
    made = encode(simple(), [(0, 1)])
    nll = [float(at) for at in range(len(made.ids))]
    found = note_nll(made, nll)
    span = next(span for span in made.spans if (span.track, span.note) == (0, 2))
    assert found[0, 2] == sum(range(span.start, span.stop))
    assert words_of(made.ids[span.start : span.stop]) == "Position_0 Pitch_64 Velocity_10 Duration_36"
    assert len(found) == 6


@given(asked(), st.data())
def test_a_sequence_cut_off_anywhere_reads_as_far_as_it_goes(
    given_: tuple[Window, list[Cell], list[tuple[int, int]]], data: st.DataObject
) -> None:
    window, fills, kept = given_
    made: Encoded = encode(window, fills, kept)
    part = decode(made.ids[: data.draw(st.integers(made.fills_at, len(made.ids)))])
    assert part.bars == window.bars
    for some, whole in zip(part.tracks, window.tracks, strict=True):
        left = list(whole.notes)
        for note in some.notes:
            left.remove(note)  # each is one of the window's


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("Bar_0", "token 0: Bar_0"),
        ("PIECE Bar_0 Meter_4/4 Track_1", "token 3: Track_1"),
        ("PIECE Bar_0 Meter_4/4 Track_0 Family_1 Bar_0", "token 5: Bar_0"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_1", "token 5: Bar_1"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_0 Pitch_60 Velocity_1 Duration_1", "token 8: Duration_1"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_0 Position_0 Pitch_60 Duration_1", "token 8: Duration_1"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_0 Position_24 Pitch_60", "token 6: Position_24"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_0 FILLS Track_0 Bar_0 END", "token 9: END"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_0 END", "token 6: END"),
        ("PIECE Bar_0 Meter_2/4 Chord_C Position_3 Track_0", "token 5: Track_0"),
        ("PIECE Bar_0 Meter_2/4 Track_0 DRUMS Bar_0 FILLS Track_0 Bar_0 WRITE STOP", "token 10: STOP"),
        ("PIECE Bar_0 Meter_other LENGTH Key_N", "token 4: Key_N"),
        ("PIECE Bar_0 Meter_other Track_0 DRUMS", "token 2: Meter_other"),
        ("PIECE Bar_0 Meter_other LENGTH", "the tokens end within the time line"),
    ],
)
def test_what_cannot_stand_where_it_does_is_named(words: str, where: str) -> None:
    with pytest.raises(ValueError, match=where):
        decode(ids_of(words))


def test_a_window_costs_three_tokens_a_note_in_chorale_style() -> None:
    notes = tuple(GridNote(step, 60 + step // 12, 12) for step in range(0, 48, 12))
    bars = tuple(GridBar(48 * index, 48) for index in range(4))
    track = GridTrack(
        notes=tuple(GridNote(n.start + b.start, n.pitch, n.duration) for b in bars for n in notes)
    )
    made = encode(Window(bars, (track,)))
    assert len(made.ids) == 1 + 8 + 3 + 4 * (1 + 3 * 4 + 1)
    assert IDS["PAD"] not in made.ids
