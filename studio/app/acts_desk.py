"""Acts on a selected passage: which the model can do, their templates, tones and checks."""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.models_desk import ModelsDesk
from studio.app.places import Places
from studio.app.settings import Settings
from studio.catalog.abilities import Abilities
from studio.core.errors import StudioError
from studio.core.events import Check, Checked, Checking
from studio.core.ids import new_id
from studio.core.jobs import Act, Frame
from studio.core.resources import resource_path
from studio.engine.thread import EngineThread
from studio.engine.views import Problem
from studio.media.frames import answer_tokens, read_frames
from studio.panes.text.pane import Proposal, TextPane
from studio.widgets.act_menu import TONES, ActChoice

TITLES: Final[dict[Act, str]] = {
    "continue": "Continue",
    "rewrite": "Rewrite",
    "expand": "Expand",
    "shorten": "Shorten",
    "describe": "Describe",
    "tone": "Change tone",
    "instruct": "Instruction…",
}
TIPS: Final[dict[Act, str]] = {
    "continue": "Go on from the cursor",
    "rewrite": "The same in other words",
    "expand": "The same in more words, with more of it shown",
    "shorten": "The same in fewer words",
    "describe": "More for the senses: what is seen, heard, smelt",
    "tone": "The same in another tone",
    "instruct": "What you say in a line of your own",
}
ASKED: Final[dict[Act, str]] = {  # acts that need a word of the person's own
    "tone": "Say in the line beside the note which tone the passage should have.",
    "instruct": "Say in the line beside the note what should become of the passage.",
}
TONES_KEY: Final = "acts/tones"
LATER_MS: Final = 250  # the window is painted by then; reading what a model can do may take its weights' hash
HOW: Final = "“Check what this model can do” in the Ask menu finds out; another model may be able."


