"""Takes from an endpoint: what is asked, what comes of good and of misbehaving servers."""

import json
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.endpoint import checked_url
from studio.core.errors import StudioError
from studio.core.events import Delta, Event, Failed, JobEnd, Started, TakeEnd
from studio.core.jobs import ContextPart, Frame
from studio.core.sampling import Sampling
from studio.core.seeds import take_seeds
from studio.engine.remote.chunks import read_event
from tests.engine.remote.conftest import Asking
from tests.engine.remote.server import WORDS, Handler, Server, good

TEXT = "".join(WORDS)
Start = Callable[..., Asking]


def ends(events: list[Event]) -> list[TakeEnd]:
    return sorted((event for event in events if isinstance(event, TakeEnd)), key=lambda end: end.index)


def streamed(events: list[Event], index: int) -> str:
    pieces = [piece for event in events if isinstance(event, Delta) for piece in event.pieces]
    return "".join(text for number, text in pieces if number == index)


def failure(events: list[Event]) -> Failed:
    assert isinstance(events[-1], Failed), events[-1]
    return events[-1]


@pytest.mark.parametrize("api", ["completions", "chat"])
def test_takes_stream_and_end_like_a_worker_s(asking: Start, api: str) -> None:
    one = asking(api=api)
    events = one.ask(takes=3)
    assert isinstance(events[0], Started)
    assert events[0].seeds == take_seeds(7, 3)
    assert isinstance(events[-1], JobEnd)
    assert [end.text for end in ends(events)] == [TEXT] * 3
    assert [streamed(events, index) for index in range(3)] == [TEXT] * 3
    assert len({said["seed"] for _, _, said in one.server.asked}) == 3
    assert {path for path, _, _ in one.server.asked} == {
        "/v1/completions" if api == "completions" else "/v1/chat/completions"
    }


@pytest.mark.parametrize("api", ["completions", "chat"])
def test_tokens_carry_probability_rank_and_alternatives(asking: Start, api: str) -> None:
    (end,) = ends(asking(api=api).ask())
    assert [token.end for token in end.tokens] == [4, 8, 12, 16, 21, 22]
    assert {token.rank for token in end.tokens} == {1}
    assert [other.text for other in end.tokens[0].others] == [" the", " cat"]


def test_samplers_go_by_the_names_servers_know(asking: Start) -> None:
    one = asking()
    one.ask(sampling=Sampling(temperature=0.7, top_k=40, dry_multiplier=0.8), tokens=33)
    said = one.server.asked[0][2]
    assert (said["temperature"], said["top_k"], said["max_tokens"], said["dry_multiplier"]) == (
        0.7,
        40,
        33,
        0.8,
    )
    assert "xtc_probability" not in said


def test_memory_lore_and_note_are_read_before_and_within_the_text(asking: Start) -> None:
    one = asking()
    parts = (
        ContextPart(kind="memory", text="Foxes talk here.", id="m"),
        ContextPart(kind="lore", text="The door is red.", id="l", depth=1, why="key “door”"),
    )
    events = one.ask(prompt="First.\nSecond.\nThird", parts=parts, note="Be brief.")
    assert one.server.asked[0][2]["prompt"] == (
        "Foxes talk here.\n\nBe brief.\n\nFirst.\n[The door is red.]\nSecond.\nThird"
    )
    assert isinstance(events[0], Started)
    assert [part.kind for part in events[0].made.parts] == ["memory", "note", "lore", "text"]


def test_lore_beyond_its_budget_is_left_out_and_said(asking: Start) -> None:
    one = asking()
    parts = tuple(
        ContextPart(kind="lore", text="x" * 350, id=str(number), order=number) for number in range(3)
    )
    events = one.ask(parts=parts, lore_tokens=210)
    assert isinstance(events[0], Started)
    states = {part.id: part.state for part in events[0].made.parts if part.kind == "lore"}
    assert states == {"2": "in", "1": "in", "0": "out"}


