"""Keeps knobs and prompt box in step with each other and with what the person points at in the piece."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.core.piece_settings import NEW_TRACK, PieceSettings
from studio.core.pieces import TASKS, PieceJob, Task
from studio.media.music.asking import (
    MAKES_TRACK,
    TIPS,
    TITLES,
    Aim,
    Choice,
    Ends,
    aim,
    tail,
    unheld,
    why_not,
    words,
    writes_drums,
)
from studio.media.music.asking_job import settings_of
from studio.media.music.instruments import program_name
from studio.media.music.keyfinding import find_key
from studio.media.music.score import Key, Score
from studio.media.music.take_places import bar_span, between
from studio.media.music.theory import key_at, key_name
from studio.panes.music.task_menu import TaskChoice
from studio.widgets.piece_knob_words import NEW
from studio.widgets.piece_knobs_key import KeyFacts

if TYPE_CHECKING:
    from studio.app.piece_desk import PieceDesk

LOOK_DELAY_MS: Final = 80
NEAR_BARS: Final = 16  # around the asked ones: their notes tell the key


class PieceKnobsDesk(QObject):
    """The knobs are the truth; the prompt box shows those that are turned most often."""

    changed = Signal()

    def __init__(self, desk: "PieceDesk", parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._pane = desk, desk.pane
        self._ends = Ends()
        self._look = QTimer(self, singleShot=True, interval=LOOK_DELAY_MS)
        self._look.timeout.connect(self.look_now)
        pane = self._pane
        pane.knobs.changed.connect(self._on_knobs)
        pane.prompt.changed.connect(self._on_prompt)
        pane.prompt.task_wanted.connect(self.set_task)
        for part in (pane.knobs, pane.prompt):
            part.key_menu_opened.connect(self.look_for_key)
        for told in (desk.shown, desk.track_shown, desk.range_changed, pane.tracks.chosen_changed):
            told.connect(self.look_soon)
        pane.roll.selection_changed.connect(self.look_soon)
        pane.roll.seen_changed.connect(self.look_soon)
        desk.models.shown.connect(self.look_soon)
        desk.opened.connect(self._on_opened)

    def settings(self) -> PieceSettings:
        """What the knobs say."""
        return self._pane.knobs.values()

    def set_settings(self, settings: PieceSettings) -> None:
        """Turn the knobs."""
        self._pane.knobs.set_values(settings)

    # -- what is pointed at -----------------------------------------------------------------------

    def choice(self) -> Choice:
        """What the person points at now."""
        desk, roll = self._desk, self._pane.roll
        return Choice(
            tracks=self._pane.tracks.chosen(),
            shown=desk.track,
            bars=desk.range,
            notes=roll.selection(),
            seen=roll.state.sight.span,
        )

    def aim(self, task: Task | None = None) -> Aim:
        """What a task (the knobs' own when None) would be about."""
        settings = self.settings()
        return aim(self._desk.score, task or settings.task, self.choice(), settings.bars, self._ends)

    def reason(self, wanted: Aim) -> str:
        """Why this cannot be asked of the piece, or of the model; "" when it can."""
        score, models = self._desk.score, self._desk.models
        if reason := why_not(score, wanted, self._ends):
            return reason
        if not models.chosen:
            return ""  # the box says so by itself
        drums = models.why_not(models.chosen, "drums") if writes_drums(score, wanted) else ""
        return models.why_not(models.chosen, wanted.task) or drums

    @Slot()
    def look_soon(self) -> None:
        """Something that is pointed at changed: say soon what would be asked."""
        self._look.start()

    @Slot()
    def look_now(self) -> None:
        """Say what would be asked, and which tasks cannot be."""
        self._look.stop()
        desk, pane, settings = self._desk, self._pane, self.settings()
        if desk.session is None:
            return
        choice = self.choice()
        aims = {task: aim(desk.score, task, choice, settings.bars, self._ends) for task in TASKS}
        reasons = {task: self.reason(wanted) for task, wanted in aims.items()}
        choices = [
            TaskChoice(task=task, title=TITLES[task], tip=TIPS[task], why_not=reasons[task]) for task in TASKS
        ]
        wanted = aims[settings.task]
        said = words(desk.score, wanted, settings)
        reason = reasons[settings.task] or unheld(desk.score, wanted, settings)
        pane.prompt.show_tasks(settings.task, choices)
        pane.prompt.show_asking(said, tail(desk.score, wanted), reason, counts_bars=wanted.counts_bars)
        pane.knobs.show_asking(said, {str(task): reason for task, reason in reasons.items()})
        pane.knobs.set_tracks(self._named_tracks(settings.task))
        self._show_key(wanted)

    def _named_tracks(self, task: Task) -> list[tuple[str, str]]:
        tracks = [
            (track.id, track.name or program_name(track.program, track.drums))
            for track in self._desk.score.tracks
        ]
        return [*tracks, (NEW_TRACK, NEW)] if task in MAKES_TRACK else tracks

    # -- the key ------------------------------------------------------------------------------------

    def _show_key(self, wanted: Aim, found: str = "") -> None:
        own = self._own_key(wanted)
        facts = KeyFacts(key_name(own) if own is not None else "", found)
        self._pane.prompt.show_key_facts(facts)
        self._pane.knobs.show_key_facts(facts)

    def _own_key(self, wanted: Aim) -> Key | None:
        """The piece's key at the first of some bars."""
        score = self._desk.score
        return key_at(score.keys, bar_span(score, wanted.first_bar, wanted.last_bar)[0])

    @Slot()
    def look_for_key(self) -> None:
        """The key menu opens: say which key the notes are in."""
        wanted = self.aim()
        self._show_key(wanted, self._found_key(wanted))

    def _found_key(self, wanted: Aim) -> str:
        """The key of the notes around some bars; "" when there are none. Many bars away they say nothing of it."""
        score = self._desk.score
        start, end = bar_span(score, max(0, wanted.first_bar - NEAR_BARS), wanted.last_bar + NEAR_BARS)
        near = [note for track in score.tracks if not track.drums for note in between(track, start, end)]
        guess = find_key(near)
        return key_name(guess.key) if guess is not None else ""

    # -- in step ------------------------------------------------------------------------------------

    @Slot(str)
    def set_task(self, task: Task) -> None:
        """Ask for something else; the reason is told where that cannot be."""
        self.set_settings(self.settings().changed(task=task))

    def _held_key(self, job: PieceJob, base: Score | None) -> str:
        """The key a job was held in, where it was not the piece's own; "" else."""
        if not job.hold_key or base is None:
            return ""
        start = bar_span(base, job.first_bar, job.last_bar)[0]
        held, own = key_at(base.keys, start), key_at(self._desk.score.keys, start)
        return key_name(held) if held is not None and (own is None or key_name(own) != key_name(held)) else ""

    def toggle_key(self) -> None:
        """Hold the key, or let go of it: the piece's own, else a chosen one, else that of its notes."""
        settings = self.settings()
        key = settings.key
        wanted = self.aim()
        if not settings.hold_key and not key and self._own_key(wanted) is None:
            key = self._found_key(wanted)
        self.set_settings(settings.changed(hold_key=not settings.hold_key, key=key))

    def toggle_chords(self) -> None:
        """Hold the chords of the chord track, or let go of them."""
        settings = self.settings()
        self.set_settings(settings.changed(hold_chords=not settings.hold_chords))

    @Slot()
    def _on_knobs(self) -> None:
        self._pane.prompt.show_settings(self.settings())
        self.look_now()
        self.changed.emit()

    @Slot()
    def _on_prompt(self) -> None:
        self.set_settings(self._pane.prompt.settings(self.settings()))

    @Slot(str)
    def _on_opened(self, _work: str) -> None:
        """The knobs as they stood when the piece was last asked for; of a new one they stay, but for the task."""
        last = next(iter(self._desk.judged.shown()), None)
        job = last.recipe.job if last is not None else None
        if last is not None and isinstance(job, PieceJob):
            self.recall(job, "all", self._desk.judged.base_of(last.id), seed=False)
        elif not self._desk.score.note_count:
            self.set_settings(self.settings().changed(task="continue"))
        self._pane.prompt.show_settings(self.settings())
        self.look_now()

    def recall(
        self, job: PieceJob, what: str = "all", base: Score | None = None, *, seed: bool = True
    ) -> str:
        """Bring back "all" knobs of a job, or its "seed"; why its model could not be chosen, "" when it was.

        `base` is the score it was asked for: it tells which key was held.
        """
        settings, missing = self.settings(), ""
        if what == "seed":
            self.set_settings(settings.changed(seed=job.seed))
            return ""
        missing = self._desk.models.why_not(job.model)
        if not missing:
            self._desk.models.choose(job.model)
        told = settings_of(job, settings, seed=seed)
        self.set_settings(told.changed(key=self._held_key(job, base)))
        if seed and what == "all":
            there = job.last_bar < len(self._ends.bars(self._desk.score))
            self._desk.set_range((job.first_bar, job.last_bar) if there else None)
        return missing
