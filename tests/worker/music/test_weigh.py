"""How much notes surprise: as the model itself says it, broken off by jobs, in the real worker process."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core.errors import StoppedError
from studio.core.events import Failed, JobEnd, Loading, Quit, Run, Weigh, Weighed
from studio.media.music.carried import pack
from studio.media.music.quantise import quantise
from studio.media.music.score import Note, Score, Track
from studio.media.music.tokens import encode
from studio.media.music.vocabulary import SAMPLED
from studio.worker.music import weigh as module
from studio.worker.music.weigh import Weighing, token_nll
from studio.worker.process import Worker
from studio.worker.shelf import Shelf
from tests.worker.music.conftest import Asked
from tests.worker.test_process import Child, child  # noqa: F401 - the fixture


def long_piece(bars: int = 120) -> Score:
    tune = [Note(240 * at, 60 + at % 12, 240, 80) for at in range(8 * bars)]
    return Score(tracks=(Track(id="a").with_notes(tune),))


def asking(model: Path, score: Score, weigh_id: str = "w", **more: Any) -> Weigh:
    return Weigh(id=weigh_id, model=str(model), score=pack(score), **more)


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return Shelf(lambda _event: None)


def weighed(shelf: Shelf, asked: Weigh) -> Weighed:
    """All windows read."""
    weighing = Weighing(asked, lambda stopped: shelf.composer(asked.model, asked.id, stopped))
    while weighing.step(lambda: False):
        pass
    return weighing.result()


def test_a_notes_nats_are_those_transformers_gives_its_tokens(
    notes_model: Path, melody: Score, shelf: Shelf
) -> None:
    import transformers

    found = weighed(shelf, asking(notes_model, melody))
    assert [len(found.tracks[track.id]) for track in melody.tracks] == [16, 8]
    piece = quantise(melody)
    encoded = encode(piece.window(0, len(piece.bars)))
    model = transformers.AutoModelForCausalLM.from_pretrained(notes_model)
    with torch.inference_mode():
        logits = model(torch.tensor([encoded.ids])).logits[0, :, :SAMPLED]
    logs = torch.log_softmax(logits.double(), -1)
    for span in encoded.spans:
        nats = -sum(float(logs[at - 1, encoded.ids[at]]) for at in range(span.start, span.stop))
        track = melody.tracks[span.track]
        told = found.tracks[track.id][span.note]
        assert (told.start, told.pitch) == (track.notes[span.note].start, track.notes[span.note].pitch)
        assert told.nats == pytest.approx(nats, rel=1e-3)


def test_tokens_that_are_never_sampled_surprise_nobody(notes_model: Path, shelf: Shelf) -> None:
    runner = shelf.composer(str(notes_model), "", lambda: False)
    ids = encode(quantise(long_piece(40)).window(0, 40)).ids
    nll = token_nll(runner.model, ids, lambda: False)
    assert len(nll) == len(ids)
    assert all((value == 0) == (id_ >= SAMPLED) for id_, value in zip(ids[1:], nll[1:], strict=True))


def test_a_window_that_is_broken_off_is_read_again(notes_model: Path, shelf: Shelf) -> None:
    asked = asking(notes_model, long_piece())
    whole = weighed(shelf, asked)
    weighing = Weighing(asked, lambda stopped: shelf.composer(asked.model, asked.id, stopped))
    looks, going = [0], True

    def stopped() -> bool:
        looks[0] += 1
        return looks[0] % 7 == 0  # a window takes four

    breaks = 0
    while going:
        try:
            going = weighing.step(stopped)
        except StoppedError:
            breaks += 1
    assert breaks > 2
    assert weighing.result() == whole


def test_only_the_tracks_and_bars_asked_for_are_told(notes_model: Path, melody: Score, shelf: Shelf) -> None:
    found = weighed(shelf, asking(notes_model, melody, tracks=("b",), first_bar=1, last_bar=2))
    assert list(found.tracks) == ["b"]
    assert [weight.start for weight in found.tracks["b"]] == [1920, 2880, 3840, 4800]


def test_a_damaged_score_fails_in_words_and_the_worker_goes_on(
    child: Child, notes_model: Path, melody: Score  # noqa: F811
) -> None:  # fmt: skip
    child.tell(Weigh(id="bad", model=str(notes_model), score=b"nothing"))
    assert child.until(Failed).job == "bad"
    child.tell(asking(notes_model.parent / "nowhere", melody, "lost"))
    assert child.until(Failed).job == "lost"
    child.tell(asking(notes_model, melody, "good"))
    assert child.until(Weighed).id == "good"


def test_jobs_go_first_and_a_newer_request_replaces_an_older_one(
    child: Child, notes_model: Path, asked: Asked  # noqa: F811
) -> None:  # fmt: skip
    big = asking(notes_model, long_piece(4000), "old")
    child.tell(big)
    child.until(Loading)
    job, files = asked(takes=1)
    child.tell(Run(job=job, files=files))
    end: JobEnd | Weighed = child.until((JobEnd, Weighed))  # type: ignore[arg-type]
    assert isinstance(end, JobEnd)
    child.tell(asking(notes_model, long_piece(8), "new"))
    answer = child.until(Weighed)
    assert answer.id == "new"
    assert len(answer.tracks["a"]) == 64
    child.tell(big)
    child.tell(Quit())
    assert child.end() == 0


def test_a_request_is_broken_off_between_chunks(notes_model: Path, shelf: Shelf) -> None:
    runner = shelf.composer(str(notes_model), "", lambda: False)
    looks = [0]

    def stopped() -> bool:
        looks[0] += 1
        return looks[0] == 2

    with pytest.raises(StoppedError):
        token_nll(runner.model, [0] * (module.CHUNK_TOKENS * 4), stopped)
    assert looks == [2]


def test_a_window_is_told_to_stop_as_soon_as_a_command_waits() -> None:
    said: list[bool] = []

    class Asking(Weighing):
        def __init__(self) -> None:
            self.weigh = Weigh(id="w", model="m", score=b"")

        def step(self, stopped: Callable[[], bool]) -> bool:
            said.append(stopped())
            return True

    worker = Worker(io.BytesIO(), io.BytesIO())
    worker._weigh_on(Asking())
    worker._queue.put(Quit())
    worker._weigh_on(Asking())
    assert said == [False, True]