def test_a_text_longer_than_the_context_loses_its_beginning_and_says_so(asking: Start) -> None:
    one = asking(context_tokens=512)
    events = one.ask(prompt="word " * 2000)
    assert isinstance(events[0], Started)
    assert events[0].made.prompt_cut_chars > 8000
    assert len(one.server.asked[0][2]["prompt"]) <= 512 * 3.5


FRAME = Frame(
    act="rewrite",
    title="Rewrite",
    system="Edit.",
    user="Rewrite: {selection}",
    shots="A: {selection}\nB:",
    stops=("\n",),
)


def test_an_act_goes_by_its_template(asking: Start) -> None:
    one = asking(api="chat")
    one.ask(act="rewrite", selection="The fox {after} ran.", suffix="no", frame=FRAME)
    messages = one.server.asked[0][2]["messages"]
    assert messages == [
        {"role": "system", "content": "Edit."},
        {"role": "user", "content": "Rewrite: The fox {after} ran."},
    ]
    two = asking()
    (end,) = ends(two.ask(act="rewrite", selection="It ran.", frame=FRAME))
    assert two.server.asked[0][2]["prompt"] == "A: It ran.\nB:"
    assert two.server.asked[0][2]["stop"] == ["\n"]
    assert end.text == TEXT.strip()


def test_a_lead_is_read_and_is_how_the_take_begins(asking: Start) -> None:
    one = asking()
    events = one.ask(prompt="Once", lead=" there was")
    assert one.server.asked[0][2]["prompt"] == "Once there was"
    assert ends(events)[0].text == f" there was{TEXT}"
    assert streamed(events, 0) == f" there was{TEXT}"


def test_the_space_at_the_caret_is_not_said_twice(asking: Start) -> None:
    assert ends(asking().ask(prompt="Once "))[0].text == TEXT[1:]


def test_an_answer_in_one_piece_is_a_take_too(asking: Start) -> None:
    def whole(handler: Handler, said: dict[str, Any]) -> None:
        handler.reply(200, {"choices": [{"text": " all at once.", "finish_reason": "stop"}]})

    assert ends(asking(whole).ask())[0].text == " all at once."


