"""Keeps knobs, prompt box and frame in step: size and frame, mode and its words, what a recall brings back."""

from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.picture_models import PictureModels
from studio.core.pictures import Box, ImageJob, Variation
from studio.media.picture.asking import (
    AUTO,
    TITLES,
    FrameFacts,
    job_size,
    mode_for,
    tip_for,
    why_not,
    words_for,
)
from studio.media.picture.recall import Towards
from studio.media.picture.settings import PictureSettings, settings_of
from studio.panes.image.mode_menu import ModeChoice
from studio.panes.image.pane import PicturePane

USUAL_TAKES: Final = 4
VARIES: Final = "The next takes are the same variation, until the seed is another or the variation 0."


class PictureKnobsDesk(QObject):
    """`wanted` is the mode the person chose; AUTO follows what lies in the frame."""

    changed = Signal()
    frame_wanted = Signal(object)  # (width, height): the person chose another size

    def __init__(self, pane: PicturePane, models: PictureModels, parent: QObject) -> None:
        super().__init__(parent)
        self.wanted = AUTO
        self._pane, self._models = pane, models
        self._facts = FrameFacts()
        self._frame = Box(x=0, y=0, width=512, height=512)
        self._size = (0, 0)
        self._told = (0, 0)  # the size that was last asked for in numbers
        self._towards: tuple[int | None, Towards] | None = None  # a recalled variation, and its recipe's seed
        pane.knobs.changed.connect(self._on_changed)
        pane.prompt.changed.connect(self._on_prompt)
        pane.prompt.mode_wanted.connect(self._on_mode)

    def open(self, job: ImageJob | None) -> None:
        """The knobs as they stood when a picture was last asked for; of a new one they stay."""
        self.wanted, self._facts, self._towards = AUTO, FrameFacts(), None
        self._told = (job.width, job.height) if job is not None else (0, 0)
        prompt = self._pane.prompt
        if job is None:
            prompt.set_words("")
            return
        prompt.set_words(job.prompt)
        prompt.set_takes(job.takes)
        if not self._models.why_not(job.model):
            self._models.choose(job.model)
            values = self._pane.knobs.values()
            kept = settings_of(job).changed(seed=None, width=values.width, height=values.height)
            self._pane.knobs.set_values(kept)

    def settings(self) -> PictureSettings:
        """What a job is made from."""
        settings: PictureSettings = self._pane.knobs.settings().changed(takes=self._pane.prompt.takes())
        return settings

    # -- size and frame ---------------------------------------------------------------------------

    @Slot(object)
    def follow_frame(self, frame: Box) -> None:
        """The frame is another one: the knobs say in which size it is drawn."""
        card = self._models.card
        self._frame = frame
        size = job_size(frame, card.size if card else (512, 512), card.grid_px if card else 8)
        if (frame.width, frame.height) == self._told:
            size = self._told  # the person said so in numbers: it is drawn so, however large
        self._size = size
        values = self._pane.knobs.values()
        if (values.width, values.height) != size:
            self._pane.knobs.set_values(values.changed(width=size[0], height=size[1]))

    @Slot()
    def _on_changed(self) -> None:
        values = self._pane.knobs.values()
        size = (values.width, values.height)
        if size != self._size:
            self._size = self._told = size
            self.frame_wanted.emit(size)
        if values.takes != self._pane.prompt.takes():
            self._pane.prompt.set_takes(values.takes)
        self._show_mode()
        self.changed.emit()

    @Slot()
    def _on_prompt(self) -> None:
        values = self._pane.knobs.values()
        if values.takes != self._pane.prompt.takes():
            self._pane.knobs.set_values(values.changed(takes=self._pane.prompt.takes()))

    # -- the mode ---------------------------------------------------------------------------------

    @Slot(str)
    def _on_mode(self, mode: str) -> None:
        self.wanted = mode
        self._show_mode()
        self.changed.emit()

    def show_mode(self, facts: FrameFacts) -> None:
        """Say what the next takes will be, with this in the frame."""
        self._facts = facts
        self._show_mode()

    def _show_mode(self) -> None:
        facts, values, chosen = self._facts, self._pane.knobs.values(), self._models.chosen
        mode = mode_for(facts, self.wanted)
        auto = mode_for(facts, AUTO)
        choices = [
            ModeChoice(mode=AUTO, title=f"As the frame is: {TITLES[auto].lower()}", tip=tip_for(auto, facts))
        ]
        for other, title in TITLES.items():
            reason = why_not(facts, other) or (self._models.why_not(chosen, other) if chosen else "")
            choices.append(ModeChoice(mode=other, title=title, tip=tip_for(other, facts), why_not=reason))
        words = words_for(mode, facts, values.strength, values.factor)
        self._pane.prompt.mode.show_mode(words, tip_for(mode, facts), choices, self.wanted)
        self._pane.knobs.set_mode(mode)

    # -- recall -----------------------------------------------------------------------------------

    def variation(self, seed: int) -> Variation | None:
        """The variation that was recalled, for a job of this seed; over once the knobs say another seed or none."""
        values = self._pane.knobs.values()
        if self._towards is None or self._towards[0] != values.seed or not values.variation:
            return None
        return msgspec.structs.replace(self._towards[1], strength=values.variation).variation(seed)

    def recall(
        self,
        settings: PictureSettings,
        what: str,
        prompt: str = "",
        model: str = "",
        towards: Towards | None = None,
        mode: str = AUTO,
    ) -> str:
        """Bring back "all" of a recipe, or its "prompt", "seed" or "size"; what could not be taken over, in words.

        `towards` is the variation it was, `mode` what it did: both belong to "all" of it.
        """
        knobs, missing = self._pane.knobs, ""
        values = knobs.values()
        if what in ("all", "prompt"):
            self._pane.prompt.set_words(prompt)
            values = values.changed(negative=settings.negative)
        if what == "all":
            missing = self._models.why_not(model) if model else ""
            if model and not missing:
                self._models.choose(model)
            values = settings
            self.wanted = mode if mode in ("text", "upscale") else AUTO  # the others follow the frame
            self._towards = None if towards is None else (settings.seed, towards)
        elif what == "seed":
            values = values.changed(seed=settings.seed)
        elif what == "size":
            values = values.changed(width=settings.width, height=settings.height)
        knobs.set_values(values)
        if what == "all":
            self._show_mode()
        return missing
