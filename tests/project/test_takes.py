"""Takes keep all they were: recipe, parts, end, edits, verdicts."""

import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from studio.core.errors import StudioError
from studio.core.takes import Made, Other, Token
from studio.media.spans import Run, runs_of
from studio.project.reader import Reader
from studio.project.store import Store
from tests.project.person import Person

MADE = Made(
    model_sha256="ab",
    family="llama",
    device="cpu",
    dtype="float32",
    threads=2,
    chunk_tokens=64,
    prompt_tokens=3,
    reused_tokens=0,
    computed_tokens=3,
)


def test_a_take_comes_back_with_its_recipe_and_tokens(store: Store, person: Person) -> None:
    job = person.job(note="rain", takes=2)
    take = person.streams("Once ", "upon", job=job)
    assert store.take(take.id).text == "Once upon"
    assert store.take(take.id).status == "streaming"
    tokens = (Token(id=5, end=4, logprob=-0.5), Token(id=6, end=9, logprob=-1.0))
    store.end_take(take.id, "stopped", "Once up", seconds=1.5, tokens=tokens, made=MADE)
    found = store.take(take.id)
    assert (found.text, found.status, found.seconds, found.tokens) == ("Once up", "stopped", 1.5, tokens)
    assert store.recipe_of(take.id) == found.recipe
    assert (found.recipe.job, found.recipe.made) == (job, MADE)
    assert [t.tokens for t in store.takes_of(person.work.id)] == [()]
    assert store.take_tokens(take.id) == tokens
    assert store.takes_of_job(job.id) == [found]


def test_a_thousand_takes_with_alternatives_are_listed_without_reading_them(
    store: Store, folder: Path, person: Person
) -> None:
    others = tuple(Other(n, "word", -0.1 * n) for n in range(10))
    tokens = tuple(Token(id=5, end=5 * n, logprob=-0.3, rank=1, others=others) for n in range(100))
    with store.batch():
        for number in range(1_000):
            if number % 4 == 0:
                job = person.job(prompt="p" * 3_000)
            take = person.streams(job=job)
            store.end_take(take.id, "done", "word " * 100, tokens=tokens, made=MADE)
    with Reader(folder) as reader:
        pages = _pages_read(reader, lambda: reader.takes_of(person.work.id))
        assert len(reader.takes_of(person.work.id)) == 1_000
        assert pages < 1_500  # the tokens lie on 8,000 others
        start = time.thread_time()
        reader.takes_of(person.work.id)
        assert time.thread_time() - start < 0.5  # 0.05 s on a quiet machine
        assert reader.take_tokens(take.id) == tokens


def _pages_read(reader: Reader, ask: Callable[[], object]) -> int:
    """How many pages of the file a question needs."""
    before = reader._db.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0]
    ask()
    return int(reader._db.status(apsw.SQLITE_DBSTATUS_CACHE_MISS)[0] - before)


def test_locks_and_the_kinds_that_make_them_are_kept(store: Store, folder: Path, person: Person) -> None:
    person.types("Once upon a time")
    for kind, edit in (("locked", person.history.text.lock(5, 9)), ("tidied", None)):
        edit = edit or person.history.text.edit(16, 0, ".")
        revision = replace(person.revision(0, 0, ""), kind=kind, edit=edit)
        person.history.add(revision)
        store.add_revision(revision)
    for number in range(120):  # past a snapshot
        person.types(str(number % 10))
    assert store._rows("SELECT 1 FROM snapshot")
    with Reader(folder) as reader:
        assert reader.text_of(person.work.id) == person.history.text
        assert reader.text_of(person.work.id).locks() == ((5, 9),)
        assert [node.kind for node in reader.history(person.work.id).nodes()][:3] == [
            "typed",
            "locked",
            "tidied",
        ]


def test_a_take_ends_once_and_then_grows_no_more(store: Store, person: Person) -> None:
    take = person.gets("done")
    with pytest.raises(KeyError):
        store.add_part(take.id, "more")
    with pytest.raises(apsw.ConstraintError):
        store.end_take(take.id, "failed", "other")
    with pytest.raises(KeyError):
        store.end_take("nobody", "done", "")
    assert store.take(take.id).text == "done"


def test_two_jobs_cannot_share_an_id(store: Store, person: Person) -> None:
    job = person.job()
    person.streams(job=job)
    with pytest.raises(ValueError, match="two different jobs"):
        person.streams(job=job.changed(prompt="other"))


def test_accept_is_one_step_verdict_revision_and_head(store: Store, person: Person) -> None:
    person.types("Once ")
    take = person.gets("upon a time")
    revision = person.accepts(take)
    assert store.head(person.work.id) == revision.id
    assert store.text_of(person.work.id).text == "Once upon a time"
    assert store.text_of(person.work.id).runs == (Run(length=5), Run(length=11, author=take.id))
    assert store.take(take.id).verdict == "accepted"
    assert [(v.kind, v.revision) for v in store.verdicts(take.id)] == [("accepted", revision.id)]


def test_an_accept_that_fails_leaves_no_trace(store: Store, person: Person) -> None:
    take = person.gets("text")
    revision = person.revision(0, 0, "text", take=take.id, runs=runs_of("text", take.id))
    store._db.execute(
        "CREATE TEMP TRIGGER broken BEFORE INSERT ON verdict BEGIN SELECT RAISE(ABORT, 'broken'); END"
    )
    with pytest.raises(apsw.ConstraintError, match="broken"):
        store.accept(take.id, revision)
    assert store.head(person.work.id) == ""
    assert store.history(person.work.id).nodes() == ()
    assert store.verdicts() == []
    store._db.execute("DROP TRIGGER temp.broken")
    store.accept(take.id, revision)
    assert store.text_of(person.work.id).text == "text"


