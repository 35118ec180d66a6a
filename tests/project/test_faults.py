"""Full disks, read-only places, damaged and foreign files: a clear word, and nothing lost."""

import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.project import schema
from studio.project.assets import Assets
from studio.project.database import DATABASE
from studio.project.lock import LOCK
from studio.project.reader import Reader
from studio.project.store import Store
from tests.project.person import Person

NOBODY = 65534


@contextmanager
def files_at_most(size: int) -> Iterator[None]:
    """The system refuses to make any file longer than this, as a quota does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere: be someone else for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that others may look into."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    for folder in (path, *(p for p in path.rglob("*") if p.is_dir())):
        folder.chmod(0o755)
    shutil.rmtree(path)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(StudioError) as caught:
        call()
    assert caught.value.what and caught.value.do
    return caught.value.code


def test_a_full_disk_leaves_what_was_saved_and_writing_goes_on_later(store: Store, person: Person) -> None:
    person.types("old text. ")
    before = person.history.text
    store._db.pragma("max_page_count", int(store._db.pragma("page_count")))
    revision = person.revision(0, 0, "x" * 100_000)
    with pytest.raises(StudioError) as caught:
        store.add_revision(revision)
    assert caught.value.code == "full"
    assert "Everything saved before" in caught.value.kept
    assert store.text_of(person.work.id) == before
    store._db.pragma("max_page_count", 1_000_000)
    store.add_revision(revision)
    assert store.text_of(person.work.id).text.endswith("xold text. ")
    assert store.check() == ()


def test_a_disk_that_takes_no_more_leaves_what_was_saved(store: Store, folder: Path, person: Person) -> None:
    person.types("old text. ")
    log = (folder / f"{DATABASE}-wal").stat().st_size
    take = person.gets("text")
    with files_at_most(log + 20_000):
        revision = person.revision(0, 0, "x" * 200_000)
        assert code_of(lambda: store.add_revision(revision)) in ("io", "full")
        assert code_of(lambda: store.put_asset(b"x" * 400_000, "bin")) in ("io", "full")
        assert code_of(lambda: store.backup(folder.with_name("copy"))) in ("io", "full")
    assert store.text_of(person.work.id).text == "old text. "
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]
    assert not any(path.is_file() for path in (folder / "assets").rglob("*"))
    person.accepts(take)
    assert store.text_of(person.work.id).text == "old text. text"
    assert store.check() == ()


def test_a_project_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    with files_at_most(10_000):
        assert code_of(lambda: Store.create(tmp_path / "A.atelier")) in ("io", "full")
    assert list(tmp_path.iterdir()) == []


def test_a_project_is_not_made_over_another(store: Store, folder: Path, tmp_path: Path) -> None:
    assert code_of(lambda: Store.create(folder)) == "exists"
    (tmp_path / "file").write_text("x")
    assert code_of(lambda: Store.create(tmp_path / "file")) == "exists"
    (tmp_path / "empty").mkdir()
    Store.create(tmp_path / "empty").close()


def test_what_is_no_project_is_said_and_left_alone(tmp_path: Path) -> None:
    for opening in (Store.open, Reader):
        assert code_of(lambda opening=opening: opening(tmp_path / "nowhere")) == "no_project"
        assert code_of(lambda opening=opening: opening(tmp_path)) == "no_project"
    other = apsw.Connection(str(tmp_path / DATABASE))
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    assert code_of(lambda: Store.open(tmp_path)) == "no_project"
    assert code_of(lambda: Reader(tmp_path)) == "no_project"
    (tmp_path / DATABASE).write_bytes(b"not a database at all")
    assert code_of(lambda: Store.open(tmp_path)) == "damaged"
    assert not (tmp_path / LOCK).exists()


def test_a_newer_project_is_refused_untouched(store: Store, folder: Path) -> None:
    store._db.pragma("user_version", schema.VERSION + 1)
    store.close()
    before = (folder / DATABASE).read_bytes()
    assert code_of(lambda: Store.open(folder)) == "newer"
    assert code_of(lambda: Reader(folder)) == "newer"
    assert (folder / DATABASE).read_bytes() == before
    assert not (folder / LOCK).exists()


def test_an_older_project_is_brought_forward_whole_or_not_at_all(tmp_path: Path) -> None:
    db = apsw.Connection(str(tmp_path / DATABASE))
    schema.migrate(db, schema.MIGRATIONS[:1])
    broken = (*schema.MIGRATIONS[:1], "CREATE TABLE new (x) STRICT; CREATE TABLE meta (y);")
    with pytest.raises(apsw.SQLError):
        schema.migrate(db, broken)
    assert db.pragma("user_version") == 1
    schema.migrate(db, (*schema.MIGRATIONS[:1], "CREATE TABLE new (x INTEGER) STRICT;"))
    assert db.pragma("user_version") == 2
    assert db.execute("SELECT count(*) FROM new").get == 0
    db.close()


def test_damaged_pages_are_said(store: Store, folder: Path, person: Person) -> None:
    with store.batch():
        for _ in range(200):
            person.types("some words ")
    store.close()
    with (folder / DATABASE).open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    assert code_of(lambda: Store.open(folder)) == "damaged"
    assert not (folder / LOCK).exists()


def test_a_read_only_project_can_be_read_but_not_opened(
    shelf: Path, person_of: Callable[[Store], Person]
) -> None:
    folder = shelf / "A.atelier"
    with Store.create(folder) as store:
        person = person_of(store)
        person.types("kept")
    folder.chmod(0o555)
    with as_nobody():
        assert code_of(lambda: Store.open(folder)) == "read_only"
        with Reader(folder) as reader:
            assert reader.text_of(person.work.id).text == "kept"
        assert code_of(lambda: Store.create(folder / "B")) == "read_only"


def test_a_read_only_copy_with_unmerged_changes_is_not_shown_in_an_old_state(
    shelf: Path, person_of: Callable[[Store], Person]
) -> None:
    folder, copied = shelf / "A.atelier", shelf / "B.atelier"
    with Store.create(folder) as store:
        person_of(store).types("newest")
        copied.mkdir()
        for name in (DATABASE, f"{DATABASE}-wal"):
            shutil.copy(folder / name, copied / name)
            (copied / name).chmod(0o444)
    copied.chmod(0o555)
    with as_nobody():
        assert code_of(lambda: Reader(copied)) == "read_only"


def test_a_damaged_asset_is_noticed(store: Store, folder: Path) -> None:
    name = store.put_asset(b"a picture", "png")
    assert store.put_asset(b"a picture", "png") == name
    assert store.asset(name) == b"a picture"
    assert store.asset_path(name) == folder / "assets" / name[:2] / name
    assert store.check() == ()
    store.asset_path(name).write_bytes(b"a pictore")
    assert code_of(lambda: store.asset(name)) == "asset"
    assert len(store.check()) == 1 and name in store.check()[0]
    store.put_asset(b"a picture", "png")
    assert store.check() == ()
    store.asset_path(name).unlink()
    assert code_of(lambda: store.asset(name)) == "asset"


@pytest.mark.parametrize("name", ["../../etc/passwd", "ab", "A" * 64 + ".png", "a" * 64 + "/x.png"])
def test_what_is_not_an_assets_name_leads_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        Assets(tmp_path).path(name)
