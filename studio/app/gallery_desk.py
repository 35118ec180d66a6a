"""Every picture of the project: reads rows in the background, opens a take where it belongs, judges it there."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.models_desk import ModelsDesk
from studio.app.picture_place import PicturePlace
from studio.app.project_desk import ProjectDesk
from studio.app.tasks import Tasks, in_thread
from studio.core.pictures import ImageJob
from studio.core.takes import Take
from studio.engine.thread import EngineThread
from studio.project.gallery import GalleryFilter, GalleryRow
from studio.project.reader import Reader
from studio.widgets.gallery_items import GalleryItem, GalleryWants
from studio.widgets.gallery_view import GalleryView
from studio.widgets.picture_details import PictureDetails
from studio.widgets.take_wishes import TakeWishes

Read = tuple[list[GalleryItem], list[str], list[str]]


class GalleryDesk(QObject):
    """Made when the gallery is first opened."""

    notice = Signal(str, str)  # what, do
    left = Signal()  # the gallery is to be put away

    def __init__(
        self,
        place: PicturePlace,
        projects: ProjectDesk,
        models: ModelsDesk,
        engine: EngineThread,
        tasks: Tasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._place, self._projects, self._models, self._tasks = place, projects, models, tasks
        self.view = GalleryView()
        self._details: PictureDetails | None = None
        self._shown = False
        self._asked = 0
        self._connect(engine)

    def _connect(self, engine: EngineThread) -> None:
        view = self.view
        view.filter_changed.connect(self._on_filter)
        view.answer_thumbs_with(self._thumbs)
        view.grid_requested.connect(self._grid)
        self.join(view)
        engine.take_ended.connect(self._on_ended)
        self._projects.leaving.connect(self._on_leaving)

    def join(self, view: TakeWishes) -> None:
        """Do what is wanted in a view of takes of any picture."""
        view.open_requested.connect(self.open_take)
        for signal, name in (
            (view.accept_requested, "accept"),
            (view.regenerate_requested, "regenerate"),
            (view.more_like_this, "more_like"),
            (view.again_requested, "again"),
            (view.enlarge_requested, "enlarge"),
            (view.branch_requested, "branch"),
        ):
            signal.connect(partial(self._do_there, name))
        view.reject_requested.connect(self._reject)
        view.restore_requested.connect(self._restore)
        view.compare_requested.connect(self._compare)
        view.recall_requested.connect(self._recall)

    # -- rows ----------------------------------------------------------------------------------------

    def show(self) -> None:
        """The gallery is seen from now on: read it anew."""
        self._shown = True
        works = [(work.id, work.title) for work in self._projects.works.values() if work.kind == "picture"]
        self._works = works
        self.read(self.view.wants())

    def hide(self) -> None:
        """It is not seen any more."""
        self._shown = False

    @Slot(object)
    def _on_filter(self, wants: GalleryWants) -> None:
        self.read(wants)

    def read(self, wants: GalleryWants) -> None:
        """Have the rows read by a connection of their own, off the window's thread; the latest wish wins."""
        session = self._projects.session
        if session is not None:
            self._asked += 1
            self.view.show_reading()
            self._tasks.start(self._read(session.folder, wants, self._asked))

    async def _read(self, folder: Path, wants: GalleryWants, asked: int) -> None:
        items, models, adapters = await in_thread(read_gallery, folder, wants, self._models.titles())
        if asked == self._asked:
            titles = self._models.titles()
            self.view.set_filter_choices(
                [(path, _title(titles, path)) for path in models],
                [(path, _title(titles, path)) for path in adapters],
                self._works,
            )
            self.view.show_rows(items)
            self._show_details()

    def _thumbs(self, ids: Any) -> Any:
        session = self._projects.session
        return session.reader.thumbs(ids) if session is not None else {}

    @Slot(object)
    def _on_ended(self, take: Take) -> None:
        if self._shown and take.picture is not None and self.view.wants() == GalleryWants():
            self.view.add_rows([_item_of(take, self._models.titles())])

    @Slot()
    def _on_leaving(self) -> None:
        self._asked += 1
        self.view.show_rows([])
        if self._details is not None:
            self._details.clear()
        self.left.emit()

    # -- what is wanted of a take --------------------------------------------------------------------

    def _take(self, take_id: str) -> Take | None:
        session = self._projects.session
        try:
            return session.take(take_id) if session is not None else None
        except KeyError:
            return None

    @Slot(str)
    def open_take(self, take_id: str) -> None:
        """The work of a take, the take chosen in the strip and shown large."""
        if self._there(take_id):
            self._place.views.open_large(take_id)

    def _there(self, take_id: str) -> bool:
        """Open the work that a take belongs to and show the take; False when there is none any more."""
        take = self._take(take_id)
        if take is None or take.work not in self._projects.works:
            self.notice.emit(
                "The picture this take was made for was removed.", "Bring it back: Work, Removed works."
            )
            return False
        self.left.emit()
        self._projects.choose(take.work)
        self._place.need().judged.show_take(take_id)
        return True

    @Slot(str)
    def _do_there(self, what: str, take_id: str) -> None:
        if not self._there(take_id):
            return
        place = self._place
        acts: dict[str, Callable[[str], None]] = {
            "accept": place.need().judged.accept,
            "regenerate": place.proposals.regenerate,
            "more_like": place.proposals.more_like,
            "again": place.proposals.again,
            "enlarge": place.proposals.enlarge,
            "branch": place.need().branch_from,
        }
        acts[what](take_id)

    @Slot(str, str)
    def _reject(self, take_id: str, reason: str) -> None:
        self._judge(take_id, "rejected", reason)

    @Slot(str)
    def _restore(self, take_id: str) -> None:
        self._judge(take_id, "", "")

    def _judge(self, take_id: str, verdict: str, reason: str) -> None:
        session, take = self._projects.session, self._take(take_id)
        if session is None or take is None:
            return
        desk = self._place.desk
        if desk is not None and take_id in desk.judged.takes:
            if verdict:
                desk.judged.reject(take_id, reason)
            else:
                desk.judged.restore(take_id)
        elif verdict:
            session.write(lambda store: store.reject(take_id, reason))
        else:
            session.write(lambda store: store.restore_take(take_id))
        if take.picture is not None:
            item = _item_of(take, self._models.titles())
            self.view.update_row(msgspec.structs.replace(item, verdict=verdict))
        if self._details is not None:
            self._details.update_take(msgspec.structs.replace(take, verdict=verdict or None, reason=reason))

    @Slot(str, str)
    def _compare(self, first: str, second: str) -> None:
        if self._there(first):
            take = self._take(second) if second else None
            if take is not None:
                self._place.views.compare_guest(first, take)
            else:
                self._place.views.compare(first)

    @Slot(str, str)
    def _recall(self, take_id: str, what: str) -> None:
        take = self._take(take_id)
        if take is not None and isinstance(take.recipe.job, ImageJob):
            if self._place.desk is None or self._place.desk.session is None:
                self._place.new()
            self._place.views.recall_job(take, what)
            self.left.emit()

    @Slot(object)
    def _grid(self, ids: list[str]) -> None:
        if ids:
            self.open_take(ids[0])

    # -- the recipe beside it --------------------------------------------------------------------------

    def join_details(self, view: PictureDetails) -> None:
        """Show the chosen picture with its recipe there."""
        self._details = view
        self.join(view)
        view.stepped.connect(self.view.show_neighbour)
        view.image_wanted.connect(partial(self._bring, view))
        self.view.selection_changed.connect(self._show_details)
        self._show_details()

    @property
    def has_details(self) -> bool:
        """Its chosen picture is shown beside it."""
        return self._details is not None

    @Slot()
    def _show_details(self, *_of: object) -> None:
        if self._details is None:
            return
        take = self._take(self.view.meant())
        if take is None or not isinstance(take.recipe.job, ImageJob):
            self._details.clear()
        else:
            self._details.show_take(take, self._models.titles())

    def _bring(self, view: PictureDetails, take_id: str) -> None:
        session, take = self._projects.session, self._take(take_id)
        if session is not None and take is not None and take.picture is not None:
            self._place.need().images.open(session)  # no picture of this project was open yet, perhaps
            self._place.views.bring_asset(take.picture.asset, take_id, view.show_image)