def test_what_the_token_limit_cut_ends_with_its_last_whole_sentence(asking: Start) -> None:
    def long(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(" It ran. Then it")
        handler.piece(" was", "length")
        handler.say("data: [DONE]\n\n")

    assert ends(asking(long).ask())[0].text == " It ran."


# -- servers that misbehave ----------------------------------------------------------------------


def test_no_server_is_named_with_what_to_do(asking: Start) -> None:
    one = asking()
    one.server.close()
    failed = failure(one.ask())
    assert "No server answers at 127.0.0.1" in failed.what
    assert "Start it" in failed.do


def test_a_silent_server_is_given_up_after_a_while(asking: Start) -> None:
    def silent(handler: Handler, said: dict[str, Any]) -> None:
        handler.server.go_on.wait(10)

    failed = failure(asking(silent).ask())
    assert "has said nothing for 1.5 seconds" in failed.what


def test_a_stream_that_stalls_keeps_what_it_had(asking: Start) -> None:
    def stalls(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(" the old")
        handler.server.go_on.wait(10)

    events = asking(stalls).ask()
    assert "has said nothing for 0.5 seconds" in failure(events).what
    assert streamed(events, 0) == " the old"


def test_a_stream_cut_in_the_middle_is_said_and_the_whole_takes_count(asking: Start) -> None:
    seeds = take_seeds(7, 3)

    def cut(handler: Handler, said: dict[str, Any]) -> None:
        if said["seed"] != seeds[1] % 2**31:
            good(handler, said)
            return
        handler.begin()
        handler.piece(" the old")

    events = asking(cut).ask(takes=3)
    failed = failure(events)
    assert "in the middle" in failed.what
    assert failed.kept.startswith("2 of 3 takes are whole")
    assert [end.index for end in ends(events)] == [0, 2]
    assert streamed(events, 1) == " the old"


def test_a_busy_server_is_asked_again(asking: Start) -> None:
    def busy(handler: Handler, said: dict[str, Any]) -> None:
        if len(handler.server.asked) < 3:
            handler.reply(429, {"error": {"message": "slow down"}}, Retry_After="0.01")
        else:
            good(handler, said)

    one = asking(busy)
    assert ends(one.ask())[0].text == TEXT
    assert len(one.server.asked) == 3


def test_a_server_that_stays_busy_is_named(asking: Start) -> None:
    failed = failure(
        asking(lambda handler, said: handler.reply(429, {"error": {"message": "slow down"}})).ask()
    )
    assert "busy" in failed.what
    assert "slow down" in failed.what
    assert failed.code == "http_429"


@pytest.mark.parametrize(
    ("status", "word"),
    [(401, "key"), (403, "allow"), (404, "model"), (500, "failed (status 500)"), (307, "another")],
)
def test_every_status_is_put_in_words(asking: Start, status: int, word: str) -> None:
    one = asking(
        lambda handler, said: handler.reply(status, "<html>oops</html>", Location="http://127.0.0.1:9/")
    )
    assert word in failure(one.ask()).what
    assert len(one.server.asked) == 1


def test_what_a_server_does_not_know_is_left_out_the_second_time(asking: Start) -> None:
    def strict(handler: Handler, said: dict[str, Any]) -> None:
        if "min_p" in said:
            handler.reply(400, {"error": {"message": "Unrecognized request argument: min_p"}})
        else:
            good(handler, said)

    one = asking(strict)
    assert ends(one.ask())[0].text == TEXT
    assert ["min_p" in said for _, _, said in one.server.asked] == [True, False]


def test_a_request_refused_twice_says_the_server_s_words(asking: Start) -> None:
    failed = failure(asking(lambda handler, said: handler.reply(400, {"error": "no such thing"})).ask())
    assert "no such thing" in failed.what


@pytest.mark.parametrize(
    "line",
    ["data: {broken\n\n", "data: []\n\n", 'data: {"choices": [7]}\n\n', "data: " + "[" * 100_000 + "\n\n"],
)
def test_wrong_json_is_a_clear_error(asking: Start, line: str) -> None:
    def wrong(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        handler.say(line)

    assert failure(asking(wrong).ask()).what.startswith("The server sent")


def test_an_error_in_the_stream_is_told(asking: Start) -> None:
    def breaks(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(" the")
        handler.say('data: {"error": {"message": "out of memory"}}\n\n')

    assert "out of memory" in failure(asking(breaks).ask()).what


def test_a_line_without_an_end_is_not_gathered_for_ever(asking: Start) -> None:
    def endless(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        try:
            for _ in range(100):
                handler.say("x" * 100_000)
        except OSError:
            return

    assert "without an end" in failure(asking(endless).ask()).what


def test_a_server_that_heeds_no_limit_is_hung_up_on(asking: Start) -> None:
    hung_up = threading.Event()

    def endless(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        try:
            while not handler.server.go_on.is_set():
                handler.piece(" on")
        except OSError:
            hung_up.set()

    one = asking(endless)
    events = one.ask(tokens=8)
    assert isinstance(events[-1], JobEnd)
    assert hung_up.wait(5)
    assert len(ends(events)[0].text) < 400


def test_odd_line_ends_comments_and_split_characters_are_read(asking: Start) -> None:
    def odd(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        handler.say(": a comment\r\n\r\nevent: x\r\n")
        data = 'data: {"choices":[{"text":" caf\u00e9","finish_reason":"stop"}]}\r\n\r\n'.encode()
        middle = data.index("\u00e9".encode()) + 1
        handler.wfile.write(data[:middle])
        handler.wfile.flush()
        handler.wfile.write(data[middle:])

    assert ends(asking(odd).ask())[0].text == " caf\u00e9"


# -- stopping, keys ------------------------------------------------------------------------------


def test_a_stop_is_heard_at_once_and_keeps_what_came(asking: Start) -> None:
    def slow(handler: Handler, said: dict[str, Any]) -> None:
        handler.begin()
        handler.piece(" the old")
        handler.server.go_on.wait(10)

    one = asking(slow)
    one.maker.run(one.job())
    one.hear(lambda event: isinstance(event, Delta))
    one.maker.cancel("j1")
    events = one.hear(lambda event: isinstance(event, JobEnd | Failed))
    assert isinstance(events[-1], JobEnd)
    assert events[-1].status == "stopped"
    assert [(end.text, end.status) for end in ends(events)] == [(" the old", "stopped")]


def test_a_stop_before_the_first_word_ends_the_job(asking: Start) -> None:
    one = asking(lambda handler, said: handler.server.go_on.wait(10) and None)
    one.maker.run(one.job())
    one.maker.cancel("j1")
    events = one.hear(lambda event: isinstance(event, JobEnd | Failed))
    assert isinstance(events[-1], JobEnd)
    assert ends(events) == []


def test_the_key_comes_from_the_environment_and_is_sent_as_a_bearer(
    asking: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "s3cret")
    one = asking(key="env:MY_KEY")
    one.ask()
    assert one.server.asked[0][1]["authorization"] == "Bearer s3cret"


def test_a_key_that_is_not_there_is_named_and_nothing_is_sent(asking: Start) -> None:
    one = asking(key="env:NOT_SET_ANYWHERE")
    assert "NOT_SET_ANYWHERE" in failure(one.ask()).what
    assert one.server.asked == []


def test_a_redirect_is_not_followed_with_the_key(asking: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "s3cret")
    other = Server(good)
    one = asking(
        lambda handler, said: handler.reply(302, "", Location=f"{other.url}/completions"), key="env:MY_KEY"
    )
    assert "another address" in failure(one.ask()).what
    assert other.asked == []
    other.close()


@pytest.mark.parametrize(
    "url", ["ftp://x", "localhost:8080", "http://", "http://[bad", "http://me:pw@x/v1", "http://x:99999"]
)
def test_a_bad_address_is_refused(url: str) -> None:
    with pytest.raises(StudioError):
        checked_url(url)


def test_a_key_never_travels_unencrypted_to_another_computer() -> None:
    assert checked_url("http://example.org/v1/") == "http://example.org/v1"
    assert checked_url("http://localhost:1/v1", with_key=True)
    with pytest.raises(StudioError, match="unencrypted"):
        checked_url("http://example.org/v1", with_key=True)


def test_an_endpoint_that_was_removed_is_named(asking: Start) -> None:
    assert "no longer there" in failure(asking().ask(model="remote:gone")).what


@given(st.text(max_size=80))
def test_no_line_of_a_server_breaks_the_reader(line: str) -> None:
    for text in (line, f"data: {line}"):
        try:
            read_event(text)
        except StudioError as error:
            assert error.what.startswith("The server")


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["choices", "text", "delta", "content", "logprobs", "tokens", "token_logprobs",
                         "top_logprobs", "token", "logprob", "error", "finish_reason"]),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
def test_no_json_of_a_server_breaks_the_reader(value: Any) -> None:
    import json

    try:
        chunk = read_event(f"data: {json.dumps(value)}")
    except StudioError:
        return
    assert chunk is None or isinstance(chunk.text, str)


def test_half_characters_of_a_server_never_reach_the_disk() -> None:
    half = "\ud83d"
    lists = {"tokens": [f"a{half}"], "token_logprobs": [-1], "top_logprobs": [{half: -2}]}
    chat = {
        "content": [{"token": half, "logprob": -1, "top_logprobs": [{"token": f"{half}b", "logprob": -2}]}]
    }
    for said in ({"text": half, "logprobs": lists}, {"delta": {"content": half}, "logprobs": chat}):
        chunk = read_event(f"data: {json.dumps({'choices': [said]})}")
        assert chunk is not None and chunk.tokens[0].others
        msgspec.msgpack.encode(chunk)
    with pytest.raises(StudioError) as caught:
        read_event(f"data: {json.dumps({'error': f'no {half}'})}")
    caught.value.what.encode()
