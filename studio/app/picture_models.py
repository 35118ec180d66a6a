"""Which models draw, which is chosen, and what can be laid over it: for the image pane's lists and knobs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.app.art_models import ArtModels, ModelList
from studio.app.ask import ask_path
from studio.app.models_desk import ModelsDesk, title_of_card
from studio.app.settings import Settings
from studio.catalog.card import ModelCard
from studio.engine.thread import EngineThread
from studio.panes.image.pane import PicturePane
from studio.widgets.picture_knobs import PictureModel
from studio.widgets.picture_stack import ExtraChoice

CHOSEN: Final = "model/picture"
EXTRAS: Final[Mapping[str, str]] = {"adapters": "adapter", "controls": "control", "reference": "reference"}
_FILTERS: Final = ("Weights (*.safetensors)", "All files (*)")


class PictureModels(ArtModels):
    """The chosen one is loaded in the background when a picture is open."""

    def __init__(
        self, pane: PicturePane, models: ModelsDesk, settings: Settings, engine: EngineThread, parent: QObject
    ) -> None:
        self._pane = pane
        of = ModelList(
            kind="image",
            key=CHOSEN,
            none="No model that draws was found: add one in the model menu.",
            about=_about,
        )
        super().__init__(pane.prompt, of, models, settings, engine, parent)

    def _show_more(self) -> None:
        """The knobs know what the model can do, and what can be laid over it."""
        card = self.card
        if card is None:
            return
        self._pane.knobs.set_model(knob_model(card))
        self._pane.canvas.set_grid(card.grid_px)
        for kind, of in EXTRAS.items():
            choices = [_extra(extra, card) for extra in self._models.cards(of) if _draws(extra)]
            self._pane.knobs.set_extras(kind, choices)

    async def add(self, window: QWidget, kind: str = "folder") -> None:
        """Ask for a "folder", or for a file of weights (a checkpoint or an extra), check and add it."""
        if kind != "folder":
            mode, title = QFileDialog.FileMode.ExistingFile, "Add a file of weights"
        else:
            mode, title = QFileDialog.FileMode.Directory, "Add a model folder (diffusers)"
        path = await ask_path(
            window, title, Path.home(), mode=mode, filters=_FILTERS if kind != "folder" else ()
        )
        if path is not None:
            await self._models.add(path)


def knob_model(card: ModelCard) -> PictureModel:
    """What the knobs need of a card."""
    return PictureModel(
        path=card.path,
        title=title_of_card(card),
        abilities=dict(card.abilities),
        modes=dict(card.modes),
        size=card.size,
        grid_px=card.grid_px,
        steps=card.steps,
        guidance=card.guidance,
        schedulers=card.schedulers,
    )


def _about(card: ModelCard) -> str:
    width, height = card.size
    return f"{card.family}, {card.parameters / 1e6:.1f} M parameters, {width} × {height}"


def _draws(extra: ModelCard) -> bool:
    """Whether it is of picture models; one that can't be read is shown wherever it might belong."""
    return extra.kind != "adapter" or extra.art == "image" or not extra.usable


def _extra(extra: ModelCard, model: ModelCard) -> ExtraChoice:
    """An adapter, control or reference as a line of its list; one of another family is grey."""
    fits = not extra.family or extra.family == model.family
    why = extra.why_not or ("" if fits else f"It is for {extra.family}, this model is {model.family}.")
    return ExtraChoice(path=extra.path, title=extra.title, why_not=why)
