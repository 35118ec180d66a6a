"""A search for good settings: several trainings of the same data, each with settings that the last ones suggest.

Each trial is a run in a folder of its own inside the run's; poor ones are ended early. Killed, the search goes on where
it stood, with the trial that was at work.
"""

import time
from collections.abc import Callable
from dataclasses import replace as with_fields
from pathlib import Path
from typing import Any, Final

import optuna
from msgspec.structs import replace
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import Trial, TrialState

from studio.core.errors import StoppedError, StudioError
from studio.core.tune_events import Evaluated, RunEvent
from studio.core.tune_run import RunFolder, Want
from studio.core.tuning import TuneSettings
from studio.worker.tune.run import Run, Trained, no_sample

JOURNAL: Final = "search.jsonl"
TRIALS: Final = "trials"
RANKS: Final = (4, 8, 16, 32, 64)
LENGTHS: Final = (0.5, 1.0, 2.0)  # times the steps
_RANKED: Final = frozenset(("lora", "dora", "adalora"))
_STARTUP_TRIALS: Final = 3  # before any is judged by the others
_WIDER: Final = 10.0
Train = Callable[[Run], Trained]


class _TrialFolder(RunFolder):
    """A trial's folder; it reads what was made of the person's folder for the whole run."""

    def __init__(self, path: Path, data: Path) -> None:
        super().__init__(path)
        self._data = data

    @property
    def data(self) -> Path:
        """The whole run's."""
        return self._data


class _TrialRun(Run):
    """A run whose wishes are those of the whole one, until the study ends it."""

    def __init__(self, whole: Run, folder: RunFolder, settings: TuneSettings, trial: Trial) -> None:
        super().__init__(folder, settings, whole.survey, (self._hear,), no_sample)
        self._whole, self._trial = whole, trial
        self.pruned = False
        self._reported = set(trial.study.trials[trial.number].intermediate_values)  # before the runner died

    def want(self) -> Want:
        """What the person wants of the search; "stop" when the study has seen enough."""
        wanted = self._whole.want()
        return "stop" if self.pruned and wanted == "run" else wanted

    def wait_while_paused(self) -> Want:
        """Wait as the whole run does."""
        wanted = self._whole.wait_while_paused()
        return "stop" if self.pruned and wanted == "run" else wanted

    def _hear(self, event: RunEvent) -> None:
        if isinstance(event, Evaluated) and event.step and event.step not in self._reported:
            self._reported.add(event.step)
            self._trial.report(event.val_loss, event.step)
            self.pruned = self._trial.should_prune()


def search(run: Run, train: Train) -> Trained:
    """The best of `run.settings.search.trials` trainings; what it made lies in `run.staged`.

    Raises StoppedError when the person cancelled, StudioError when no trial came to an end.
    """
    wished = run.settings.search
    study = _study(run)
    began_s = time.monotonic()
    results: dict[int, Trained] = {}
    while len(_over(study)) < wished.trials:
        if wished.minutes and (time.monotonic() - began_s) / 60 >= wished.minutes and _over(study):
            run.note("The time of the search is up.", code="minutes")
            break
        number, trained = _try(run, study, train)
        if trained is not None:
            results[number] = trained
        if run.want() == "stop":
            break
    if not _over(study):
        raise StudioError(
            "No trial of the search came to an end.",
            kept="What each one tells is in the run's folder.",
            do="Try other settings, or fewer at once.",
            code="search",
        )
    best = study.best_trial
    run.note(
        f"The best of {len(_over(study))}: {_words(best.params)}; held-out loss {best.value:.4f}.",
        code="best",
    )
    return _kept(run, best, results.get(best.number), train)


def chosen(settings: TuneSettings, parameters: dict[str, Any]) -> TuneSettings:
    """The settings with what a trial tries."""
    steps = max(1, round(settings.steps * parameters.get("length", 1.0)))
    rank = parameters.get("rank", settings.adapter.rank)
    alpha = settings.adapter.alpha * rank / max(1, settings.adapter.rank)
    changed: TuneSettings = settings.changed(
        steps=steps,
        optimizer=settings.optimizer.changed(rate=parameters["rate"]),
        adapter=settings.adapter.changed(rank=rank, alpha=alpha),
        search=settings.search.changed(trials=0),
        run=settings.run.changed(sample_every=-1, tensorboard=False, wandb=False),
    )
    return changed


def _study(run: Run) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(run.folder.path / JOURNAL))),
        study_name=run.folder.id,
        load_if_exists=True,
        direction="minimize",
        sampler=optuna.samplers.TPESampler(seed=run.settings.seed % 2**32, n_startup_trials=_STARTUP_TRIALS),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_STARTUP_TRIALS, n_warmup_steps=1),
    )


def _over(study: optuna.Study) -> list[Any]:
    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def _try(run: Run, study: optuna.Study, train: Train) -> tuple[int, Trained | None]:
    """One trial: the one that was at work when the runner died, else a new one."""
    left = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    trial = Trial(study, left[0]._trial_id) if left else study.ask()
    settings = chosen(run.settings, _suggested(trial, run.settings))
    folder = run.folder.path / TRIALS / f"{trial.number:03d}"
    folder.mkdir(parents=True, exist_ok=True)
    one = _TrialRun(run, _TrialFolder(folder, run.folder.data), settings, trial)
    run.phase(
        "training",
        len(_over(study)) / run.settings.search.trials,
        f"Trial {trial.number + 1}: {_words(trial.params)}",
    )
    try:
        trained = train(one)
    except StoppedError:
        raise
    except StudioError as error:
        study.tell(trial, state=TrialState.FAIL)
        if len(study.get_trials(deepcopy=False, states=(TrialState.FAIL,))) > run.settings.search.trials:
            raise
        run.note(f"Trial {trial.number + 1} failed: {error.what}", error.do, "trial")
        return trial.number, None
    if one.pruned:
        study.tell(trial, state=TrialState.PRUNED)
    else:
        study.tell(trial, trained.best_val)
    said = "ended early" if one.pruned else f"held-out loss {trained.best_val:.4f}"
    run.note(f"Trial {trial.number + 1} ({_words(trial.params)}): {said}.", code="trial")
    return trial.number, trained


def _suggested(trial: Trial, settings: TuneSettings) -> dict[str, Any]:
    rate = settings.optimizer.rate
    found: dict[str, Any] = {
        "rate": trial.suggest_float("rate", rate / _WIDER, min(10.0, rate * _WIDER), log=True)
    }
    if settings.method in _RANKED:
        found["rank"] = trial.suggest_categorical("rank", RANKS)
    found["length"] = trial.suggest_categorical("length", LENGTHS)
    return found


def _kept(run: Run, best: Any, trained: Trained | None, train: Train) -> Trained:
    """The best trial's result; one of an earlier life of the runner is taken up from its last checkpoint."""
    if trained is None:
        folder = _TrialFolder(run.folder.path / TRIALS / f"{best.number:03d}", run.folder.data)
        trained = train(Run(folder, chosen(run.settings, best.params), run.survey))
    run.settings = replace(
        chosen(run.settings, best.params), search=run.settings.search, run=run.settings.run
    )
    trained.adapter.replace(run.staged)
    return with_fields(trained, adapter=run.staged)


def _words(parameters: dict[str, Any]) -> str:
    said = [f"rate {parameters['rate']:.1e}"] if "rate" in parameters else []
    said += [f"rank {parameters['rank']}"] if "rank" in parameters else []
    said += [f"{parameters['length']:g} times the steps"] if "length" in parameters else []
    return ", ".join(said)
