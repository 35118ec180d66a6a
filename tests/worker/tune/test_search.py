"""A search tries settings, ends poor trials early, keeps the best one's result, and goes on where it was killed."""

from pathlib import Path

import pytest

from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Evaluated, Noted
from studio.core.tune_run import RunFolder
from studio.core.tuning import AdapterSettings, OptimizerSettings, SearchSettings, TuneSettings
from studio.media.dataset.found import Survey
from studio.worker.tune.run import Run, Trained
from studio.worker.tune.search import chosen, search

BEST_RATE = 3e-3


class Learner:
    """Learns at a speed that its rate decides: a trainer whose outcome is known."""

    def __init__(self, killed_at: int = -1, fails_at: int = -1) -> None:
        self.seen: list[TuneSettings] = []
        self.folders: list[Path] = []
        self._killed_at, self._fails_at = killed_at, fails_at

    def __call__(self, run: Run) -> Trained:
        self.seen.append(run.settings)
        self.folders.append(run.folder.path)
        if len(self.seen) - 1 == self._fails_at:
            raise StudioError("It ran out of memory.", code="memory")
        rate = run.settings.optimizer.rate
        off = max(rate / BEST_RATE, BEST_RATE / rate)
        best, step = 9.0, 0
        for step in range(1, 5):
            best = 1.0 + off / step
            run.tell(Evaluated(step=step, steps=4, val_loss=best))
            if len(self.seen) - 1 == self._killed_at and step == 2:
                raise KeyboardInterrupt  # as a kill: nothing more is written
            if run.want() == "stop":
                break
        run.staged.mkdir(exist_ok=True)
        (run.staged / "rate.txt").write_text(repr(rate))
        losses = ((0, float("nan"), 9.0), (step, best, best))
        return Trained(
            step=step,
            steps=4,
            stopped=False,
            best_step=step,
            best_val=best,
            losses=losses,
            adapter=run.staged,
        )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    settings = TuneSettings(
        art="text",
        base="b",
        folder="f",
        steps=100,
        adapter=AdapterSettings(rank=8, alpha=16.0),
        optimizer=OptimizerSettings(rate=1e-3, batch=8),
        search=SearchSettings(trials=8),
    )
    return Run(RunFolder.create(tmp_path / "runs", settings), settings, Survey(art="text", folder="f"))


def told(run: Run) -> list[Noted]:
    return [event for event, _ in run.folder.events() if isinstance(event, Noted)]


def test_the_best_of_all_trials_is_what_is_kept(run: Run) -> None:
    learner = Learner()
    trained = search(run, learner)
    assert len(learner.seen) == 8 and len({one.optimizer.rate for one in learner.seen}) > 4
    assert all(1e-4 <= one.optimizer.rate <= 1e-2 for one in learner.seen)
    assert {one.steps for one in learner.seen} <= {50, 100, 200}
    assert {one.adapter.alpha / one.adapter.rank for one in learner.seen} == {2.0}
    best = min(
        learner.seen, key=lambda one: max(one.optimizer.rate / BEST_RATE, BEST_RATE / one.optimizer.rate)
    )
    assert trained.adapter == run.staged
    assert (run.staged / "rate.txt").read_text() == repr(best.optimizer.rate)
    assert run.settings.optimizer.rate == best.optimizer.rate and run.settings.search.trials == 8
    assert told(run)[-1].code == "best" and "The best of 8" in told(run)[-1].what


def test_poor_trials_are_ended_early(run: Run) -> None:
    learner = Learner()
    search(run, learner)
    assert any("ended early" in note.what for note in told(run))


def test_a_killed_search_goes_on_with_the_trial_that_was_at_work(run: Run) -> None:
    killed = Learner(killed_at=3)
    with pytest.raises(KeyboardInterrupt):
        search(run, killed)
    later = Learner()
    trained = search(Run(run.folder, run.settings, run.survey), later)
    assert later.folders[0] == killed.folders[3]  # its checkpoints lie there
    assert later.seen[0] == killed.seen[3]
    tried = {one.optimizer.rate for one in [*killed.seen, *later.seen]}
    assert len(tried) == 8
    best = min(tried, key=lambda rate: max(rate / BEST_RATE, BEST_RATE / rate))
    assert (trained.adapter / "rate.txt").read_text() == repr(best)


def test_a_trial_that_fails_is_told_and_the_search_goes_on(run: Run) -> None:
    learner = Learner(fails_at=1)
    search(run, learner)
    assert len(learner.seen) == 9
    assert any(note.what == "Trial 2 failed: It ran out of memory." for note in told(run))


def test_stop_keeps_the_best_so_far_and_cancel_ends_it(run: Run) -> None:
    class Stopping(Learner):
        def __call__(self, one: Run) -> Trained:
            if len(self.seen) == 2:
                run.folder.set_want("stop")
            return super().__call__(one)

    learner = Stopping()
    assert search(run, learner).adapter == run.staged
    assert len(learner.seen) == 3

    def cancelled(one: Run) -> Trained:
        raise StoppedError("The run was cancelled.")

    other = RunFolder.create(run.folder.path.parent, run.settings)
    with pytest.raises(StoppedError):
        search(Run(other, run.settings, run.survey), cancelled)


def test_what_has_no_rank_keeps_it() -> None:
    settings = TuneSettings(
        art="text", base="b", folder="f", method="full", steps=10, adapter=AdapterSettings(rank=8)
    )
    assert chosen(settings, {"rate": 0.1, "length": 2.0}).adapter == settings.adapter
    assert chosen(settings, {"rate": 0.1, "length": 2.0}).steps == 20
