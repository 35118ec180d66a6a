"""A project of the second version, made by the program of that time, opens, keeps all and takes pictures in."""

from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.core.jobs import ImageJob, TextJob
from studio.core.takes import Made, PartSeen, Picture
from studio.project import schema
from studio.project.assets import Assets
from studio.project.database import DATABASE
from studio.project.store import Store
from tests.project.person import Person

OLD = Path(__file__).parent / "data" / "version_2.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The old project, as its program left it: in the middle of a take."""
    folder = tmp_path / "Old.atelier"
    (folder / "assets").mkdir(parents=True)
    Assets(folder).put(b"old asset", "txt")
    db = apsw.Connection(str(folder / DATABASE))
    db.execute(OLD.read_text("utf-8"))
    assert db.pragma("user_version") == 2
    db.close()
    return folder


def test_all_of_it_is_there(old: Path) -> None:
    with Store.open(old) as store:
        assert store._db.pragma("user_version") == schema.VERSION
        assert store.title == "The second book"
        story, scene = store.works()
        assert store.text_of(scene.id).text == "Once upon a time there was w0 w1 w2"
        assert store.history(scene.id).can_redo
        accepted, rejected, broken_off = store.takes_of(scene.id)
        assert (accepted.verdict, rejected.verdict, rejected.reason) == ("accepted", "rejected", "too long")
        assert (broken_off.status, broken_off.text) == ("failed", "half a")
        assert {take.picture for take in (accepted, rejected, broken_off)} == {None}
        assert [token.end for token in store.take_tokens(accepted.id)] == [6, 10]
        assert store.facts(scene.id)["synopsis"] == "A beginning."
        assert [found.entry for found in store.search("quick")] == ["fox"]
        assert store.get_setting("last_work") == scene.id
        assert store.check() == ()
        assert store.recovered.takes == 1
        assert story.title == "A story"


def test_its_recipes_are_read_as_they_were_meant(old: Path) -> None:
    """Bytes written before a job could be a picture and before `Made` told how one was drawn."""
    with Store.open(old) as store:
        accepted = store.takes_of(store.works()[1].id)[0]
        job, made = accepted.recipe.writing, accepted.recipe.made
        assert isinstance(job, TextJob)
        assert (job.note, job.takes, [part.text for part in job.parts]) == ("rain", 2, ["A fox."])
        assert made == Made(
            model_sha256="ab",
            family="llama",
            device="cpu",
            dtype="float32",
            threads=2,
            kernel="native",
            chunk_tokens=64,
            prompt_tokens=3,
            reused_tokens=1,
            computed_tokens=2,
            parts=(PartSeen(kind="text", tokens=3, chars=9),),
            torch="2.9",
            atelier="0.1",
        )
        assert made.drawn is None
        (item,) = store.queue()
        assert item.job.prompt == "Waiting" and item.state == "waiting"


def test_it_takes_pictures_in(old: Path) -> None:
    with Store.open(old) as store:
        person = Person(store, store.works()[1])
        take = person.streams(job=ImageJob(id="p", prompt="a red fox", model="m", seed=1))
        picture = Picture(asset=store.put_asset(b"png", "png"), width=8, height=8)
        store.end_take(take.id, "done", "", picture=picture, thumb=b"small")
    with Store.open(old) as store:
        assert store.take(take.id).picture == picture
        assert store.thumb(take.id) == b"small"
        assert [found.entry for found in store.search("red") if found.kind == "picture"] == [take.id]


def test_the_program_of_then_refuses_it_afterwards(old: Path) -> None:
    Store.open(old).close()
    db = apsw.Connection(str(old / DATABASE))
    with pytest.raises(StudioError) as caught:
        schema.check_version(db, newest=2)
    assert caught.value.code == "newer"
    db.close()


@pytest.mark.parametrize("table", ["take_picture", "thumb"])
def test_pictures_are_only_ever_added(old: Path, table: str) -> None:
    test_it_takes_pictures_in(old)
    with Store.open(old) as store:
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET rowid = rowid + 1000"):
            with pytest.raises(apsw.ConstraintError, match="append-only"):
                store._db.execute(change)
