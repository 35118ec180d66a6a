"""The views of takes in the image pane: strip, full-size grid, comparison; a wish is the same in all of them."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from studio.app.picture_desk import PictureDesk
from studio.app.picture_knobs_desk import VARIES
from studio.app.picture_proposals import PictureProposals
from studio.core.takes import Take
from studio.media.picture.recall import towards_of
from studio.media.picture.settings import settings_of
from studio.widgets.picture_compare import PictureChoice, PictureCompare
from studio.widgets.picture_grid import PictureGrid
from studio.widgets.take_wishes import TakeWishes

NOW: Final = "now"  # the picture as it stands, among what can be compared
_TITLE_CHARS: Final = 40


class PictureViewsDesk(QObject):
    """Joins every view with the desks; the grid and the comparison are made when first wanted."""

    notice = Signal(str, str)  # what, do
    save_requested = Signal(str)  # take id
    copy_requested = Signal(str)
    drag_wanted = Signal(str)

    def __init__(self, desk: PictureDesk, proposals: PictureProposals, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._proposals = desk, proposals
        self._grid: PictureGrid | None = None
        self._compare: PictureCompare | None = None
        self._guests: dict[str, Take] = {}  # of other pictures: only compared with
        self._waiting: dict[str, list[tuple[Callable[[str, QImage], None], str]]] = {}  # by asset
        desk.images.ready.connect(self._on_ready)
        desk.leaving.connect(self._waiting.clear)
        desk.judged.took.connect(self._on_took)
        desk.judged.previewed.connect(self._on_previewed)
        desk.judged.shown_changed.connect(self._on_shown)
        self.join(desk.pane.strip)

    def join(self, view: TakeWishes) -> None:
        """Do what is wanted in a view of takes of the open picture."""
        judged, proposals = self._desk.judged, self._proposals
        view.accept_requested.connect(judged.accept)
        view.reject_requested.connect(judged.reject)
        view.restore_requested.connect(judged.restore)
        view.regenerate_requested.connect(proposals.regenerate)
        view.more_like_this.connect(proposals.more_like)
        view.again_requested.connect(proposals.again)
        view.enlarge_requested.connect(proposals.enlarge)
        view.branch_requested.connect(self._desk.branch_from)
        view.open_requested.connect(self.open_large)
        view.compare_requested.connect(self.compare)
        view.recall_requested.connect(self.recall)
        view.save_requested.connect(self.save_requested)
        view.copy_requested.connect(self.copy_requested)
        view.drag_wanted.connect(self.drag_wanted)
        view.image_wanted.connect(lambda take_id: self.bring(take_id, view.show_image))  # type: ignore[attr-defined]

    # -- pixels ------------------------------------------------------------------------------------

    def bring(self, take_id: str, show: Callable[[str, QImage], None]) -> None:
        """Call `show(take id, image)` when the picture of a take is there; maybe at once."""
        take = self._take(take_id)
        if take is not None and take.picture is not None:
            self.bring_asset(take.picture.asset, take_id, show)

    def _take(self, take_id: str) -> Take | None:
        return self._desk.judged.takes.get(take_id) or self._guests.get(take_id)

    def bring_asset(self, asset: str, key: str, show: Callable[[str, QImage], None]) -> None:
        """Call `show(key, image)` when the image of an asset is there; maybe at once."""
        image = self._desk.images.image_of(asset)
        if image is not None:
            show(key, image)
        else:
            self._waiting.setdefault(asset, []).append((show, key))

    @Slot(str)
    def _on_ready(self, asset: str) -> None:
        for show, key in self._waiting.pop(asset, []):
            if (image := self._desk.images.image_of(asset)) is not None:
                show(key, image)

    # -- the grid ------------------------------------------------------------------------------------

    def grid(self) -> PictureGrid:
        """The takes in full size."""
        if self._grid is None:
            self._grid = PictureGrid()
            self.join(self._grid)
            self._grid.closed.connect(self._desk.pane.close_over)
            self._grid.chosen_changed.connect(self._on_grid_chosen)
        return self._grid

    @Slot(str)
    def open_large(self, take_id: str = "") -> None:
        """Show the takes of the strip in full size, this one chosen; pressed again: back to the canvas."""
        judged, pane = self._desk.judged, self._desk.pane
        if pane.over() is self._grid and self._grid is not None:
            pane.close_over()
            return
        if take_id and take_id in judged.takes:
            judged.show_take(take_id)
        shown = judged.shown()
        if not shown:
            self.notice.emit("There are no takes to look at yet.", "Ctrl+Return proposes some.")
            return
        grid = self.grid()
        grid.show_takes(shown)
        grid.choose(take_id or pane.strip.chosen() or shown[0].id)
        pane.show_over(grid)

    @Slot(str)
    def _on_grid_chosen(self, take_id: str) -> None:
        if take_id and self._desk.pane.over() is self._grid:
            self._desk.pane.strip.choose(take_id)

    @Slot(str)
    def _on_shown(self, _job: str) -> None:
        if self._grid is not None and self._desk.pane.over() is self._grid:
            self._grid.show_takes(self._desk.judged.shown())

    @Slot(object)
    def _on_took(self, take: Take) -> None:
        if self._grid is not None and self._desk.pane.over() is self._grid:
            self._grid.update_take(take)

    @Slot(str, object, int, int)
    def _on_previewed(self, take_id: str, image: QImage, step: int, steps: int) -> None:
        if self._grid is not None and self._desk.pane.over() is self._grid:
            self._grid.show_image(take_id, image)
            self._grid.show_step(take_id, step, steps)

    # -- the comparison --------------------------------------------------------------------------------

    def comparison(self) -> PictureCompare:
        """Two pictures compared."""
        if self._compare is None:
            self._compare = PictureCompare()
            self.join_compare(self._compare)
            self._compare.closed.connect(self._desk.pane.close_over)
        return self._compare

    def join_compare(self, view: PictureCompare) -> None:
        """As `join`; the picture as it stands is among what it shows."""
        self.join(view)

        def bring(key: str) -> None:
            if key == NOW:
                view.show_image(NOW, self._as_it_stands())

        view.image_wanted.connect(bring)

    @Slot(str, str)
    def compare(self, first: str = "", second: str = "") -> None:
        """Compare two takes; the chosen one with its neighbour, or with what lies in its frame."""
        self._compare_all(first, second, {})

    def compare_guest(self, first: str, guest: Take) -> None:
        """Compare a take with one of another picture."""
        self._compare_all(first, guest.id, {guest.id: guest})

    def _compare_all(self, first: str, second: str, guests: dict[str, Take]) -> None:
        judged, pane = self._desk.judged, self._desk.pane
        if pane.over() is self._compare and self._compare is not None:
            pane.close_over()
            return
        finished = [take for take in judged.shown() if take.picture is not None]
        first = first or (pane.strip.chosen() or "")
        pool = {take.id: take for take in finished}
        self._guests = {id_: take for id_, take in guests.items() if id_ not in judged.takes}
        pool |= {id_: take for id_ in (first, second) if (take := self._take(id_)) is not None}
        pool = {id_: take for id_, take in pool.items() if take.picture is not None}
        if not pool:
            self.notice.emit(
                "There is nothing to compare yet.", "Let the takes be drawn first (Ctrl+Return)."
            )
            return
        if first not in pool:
            first = next(iter(pool))
        if second not in pool:
            second = next((take for take in pool if take != first), NOW)
        view = self.comparison()
        choices = [PictureChoice(id=NOW, title="The picture now", detail="What lies in the take's frame")]
        choices += [_choice(take) for take in pool.values()]
        view.set_choices(choices)
        view.show_pair(first, second)
        pane.show_over(view)

    def _as_it_stands(self) -> QImage:
        frame = self._desk.doc.frame
        return self._desk.pane.canvas.composite(frame, frame.width, frame.height)

    def compare_nodes(self, older: str, newer: str) -> None:
        """Two lines of the lineage: takes as they are, a step as the picture it left."""
        takes = self._desk.judged.takes
        ids = [id_ if id_ in takes else self._take_of(id_) for id_ in (older, newer)]
        if not ids[0]:
            self.notice.emit(
                "Only takes can be compared here.", "Choose lines of takes, or work from a line first."
            )
            return
        self.compare(ids[0], ids[1] or NOW)

    def _take_of(self, node: str) -> str:
        session = self._desk.session
        if session is None or not node:
            return ""
        history = session.history(self._desk.work)
        return history.node(node).take if node in history else ""

    # -- the rest ----------------------------------------------------------------------------------

    @Slot(str, str)
    def recall(self, take_id: str, what: str) -> None:
        """Bring a take's settings back into the knobs."""
        take = self._take(take_id)
        if take is not None:
            self.recall_job(take, what)

    def recall_job(self, take: Take, what: str) -> None:
        """The same for a take of any picture."""
        job = take.recipe.drawing
        words = job.prompt if what == "all" else job.prompt_of(take.index)
        towards = towards_of(job)
        knobs = self._desk.knobs
        missing = knobs.recall(settings_of(job), what, words, job.model, towards=towards, mode=job.mode)
        if missing:
            self.notice.emit(
                f"Recalled without its model: {missing}", "Choose another model below the canvas."
            )
        elif towards is not None and what == "all":
            self.notice.emit("A variation was recalled.", VARIES)


def _choice(take: Take) -> PictureChoice:
    words = " ".join(take.recipe.drawing.prompt_of(take.index).split())
    short = f"{words[:_TITLE_CHARS]}…" if len(words) > _TITLE_CHARS else words
    return PictureChoice(id=take.id, title=f"Take {take.index + 1}: {short}", detail=f"seed {take.seed}")
