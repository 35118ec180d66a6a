"""A project of the third version, made by the program of that time, opens, keeps all and takes music in."""

from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.core.ids import new_id, now_ms
from studio.media.picture.document import from_text
from studio.project import schema
from studio.project.assets import Assets
from studio.project.database import DATABASE
from studio.project.records import Revision, Work
from studio.project.store import Store

OLD = Path(__file__).parent / "data" / "version_3.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The old project: a picture with an accepted take."""
    folder = tmp_path / "Old.atelier"
    (folder / "assets").mkdir(parents=True)
    Assets(folder).put(b"png", "png")
    db = apsw.Connection(str(folder / DATABASE))
    db.execute(OLD.read_text("utf-8"))
    assert db.pragma("user_version") == 3
    db.close()
    return folder


def test_all_of_it_is_there(old: Path) -> None:
    with Store.open(old) as store:
        assert store._db.pragma("user_version") == schema.VERSION == 4
        (work,) = store.works()
        history = store.history(work.id)
        assert [node.kind for node in history.nodes()] == ["arranged", "accepted"]
        assert [node.words for node in history.nodes()] == ["", ""]
        (take,) = store.takes_of(work.id)
        assert take.verdict == "accepted" and take.picture is not None
        assert [layer.take for layer in from_text(history.text.text).layers] == [take.id]
        assert store.thumb(take.id) == b"small"
        assert store.check() == ()


def test_it_keeps_what_was_done_in_a_piece_in_words(old: Path) -> None:
    with Store.open(old) as store:
        work = Work(id=new_id(), kind="piece", title="A piece", created_ms=now_ms())
        store.add_work(work)
        edit = store.history(work.id).text.edit(0, 0, "score 1\n")
        store.add_revision(
            Revision(
                id=new_id(),
                work=work.id,
                parent="",
                kind="drawn",
                edit=edit,
                words="Draw a note",
                created_ms=now_ms(),
            )
        )
    with Store.open(old) as store:
        (node,) = store.history(work.id).nodes()
        assert (node.kind, node.words) == ("drawn", "Draw a note")


def test_the_program_of_then_refuses_it_afterwards(old: Path) -> None:
    Store.open(old).close()
    db = apsw.Connection(str(old / DATABASE))
    with pytest.raises(StudioError) as caught:
        schema.check_version(db, newest=3)
    assert caught.value.code == "newer"
    db.close()
