"""A project of the first version, made by the program of that time, opens, keeps all and goes on."""

from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.core.jobs import TextJob
from studio.media.spans import Run
from studio.project import schema
from studio.project.database import DATABASE
from studio.project.reader import Reader
from studio.project.store import Store

OTHERS = ("revision", "snapshot", "head", "verdict", "fact")
OLD = Path(__file__).parent / "data" / "version_1.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The old project, as its program left it."""
    folder = tmp_path / "Old.atelier"
    (folder / "assets").mkdir(parents=True)
    db = apsw.Connection(str(folder / DATABASE))
    db.execute(OLD.read_text("utf-8"))
    assert db.pragma("user_version") == 1
    db.close()
    return folder


def test_an_old_project_opens_and_keeps_all(old: Path) -> None:
    with Store.open(old) as store:
        assert store._db.pragma("user_version") == schema.VERSION
        assert store.title == "The old book"
        story, scene = store.works()
        assert (story.title, scene.title, scene.parent) == ("Old story", "Scene 1", story.id)
        accepted, rejected = store.takes_of(scene.id)
        assert store.text_of(scene.id).text == "Once upon a time" + "".join(f" w{n}" for n in range(119))
        assert store.text_of(scene.id).runs[:2] == (Run(length=5), Run(length=11, author=accepted.id))
        assert (accepted.verdict, rejected.verdict, rejected.reason) == ("accepted", "rejected", "too long")
        assert store.take_draft(rejected.id).text == "better words"
        assert [(t.id, t.end, t.rank) for t in store.take_tokens(accepted.id)] == [(5, 4, 0), (6, 11, 0)]
        assert store.take(accepted.id).tokens == store.take_tokens(accepted.id)
        job = accepted.recipe.job
        assert isinstance(job, TextJob) and (job.note, job.sampling.temperature, job.sampling.top_k) == (
            "rain",
            0.7,
            5,
        )
        assert store.history(scene.id).can_redo
        assert store.get_setting("last_work") == scene.id
        assert len(store.queue()) == 1
        assert store.check() == ()


def test_an_old_project_learns_what_is_new(old: Path) -> None:
    with Store.open(old) as store:
        scene = store.works()[1]
        store.set_fact(scene.id, "synopsis", "A beginning.")
        assert store.facts(scene.id) == {"synopsis": "A beginning."}
        assert [found.kind for found in store.search("upon")] == ["text"]
    with Store.open(old) as store:
        assert store.facts(scene.id) == {"synopsis": "A beginning."}


def test_an_old_project_is_not_read_before_it_was_brought_forward(old: Path) -> None:
    """The window opens the writing connection first; a look at a project nobody migrated tells so."""
    Store.open(old).close()
    with Reader(old) as reader:
        assert reader.facts("nobody") == {} and reader.all_facts() == {}


def test_the_program_of_then_refuses_what_the_one_of_now_made(old: Path) -> None:
    Store.open(old).close()
    db = apsw.Connection(str(old / DATABASE))
    with pytest.raises(StudioError) as caught:
        schema.check_version(db, newest=1)
    assert caught.value.code == "newer"
    db.close()


@pytest.mark.parametrize(
    "table", ["job", "take", "take_part", "take_end", "take_edit", "take_tokens", *OTHERS]
)
def test_what_is_only_added_cannot_be_changed(old: Path, table: str) -> None:
    with Store.open(old) as store:
        scene = store.works()[1]
        store.set_fact(scene.id, "synopsis", "A beginning.")
        person_take = store.takes_of(scene.id)[0]
        store._db.execute("INSERT OR IGNORE INTO take_tokens VALUES (?, x'90')", (person_take.id,))
        store._db.execute("INSERT INTO take_part (take, text) VALUES (?, 'x')", (person_take.id,))
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 1000"):
            with pytest.raises(apsw.ConstraintError, match="append-only"):
                store._db.execute(change)
