"""Pictures into the window and out of it: drop, paste, recall, copy, drag, export."""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDrag, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog

from studio.app.ask import ask_path, run_dialog
from studio.app.exchange_desk import stopping
from studio.app.models_desk import ModelsDesk
from studio.app.picture_drop import Arrived, PictureDrop
from studio.app.picture_out import (
    estimate,
    keep_wish,
    last_wish,
    picture_mime,
    png_of_take,
    recipe_of,
    shown_now,
    to_clipboard,
    with_recipe,
)
from studio.app.picture_place import PicturePlace
from studio.app.project_desk import ProjectDesk
from studio.app.session import Session
from studio.app.settings import Settings
from studio.app.tasks import Tasks, in_thread
from studio.app.window import MainWindow
from studio.core.errors import StudioError
from studio.core.files import safe_name
from studio.core.takes import Recipe, Take

if TYPE_CHECKING:
    from studio.app.picture_desk import PictureDesk
    from studio.app.picture_out import Shown
    from studio.app.picture_reading import ReadPicture
    from studio.media.picture.found import FoundRecipe, What
    from studio.media.picture.recall import Known, Recalled

T = TypeVar("T")
DRAG_PX = 128
PASTED = "Pasted picture"


class PictureFilesDesk(QObject):
    """What a person does with picture files; nothing of the picture modules is read before there is one."""

    def __init__(
        self,
        window: MainWindow,
        settings: Settings,
        place: PicturePlace,
        projects: ProjectDesk,
        models: ModelsDesk,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window, self._settings, self._place = window, settings, place
        self._projects, self._models, self._tasks = projects, models, tasks
        self._dragged: tempfile.TemporaryDirectory[str] | None = None
        self._drop = PictureDrop(window)
        self._drop.dropped.connect(self._on_arrived)
        self._drop.pasted.connect(self._on_arrived)
        place.save_requested.connect(self.save_take)
        place.copy_requested.connect(self.copy_take)
        place.drag_wanted.connect(self.drag_take)
        window.closing.connect(self.close)

    @Slot()
    def close(self) -> None:
        """Remove the files that were made for dragging."""
        if self._dragged is not None:
            self._dragged.cleanup()
            self._dragged = None

    # -- into the window ---------------------------------------------------------------------------

    def paste(self) -> bool:
        """Take in the picture on the clipboard; False when there is none."""
        return self._drop.paste()

    def ask_import(self) -> None:
        """Ask for picture files and take them in."""
        self._tasks.start(self._ask_import())

    async def _ask_import(self) -> None:
        from studio.media.picture.files import SUFFIXES

        known = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        mode, filters = QFileDialog.FileMode.ExistingFile, (f"Pictures ({known})", "All files (*)")
        path = await ask_path(self._window, "Import a picture", Path.home(), mode=mode, filters=filters)
        if path is not None:
            await self.take_in_all((path,))

    @Slot(object)
    def _on_arrived(self, came: Arrived) -> None:
        if came.paths:
            self._tasks.start(self.take_in_all(came.paths))
        else:
            self._tasks.start(self._take_in_pixels(came))

    async def take_in_all(self, paths: Sequence[Path]) -> None:
        """Read files; one with a recipe is asked about, several become layers one above the other."""
        from studio.app.picture_reading import read_file

        self._session()
        for path in paths:
            read = await self._beside(f"Reading {path.name}…", partial(_alone, read_file, path))
            await self._take_in(read, ask=len(paths) == 1)

    async def _take_in_pixels(self, came: Arrived) -> None:
        from studio.app.picture_reading import read_bytes, read_image

        self._session()
        read = await in_thread(
            partial(read_image, came.image)
            if came.image is not None
            else partial(read_bytes, came.png, PASTED)
        )
        await self._take_in(read, ask=True)

    async def _take_in(self, read: "ReadPicture", *, ask: bool) -> None:
        """Place a picture, or recall how it was made."""
        if read.found is None or not ask:
            self._put(read, new=False)
            return
        from studio.dialogs.recall import Dropped, RecallDialog

        found = read.found
        adapters = await self._adapters(found)
        notes = (*self._recalled(found, "all", adapters).notes, *read.told)
        dropped = Dropped(
            name=read.name,
            image=read.image,
            size=(read.image.width(), read.image.height()),
            found=found,
            notes=tuple(dict.fromkeys(notes)),
        )
        dialog = RecallDialog(dropped, can_layer=self._open_desk() is not None, parent=self._window)
        if not await run_dialog(dialog):
            return
        wish = dialog.wish()
        if wish == "layer" or wish == "new":
            self._put(read, new=wish == "new")
        else:
            self.recall(found, wish, read.name, adapters)

    def _put(self, read: "ReadPicture", *, new: bool) -> None:
        self._session()
        if new:
            self._place.new(read.name).place_image(read.name, read.image, read.png)
        else:
            self._place.place_image(read.name, read.image, read.png)
        if read.told:
            self._tell(f"“{read.name}” was placed.", " ".join(read.told), "info")

    async def _adapters(self, found: "FoundRecipe") -> "list[Known]":
        """The adapters on this computer, with the hashes that tell which of them the recipe means."""
        from studio.app.picture_adapters import with_hashes
        from studio.media.picture.recall import hash_of

        known = self._known("adapter")
        if not known or not any(hash_of(wanted) for wanted in found.adapters):
            return known
        look = partial(with_hashes, found, known, self._place.hashes)
        return await self._beside("Looking for the recipe's adapters…", look)

    def _known(self, kind: str) -> "list[Known]":
        from studio.media.picture.recall import Known

        return [
            Known(path=card.path, title=card.title, family=card.family, schedulers=card.schedulers)
            for card in self._models.cards(kind)
            if card.usable
        ]

    def recall(
        self, found: "FoundRecipe", what: "What", name: str, adapters: "Sequence[Known] | None" = None
    ) -> None:
        """Turn the knobs as found: "all", or only "prompt", "seed" or "size".

        `adapters`: those on this computer, with the hashes that were read; None: as the list knows them, by name.
        """
        from studio.app.picture_knobs_desk import VARIES

        self._session()
        recalled = self._recalled(found, what, self._known("adapter") if adapters is None else adapters)
        desk = self._open_desk() or self._place.new()
        prompt = desk.pane.prompt.words() if recalled.prompt is None else recalled.prompt
        towards, mode = recalled.variation, found.recipe.drawing.mode if found.recipe else ""
        why = desk.knobs.recall(recalled.settings, what, prompt, recalled.model, towards=towards, mode=mode)
        more = (why, VARIES if towards and what == "all" else "")
        notes = [*recalled.notes, *filter(None, more)]
        taken = "The recipe" if what == "all" else f"The {what}"
        self._tell(f"{taken} of “{name}” was taken over.", " ".join(notes), "success")

    def _recalled(self, found: "FoundRecipe", what: "What", adapters: "Sequence[Known]") -> "Recalled":
        from studio.media.picture.recall import recall, with_guides
        from studio.media.picture.settings import PictureSettings

        desk = self._place.desk
        base = desk.knobs.settings() if desk is not None else PictureSettings()
        recalled = recall(base, found, what, self._known("image"), adapters)
        if what == "all" and found.recipe is not None and self._projects.session is not None:
            recalled = with_guides(recalled, found.recipe.drawing, self._projects.session.reader.asset_path)
        return recalled

    # -- out of the window ---------------------------------------------------------------------------

    def export(self) -> None:
        """Ask how and where to, and write the open picture."""
        self._tasks.start(self._export_open(layers=False))

    def export_layers(self) -> None:
        """The same, each layer in a file of its own unless that is changed."""
        self._tasks.start(self._export_open(layers=True))

    @Slot(str)
    def save_take(self, take_id: str) -> None:
        """Ask how and where to, and write the picture of a take."""
        self._tasks.start(self._save_take(take_id))

    async def _export_open(self, *, layers: bool) -> None:
        desk = self._need_open()
        title = self._projects.title_of(desk.work)
        recipe, whole = recipe_of(desk, self._session())
        shown = shown_now(desk)
        flat, parts = await self._beside(
            "Putting the picture together…", lambda _stopped: (shown.merged(), shown.layers())
        )
        await self._export(title, flat, parts, recipe, whole=whole, layers=layers)

    async def _save_take(self, take_id: str) -> None:
        from studio.widgets.picture_images import decoded

        session = self._session()
        take = self._take(take_id)
        image = await in_thread(lambda: decoded(png_of_take(take, session)))
        title = f"{self._projects.title_of(take.work)} take {take.index + 1}"
        await self._export(title, image, [], take.recipe, whole=True, layers=False)

    async def _export(
        self,
        title: str,
        flat: QImage,
        parts: list[tuple[str, QImage]],
        recipe: Recipe | None,
        *,
        whole: bool,
        layers: bool,
    ) -> None:
        from studio.app.picture_reading import named
        from studio.dialogs.export_picture import ExportPictureDialog
        from studio.media.picture.export import FORMATS, ExportWish, write_pictures

        last: ExportWish = last_wish(self._settings).changed(layers=layers, width=0, height=0)
        size = (flat.width(), flat.height())
        dialog = ExportPictureDialog(
            size, len(parts), last, has_recipe=recipe is not None, parent=self._window
        )
        merged = await in_thread(named, flat, title)
        dialog.estimate_wanted.connect(lambda wish: self._tasks.start(estimate(dialog, merged, wish, recipe)))
        if not await run_dialog(dialog):
            return
        wish = dialog.choice()
        keep_wish(self._settings, wish)
        start = Path.home() / f"{safe_name(title, 'Picture')}{wish.suffix}"
        filters = (f"{FORMATS[wish.format][0]} (*{wish.suffix})",)
        target = await ask_path(
            self._window,
            "Export picture",
            start,
            mode=QFileDialog.FileMode.AnyFile,
            filters=filters,
            suffix=wish.suffix.removeprefix("."),
        )
        if target is None:
            return
        pictures = [named(image, name) for name, image in parts] if wish.layers else [merged]
        write = partial(write_pictures, pictures, target, wish, recipe, whole=whole)
        written = await self._beside(f"Writing {target.name}…", write)
        what = f"{len(written)} layers were" if wish.layers else f"“{title}” was"
        self._tell(f"{what} exported to {target if not wish.layers else target.parent}.", "", "success")

    def copy(self) -> None:
        """The open picture onto the clipboard."""
        desk = self._need_open()
        recipe, whole = recipe_of(desk, self._session())
        self._tasks.start(self._copy(shown_now(desk), recipe, whole))

    async def _copy(self, shown: "Shown", recipe: Recipe | None, whole: bool) -> None:
        from studio.media.picture.recipes import png_with_recipe
        from studio.widgets.canvas.pixels import png_bytes

        def made(_stopped: Callable[[], bool]) -> tuple[QImage, bytes]:
            image = shown.merged()
            return image, png_bytes(image)

        image, png = await self._beside("Copying the picture…", made)
        to_clipboard(image, png_with_recipe(png, recipe, whole=whole) if recipe else png)
        self._tell("The picture was copied.", "", "success")

    @Slot(str)
    def copy_take(self, take_id: str) -> None:
        """The picture of a take onto the clipboard, its recipe with it."""
        self._tasks.start(self._copy_take(take_id))

    async def _copy_take(self, take_id: str) -> None:
        from studio.widgets.picture_images import decoded

        session, take = self._session(), self._take(take_id)
        png = await in_thread(png_of_take, take, session)
        image = await in_thread(decoded, png)
        to_clipboard(image, with_recipe(png, take))
        self._tell("The take was copied.", "", "success")

    @Slot(str)
    def drag_take(self, take_id: str) -> None:
        """Drag a take out of the window: as a file and as pixels."""
        from studio.widgets.picture_images import decoded

        take = self._take(take_id)
        png = with_recipe(png_of_take(take, self._session()), take)
        if self._dragged is None:
            self._dragged = tempfile.TemporaryDirectory(prefix="atelier-drag-")
        title = safe_name(f"{self._projects.title_of(take.work)} take {take.index + 1}", "Picture")
        file = Path(self._dragged.name, f"{title} {take.id[-6:]}.png")
        file.write_bytes(png)
        image = decoded(png)
        drag = QDrag(self._window)
        mime = picture_mime(image, png)
        mime.setUrls([QUrl.fromLocalFile(str(file))])
        drag.setMimeData(mime)
        aspect = Qt.AspectRatioMode.KeepAspectRatio
        drag.setPixmap(
            QPixmap.fromImage(
                image.scaled(DRAG_PX, DRAG_PX, aspect, Qt.TransformationMode.SmoothTransformation)
            )
        )
        drag.exec(Qt.DropAction.CopyAction)

    # -- helpers -------------------------------------------------------------------------------------

    async def _beside(self, words: str, work: Callable[[Callable[[], bool]], T]) -> T:
        """Run `work(stopped)` on another thread while a message says so; cancelling makes `stopped` true."""
        self._window.messages.show_message(words, do="Esc stops it.", tone="info")
        with stopping() as stopped:
            try:
                return await in_thread(work, stopped)
            finally:
                self._window.messages.clear()

    def _tell(self, what: str, kept: str, tone: str) -> None:
        self._window.messages.show_message(what, kept, tone=tone)

    def _session(self) -> Session:
        if self._projects.session is None:
            raise StudioError("No project is open.", do="Open or make one in the File menu.")
        return self._projects.session

    def _take(self, take_id: str) -> Take:
        take = self._session().take(take_id)
        if take.picture is None:
            raise StudioError("That take has no picture yet.", do="Wait until it is drawn.")
        return take

    def _open_desk(self) -> "PictureDesk | None":
        """The picture desk when a picture is open on it."""
        desk = self._place.desk
        return desk if desk is not None and desk.work else None

    def _need_open(self) -> "PictureDesk":
        desk = self._open_desk()
        if desk is None:
            raise StudioError("No picture is open.", do="Open one in the list of works.")
        desk.flush()
        return desk


def _alone(read: Callable[[Path], T], path: Path, _stopped: Callable[[], bool]) -> T:
    """Work that is too short to be stopped in its middle."""
    return read(path)
