"""The arrays behind the roll: what is in sight, under the pointer, and what an edit leaves chosen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.score import Note
from studio.widgets.roll.model import NoteTable

notes_of = st.lists(
    st.builds(
        Note,
        start=st.integers(0, 4000),
        pitch=st.integers(0, 127),
        duration=st.integers(1, 3000),
        velocity=st.integers(1, 127),
        author=st.sampled_from(["", "take"]),
        locked=st.booleans(),
    ),
    max_size=40,
).map(lambda notes: tuple(sorted(notes)))


@given(notes_of, st.integers(-10, 5000), st.integers(0, 3000))
def test_all_that_sounds_between_two_ticks_is_within_and_nothing_else(
    notes: tuple[Note, ...], first: int, length: int
) -> None:
    table = NoteTable.of(notes)
    found = table.within(first, first + length).tolist()
    assert found == [at for at, n in enumerate(notes) if n.end >= first and n.start <= first + length]


@given(notes_of, notes_of, st.data())
def test_a_table_after_an_edit_is_the_one_read_anew_and_what_was_chosen_stays_chosen(
    old: tuple[Note, ...], more: tuple[Note, ...], data: st.DataObject
) -> None:
    kept = [note for note in old if data.draw(st.booleans())]
    new = tuple(sorted([*kept, *more]))
    before = NoteTable.of(old)
    marked = np.array([data.draw(st.booleans()) for _ in old], dtype=np.bool_)
    table, change = before.replaced(new)
    fresh = NoteTable.of(new)
    for name in ("start", "end", "pitch", "velocity", "model", "locked"):
        assert np.array_equal(getattr(table, name), getattr(fresh, name)), name
    assert table.longest == fresh.longest
    after = change.flags(marked, old, new)
    chosen = set(before.chosen(marked))
    unclear = {note for note in old if old.count(note) > 1 or new.count(note) > 1}
    for at, note in enumerate(new):
        if note not in unclear:
            assert bool(after[at]) == (note in chosen and note in old)


@given(notes_of)
def test_every_note_is_found_where_it_is_and_by_what_it_is(notes: tuple[Note, ...]) -> None:
    table = NoteTable.of(notes)
    for note in notes:
        assert notes[table.place(note)] == note
        under = table.at(note.start, note.pitch)
        assert notes[under].pitch == note.pitch and notes[under].start <= note.start < notes[under].end
    assert table.place(Note(9999, 1, 1)) == -1
    assert table.marked(notes).all()
    assert table.chosen(table.marked(notes[:3])) == tuple(note for note in notes if note in notes[:3])


def test_the_note_that_began_last_lies_on_top_and_a_near_one_is_found_with_slack() -> None:
    table = NoteTable.of((Note(0, 60, 960), Note(480, 60, 480), Note(2000, 60, 10)))
    assert table.at(500, 60) == 1
    assert table.at(100, 60) == 0
    assert table.at(1990, 60) == -1
    assert table.at(1990, 60, slack=20) == 2
    assert table.at(500, 61) == -1
