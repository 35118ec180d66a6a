"""Pieces of a take, taken in between edits elsewhere, always make the whole of it, once and in order."""

from hypothesis import given
from hypothesis import strategies as st

from studio.app.take_places import anchor_of, ghost_at, is_whole, part_of, place_of, standings
from studio.core.jobs import TextJob
from studio.core.takes import Recipe, Take
from studio.media.spans import Edit, Run, SpanText
from studio.project.history import History
from studio.project.records import Revision

START = "Once upon a time. The end."
AT = 17
MADE = " The fox ran. The fox sat. It rained."


class Book:
    """A history in memory with one take for the middle of its text."""

    def __init__(self) -> None:
        self.count = 0
        self.history = History("w", [], [], self)
        self.add(SpanText().edit(0, 0, START), "typed")
        job = TextJob(
            id="j",
            work="w",
            parent=self.history.head,
            at=AT,
            prompt=START[:AT],
            suffix=START[AT:],
            model="m",
            seed=1,
        )
        self.take = Take(
            id="t", job="j", work="w", parent=job.parent, index=0, seed=1, status="done",
            recipe=Recipe(job=job, index=0), created_ms=1, text=MADE,
        )  # fmt: skip
        self.draft = SpanText(text=MADE, runs=(Run(length=len(MADE), author="t"),))

    def edits(self, ids):
        raise AssertionError("all is held in memory")

    text_at = edits

    def add(self, edit: Edit, kind: str, take: str = "") -> None:
        self.count += 1
        self.history.add(
            Revision(
                id=f"r{self.count}",
                work="w",
                parent=self.history.head,
                kind=kind,
                edit=edit,
                take=take,
                created_ms=1,
            )
        )

    def place(self):
        return place_of(self.history, self.take, self.draft, standings(self.history).get("t"))

    def accept(self, length: int) -> None:
        place = self.place()
        assert not place.why_not
        part = part_of(place.rest, 0, length)
        self.add(self.history.text.edit(place.at, 0, part.text, part.runs), "accepted", "t")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("piece"), st.integers(1, 12)),
        st.tuples(st.just("before"), st.integers(0, AT - 1)),
        st.tuples(st.just("after"), st.integers(1, 9)),
        st.tuples(st.just("undo"), st.just(0)),
    ),
    max_size=8,
)


@given(STEPS)
def test_the_rest_of_a_take_goes_behind_what_was_taken(steps: list[tuple[str, int]]) -> None:
    book = Book()
    for what, size in steps:
        text = book.history.text
        match what:
            case "piece" if book.place().rest.text:
                book.accept(size)
            case "before":
                book.add(text.edit(size, 0, "+"), "typed")
            case "after":
                book.add(text.edit(len(text.text) - size + 1, 0, "+"), "typed")
            case "undo" if book.count > 1 and book.history.head != book.take.parent:
                book.history.undo()
    if book.place().rest.text:
        book.accept(len(MADE))
    whole = book.history.text
    assert MADE in whole.text and whole.text.replace("+", "").replace(MADE, "") == START
    assert sum(run.length for run in whole.runs if run.author == "t") == len(MADE)
    assert is_whole(standings(book.history).get("t"), book.take, book.draft)


@given(st.integers(0, len(MADE)), st.integers(0, AT - 1))
def test_the_ghost_goes_on_from_what_stands_before_the_caret(taken: int, elsewhere: int) -> None:
    book = Book()
    if taken:
        book.accept(taken)
    book.add(book.history.text.edit(elsewhere, 0, "+"), "typed")
    anchor = anchor_of(book.history, book.take).at
    assert anchor == AT + 1
    text = book.history.text.text
    found = ghost_at(text, anchor + taken, anchor, book.take, MADE)
    assert found == (None if elsewhere else taken), "a change close by: it is another text now"
    plain = text.replace("+", "")
    assert ghost_at(plain, AT + taken, AT, book.take, MADE) == taken
    assert ghost_at(plain, AT - 1, AT, book.take, MADE) is None
