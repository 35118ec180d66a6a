"""What the actions do while a picture is open; nothing of the image pane is imported for this table."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from studio.app.wiring import Wiring

if TYPE_CHECKING:
    from studio.app.picture_desk import PictureDesk
    from studio.panes.image.pane import PicturePane

TOOLS: Final = ("brush", "eraser", "lasso", "rectangle", "move", "crop", "frame")
SWITCHES: Final = frozenset({"view.knobs", "view.layers", "view.adjust", "view.details"})


def picture_commands(wiring: Wiring) -> dict[str, Callable[[], object]]:
    """The actions of the image pane; ids as in actions.SPECS."""
    place, files = wiring.pictures, wiring.picture_files

    def desk(do: Callable[["PictureDesk"], object]) -> Callable[[], object]:
        return lambda: do(place.need())

    def pane(do: Callable[["PicturePane"], object]) -> Callable[[], object]:
        return lambda: do(place.need().pane)

    def later(get: Callable[[], Callable[[], object]]) -> Callable[[], object]:
        def do() -> object:
            return get()()

        return do

    def of_take(do: Callable[[str], object]) -> object:
        return do(place.need().pane.strip.chosen() or "")

    tools = {f"tool.{tool}": pane(partial(_tool, tool=tool)) for tool in TOOLS}
    return tools | {
        "file.export": files.export,
        "file.export_picture": files.export,
        "file.export_layers": files.export_layers,
        "file.copy_picture": files.copy,
        "edit.undo": desk(lambda it: it.undo()),
        "edit.redo": desk(lambda it: it.redo()),
        "edit.lock": later(lambda: place.locks.toggle),
        "edit.invert_mask": pane(lambda it: it.canvas.steps.invert_mask()),
        "edit.clear_mask": pane(lambda it: it.canvas.steps.clear_mask()),
        "take.propose": later(lambda: place.proposals.propose),
        "take.stop": wiring.stop,
        "take.accept": pane(lambda it: it.strip.accept_chosen()),
        "take.reject": pane(lambda it: it.strip.reject_chosen()),
        "take.regenerate": lambda: of_take(place.proposals.regenerate),
        "take.compare": lambda: _compare(wiring),
        "take.again": lambda: of_take(place.proposals.again),
        "take.more_like": lambda: of_take(place.proposals.more_like),
        "take.from_take": lambda: of_take(place.proposals.from_take),
        "take.grid": lambda: of_take(place.views.open_large),
        "take.next": pane(lambda it: it.strip.choose_next(1)),
        "take.previous": pane(lambda it: it.strip.choose_next(-1)),
        "view.zoom_in": pane(lambda it: it.canvas.zoom_in()),
        "view.zoom_out": pane(lambda it: it.canvas.zoom_out()),
        "view.zoom_reset": pane(lambda it: it.canvas.actual_size()),
        "canvas.fit": pane(lambda it: it.canvas.fit()),
    }


def _tool(pane: "PicturePane", tool: str) -> None:
    pane.canvas.set_tool(tool)  # type: ignore[arg-type]


def _compare(wiring: Wiring) -> None:
    """Two chosen lines of the lineage while it has the keyboard, else the chosen take and its neighbour."""
    lineage, focus = wiring.window.lineage, wiring.window.focusWidget()
    picked = lineage.picked()
    if len(picked) == 2 and focus is not None and lineage.isAncestorOf(focus):
        wiring.pictures.views.compare_nodes(*picked)
    else:
        wiring.pictures.views.compare()
