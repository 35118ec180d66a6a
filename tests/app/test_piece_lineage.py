"""The steps and takes of a piece of music as rows, and how a take was made in words."""

import pytest

from studio.app.lineage import START
from studio.app.piece_lineage import piece_nodes, recipe_words
from studio.core.ids import new_id, now_ms
from studio.core.pieces import NewTrack, Pick, PieceJob, Wish
from studio.core.takes import Made, Recipe, Take
from studio.media.music.document import from_spans, revision
from studio.media.music.score import TICKS, Note, Score, Track
from studio.media.music.take_places import HERE, lay
from studio.project.history import History
from studio.project.records import Revision, RevisionKind, Work
from studio.project.store import Store
from studio.widgets.icons import ICON_NAMES
from studio.widgets.lineage_model import searched
from studio.widgets.lineage_tree import LineageNode
from studio.widgets.piece_words import job_words, track_words
from tests.app.piece_person import Composer, tune
from tests.project.conftest import folder, store
from tests.widgets.piece_makers import piece_job, piece_take, said

__all__ = ["folder", "store"]

TITLES = {"/models/sketch": "Sketch"}
NAMES = {"t1": "Piano", "t2": "Bass"}


class Hands:
    """Works at one piece, telling the history and the store the same, as the window does."""

    def __init__(self, store: Store) -> None:
        self.store = store
        work = Work(id=new_id(), kind="piece", title="Theme", created_ms=now_ms())
        self.work = store.add_work(work)
        self.history: History = store.history(work.id)

    @property
    def score(self) -> Score:
        return from_spans(self.history.text)

    def does(
        self, words: str, kind: RevisionKind = "drawn", score: Score | None = None, take: str = ""
    ) -> Revision:
        """A step; without a score one more note."""
        if score is None:
            track = next(iter(self.score.tracks), Track(id="t1", name="Piano"))
            more = Note(len(track.notes) * TICKS, 60, TICKS)
            score = self.score.with_track(track.with_notes([*track.notes, more]))
        step = Revision(
            id=new_id(),
            work=self.work.id,
            parent=self.history.head,
            kind=kind,
            edit=revision(self.history.text, score),
            take=take,
            words=words,
            created_ms=now_ms(),
        )
        if take:
            self.store.accept(take, step)
        else:
            self.store.add_revision(step)
        self.history.add(step)
        return step

    def gets(self, text: str = said(62, 65), index: int = 0, **more: object) -> Take:
        """A finished take."""
        job = piece_job(id=new_id(), work=self.work.id, parent=self.history.head, **more)
        take = Take(
            id=new_id(), job=job.id, work=self.work.id, parent=self.history.head, index=index,
            seed=job.seed + index, status="streaming", recipe=Recipe(job=job, index=index), created_ms=now_ms(),
        )  # fmt: skip
        self.store.start_take(take)
        self.store.end_take(take.id, "done", text)
        return self.store.take(take.id)

    def accepts(self, take: Take, words: str) -> Revision:
        score = lay(self.score, take.recipe.composing, HERE, take.id, take.text)
        return self.does(words, "accepted", score, take.id)


@pytest.fixture
def hands(store: Store) -> Hands:
    return Hands(store)


def rows_of(hands: Hands) -> dict[str, LineageNode]:
    rows = piece_nodes(hands.history, hands.store.takes_of(hands.work.id), TITLES, NAMES)
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.icon in ICON_NAMES for row in rows)
    return {row.id: row for row in rows}


def test_an_empty_piece_stands_at_its_start(hands: Hands) -> None:
    (row,) = rows_of(hands).values()
    assert (row.id, row.title, row.current, row.icon) == (START, "Start", True, "music")


def test_the_same_done_again_is_one_row_that_counts(hands: Hands) -> None:
    for _ in range(3):
        last = hands.does("Draw a note")
    rows = rows_of(hands)
    assert list(rows) == [START, last.id]
    row = rows[last.id]
    assert (row.title, row.detail, row.parent) == ("Draw a note", "Notes changed, 3 times", START)
    assert row.current


def test_something_else_is_another_row(hands: Hands) -> None:
    steps = [
        hands.does("Draw a note"),
        hands.does("Move 2 notes"),
        hands.does("Insert 2 bars", "arranged"),
        hands.does("Set the tempo", "adjusted"),
        hands.does("Lock 2 notes", "locked"),
        hands.does("Tidy: 3 notes", "tidied"),
        hands.does("Import theme.mid", "imported"),
    ]
    rows = rows_of(hands)
    assert list(rows) == [START, *(step.id for step in steps)]
    assert [rows[step.id].title for step in steps] == [step.words for step in steps]
    assert len({rows[step.id].icon for step in steps}) >= 6
    assert rows[steps[-1].id].kind == "imported"


def test_a_step_without_words_is_told_by_its_kind(hands: Hands) -> None:
    step = hands.does("", "arranged")
    assert rows_of(hands)[step.id].title == "Arranged"


