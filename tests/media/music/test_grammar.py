"""The grammar: whatever is sampled under it is whole, inside the masks and the range, and comes to an end."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.media.music import vocabulary as v
from studio.media.music.grammar import VOICES_MOST, Block, Grammar, Space
from studio.media.music.score import Note
from studio.media.music.tokens import Tell, block_head, context, decode, encode
from studio.media.music.tokens_grid import GridBar, GridNote, GridTrack, Window
from studio.media.music.vocabulary import ids_of, words_of

C_MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
TRIAD = frozenset((0, 4, 7))
Draw = Callable[..., object]


def as_is(block: int, note: GridNote) -> tuple[str, Note]:
    """A note by its block, in steps."""
    return str(block), Note(note.start, note.pitch, note.duration, note.velocity)


def bars_of(*lengths: int) -> list[Block]:
    """Blocks of one track, one behind the other, with heads of two tokens."""
    starts = np.cumsum([0, *lengths]).tolist()
    return [
        Block(0, start, length, tuple(ids_of(f"Track_0 Bar_{index}")))
        for index, (start, length) in enumerate(zip(starts, lengths, strict=False))
    ]


def walk(grammar: Grammar, chance: random.Random, end_rarely: bool = True) -> list[int]:
    """A random take: all its tokens, heads included."""
    ids = []
    while not grammar.done:
        choices = np.flatnonzero(grammar.allowed())
        assert len(choices)
        if end_rarely and len(choices) > 1 and chance.random() < 0.8:
            choices = choices[choices != v.END]
        ids.append(int(chance.choice(choices)))
        ids += grammar.push(ids[-1])
    return ids


def names(grammar: Grammar) -> set[str]:
    """What may come, by name."""
    return {v.NAMES[token] for token in np.flatnonzero(grammar.allowed())}


def feed(grammar: Grammar, words: str) -> tuple[int, ...]:
    """Pushes these tokens; what the last one brings."""
    given_: tuple[int, ...] = ()
    for token in ids_of(words):
        given_ = grammar.push(token)
    return given_


def test_a_note_is_position_pitch_velocity_and_duration() -> None:
    grammar = Grammar(bars_of(12), [Space(0, 12)], 100, as_is)
    assert names(grammar) == {"END", *(f"Position_{at}" for at in range(12))}
    feed(grammar, "Position_3")
    assert names(grammar) == {f"Pitch_{pitch}" for pitch in range(128)}
    feed(grammar, "Pitch_60")
    assert names(grammar) == {f"Velocity_{bin_}" for bin_ in range(16)}
    feed(grammar, "Velocity_9")
    assert names(grammar) == {f"Duration_{steps}" for steps in range(1, 10)}
    feed(grammar, "Duration_2")
    later = {f"Position_{at}" for at in range(4, 12)}
    assert names(grammar) == {"END", *later, *(f"Pitch_{pitch}" for pitch in range(61, 128))}
    feed(grammar, "Pitch_64")
    velocities = {f"Velocity_{bin_}" for bin_ in range(16) if bin_ != 9}  # the same one is not said again
    assert names(grammar) == velocities | {f"Duration_{steps}" for steps in range(1, 10)}
    feed(grammar, "Duration_9 END")
    assert grammar.done
    assert grammar.notes == [("0", Note(3, 60, 2, 9)), ("0", Note(3, 64, 9, 9))]


def test_the_next_bar_brings_its_head_and_says_its_velocity_anew() -> None:
    grammar = Grammar(bars_of(12, 24), [Space(0, 36)], 100, as_is)
    assert feed(grammar, "Position_0 Pitch_60 Velocity_9 Duration_12 END") == tuple(ids_of("Track_0 Bar_1"))
    assert grammar.block == 1 and not grammar.done
    feed(grammar, "Position_23 Pitch_60")
    assert "Duration_1" not in names(grammar)
    feed(grammar, "Velocity_9 Duration_1")
    assert grammar.notes[-1] == ("1", Note(35, 60, 1, 9))
    assert feed(grammar, "END") == () and grammar.done


def test_a_long_note_is_held_as_far_as_the_bars_reach() -> None:
    grammar = Grammar(bars_of(48, 48, 48), [Space(0, 144)], 100, as_is)
    feed(grammar, "Position_12 Pitch_60 Velocity_9")
    assert "HOLD" in names(grammar)
    feed(grammar, "HOLD")
    assert "Velocity_9" not in names(grammar)
    feed(grammar, "HOLD")
    assert names(grammar) == {f"Duration_{steps}" for steps in range(1, 37)}
    feed(grammar, "Duration_36")
    assert grammar.notes == [("0", Note(12, 60, 132, 9))]
    feed(grammar, "END Position_0")
    assert "Pitch_60" not in names(grammar) and "Pitch_61" in names(grammar)


def test_a_held_note_ends_exactly_at_a_multiple_without_one_hold_too_many() -> None:
    grammar = Grammar(bars_of(48, 48), [Space(0, 96)], 100, as_is)
    feed(grammar, "Position_0 Pitch_60 Velocity_9 HOLD")
    assert names(grammar) == {f"Duration_{steps}" for steps in range(1, 49)}


def test_only_so_many_notes_begin_together() -> None:
    grammar = Grammar(bars_of(12), [Space(0, 12)], 1_000, as_is)
    feed(grammar, "Position_0 Pitch_20 Velocity_9 Duration_1")
    for pitch in range(21, 20 + VOICES_MOST):
        feed(grammar, f"Pitch_{pitch} Duration_1")
    assert names(grammar) == {"END", *(f"Position_{at}" for at in range(1, 12))}


def test_what_may_not_come_is_refused() -> None:
    grammar = Grammar(bars_of(12), [Space(0, 12)], 100, as_is)
    for word in ("Pitch_60", "HOLD", "Position_12", "PAD", "WRITE"):
        with pytest.raises(ValueError, match=word):
            feed(grammar, word)
    feed(grammar, "END")
    with pytest.raises(ValueError, match="END"):
        feed(grammar, "END")


def test_a_kept_note_is_neither_doubled_nor_run_into() -> None:
    space = Space(0, 48)
    space.occupy(GridNote(24, 60, 12))
    space.occupy(GridNote(-10, 62, 15))  # hangs in from before
    grammar = Grammar(bars_of(48), [space], 100, as_is)
    feed(grammar, "Position_4")
    assert "Pitch_62" not in names(grammar)
    feed(grammar, "Pitch_60 Velocity_3")
    assert names(grammar) == {f"Duration_{steps}" for steps in range(1, 21)}
    feed(grammar, "Duration_20 Position_24")
    assert "Pitch_60" not in names(grammar)
    feed(grammar, "Pitch_62 Duration_1 Position_36")
    assert "Pitch_60" in names(grammar)


def test_a_position_without_any_free_pitch_is_not_offered() -> None:
    space = Space(0, 12)
    space.keep_range(60, 61)
    space.close(6, 9)
    grammar = Grammar(bars_of(12), [space], 100, as_is)
    assert names(grammar) == {"END", *(f"Position_{at}" for at in (0, 1, 2, 3, 4, 5, 9, 10, 11))}
    feed(grammar, "Position_0 Pitch_60 Velocity_1 Duration_6 Pitch_61 Duration_3")
    assert names(grammar) == {"END", *(f"Position_{at}" for at in (3, 4, 5, 9, 10, 11))}


def test_no_note_sounds_outside_the_chord_even_at_its_end() -> None:
    space = Space(0, 96)
    space.keep_classes(0, 48, TRIAD)
    space.keep_classes(48, 96, frozenset((7, 11, 2)))
    grammar = Grammar(bars_of(48, 48), [space], 100, as_is)
    feed(grammar, "Position_36 Pitch_60 Velocity_3")
    assert names(grammar) == {f"Duration_{steps}" for steps in range(1, 13)}
    feed(grammar, "Duration_12 Pitch_67")
    assert "HOLD" in names(grammar)  # G is in both


def test_bars_are_closed_in_time_when_the_context_runs_out() -> None:
    blocks = bars_of(24, 24, 24)
    heads = 2 * 2 + 3
    for room in range(heads, heads + 20):
        for seed in range(10):
            grammar = Grammar(blocks, [Space(0, 72)], room, as_is)
            assert len(walk(grammar, random.Random(seed))) <= room
    with pytest.raises(ValueError, match="6 tokens do not hold 3 bars"):
        Grammar(blocks, [Space(0, 72)], heads - 1, as_is)


def test_the_last_token_of_the_context_is_not_spent_on_holding() -> None:
    grammar = Grammar(bars_of(96), [Space(0, 96)], 5, as_is)  # END is one of them
    feed(grammar, "Position_0 Pitch_60 Velocity_9")
    assert names(grammar) == {f"Duration_{steps}" for steps in range(1, 49)}


def test_as_many_notes_as_were_asked_for_and_no_more() -> None:
    grammar = Grammar(bars_of(24, 24, 24), [Space(0, 72)], 1_000, as_is, most_notes=5)
    walk(grammar, random.Random(3))
    assert len(grammar.notes) <= 5 and grammar.done


def test_nothing_to_write_is_done_at_once() -> None:
    assert Grammar([], [], 10, as_is).done


def test_takes_do_not_share_what_is_free() -> None:
    space = Space(0, 12)
    first, second = (Grammar(bars_of(12), [space], 100, as_is) for _ in range(2))
    feed(first, "Position_0 Pitch_60 Velocity_1 Duration_12")
    feed(second, "Position_0")
    assert "Pitch_60" in names(second)


@st.composite
def tasks(draw: Draw) -> tuple[Window, list[tuple[int, int]], list[Space], list[frozenset[int]]]:
    """Bars to be written of one or two tracks, with chords, keys, ranges and kept notes."""
    lengths = draw(st.lists(st.sampled_from((6, 18, 24, 36, 48, 60)), min_size=1, max_size=4))
    starts = np.cumsum([0, *lengths]).tolist()
    bars = tuple(GridBar(start, length) for start, length in zip(starts, lengths, strict=False))
    bars = tuple(GridBar(bar.start, bar.length, bar.length, 48) for bar in bars)
    pitch = st.integers(30, 90)
    note = st.builds(GridNote, st.integers(0, starts[-1] - 1), pitch, st.integers(1, 40), st.integers(0, 15))
    classes = [draw(st.sampled_from((C_MAJOR, TRIAD, frozenset((6,)), frozenset()))) for _ in bars]
    tracks, spaces = [], []
    for _ in range(draw(st.integers(1, 2))):
        notes = tuple(sorted(draw(st.lists(note, max_size=6))))
        low = draw(pitch)
        space = Space(0, starts[-1])
        space.keep_range(low, low + draw(st.integers(0, 30)))
        for bar, some in zip(bars, classes, strict=True):
            space.keep_classes(bar.start, bar.end, some)
        for one in notes:
            space.occupy(one)
        tracks.append(GridTrack(notes=notes))
        spaces.append(space)
    cells = [(track, bar) for bar in range(len(bars)) for track in range(len(tracks))]
    return Window(bars, tuple(tracks)), cells, spaces, classes


@given(tasks(), st.integers(0, 10_000), st.integers(0, 400), st.booleans())
@settings(deadline=None)
def test_whatever_is_sampled_is_whole_and_inside_every_mask(
    task: tuple[Window, list[tuple[int, int]], list[Space], list[frozenset[int]]],
    seed: int,
    more: int,
    end_rarely: bool,
) -> None:
    window, cells, spaces, classes = task
    blocks = [
        Block(
            track,
            window.bars[bar].start,
            window.bars[bar].length,
            tuple(block_head(window, (track, bar), Tell())),
        )
        for track, bar in cells
    ]
    room = sum(len(block.head) + 1 for block in blocks[1:]) + 1 + more
    grammar = Grammar(blocks, spaces, room, as_is)
    kept = {(track, at) for track, one in enumerate(window.tracks) for at in range(len(one.notes))}
    ids = [*context(window, cells, kept, Tell()), v.FILLS, *blocks[0].head]
    written = walk(grammar, random.Random(seed), end_rarely)
    assert len(written) <= room
    whole = decode([*ids, *written])
    assert len(written) == 0 or written[-1] == v.END
    new = _new(window, whole)
    assert sorted(note for track in new for note in track) == sorted(
        GridNote(note.start, note.pitch, note.duration, note.velocity) for _, note in grammar.notes
    )
    for notes, space, before in zip(new, spaces, window.tracks, strict=True):
        for note in notes:
            assert space.free[note.start : note.end, note.pitch].all()
            assert note.end <= window.steps
            for bar, some in zip(window.bars, classes, strict=True):
                if note.start < bar.end and note.end > bar.start:
                    assert note.pitch % 12 in some
        everything = sorted([*notes, *before.notes], key=lambda note: (note.pitch, note.start))
        for first, second in pairwise(everything):
            if first in notes or second in notes:
                assert first.pitch != second.pitch or first.end <= second.start


def _new(before: Window, after: Window) -> list[list[GridNote]]:
    """The notes each track has more."""
    found = []
    for old, new in zip(before.tracks, after.tracks, strict=True):
        notes = list(new.notes)
        for note in old.notes:
            notes.remove(note)
        found.append(notes)
    return found


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=30)
def test_what_a_take_wrote_is_encoded_as_it_was_written(seed: int) -> None:
    """So training and decoding speak the same: the tokens of a take are those its notes are encoded to."""
    bars = (GridBar(0, 48), GridBar(48, 36, 3, 4), GridBar(84, 48))
    window = Window(bars, (GridTrack(),))
    cells = [(0, 0), (0, 1), (0, 2)]
    blocks = [
        Block(0, bar.start, bar.length, tuple(block_head(window, cell, Tell())))
        for bar, cell in zip(bars, cells, strict=True)
    ]
    grammar = Grammar(blocks, [Space(0, 132)], 500, as_is)
    ids = [*context(window, cells, [], Tell()), v.FILLS, *blocks[0].head]
    ids += walk(grammar, random.Random(seed))
    assert words_of(encode(decode(ids), cells).ids) == words_of(ids)


def test_a_space_knows_its_own_steps() -> None:
    space = Space(48, 96)
    space.keep_range(40, 80)
    space.close(0, 60)
    space.close(90, 200)
    rows: Sequence[int] = np.flatnonzero(space.free.any(axis=1)).tolist()
    assert (rows[0] + 48, rows[-1] + 48) == (60, 89)
    assert np.flatnonzero(space.free[20]).tolist() == list(range(40, 81))