class ActsDesk(QObject):
    """Joins the menu of acts with the templates on disk and with what was found out about the model."""

    wanted = Signal()  # propose now, with what the box says
    changed = Signal(object)  # tuple of ActChoice: which acts there are for the chosen model
    notice = Signal(str, str)  # what, do

    def __init__(
        self,
        pane: TextPane,
        settings: Settings,
        places: Places,
        models: ModelsDesk,
        engine: EngineThread,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.edit_tones: Callable[[], object] = lambda: None  # opens the list of tones
        self._pane = pane
        self._settings = settings
        self._models = models
        self._engine = engine
        self._folders = (resource_path("acts"), places.data / "acts")
        self._abilities = Abilities(places.data / "abilities.json")
        self._frames: dict[Act, Frame] = {}
        self._told: set[str] = set()  # what is wrong with templates, as it was said last
        self._check = self._checked_model = ""  # the check that runs, and of which model
        pane.act_chosen.connect(self.choose)
        pane.act_requested.connect(self.run)
        pane.check_requested.connect(self.check)
        pane.tones_requested.connect(self._on_tones)
        self._later = QTimer(self, singleShot=True, interval=LATER_MS)
        self._later.timeout.connect(self.refresh)
        models.shown.connect(self._later.start)
        pane.prompt.acts.opening.connect(self.refresh)
        engine.checking.connect(self._on_checking)
        engine.checked.connect(self._on_checked)
        engine.check_failed.connect(self._on_check_failed)

    # -- what there is ---------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Read the templates and the results anew and show what the chosen model can do."""
        self._later.stop()
        self._read_templates()
        choices = tuple(self._choice(act) for act in TITLES)
        self._pane.set_acts(choices, self.tones())
        self.changed.emit(choices)

    def _choice(self, act: Act) -> ActChoice:
        why_not = self.why_not(act)
        return ActChoice(
            act=act,
            title=TITLES[act],
            why_not=why_not,
            short=self._short(act) if why_not else "",
            tip=TIPS[act],
            selects=act != "continue",
        )

    def _short(self, act: Act) -> str:
        """Why an act is not offered, in a few words."""
        model = self._pane.prompt.values().model
        check = self._abilities.of(self._models.where(model), self._templates()).get(act)
        if act not in self._templates():
            return "its template is missing"
        return f"{check.passed} of {check.of} tries, {check.need} needed" if check else "not checked yet"

    def template(self, act: Act) -> Frame | None:
        """How an act is put to a model; None when its file is missing or damaged."""
        return self._templates().get(act)

    def _templates(self) -> dict[Act, Frame]:
        if not self._frames:
            self._read_templates()
        return self._frames

    def _read_templates(self) -> None:
        """A file that cannot be used is told once, and again when it was changed and still cannot."""
        found = read_frames(self._folders)
        self._frames = found.frames
        told, self._told = self._told, {str(problem) for problem in found.problems}
        for problem in found.problems:
            if str(problem) not in told:
                self.notice.emit(problem.what, f"{problem.kept} {problem.do}".strip())

    def why_not(self, act: Act, model: str = "") -> str:
        """Why the model (else the chosen one) is not offered for an act, a sentence; "" when it is."""
        model = model or self._pane.prompt.values().model
        if act == "continue" or not model:
            return ""
        return self._abilities.why_not(act, self._models.where(model), self._templates())

    def reads_on(self, model: str, act: Act) -> bool:
        """Whether the text after the caret goes along: not to a model that was found to do worse with it."""
        if act != "continue":
            return True
        check = self._abilities.of(self._models.where(model), self._templates()).get("fill_in")
        return check is None or check.usable

    def why_not_now(self, proposal: Proposal) -> str:
        """Why what the box says can't be asked right now, "" when it can."""
        act = proposal.values.act
        if act == "continue":
            return ""
        if not proposal.selection:
            return "Select the passage first."
        if self._pane.value().is_locked(proposal.at, proposal.at + len(proposal.selection)):
            return "Part of that passage is locked. Unlock it first: put the cursor into it and press Ctrl+L."
        if reason := self.why_not(act):
            return f"{TITLES[act].rstrip('…')} is not offered. {reason}"
        return ASKED.get(act, "") if not proposal.values.instruction else ""

    def fields(self, proposal: Proposal) -> dict[str, Any]:
        """What a job for this act holds beside the text around it."""
        act, values = proposal.values.act, proposal.values
        if act == "continue":
            return {"tokens": values.tokens}
        frame = self._templates()[act]
        return {
            "act": act,
            "selection": proposal.selection,
            "instruction": values.instruction if act in ASKED else "",
            "frame": frame,
            "tokens": answer_tokens(frame, proposal.selection),
            "trim": "none",
        }

    # -- what the person wants -------------------------------------------------------------------

    @Slot(str, str)
    def choose(self, act: Act, tone: str = "") -> None:
        """Propose asks for this from now on."""
        prompt = self._pane.prompt
        prompt.choose_act(act, tone or None)
        if act in ASKED and not tone and prompt.acts.act() == act:
            prompt.focus_instruction()

    @Slot(str, str)
    def run(self, act: Act, tone: str = "") -> None:
        """Ask for it at once; an act that needs a word of the person's waits for it."""
        start, end = self._pane.selection()
        reason = self.why_not(act)
        if reason:
            title = TITLES[act].rstrip("…")
            self.notice.emit(f"{title} is not offered. {reason}", HOW)
        elif start == end:
            self.notice.emit("Select the passage first.", f"Then: {TIPS[act].lower()}.")
        else:
            self.refresh()  # the box may not know yet what the model can do, and would stay at Continue
            self.choose(act, tone)
            if act not in ASKED or tone:
                self.wanted.emit()

    def tones(self) -> tuple[str, ...]:
        """The tones to choose from, the person's own list if there is one."""
        kept = self._settings.text(TONES_KEY).splitlines()
        return tuple(kept) or TONES

    @Slot()
    def _on_tones(self) -> None:
        self.edit_tones()

    def set_tones(self, tones: tuple[str, ...]) -> None:
        """Keep another list; an empty one brings the usual back."""
        if tones:
            self._settings.keep(TONES_KEY, "\n".join(tones))
        else:
            self._settings.forget(TONES_KEY)
        self.refresh()

    # -- checks ----------------------------------------------------------------------------------

    @Slot()
    def check(self) -> None:
        """Find out what the chosen model can do; the result is kept."""
        model = self._pane.prompt.values().model
        if self._check or not model or self._models.why_not(model):
            return
        self._read_templates()
        self._check, self._checked_model = new_id(), model
        frames = tuple(self._frames[act] for act in self._frames)
        self._engine.check(Check(id=self._check, model=model, frames=frames))
        self._show_check(0.0)

    def stop(self) -> None:
        """Stop a check; what was tried is kept."""
        if self._check:
            self._engine.cancel(self._check)

    @property
    def checking(self) -> bool:
        """A check runs or waits."""
        return bool(self._check)

    def _show_check(self, share: float) -> None:
        words = f"Checking what this model can do: {share:.0%}. Esc stops it." if self._check else ""
        self._pane.prompt.set_notice(words)
        self._pane.prompt.acts.set_checking(words.partition(".")[0])

    @Slot(object)
    def _on_checking(self, checking: Checking) -> None:
        if checking.id == self._check:
            self._show_check(checking.done)

    @Slot(object)
    def _on_checked(self, checked: Checked) -> None:
        try:
            self._abilities.note(checked)
        except StudioError as error:
            self.notice.emit(f"What this model can do could not be kept. {error.what}", error.do)
        if checked.id != self._check:
            return
        self._end_check()
        can = [TITLES[a.act].rstrip("…").lower() for a in checked.acts if a.usable and a.act in TITLES]
        if self._checked_model == self._pane.prompt.values().model:
            what, do = "This model", "The menu left of the model says why of each act that is grey."
        else:  # another was chosen meanwhile
            what = f"“{self._models.titles().get(self._checked_model, self._checked_model)}”"
            do = "Choose it in the model menu to use what it can."
        if can:
            self.notice.emit(f"{what} can: {', '.join(can)}.", do)
        elif checked.acts:
            self.notice.emit(f"{what} passed none of the checks.", do)
        else:
            self.notice.emit(
                "The check was stopped before an act was tried through.", "Nothing is known anew."
            )

    @Slot(object)
    def _on_check_failed(self, problem: Problem) -> None:
        if problem.job in ("", self._check):
            self._end_check()

    def _end_check(self) -> None:
        self._check = ""
        self._show_check(0.0)
        self.refresh()
