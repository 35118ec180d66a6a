"""Notes of a take that is read while it comes in."""

from hypothesis import given
from hypothesis import strategies as st

from studio.media.music.document_takes import notes_from, notes_text
from studio.media.music.growing import GrowingNotes
from studio.media.music.score import Note

NOTES = st.lists(
    st.builds(Note, st.integers(0, 9999), st.integers(0, 127), st.integers(1, 960), st.integers(1, 127)),
    max_size=6,
)
LINES = st.one_of(
    st.tuples(st.sampled_from(["t1", "t2", "a-b"]), NOTES).map(lambda said: notes_text(*said)),
    st.sampled_from(["no note\n", "12 60\n", "track \n", "-1 60 480 80\n", "\n", "sound track t1\n"]),
)


@given(st.lists(LINES, max_size=8).map("".join), st.lists(st.integers(0, 400), max_size=8))
def test_what_comes_in_pieces_is_read_as_the_whole_would_be(text: str, cuts: list[int]) -> None:
    grown, at = GrowingNotes(), 0
    for cut in [*sorted(cut for cut in cuts if cut <= len(text)), len(text)]:
        fresh = grown.feed(text[at:cut])
        assert fresh >= 0
        at = cut
        assert grown.in_order() == notes_from(text[:cut])
    assert grown.count == sum(map(len, notes_from(text).values()))
    assert grown.length == len(text)


def test_the_last_note_said_tells_how_far_it_has_come() -> None:
    grown = GrowingNotes()
    assert grown.last == -1
    grown.feed(notes_text("t1", [Note(0, 60, 480), Note(960, 60, 480)]))
    assert grown.last == 960
    grown.feed(notes_text("t2", [Note(480, 40, 480)]) + "960 40 ")
    assert grown.last == 480
    assert grown.feed("480 80\n") == 1
    assert grown.last == 960


def test_only_what_is_new_is_read() -> None:
    grown = GrowingNotes()
    grown.feed(notes_text("t1", [Note(0, 60, 480)]))
    first = grown.notes["t1"][0]
    grown.feed("480 62 480 80\n")
    assert grown.notes["t1"][0] is first
