"""What an endpoint's model can do is found out with the same passages; a check ends whatever the server does."""

import re
from collections.abc import Callable
from typing import Any

from studio.core.events import Check, Checked, Checking, Event, Failed
from studio.core.resources import resource_path
from studio.media.frames import load_frames
from tests.engine.remote.conftest import Asking
from tests.engine.remote.server import Handler
from tests.media.checks.test_judges import PASSAGES, good_answer

Start = Callable[..., Asking]
FRAMES = load_frames([resource_path("acts")])


def check(one: Asking, *acts: str) -> Check:
    return Check(id="c1", model=one.endpoint.path, frames=tuple(FRAMES[act] for act in acts))  # type: ignore[index]


def heard(one: Asking, *acts: str) -> list[Event]:
    one.maker.check(check(one, *acts))
    return one.hear(lambda event: isinstance(event, Checked | Failed))


def oracle(act: str) -> Callable[[Handler, dict[str, Any]], None]:
    """A server that answers every passage of an act well, and goes on as prose does."""

    def answer(handler: Handler, said: dict[str, Any]) -> None:
        words = said["messages"][1]["content"]
        place = next(place for place, passage in enumerate(PASSAGES) if passage.text in words)
        asked = words != PASSAGES[place].text
        text = good_answer(act, place) if asked else PROSE  # type: ignore[arg-type]
        handler.reply(200, {"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})

    return answer


PROSE = (
    " Then she put on her coat and walked down to the river, where the boats lay still. Nobody was there yet, "
    "and the water smelled of mud and leaves. After a while a light came on behind a window across the bank."
)


def test_a_server_that_rewrites_well_is_found_able(asking: Start) -> None:
    one = asking(oracle("rewrite"), api="chat")
    events = heard(one, "rewrite")
    checked = events[-1]
    assert isinstance(checked, Checked)
    assert {act.act: (act.passed, act.usable) for act in checked.acts} == {
        "continue": (20, True),
        "rewrite": (20, True),
    }
    assert checked.model == one.endpoint.stamp
    shares = [event.done for event in events if isinstance(event, Checking)]
    assert shares == sorted(shares) and len(shares) == 40


def test_a_server_that_copies_is_not(asking: Start) -> None:
    def copies(handler: Handler, said: dict[str, Any]) -> None:
        words = said["messages"][1]["content"]
        passage = next(passage for passage in PASSAGES if passage.text in words)
        handler.reply(200, {"choices": [{"message": {"content": passage.text}, "finish_reason": "stop"}]})

    checked = heard(asking(copies, api="chat"), "rewrite")[-1]
    assert isinstance(checked, Checked)
    assert [act.passed for act in checked.acts] == [0, 0]
    assert re.search("20 of 20 answers copied", checked.acts[1].why)


def test_an_answer_that_was_cut_off_does_not_count(asking: Start) -> None:
    def cut(handler: Handler, said: dict[str, Any]) -> None:
        words = said["messages"][1]["content"]
        place = next(place for place, passage in enumerate(PASSAGES) if passage.text in words)
        text = good_answer("rewrite", place)
        handler.reply(200, {"choices": [{"message": {"content": text}, "finish_reason": "length"}]})

    checked = heard(asking(cut, api="chat"), "rewrite")[-1]
    assert isinstance(checked, Checked)
    assert checked.acts[1].passed == 0
    assert "did not end by themselves" in checked.acts[1].why


def test_a_server_that_fails_ends_the_check_in_words(asking: Start) -> None:
    failed = heard(asking(lambda handler, said: handler.reply(500, {"error": "no"}), api="chat"), "rewrite")[
        -1
    ]
    assert isinstance(failed, Failed)
    assert failed.job == "c1"
    assert "failed (status 500)" in failed.what


def test_a_stopped_check_tells_what_was_tried_through(asking: Start) -> None:
    def stops(handler: Handler, said: dict[str, Any]) -> None:
        if len(handler.server.asked) > 25:
            handler.server.go_on.wait(10)
        oracle("rewrite")(handler, said)

    one = asking(stops, api="chat")
    one.maker.check(check(one, "rewrite"))
    one.hear(lambda event: isinstance(event, Checking) and event.done >= 0.6)
    one.maker.cancel("c1")
    checked = one.hear(lambda event: isinstance(event, Checked | Failed))[-1]
    assert isinstance(checked, Checked)
    assert [act.act for act in checked.acts] == ["continue"]


def test_a_check_stopped_before_it_began_ends_too(asking: Start) -> None:
    one = asking()
    one.maker.check(check(one))
    one.maker.cancel("c1")
    assert isinstance(one.hear(lambda event: isinstance(event, Checked | Failed))[-1], Checked)