def test_a_take_hangs_on_the_step_it_grew_from_and_says_what_was_asked(hands: Hands) -> None:
    step = hands.does("Draw a note")
    take = hands.gets(index=1)
    hands.does("Draw a note")
    rows = rows_of(hands)
    row = rows[take.id]
    assert (row.parent, row.kind, row.take, row.state) == (step.id, "take", take.id, "done")
    assert (row.title, row.author) == ("Infill bars 2 to 3 of Piano", "Sketch")
    assert row.detail == "Take 2, 2 notes, seed 6"
    assert step.id in rows  # the take parts the run
    assert {"sketch", "6", "infill"} <= set(searched(row).split())


def test_an_accepted_take_is_shown_once_as_the_step_it_became(hands: Hands) -> None:
    hands.does("Draw a note")
    other, take = hands.gets(), hands.gets(index=1)
    step = hands.accepts(take, "Infill bars 2 to 3 of Piano")
    hands.store.reject(other.id, "Too busy")
    rows = rows_of(hands)
    assert take.id not in rows
    row = rows[step.id]
    assert (row.kind, row.state, row.take) == ("accepted", "accepted", take.id)
    assert (row.title, row.detail) == ("Infill bars 2 to 3 of Piano", "Take 2, 2 notes, seed 6")
    assert (rows[other.id].state, rows[other.id].detail) == ("rejected", "Too busy")


def test_two_takes_accepted_after_each_other_are_two_rows(hands: Hands) -> None:
    first, second = hands.gets(), hands.gets(index=1)
    one = hands.accepts(first, "Infill bars 2 to 3 of Piano")
    two = hands.accepts(second, "Infill bars 2 to 3 of Piano")
    assert {one.id, two.id} <= set(rows_of(hands))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "Infill bars 2 to 3 of Piano"),
        ({"last_bar": 1}, "Infill bar 2 of Piano"),
        ({"task": "continue", "tracks": ("t1", "t2")}, "Continue Piano and Bass in bars 2 to 3"),
        ({"task": "vary", "amount": 0.25}, "Vary bars 2 to 3 of Piano by 25 %"),
        (
            {"task": "vary", "picks": (Pick(track="t1", start=0, pitch=60),)},
            "Redo 1 note in bars 2 to 3 of Piano",
        ),
        (
            {"task": "harmonise", "new": NewTrack(id="n", name="Strings")},
            "Harmonise bars 2 to 3 of Piano with “Strings”",
        ),
        ({"task": "add", "tracks": (), "new": NewTrack(id="n", name="Strings")}, "Add “Strings” in bars 2 to 3"),
        ({"task": "drums", "tracks": (), "new": NewTrack(id="n", drums=True)}, "Drums in bars 2 to 3"),
    ],
)  # fmt: skip
def test_what_was_asked_for_in_words(more: dict[str, object], words: str) -> None:
    assert job_words(piece_job(**more), NAMES) == words


def test_many_tracks_are_counted() -> None:
    assert track_words(("t1", "t2", "x"), NAMES) == "Piano, Bass and x"
    assert track_words(("t1", "t2", "x", "y"), NAMES) == "Piano, Bass and 2 more"
    assert track_words((), NAMES) == ""


def test_the_recipe_is_told_line_by_line() -> None:
    job: PieceJob = piece_job(
        hold_key=True,
        hold_chords=True,
        top_k=40,
        wishes=(Wish(track="t1", density=5), Wish(track="t2", density=5)),
    )
    made = Made(model_sha256="ab" * 32, family="llama", device="cpu", dtype="float32", threads=2)
    take = piece_take(job=job, verdict="rejected", reason="Too busy", seconds=1.25)
    take = Take(
        **{
            **{f: getattr(take, f) for f in take.__struct_fields__},
            "recipe": Recipe(job=job, index=0, made=made),
        }
    )
    lines = recipe_words(take, TITLES, NAMES).splitlines()
    for line in (
        "Asked for: Infill bars 2 to 3 of Piano",
        "Model: Sketch",
        "Seed: 5",
        "Held: the key and the chords",
        "Density: 2 to 3 notes a beat",
        "Temperature: 1",
        "Top-p: 0.98",
        "Top-k: 40",
        "Computed on: cpu, float32, 2 threads",
        "Took: 1.2 s",
    ):
        assert line in lines
    assert lines[-1] == "Rejected: Too busy"


def test_the_row_of_a_take_tells_its_recipe_on_hovering(composer: Composer) -> None:
    """In the window."""
    composer.writes(tune(4))
    (take,) = composer.asks(1, "infill", (1, 2))
    composer.is_saved()
    assert "Asked for: Infill bars 2 to 3 of Piano" in composer.wiring._recipe_of(take.id)
    titles = [row.title for row in composer.piece.nodes()]
    assert titles == ["Start", "Draw notes", "Infill bars 2 to 3 of Piano"]