def read_gallery(folder: Path, wants: GalleryWants, titles: dict[str, str]) -> Read:
    """The rows, and the models and adapters there are; on a connection of its own."""
    with Reader(folder) as reader:
        rows = reader.gallery(
            GalleryFilter(
                query=wants.query,
                verdict=wants.verdict,  # type: ignore[arg-type]
                model=wants.model,
                adapter=wants.adapter,
                work=wants.work,
            )
        )
        return [_item(row, titles) for row in rows], reader.gallery_models(), reader.gallery_adapters()


def _item(row: GalleryRow, titles: dict[str, str]) -> GalleryItem:
    return GalleryItem(
        take=row.take,
        work=row.work,
        asset=row.asset,
        width=row.width,
        height=row.height,
        prompt=row.prompt,
        model=row.model,
        seed=row.seed,
        verdict=row.verdict,
        created_ms=row.created_ms,
        preview=row.preview,
        note=_title(titles, row.model),
    )


def _item_of(take: Take, titles: dict[str, str]) -> GalleryItem:
    job, picture = take.recipe.drawing, take.picture
    assert picture is not None
    return GalleryItem(
        take=take.id,
        work=take.work,
        asset=picture.asset,
        width=picture.width,
        height=picture.height,
        prompt=job.prompt_of(take.index),
        model=job.model,
        seed=take.seed,
        verdict=take.verdict or "",
        created_ms=take.created_ms,
        preview=picture.preview,
        note=_title(titles, job.model),
    )


def _title(titles: dict[str, str], path: str) -> str:
    return titles.get(path) or path.replace("\\", "/").rstrip("/").rpartition("/")[2]
