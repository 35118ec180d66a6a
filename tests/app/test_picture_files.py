"""Pictures into the window and out of it: drop, paste, recall, copy, drag, export."""

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDrag, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.app import picture_files_desk
from studio.app.picture_drop import PNG_MIME, arrived, holds_picture
from studio.dialogs.export_picture import ExportPictureDialog
from studio.dialogs.recall import RecallDialog
from studio.media.picture.export import ExportWish
from studio.media.picture.files import check_picture, open_picture
from studio.media.picture.recipes import read_recipe
from tests.app.conftest import Scripted
from tests.app.picture_person import Painter
from tests.app.test_exchange_desk import dialog_of, ends
from tests.catalog.safetensors_file import write_file
from tests.media.picture.other_tools import PARAMETERS, png

LAYER = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def picture(path: Path, colour: str = "red", size: tuple[int, int] = (40, 30)) -> Path:
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    assert image.save(str(path))
    return path


def mime_of(*paths: Path, image: QImage | None = None, text: str = "", data: bytes = b"") -> QMimeData:
    mime = QMimeData()
    if paths:
        mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    if image is not None:
        mime.setImageData(image)
    if text:
        mime.setText(text)
    if data:
        mime.setData(PNG_MIME, data)
    return mime


def drops(person: Scripted, mime: QMimeData) -> bool:
    """Drag over the window and let go; whether the window wanted it."""
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
    enter.setAccepted(False)
    QApplication.sendEvent(person.window, enter)
    drop = QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, mime, buttons, keys)
    drop.setAccepted(False)
    QApplication.sendEvent(person.window, drop)
    assert enter.isAccepted() == drop.isAccepted()
    return drop.isAccepted()


def is_active(person: Scripted) -> None:
    """Only an active window gives the keyboard to one of its parts."""
    person.window.activateWindow()
    person.sees(person.window.isActiveWindow)