def test_rejected_take_stays_in_lineage_and_may_be_accepted_later(store: Store, person: Person) -> None:
    take = person.gets("text")
    store.reject(take.id, "too long")
    found = store.takes_of(person.work.id)[0]
    assert (found.verdict, found.reason, found.text) == ("rejected", "too long", "text")
    person.accepts(take)
    assert store.take(take.id).verdict == "accepted"
    assert [v.kind for v in store.verdicts(take.id)] == ["rejected", "accepted"]


def test_a_rejection_taken_back_leaves_the_take_undecided(store: Store, person: Person) -> None:
    take = person.gets("text")
    store.reject(take.id, "too long")
    store.restore_take(take.id)
    assert (store.take(take.id).verdict, store.take(take.id).reason) == (None, "")
    assert [v.kind for v in store.verdicts(take.id)] == ["rejected", "restored"]
    with pytest.raises(KeyError):
        store.restore_take("nobody")


def test_an_edited_take_knows_who_wrote_what(store: Store, person: Person) -> None:
    take = person.gets("the red fox")
    store.edit_take(take.id, store.take_draft(take.id).edit(4, 3, "grey"))
    store.edit_take(take.id, store.take_draft(take.id).edit(12, 0, "!"))
    draft = store.take_draft(take.id)
    assert draft.text == "the grey fox!"
    assert [(run.length, run.author == take.id) for run in draft.runs] == [
        (4, True),
        (4, False),
        (4, True),
        (1, False),
    ]
    assert store.take(take.id).text == "the red fox"
    with pytest.raises(ValueError, match="does not fit"):
        store.edit_take(take.id, take_edit := draft.edit(4, 4, "x").inverse())
    assert take_edit.removed == "x"


def test_a_streaming_take_is_not_edited(store: Store, person: Person) -> None:
    take = person.streams("abc")
    with pytest.raises(StudioError, match="still being written"):
        store.edit_take(take.id, store.take_draft(take.id).edit(0, 1, ""))


def test_a_take_cut_short_by_a_crash_keeps_what_streamed(
    folder: Path, person_of: Callable[[Store], Person]
) -> None:
    with Store.create(folder) as store:
        person = person_of(store)
        cut, bare, whole = person.streams("Once ", "upon"), person.streams(), person.gets("whole")
        store.queue_put(job := person.job())
        store.queue_put(waiting := person.job())
        store.queue_set(job.id, "running")
    with Store.open(folder) as store:
        assert (store.recovered.takes, store.recovered.jobs) == (2, 1)
        found = store.take(cut.id)
        assert (found.status, found.text) == ("failed", "Once upon")
        assert found.error == "The program ended while this take was being written."
        assert (store.take(bare.id).status, store.take(bare.id).text) == ("failed", "")
        assert store.take(whole.id).status == "done"
        assert store.queue_item(job.id).state == "failed"
        assert store.queue_item(waiting.id).state == "waiting"
    with Store.open(folder) as store:
        assert (store.recovered.takes, store.recovered.jobs) == (0, 0)


def test_the_window_sees_each_commit_at_once(store: Store, folder: Path, person: Person) -> None:
    with Reader(folder) as reader:
        take = person.streams("a")
        for n, letter in enumerate("bcd"):
            store.add_part(take.id, letter)
            assert reader.take(take.id).text == "abcd"[: n + 2]
        store.end_take(take.id, "done", "abcd.")
        person.accepts(store.take(take.id))
        assert reader.text_of(person.work.id).text == "abcd."
        assert reader.takes_of(person.work.id) == store.takes_of(person.work.id)
        with pytest.raises(StudioError):
            reader._rows("DELETE FROM setting")


def test_half_characters_from_a_model_are_replaced(store: Store, person: Person) -> None:
    take = person.streams("a\ud83d")
    assert store.take(take.id).text == "a\ufffd"
    store.end_take(take.id, "failed", "b\ude00", error="c\ud83d")
    assert (store.take(take.id).text, store.take(take.id).error) == ("b\ufffd", "c\ufffd")


def test_accept_is_on_the_disk_within_the_budget(store: Store, person: Person) -> None:
    seconds = []
    for n in range(60):
        take = person.gets(f"sentence {n}. ")
        revision = person.revision(0, 0, take.text, take=take.id, runs=runs_of(take.text, take.id))
        person.history.add(revision)
        start = time.thread_time()
        store.accept(take.id, revision)
        seconds.append(time.thread_time() - start)
    assert sorted(seconds)[len(seconds) // 2] < 0.025


def test_only_what_still_streams_may_wait_for_the_disk(store: Store, person: Person) -> None:
    full, normal = 2, 1
    take = person.streams("part")
    assert store._db.pragma("synchronous") == normal
    store.end_take(take.id, "done", "part")
    assert store._db.pragma("synchronous") == full
    store.add_part(person.streams().id, "x")
    person.accepts(store.take(take.id))
    assert store._db.pragma("synchronous") == full
    assert store._db.pragma("journal_mode") == "wal"
