"""A whole check through the real path: an oracle passes, a copyist and a random model do not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.events import Check, Checked, Checking, Event
from studio.core.jobs import ACTS
from studio.media.frames import frame_sha256
from studio.worker.shelf import Shelf
from studio.worker.text.checks.trial import Trial
from studio.worker.text.maker import TextRunner
from studio.worker.text.tokens import TextTokens, load_tokens
from tests import tiny_models
from tests.media.checks.test_judges import FRAMES, PASSAGES, good_answer
from tests.worker.checks.scripted import Script, scripted_runner
from tests.worker.conftest import never

CHECK = Check(id="c", model="m", frames=tuple(FRAMES.values()))
SOME = 5  # the judges themselves are tested with all twenty
NAMES = {"continue", "fill_in", *FRAMES}


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TextTokens:
    folder = tmp_path_factory.mktemp("tokens")
    tiny_models.write_tokenizer(folder)
    return load_tokens(folder)


def asked(prompt: str) -> tuple[str, int]:
    """Which act a prompt asks for, on which passage."""
    place = max(range(20), key=lambda number: prompt.rfind(PASSAGES[number].text))
    for act, frame in FRAMES.items():
        if frame.shots.strip().split("\n", 1)[0] in prompt:
            return act, place
    return "continue", place


def oracle(prompt: str) -> str:
    act, place = asked(prompt)
    if act == "continue":
        return " " + good_answer("shorten", (place + 1) % 20)
    return f" {good_answer(act, place)}\n###\n\nPassage: and so on"  # type: ignore[arg-type]


def copyist(prompt: str) -> str:
    act, place = asked(prompt)
    return f" {PASSAGES[place].text}" + ("" if act == "continue" else "\n###")


def run(runner: TextRunner, check: Check = CHECK, passages: int = 20) -> tuple[Checked, list[Event]]:
    heard: list[Event] = []
    trial = Trial(check, lambda stopped: runner, heard.append, PASSAGES[:passages])
    while trial.step(never):
        pass
    return trial.result(), heard


def test_every_act_has_a_template() -> None:
    assert set(FRAMES) == set(ACTS) - {"continue"}


def test_an_oracle_passes_every_act(tokens: TextTokens) -> None:
    checked, heard = run(scripted_runner(tokens, oracle, uses_suffix=True), passages=SOME)
    assert {check.act: (check.passed, check.why) for check in checked.acts} == dict.fromkeys(
        NAMES, (SOME, "")
    )
    assert all(check.usable and check.of == SOME for check in checked.acts)
    assert {check.need for check in checked.acts} == {3, 4}
    assert {check.act: check.frame_sha256 for check in checked.acts if check.frame_sha256} == {
        act: frame_sha256(frame) for act, frame in FRAMES.items()
    }
    progress = [event.done for event in heard if isinstance(event, Checking)]
    assert progress == sorted(progress)
    assert (progress[0], progress[-1]) == (0.0, 1.0)


def test_a_copyist_passes_none(tokens: TextTokens) -> None:
    checked, _ = run(scripted_runner(tokens, copyist, uses_suffix=False), passages=SOME)
    figures = {check.act: check for check in checked.acts}
    assert set(figures) == NAMES
    assert not any(check.usable for check in figures.values())
    assert figures["rewrite"].why == f"{SOME} of {SOME} answers copied the passage"
    assert "were not foreseen better" in figures["fill_in"].why


def test_a_random_model_passes_none(tmp_path: Path) -> None:
    folder = tiny_models.make_model(tmp_path / "random", max_position_embeddings=4096)
    shelf = Shelf(lambda event: None)
    checked, _ = run(shelf.runner(str(folder), "", never), passages=2)
    assert {check.act for check in checked.acts} == NAMES
    assert {check.act: check.passed for check in checked.acts if check.passed} == {}


def test_fourteen_of_twenty_are_needed_and_twelve_for_filling_in(tokens: TextTokens) -> None:
    runner = scripted_runner(tokens, oracle, uses_suffix=True)
    checked, _ = run(runner, Check(id="c", model="m", frames=()), passages=20)
    assert [(check.act, check.passed, check.of, check.need) for check in checked.acts] == [
        ("continue", 20, 20, 14),
        ("fill_in", 20, 20, 12),
    ]


def test_a_model_that_cannot_fill_in_is_not_asked_to(tmp_path: Path) -> None:
    tiny_models.write_tokenizer(tmp_path, fill_in=False)
    runner = scripted_runner(load_tokens(tmp_path), oracle, uses_suffix=False)
    checked, _ = run(runner, Check(id="c", model="m", frames=()), passages=2)
    assert [check.act for check in checked.acts] == ["continue"]


def test_a_step_that_is_broken_off_is_tried_again(tokens: TextTokens) -> None:
    calls = iter(range(10_000))
    trial = Trial(
        Check(id="c", model="m", frames=()),
        lambda stopped: scripted_runner(tokens, oracle, uses_suffix=True),
        lambda event: None,
        PASSAGES[:2],
    )
    stop: Callable[[], bool] = lambda: next(calls) % 9 == 8  # noqa: E731
    steps = 1
    while trial.step(stop if steps < 6 else never):
        steps += 1
    checked = trial.result()
    assert steps > 4
    assert [(check.passed, check.of) for check in checked.acts] == [(2, 2), (2, 2)]


def test_a_stopped_check_tells_only_what_was_tried_through(tokens: TextTokens) -> None:
    runner = scripted_runner(tokens, oracle, uses_suffix=True)
    trial = Trial(CHECK, lambda stopped: runner, lambda event: None, PASSAGES[:3])
    for _ in range(5):
        assert trial.step(never)
    assert [check.act for check in trial.result().acts] == ["continue"]


def test_an_act_whose_selection_does_not_fit_says_so(models: dict[str, Path]) -> None:
    shelf = Shelf(lambda event: None)
    check = Check(id="c", model="m", frames=(FRAMES["rewrite"],))
    checked, _ = run(shelf.runner(str(models["llama"]), "", never), check, passages=1)
    assert checked.acts[-1].why == "1 of 1 answers did not fit into the model's context"


def test_scripts_are_what_they_seem() -> None:
    script: Script = oracle
    assert script(PASSAGES[3].text).strip() == good_answer("shorten", 4)