def pastes(person: Scripted, mime: QMimeData) -> None:
    is_active(person)
    QGuiApplication.clipboard().setMimeData(mime)
    target = person.window.focusWidget() or person.window
    QTest.keyClick(target, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


# -- in ----------------------------------------------------------------------------------------------


def test_a_dropped_file_becomes_a_layer_of_the_open_picture(painter: Painter, tmp_path: Path) -> None:
    assert drops(painter, mime_of(picture(tmp_path / "sky.png", "blue")))
    painter.sees(lambda: painter.doc.layers)
    (layer,) = painter.doc.layers
    assert layer.name == "sky" and painter.colour_at(20, 15) == (0, 0, 255, 255)
    ends(painter)
    painter.is_saved()
    assert layer.asset in painter.session.reader.asset_names()


def test_several_files_become_layers_one_above_the_other(painter: Painter, tmp_path: Path) -> None:
    files = [picture(tmp_path / f"{name}.png", name) for name in ("red", "lime")]
    assert drops(painter, mime_of(*files))
    ends(painter)
    assert [layer.name for layer in painter.doc.layers] == ["red", "lime"]
    assert painter.colour_at(20, 15)[1] == 255


def test_over_a_text_a_picture_opens_a_new_one(scripted, picture_starter: Path, tmp_path: Path) -> None:
    person = scripted()
    person.types("Mine.")
    assert drops(person, mime_of(picture(tmp_path / "fox.jpg")))
    person.sees(lambda: person.wiring.pictures.desk is not None and person.wiring.pictures.desk.doc.layers)
    works = person.session.reader.works()
    assert [work.title for work in works if work.kind == "picture"] == ["fox"]
    ends(person)


def test_what_is_no_picture_is_said_and_changes_nothing(painter: Painter, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html>no</html>")
    assert drops(painter, mime_of(tmp_path / "page.png"))
    painter.sees(lambda: "web page" in painter.told)
    ends(painter)
    assert painter.doc.layers == ()
    (tmp_path / "book.xyz").write_text("x")
    assert not drops(painter, mime_of(tmp_path / "book.xyz"))
    assert not drops(painter, mime_of(picture(tmp_path / "a.png"), tmp_path / "book.xyz"))
    assert not drops(painter, mime_of(text="only words"))


def test_a_misnamed_file_is_taken_and_that_is_told(painter: Painter, tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg").rename(tmp_path / "a.png")
    assert drops(painter, mime_of(tmp_path / "a.png"))
    painter.sees(lambda: painter.doc.layers and "JPEG file by its content" in painter.told)
    ends(painter)


def test_pixels_from_another_program_are_dropped_and_pasted(painter: Painter) -> None:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("lime"))
    assert drops(painter, mime_of(image=image))
    painter.sees(lambda: len(painter.doc.layers) == 1)
    painter.canvas.setFocus()
    pastes(painter, mime_of(image=image, text="a table"))
    painter.sees(lambda: len(painter.doc.layers) == 2)
    ends(painter)
    assert painter.colour_at(10, 10) == (0, 255, 0, 255)


def test_in_a_field_words_stay_words_and_only_a_bare_picture_is_taken(
    painter: Painter, tmp_path: Path
) -> None:
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("lime"))
    field = painter.prompt.prompt
    field.setFocus()
    painter.prompt.set_words("")
    pastes(painter, mime_of(image=image, text="a table"))
    assert painter.prompt.words() == "a table" and not painter.wiring.tasks.busy
    pastes(painter, mime_of(image=image))
    painter.sees(lambda: len(painter.doc.layers) == 1)
    assert painter.prompt.words() == "a table"
    pastes(painter, mime_of(picture(tmp_path / "a.png")))
    painter.sees(lambda: len(painter.doc.layers) == 2)
    ends(painter)


def test_bytes_go_before_pixels_and_nothing_is_fetched_to_ask() -> None:
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    both = mime_of(image=image, data=png())
    found = arrived(both)
    assert found is not None and found.png == png() and found.image is None and holds_picture(both)
    assert arrived(mime_of(text="x")) is None and not holds_picture(mime_of(text="x"))
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/a.png")])
    assert arrived(web) is None and not holds_picture(web)


def test_a_file_can_be_chosen_in_the_menu(
    painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(*_asked: object, **_how: object) -> Path:
        return picture(tmp_path / "sky.webp")

    monkeypatch.setattr(picture_files_desk, "ask_path", chosen)
    painter.does("file.import_picture")
    painter.sees(lambda: painter.doc.layers)
    assert painter.doc.layers[0].name == "sky"
    ends(painter)


# -- recipes -----------------------------------------------------------------------------------------


def found_in(painter: Painter, tmp_path: Path) -> RecallDialog:
    (tmp_path / "theirs.png").write_bytes(png(parameters=PARAMETERS.replace("512x768", "192x256")))
    assert drops(painter, mime_of(tmp_path / "theirs.png"))
    dialog = dialog_of(painter, RecallDialog)
    assert isinstance(dialog, RecallDialog)
    return dialog


def test_a_picture_with_a_recipe_can_be_recalled(painter: Painter, tmp_path: Path) -> None:
    found_in(painter, tmp_path)._choose("all")
    ends(painter)
    settings = painter.picture.knobs.settings()
    assert (settings.seed, settings.steps, settings.guidance) == (3519302113, 28, 6.5)
    assert (settings.width, settings.height, settings.scheduler) == (
        192,
        256,
        "DPMSolverMultistepScheduler:karras",
    )
    assert settings.negative.startswith("ugly") and painter.prompt.words().startswith(
        "a portrait of a (fox:1.3)"
    )
    assert (
        "taken over" in painter.told
        and "v1-5-pruned-emaonly" in painter.told
        and "detail_tweaker" in painter.told
    )
    assert painter.doc.layers == ()


def test_a_recipes_adapter_is_found_by_its_hash_whatever_it_is_called(
    painter: Painter, tmp_path: Path
) -> None:
    """By AUTOMATIC1111's hash, which counts the tensors alone; one of the same name is another file."""
    shapes = [{f"{LAYER}.lora_down.weight": (n, 768), f"{LAYER}.lora_up.weight": (640, n)} for n in (4, 5)]
    mine = write_file(tmp_path / "renamed.safetensors", shapes[0])
    other = write_file(tmp_path / "detail_tweaker.safetensors", shapes[1])
    for file in (other, mine):
        painter.waits_for(painter.wiring.models.add(file))
    data = mine.read_bytes()
    digest = hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()[:12]

    def recalled(shown: str) -> list[str]:
        text = PARAMETERS.replace("7c6bad76eb54", shown).replace("512x768", "192x256")
        (tmp_path / "theirs.png").write_bytes(png(parameters=text))
        assert drops(painter, mime_of(tmp_path / "theirs.png"))
        dialog_of(painter, RecallDialog)._choose("all")
        ends(painter)
        return [adapter.path for adapter in painter.picture.pane.knobs.values().adapters]

    assert recalled(digest) == [str(mine)] and "another file" not in painter.told
    assert recalled("0" * 12) == [str(other)] and "another file" in painter.told


@pytest.mark.parametrize("what", ["prompt", "seed", "size"])
def test_only_a_part_can_be_recalled(painter: Painter, tmp_path: Path, what: str) -> None:
    painter.prompt.set_words("mine")
    before = painter.picture.knobs.settings()
    found_in(painter, tmp_path)._choose(what)
    ends(painter)
    settings = painter.picture.knobs.settings()
    assert settings.steps == before.steps and settings.guidance == before.guidance
    assert (settings.seed == 3519302113) is (what == "seed")
    assert ((settings.width, settings.height) == (192, 256)) is (what == "size")
    assert (painter.prompt.words() != "mine") is (what == "prompt")


def test_it_can_be_placed_or_begin_a_new_picture_or_be_left(painter: Painter, tmp_path: Path) -> None:
    found_in(painter, tmp_path).reject()
    ends(painter)
    assert painter.doc.layers == ()
    found_in(painter, tmp_path)._choose("layer")
    painter.sees(lambda: painter.doc.layers)
    work = painter.picture.work
    ends(painter)
    found_in(painter, tmp_path)._choose("new")
    painter.sees(lambda: painter.picture.work != work and painter.doc.layers)
    ends(painter)


# -- out ---------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Every question for a path is answered with a file here, its ending as wished."""

    async def ask_path(_parent, _title, _start, *, suffix="", **_how) -> Path:
        return tmp_path / f"out.{suffix}"

    monkeypatch.setattr(picture_files_desk, "ask_path", ask_path)
    return tmp_path


def exports(painter: Painter, action: str = "file.export_picture", **wish: object) -> ExportPictureDialog:
    painter.does(action)
    dialog = dialog_of(painter, ExportPictureDialog)
    assert isinstance(dialog, ExportPictureDialog)
    if wish:
        dialog._set(ExportWish(**wish))
    return dialog


def test_an_accepted_take_is_exported_pixel_for_pixel_with_its_recipe(painter: Painter, asked: Path) -> None:
    (take, _other) = painter.asks("a red heart", takes=2)
    painter.does("take.accept")
    dialog = exports(painter, format="png")
    painter.sees(dialog._estimate.text)
    dialog.accept()
    painter.sees(lambda: "exported" in painter.told)
    data = (asked / "out.png").read_bytes()
    found = read_recipe(data)
    assert found is not None and found.whole and found.recipe == painter.session.reader.take(take.id).recipe
    assert (
        open_picture(data).tobytes()
        == open_picture(painter.session.reader.asset(take.picture.asset)).tobytes()
    )
    ends(painter)


def test_a_picture_that_was_worked_on_keeps_the_recipe_and_says_so(
    painter: Painter, asked: Path, tmp_path: Path
) -> None:
    painter.asks("a red heart", takes=1)
    painter.does("take.accept")
    drops(painter, mime_of(picture(tmp_path / "patch.png", "blue", (8, 8))))
    painter.sees(lambda: len(painter.doc.layers) == 2)
    ends(painter)
    dialog = exports(painter, format="jpeg", quality=80)
    dialog.accept()
    painter.sees((asked / "out.jpg").exists)
    found = read_recipe((asked / "out.jpg").read_bytes())
    assert (
        found is not None and found.recipe is not None and not found.whole and found.prompt == "a red heart"
    )
    ends(painter)


def test_layers_go_into_files_of_their_own(painter: Painter, asked: Path, tmp_path: Path) -> None:
    files = [picture(tmp_path / f"{name}.png", name, (40, 30)) for name in ("red", "blue")]
    drops(painter, mime_of(*files))
    painter.sees(lambda: len(painter.doc.layers) == 2)
    ends(painter)
    dialog = exports(painter, "file.export_layers")
    assert dialog.choice().layers and not dialog.choice().recipe, "no model made it"
    dialog.accept()
    painter.sees(lambda: "2 layers were exported" in painter.told)
    assert sorted(path.name for path in asked.glob("out *")) == ["out 1 red.png", "out 2 blue.png"]
    assert check_picture(asked / "out 1 red.png").width == painter.doc.width
    assert open_picture(asked / "out 2 blue.png").getpixel((20, 15)) == (0, 0, 255, 255)
    ends(painter)


def test_the_last_wish_is_remembered_but_not_its_size(painter: Painter, asked: Path, tmp_path: Path) -> None:
    drops(painter, mime_of(picture(tmp_path / "red.png")))
    painter.sees(lambda: painter.doc.layers)
    ends(painter)
    dialog = exports(painter, format="webp", quality=55, recipe=False)
    dialog._scale.setCurrentIndex(2)
    assert dialog.choice().width == 2 * painter.doc.width
    dialog.accept()
    painter.sees(lambda: "exported" in painter.told)
    ends(painter)
    assert check_picture(asked / "out.webp").width == 2 * painter.doc.width
    again = exports(painter)
    assert (again.choice().format, again.choice().quality, again.choice().width) == ("webp", 55, 0)
    again.reject()
    ends(painter)


def test_a_take_is_saved_by_itself(painter: Painter, asked: Path) -> None:
    _first, second = painter.asks(takes=2)
    painter.place.save_requested.emit(second.id)
    dialog = dialog_of(painter, ExportPictureDialog)
    dialog.accept()
    painter.sees((asked / "out.png").exists)
    found = read_recipe((asked / "out.png").read_bytes())
    assert found is not None and found.recipe is not None and found.recipe.index == 1 and found.whole
    ends(painter)


def test_copies_carry_pixels_and_recipe_and_can_be_pasted_back(painter: Painter) -> None:
    take = painter.asks(takes=1)[0]
    painter.does("take.accept")
    for copy in (
        lambda: painter.does("file.copy_picture"),
        lambda: painter.place.copy_requested.emit(take.id),
    ):
        QGuiApplication.clipboard().setText("")
        copy()
        painter.sees(lambda: QGuiApplication.clipboard().mimeData().hasFormat(PNG_MIME))
        ends(painter)
        mime = QGuiApplication.clipboard().mimeData()
        found = read_recipe(bytes(mime.data(PNG_MIME).data()))
        assert found is not None and found.whole and found.recipe is not None and found.recipe.index == 0
        assert mime.hasImage() and not QGuiApplication.clipboard().image().isNull()
    is_active(painter)
    painter.canvas.setFocus()
    QTest.keyClick(painter.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    dialog = dialog_of(painter, RecallDialog)
    dialog._choose("layer")
    painter.sees(lambda: len(painter.doc.layers) == 2)
    ends(painter)


def test_a_dragged_take_is_a_file_with_its_recipe(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    take = painter.asks(takes=1)[0]
    dragged: list[bytes] = []

    def run(drag: QDrag, *_actions: object) -> Qt.DropAction:
        (url,) = drag.mimeData().urls()
        dragged.append(Path(url.toLocalFile()).read_bytes())
        assert drag.mimeData().hasImage() and drag.mimeData().hasFormat(PNG_MIME)
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", run)
    painter.place.drag_wanted.emit(take.id)
    found = read_recipe(dragged[0])
    assert found is not None and found.recipe is not None and found.recipe.job.id == take.job
    folder = painter.wiring.picture_files._dragged
    assert folder is not None and Path(folder.name).is_dir()
    painter.wiring.picture_files.close()
    assert not Path(folder.name).exists()


def test_without_an_open_picture_export_says_so(painter: Painter) -> None:
    painter.picture.leave()
    painter.wiring.picture_files.export()
    painter.sees(lambda: "No picture is open" in painter.told)
    ends(painter)
