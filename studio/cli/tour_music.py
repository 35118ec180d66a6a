"""The tour's theme: a melody by the starter music model, a second voice under it, written as notes and as sound."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from studio.catalog.card import ModelCard
from studio.cli.make_music import run_music
from studio.cli.music_job import Asked, music_job
from studio.cli.runner import Runner
from studio.core.errors import StudioError
from studio.core.piece_settings import PieceSettings
from studio.core.takes import Take
from studio.media.music.asking import Choice, aim, words
from studio.media.music.asking_job import prepared
from studio.media.music.export import PieceWish, write_piece
from studio.media.music.score import Score, Track
from studio.media.music.take_scores import laid_in

TITLE: Final = "Theme"
KEY: Final = "D minor"
BARS: Final = 8
CELLO: Final = 42
KEPT: Final = "The tour's project holds what there is."
Note = Callable[[str, str, str], None]


class Theme:
    """A piece of the tour's project that grows by takes; each act is told to `note`."""

    def __init__(self, engine: Runner, card: ModelCard, seed: int, takes: int, note: Note) -> None:
        self.takes: list[Take] = []
        self.score = Score(tracks=(Track(id="t1", name="Piano"),))
        self._engine, self._card, self._seed, self._count, self._note = engine, card, seed, takes, note
        self._work = engine.session.add_work("piece", TITLE, "")

    def grow(self, act: str, **knobs: Any) -> None:
        """Propose takes of the knobs, accept the first, reject the last of several.

        Raises StudioError when the model does not finish.
        """
        session, work = self._engine.session, self._work
        settings = PieceSettings(
            hold_key=True, key=KEY, bars=BARS, takes=self._count, seed=self._seed, **knobs
        )
        wanted = aim(self.score, settings.task, Choice(tracks=("t1",)), settings.bars)
        score = prepared(self.score, wanted, settings)
        job, files = music_job(Asked(score=score, aim=wanted, settings=settings), self._card)
        takes = run_music(self._engine, job, files, work)
        self.takes += takes
        if not takes or any(take.status != "done" for take in takes):
            raise StudioError("The music model did not finish its takes.", kept=KEPT)
        said = words(score, wanted, settings)
        for take in takes:
            self._note(act, take.id, said)
        self.score = laid_in(score, takes[0])
        session.accept_piece(work, takes[0].id, self.score, said)
        self._note("accept", takes[0].id, said)
        if len(takes) > 1:
            session.write(lambda store: store.reject(takes[-1].id, "the other one sings")).result()
            self._note("reject", takes[-1].id, "")


def compose(
    engine: Runner, card: ModelCard, folder: Path, *, seed: int, takes: int, note: Note
) -> dict[str, Path]:
    """Give the story a theme of eight bars and a second voice; its files, as MIDI and as WAV."""
    theme = Theme(engine, card, seed, takes, note)
    theme.grow("theme")
    theme.grow("harmonise", task="harmonise", program=CELLO, role="counter")
    files = {"midi": folder / "theme.mid", "wav": folder / "theme.wav"}
    for form, file in files.items():
        written = write_piece(theme.score, file, PieceWish(format=form), TITLE)  # type: ignore[arg-type]
        note("render", "", written.words or file.name)
    return files
