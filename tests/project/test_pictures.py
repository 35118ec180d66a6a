"""Pictures of a project: files before rows, thumbnails beside them, all of them in copies and checks."""

import hashlib
from pathlib import Path

import apsw
import pytest

from studio.core.errors import StudioError
from studio.core.pictures import Inpaint
from studio.core.takes import Picture
from studio.project.assets import Assets
from studio.project.reader import Reader
from studio.project.store import Store
from tests.project.painter import Painter


@pytest.fixture
def painter(store: Store) -> Painter:
    return Painter(store)


def name_of(data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}.png"


def lose(store: Store, name: str) -> None:
    store.asset_path(name).unlink()


def test_a_take_comes_back_with_its_picture_however_it_is_asked_for(
    store: Store, folder: Path, painter: Painter
) -> None:
    take = painter.gets(data=b"fox")
    assert take.picture == Picture(asset=name_of(b"fox"), width=64, height=48)
    with Reader(folder) as reader:
        assert reader.takes_of(painter.work.id) == [take]
        assert reader.takes_of_job(take.job) == [take]
        assert reader.asset(take.picture.asset) == b"fox"
        assert reader.thumb(take.id) == b"thumb of fox"


def test_thumbnails_come_for_those_that_have_one(store: Store, painter: Painter) -> None:
    one, two = painter.gets(data=b"1"), painter.gets(data=b"2")
    without = painter.begins()
    store.end_take(without.id, "stopped", "")
    assert store.thumbs([two.id, without.id, "nobody", one.id]) == {
        one.id: b"thumb of 1",
        two.id: b"thumb of 2",
    }
    assert store.thumb(without.id) == b""


def test_a_picture_that_was_not_put_before_is_refused_and_the_take_goes_on(
    store: Store, painter: Painter
) -> None:
    take = painter.begins()
    with pytest.raises(apsw.ConstraintError):
        store.end_take(take.id, "done", "", picture=Picture(asset=name_of(b"?"), width=8, height=8))
    assert store.take(take.id).status == "streaming"


def test_a_text_has_no_picture(store: Store, person) -> None:
    take = person.streams()
    asset = store.put_asset(b"fox", "png")
    with pytest.raises(TypeError):
        store.end_take(take.id, "done", "x", picture=Picture(asset=asset, width=8, height=8))
    assert store.take(take.id).status == "streaming"


def test_a_take_whose_program_died_has_failed_without_a_picture(folder: Path, painter: Painter) -> None:
    take = painter.begins()
    store = painter.store
    store._lock.release()
    store._db.close()
    store._connection = None
    with Store.open(folder) as again:
        found = again.take(take.id)
        assert (found.status, found.picture) == ("failed", None) and found.error
        assert again.recovered.takes == 1


def test_files_with_a_step_are_kept_all_or_none(store: Store, painter: Painter) -> None:
    good, other = name_of(b"good"), name_of(b"other")
    with pytest.raises(ValueError, match="is not the name"):
        painter.store.put_assets({good: b"good", other: b"something else"})
    assert store.asset_names() == []
    store.put_assets({good: b"good", other: b"other"})
    assert store.asset_names() == sorted((good, other))
    assert store.check() == ()


@pytest.mark.parametrize("where", ["take", "layer", "undone", "job"])
def test_a_lost_file_is_found_wherever_it_is_referred_to(store: Store, painter: Painter, where: str) -> None:
    data = b"fox"
    name = name_of(data)
    if where == "take":
        painter.gets(data=data)
    elif where == "job":
        store.put_asset(data, "png")
        mask = store.put_asset(b"mask", "png")
        painter.gets(painter.job(mode="inpaint", init=mask, inpaint=Inpaint(mask=name)))
    else:
        painter.paints(asset=name, assets={name: data})
    if where == "undone":
        painter.undoes()
    assert store.check() == ()
    lose(store, name)
    (problem,) = store.check()
    assert name in problem


def test_a_file_that_nobody_put_is_missed(store: Store, painter: Painter) -> None:
    """A document may name what was never written: a bug of ours, or a hand in the file."""
    painter.paints(asset=name_of(b"never"))
    painter.begins(painter.job(mode="image", init=name_of(b"neither")))
    assert len(store.check()) == 2
    for name in (name_of(b"never"), name_of(b"neither")):
        assert any(name in problem for problem in store.check())


def test_a_copy_holds_the_files_of_takes_and_of_documents(
    store: Store, tmp_path: Path, painter: Painter
) -> None:
    take = painter.gets(data=b"fox")
    painter.paints(asset=name_of(b"mask"), assets={name_of(b"mask"): b"mask"})
    lost = store.put_asset(b"lost", "png")
    painter.paints(id="lost", asset=lost)
    lose(store, lost)
    (problem,) = store.backup(tmp_path / "Copy.atelier")
    assert lost in problem
    with Reader(tmp_path / "Copy.atelier") as copy:
        assert copy.take(take.id) == take and copy.thumb(take.id) == b"thumb of fox"
        assert copy.asset(name_of(b"fox")) == b"fox" and copy.asset(name_of(b"mask")) == b"mask"
        assert copy.text_of(painter.work.id) == painter.history.text


def test_a_full_disk_leaves_neither_row_nor_half_a_step(
    store: Store, painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_assets: Assets, _data: bytes, _extension: str) -> str:
        raise StudioError("The disk is full.", code="full")

    take = painter.begins()
    monkeypatch.setattr(Assets, "put", full)
    for act in (lambda: painter.gets(data=b"new"), lambda: painter.paints(assets={name_of(b"x"): b"x"})):
        with pytest.raises(StudioError):
            act()
    monkeypatch.undo()
    assert store.asset_names() == [] and store.head(painter.work.id) == ""
    assert store.take(take.id).status == "streaming"


def test_a_picture_is_found_by_its_prompts_and_its_title_not_by_its_document(
    store: Store, painter: Painter
) -> None:
    painter.paints(step="Brush on the zebra", name="Zebra")
    take = painter.gets(painter.job(prompt="Ein Fuchs im Wäldchen"))
    painter.gets(painter.job(prompt="Ein Fuchs im Wäldchen"))
    (found,) = store.search("fuchs waldchen")
    assert (found.kind, found.work, found.entry, found.title, found.at) == (
        "picture",
        painter.work.id,
        take.id,
        "Fox",
        -1,
    )
    assert "\x02Fuchs\x03" in found.snippet
    assert [found.kind for found in store.search("fox")] == ["title"]
    for word in ("zebra", "opacity", "layers", "width"):
        assert store.search(word) == ()


def test_a_new_prompt_is_found_after_the_first_search(store: Store, painter: Painter) -> None:
    painter.gets(painter.job(prompt="a red fox"))
    assert len(store.search("red")) == 1
    painter.gets(painter.job(prompt="a red house"))
    assert len(store.search("red")) == 2
    store.remove_work(painter.work.id)
    assert store.search("red") == ()


def test_what_each_take_read_is_searched_when_alternatives_were_chosen(
    store: Store, painter: Painter
) -> None:
    job = painter.job(prompt="a {red|blue} fox", takes=2, prompts=("a red fox", "a blue fox"))
    for index in range(2):
        painter.gets(job, index=index)
    assert [row.prompt for row in store.gallery()] == ["a blue fox", "a red fox"]
    assert len(store.search("blue")) == 1
