"""Makes jobs of what the person wants of the image model: new takes, others, more of a kind, the very same again."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.picture_asking import Ask, Packed, compose, job_of, look_at, pack
from studio.app.picture_desk import PictureDesk
from studio.app.session import Session
from studio.app.tasks import Tasks, in_thread
from studio.core.errors import StudioError
from studio.core.ids import new_id
from studio.core.pictures import MODES, ImageJob, Mode, Variation
from studio.core.takes import Take
from studio.media.picture.again import batch_of
from studio.media.picture.asking import mode_for, why_not
from studio.media.picture.prompting import expanded
from studio.media.picture.wildcards import Wildcards

SEED_BITS: Final = 32
USUAL_VARIATION: Final = 0.25  # where the knob says 0, which would make the same picture
NESTED_STRENGTH: Final = 0.4  # how much of a variation is redrawn for more like it
_CHOOSE: Final = "Choose another model below the canvas."


class PictureProposals(QObject):
    """Everything is asked of the open picture; jobs with pictures are packed beside the window's thread."""

    notice = Signal(str, str)  # what, do
    compared = Signal(str, str, str)  # what came of making a take again: words, advice, tone

    def __init__(self, desk: PictureDesk, tasks: Tasks, wildcards: Wildcards, parent: QObject) -> None:
        super().__init__(parent)
        self._desk, self._tasks, self._wildcards = desk, tasks, wildcards
        self._again: dict[str, Take] = {}  # by job: the take that it makes once more
        desk.pane.prompt.propose_requested.connect(self.propose)
        desk.judged.ended.connect(self._on_ended)

    @Slot()
    def propose(self) -> None:
        """Ask for takes of what lies in the frame, as soon as all of it can be seen."""
        if self._desk.session is not None and not self._desk.damaged:
            self._desk.pane.close_over()
            self._desk.when_seen(self._propose)

    def _propose(self) -> None:
        desk, knobs = self._desk, self._desk.knobs
        facts = look_at(desk.pane.canvas, desk.doc.frame)
        knobs.show_mode(facts)
        mode = mode_for(facts, knobs.wanted)
        if reason := next((why_not(facts, m) for m in MODES if m == knobs.wanted), ""):
            self.notice.emit(reason, "")
        elif mode != "upscale" and not desk.pane.prompt.words():
            self.notice.emit("The prompt is empty.", "Say in a few words what should be drawn.")
            desk.focus()
        elif not self._refused(desk.models.chosen, mode):
            ask = compose(desk.pane.canvas, mode, desk.doc.frame, knobs.settings())
            self._ask(msgspec.structs.replace(ask, bound=self._bound(mode)))

    def _bound(self, mode: Mode) -> dict[str, Any]:
        """What belongs to this work and this moment: it may be another one before the frame is packed."""
        desk = self._desk
        assert desk.session is not None
        settings, words = desk.knobs.settings(), desk.pane.prompt.words()
        seed = secrets.randbits(SEED_BITS) if settings.seed is None else settings.seed
        return {
            "seed": seed,
            "work": desk.work,
            "parent": desk.session.history(desk.work).head,
            "prompt": words,
            "model": desk.models.chosen,
            "variation": desk.knobs.variation(seed) if mode != "upscale" else None,
        }

    def _ask(self, ask: Ask) -> None:
        desk = self._desk
        if ask.is_plain:
            self._submit_ask(ask, Packed())
            return
        desk.pane.strip.set_waiting(ask.settings.takes, "packing the frame…")
        work = desk.work
        desk.jobs.packing(work, 1)
        desk.pane.set_running(True)

        def over(_task: object) -> None:
            desk.jobs.packing(work, -1)
            desk.show_running()

        # told by the task, as one that is stopped before it began runs nothing of its own
        self._tasks.start(self._pack(ask, desk.session, desk.jobs.stops(work))).add_done_callback(over)

    async def _pack(self, ask: Ask, session: Session | None, stops: int) -> None:
        jobs, work = self._desk.jobs, ask.bound["work"]
        packed = await in_thread(pack, ask)
        if session is not None and not session.closed and jobs.stops(work) == stops:
            session.write(lambda store: store.put_assets(packed.files))
            self._submit_ask(ask, packed)

    def _submit_ask(self, ask: Ask, packed: Packed) -> None:
        words, seed = ask.bound["prompt"], ask.bound["seed"]
        with self._telling():
            prompts = expanded(words, seed, ask.settings.takes, self._wildcards)
            self.submit(job_of(ask, packed, id=new_id(), prompts=prompts))

    def submit(self, job: ImageJob) -> None:
        """Queue a job; mostly one of the open picture."""
        pane = self._desk.pane
        if job.work != self._desk.work:
            self._desk.jobs.submit(job)
            return
        pane.close_over()
        if not self._desk.jobs.live(self._desk.work):
            pane.strip.set_waiting(job.takes, "waiting for the model…")
            pane.set_progress(0.0)
        pane.knobs.show_seed(job.seed)
        pane.set_running(True)
        self._desk.jobs.submit(job)

    # -- of a take ---------------------------------------------------------------------------------

    @Slot(str)
    def regenerate(self, take_id: str = "") -> None:
        """The same request with a new seed; without an earlier one, a first proposal."""
        job = self._desk.jobs.unborn(self._desk.work) or self._desk.judged.job_of(take_id)
        if job is None:
            self.propose()
        elif not self._refused(job.model, job.mode):
            with self._telling():
                self.submit(self._fresh(job))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What stands in the way of a request is told: a wildcard list that is gone, knobs that don't agree."""
        try:
            yield
        except msgspec.ValidationError as error:
            self.notice.emit(f"These knobs do not go together: {error}.", "Change them in the knobs (F4).")
        except StudioError as error:
            self.notice.emit(error.what, error.do)

    def _fresh(self, job: ImageJob, **changes: object) -> ImageJob:
        """The same request with another seed: alternatives are chosen anew, and how much is drawn at once."""
        seed = secrets.randbits(SEED_BITS)
        prompts = expanded(job.prompt, seed, job.takes, self._wildcards) if job.prompts else ()
        fresh = {"id": new_id(), "seed": seed, "prompts": prompts, "batch": 0, "rungs": ()}
        if job.variation is not None:  # of the same noise, towards another
            fresh["variation"] = job.variation.changed(seed=seed)
        out: ImageJob = job.changed(**(fresh | changes))
        return out

    @Slot(str)
    def more_like(self, take_id: str) -> None:
        """Variations of a take: its noise, some way towards another's; of a variation, a light redrawing of it."""
        take = self._desk.judged.takes.get(take_id)
        if take is None or take.picture is None:
            return
        job, strength = take.recipe.drawing, self._desk.pane.knobs.values().variation or USUAL_VARIATION
        words = job.prompt_of(take.index)
        redrawn = job.variation is not None or job.mode == "upscale"
        if self._refused(job.model, "image" if redrawn else job.mode):
            return
        if redrawn:
            self._redraw(take, NESTED_STRENGTH)
            return
        plain = job.changed(takes=self._desk.pane.prompt.takes(), prompts=())
        fresh = self._fresh(plain, prompt=words, from_take=take.id)
        variation = Variation(seed=fresh.seed, base_seed=take.seed, strength=strength)
        self.submit(fresh.changed(variation=variation))

    @Slot(str)
    def from_take(self, take_id: str) -> None:
        """Redraw a take, as far as the strength says, with the prompt and the knobs of today."""
        take = self._desk.judged.takes.get(take_id)
        if (
            take is not None
            and take.picture is not None
            and not self._refused(self._desk.models.chosen, "image")
        ):
            self._redraw(take, self._desk.pane.knobs.values().strength, today=True)

    def _redraw(self, take: Take, strength: float, today: bool = False) -> None:
        desk, job = self._desk, take.recipe.drawing
        assert take.picture is not None
        settings = desk.knobs.settings()
        seed = secrets.randbits(SEED_BITS)
        words = desk.pane.prompt.words() if today else ""
        words = words or job.prompt_of(take.index)
        bound: dict[str, Any] = {
            "id": new_id(),
            "work": job.work,
            "parent": take.parent,
            "from_take": take.id,
            "mode": "image",
            "prompt": words,
            "model": desk.models.chosen if today else job.model,
            "init": take.picture.asset,
            "lock": "",
            "strength": strength,
            "width": job.width,
            "height": job.height,
            "box": job.box,
        }
        with self._telling():
            bound["prompts"] = expanded(words, seed, settings.takes, self._wildcards) if today else ()
            self.submit(settings.job(seed=seed, **bound))

    @Slot(str)
    def enlarge(self, take_id: str) -> None:
        """A take's own picture, larger, as the knobs say; it was not on the canvas, so no lock holds it."""
        take = self._desk.judged.takes.get(take_id)
        if take is None or take.picture is None:
            return
        desk, job = self._desk, take.recipe.drawing
        if self._refused(desk.models.chosen, "upscale"):
            return
        settings, seed = desk.knobs.settings(), secrets.randbits(SEED_BITS)
        if not settings.redraw_tiles:
            settings = settings.changed(takes=1)  # the others would be the very same
        bound: dict[str, Any] = {
            "id": new_id(),
            "work": job.work,
            "parent": take.parent,
            "from_take": take.id,
            "mode": "upscale",
            "prompt": job.prompt_of(take.index),
            "model": desk.models.chosen,
            "init": take.picture.asset,
            "box": job.box,
        }
        self.submit(settings.job(seed=seed, **bound))

    @Slot(str)
    def again(self, take_id: str) -> None:
        """Make a take's job once more, exactly; whether the pixels are the same is told when it is there."""
        take = self._desk.judged.takes.get(take_id)
        if take is None or take.picture is None or take.recipe.made is None:
            self.notice.emit("There is no finished take to make again.", "Choose one in the strip.")
            return
        job, drawn = take.recipe.drawing, take.recipe.made.drawn
        if self._refused(job.model, job.mode):
            return
        batch = batch_of(drawn.batches, take.index) if drawn else 0
        replay = job.changed(id=new_id(), batch=batch, rungs=drawn.rungs if drawn else ())
        self._again[replay.id] = take
        self.submit(replay)

    @Slot(object)
    def _on_ended(self, made: Take) -> None:
        first = self._again.get(made.job)
        if first is None or made.index != first.index:
            return
        del self._again[made.job]
        self.compared.emit(*verdict_of(first, made))

    def _refused(self, model: str, mode: str) -> bool:
        reason = self._desk.models.why_not(model, mode)
        if reason:
            self.notice.emit(reason, _CHOOSE)
        return bool(reason)


def verdict_of(first: Take, made: Take) -> tuple[str, str, str]:
    """Whether a take that was made again is the same: words, advice, tone."""
    if made.picture is None or first.picture is None or made.status != "done":
        return "The take was not made again to its end.", "Try it again.", "info"
    if made.picture.asset == first.picture.asset:
        return "Made again exactly: every pixel is the same.", "", "success"
    before, now = first.recipe.made, made.recipe.made
    reasons = []
    if before is not None and now is not None:
        for name, words in (
            ("model_sha256", "the model's files"),
            ("device", "the device"),
            ("dtype", "the number format"),
            ("threads", "the number of threads"),
            ("torch", "the version of torch"),
        ):
            if getattr(before, name) != getattr(now, name):
                reasons.append(words)
    why = f"{', '.join(reasons)} changed meanwhile." if reasons else "Nothing in the recipe says why."
    return "Made again, but not every pixel is the same.", why[:1].upper() + why[1:], "warning"
