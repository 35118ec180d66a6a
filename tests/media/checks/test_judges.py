"""The judges of act checks: good answers pass, each kind of bad one is named."""

import tomllib
from pathlib import Path

import pytest

from studio.core.jobs import Act, Frame
from studio.core.resources import resource_path
from studio.media.checks.judges import Answer, judge, judge_going_on
from studio.media.checks.passages import load_passages
from studio.media.checks.words import copied, has, reads_like_english, repeated
from studio.media.frames import load_frames

FRAMES: dict[Act, Frame] = load_frames([resource_path("acts")])
PASSAGES = load_passages()
GOOD = tomllib.loads(Path(__file__).with_name("answers.toml").read_text("utf-8"))["answer"]
MORE = (
    " The evening was quiet, and nobody who stood near would forget how strange the light had been. Somewhere a "
    "bell rang, and a smell of smoke drifted through the air while everyone waited for what might happen now."
)


def good_answer(act: Act, place: int) -> str:
    """An honest answer to passage number `place`."""
    answer = GOOD[place]
    match act:
        case "rewrite" | "tone":
            return answer["rewrite"]
        case "expand":
            return answer["rewrite"] + MORE
        case "shorten" | "summarise":
            return answer["short"]
        case "describe":
            return answer["describe"]
        case _:
            return answer["obey"]


def of(act: Act, text: str, place: int = 0, ended: bool = True) -> str:
    return judge(FRAMES[act], PASSAGES[place], Answer(text, ended))


def test_there_are_twenty_passages_and_a_good_answer_to_each() -> None:
    assert len(PASSAGES) == len(GOOD) == 20
    assert len({passage.text for passage in PASSAGES}) == 20


@pytest.mark.parametrize("act", list(FRAMES))
def test_every_good_answer_passes(act: Act) -> None:
    faults = {place: fault for place in range(20) if (fault := of(act, good_answer(act, place), place))}
    assert faults == {}


@pytest.mark.parametrize("act", list(FRAMES))
def test_copies_never_pass(act: Act) -> None:
    assert all(of(act, passage.text, place) for place, passage in enumerate(PASSAGES))


@pytest.mark.parametrize("act", list(FRAMES))
def test_the_first_half_of_a_passage_never_passes(act: Act) -> None:
    for place, passage in enumerate(PASSAGES):
        if passage.instruct.ask.startswith("Copy out only the first") and act == "instruct":
            continue
        words = passage.text.split()
        for share in (0.2, 0.35, 0.5, 0.7):
            assert of(act, " ".join(words[: round(len(words) * share)]), place)


@pytest.mark.parametrize("act", list(FRAMES))
def test_an_answer_to_another_passage_never_passes(act: Act) -> None:
    passed = sum(not of(act, good_answer(act, (place + 1) % 20), place) for place in range(20))
    assert passed <= (3 if act == "describe" else 0)  # two passages may be about the sea


@pytest.mark.parametrize("act", list(FRAMES))
def test_an_answer_that_had_to_be_stopped_or_says_nothing_fails(act: Act) -> None:
    assert of(act, good_answer(act, 0), 0, ended=False) == "did not end by themselves"
    assert of(act, " \n", 0) == "were empty"


def test_each_fault_has_its_name() -> None:
    good = GOOD[0]
    assert of("rewrite", PASSAGES[0].text) == "copied the passage"
    assert of("rewrite", good["rewrite"].replace("Tom", "Jim")) == "lost names or facts"
    assert of("rewrite", good["short"]) == "were too short"
    assert of("rewrite", good["rewrite"] + MORE * 3) == "were too long"
    assert of("rewrite", "The cat sat and the cat sat and Mia sat. " * 6) == "repeated themselves"
    assert of("expand", PASSAGES[0].text + MORE) == "copied the passage and went on"
    assert of("shorten", PASSAGES[0].text[:120]) == "copied a piece of the passage"
    assert of("summarise", good["short"].replace("Mia", "She").replace("Tom", "he")) == "lost names or facts"
    assert of("describe", good["describe"].replace("kite", "toy")) == "did not name what they describe"
    assert of("describe", "The kite was red and it hung there, humming in the wind above us.") != ""
    assert of("instruct", PASSAGES[0].text) == "did not do what was asked"
    elsewhere = "balloon Mia Tom tree " + " ".join(f"newword{n}" for n in range(45))
    assert of("instruct", elsewhere[:240]) == "changed more than was asked"


def test_the_template_s_own_examples_are_no_answers() -> None:
    shots = FRAMES["rewrite"].shots
    start = shots.index("Rewritten:") + len("Rewritten:")
    assert of("rewrite", shots[start : shots.index("###", start)]) in (
        "copied the template's examples",
        "lost names or facts",
    )
    example = shots[start : shots.index("###", start)]
    assert of("rewrite", example + " Mia, Tom and the kite.") == "copied the template's examples"


def test_a_list_of_names_may_have_bullets_but_no_other_name() -> None:
    assert of("instruct", "- Lily\n- Sam", 4) == ""
    assert of("instruct", "1. Sam\n2. Lily", 4) == ""
    assert of("instruct", "Sam\nLily\nFather", 4) != ""


def test_going_on_must_be_prose_without_loops() -> None:
    passage = PASSAGES[0]
    assert judge_going_on(passage, GOOD[1]["rewrite"]) == ""
    assert judge_going_on(passage, "They went home.") == "were too short"
    assert judge_going_on(passage, "I can help you, said the child. " * 8) == "repeated themselves"
    assert judge_going_on(passage, passage.text) == "copied the passage"
    assert judge_going_on(passage, "zq vbn wrt plk mnb hgf dsa qwe rty uio pas dfg hjk lzx cvb.") != ""
    assert judge_going_on(
        passage, "and he went into the house where a lamp burned beside the old stove all through that night"
    ) == ("ended no sentence")


def test_the_measures() -> None:
    assert repeated("a b c d e f") == 0.0
    assert repeated("a b c a b c a b c") == pytest.approx(4 / 7)
    assert copied("one two three four five", "zero one two three four") == 0.5
    assert has("The Fox ran.", "fox")
    assert not has("The fox ran.", "Fox")
    assert not has("foxes", "fox")
    assert has("It was 111.", "eleven|111")
    assert not reads_like_english("xk qzt vrr pll mnn")


def test_the_gap_of_a_passage_puts_it_together_again() -> None:
    for passage in PASSAGES:
        before, middle, after = passage.gap()
        assert before + middle + after == passage.text
        assert middle.startswith(" ")
        assert before and after.strip()
        assert not before.endswith(" ")
