"""Memory, summary, lore and notes in the prompt: where they stand, what they cost, why one is out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.jobs import ContextPart, TextJob
from studio.worker.text.prompt import Prompt, lay_out
from studio.worker.text.tokens import TextTokens, load_tokens
from tests import tiny_models

CONTEXT = 512
TEXT = "".join(f"The fox sang verse {n} to the river.\nThe owl sat and said nothing.\n" for n in range(6))
LONG = "".join(f"The fox sang verse {n} to the river.\nThe owl sat and said nothing.\n" for n in range(20))


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> TextTokens:
    folder = tmp_path_factory.mktemp("tokens")
    tiny_models.write_tokenizer(folder)
    return load_tokens(folder)


def part(kind: str, text: str, **more: object) -> ContextPart:
    return ContextPart(kind=kind, text=text, **more)  # type: ignore[arg-type]


def laid(
    known: TextTokens, *parts: ContextPart, text: str = TEXT, context: int = CONTEXT, **more: object
) -> Prompt:
    given: dict[str, object] = {"tokens": 40, "seed": 0, "at": len(text), "parts": parts, **more}
    return lay_out(TextJob(id="j", prompt=text, model="m", **given), known, context)  # type: ignore[arg-type]


def shown(prompt: Prompt, tokens: TextTokens) -> str:
    return tokens.decode(prompt.ids)


def test_what_seldom_changes_stands_first_and_late_parts_near_the_caret(tokens: TextTokens) -> None:
    prompt = laid(
        tokens,
        part("note", "Write short.", depth=1),
        part("lore", "Mia has a red hat.", depth=3),
        part("lore", "The mill is old.", title="Mill"),
        part("summary", "A fox met an owl."),
        part("memory", "A fable."),
        text=LONG,
        context=2048,
    )
    text = shown(prompt, tokens)
    places = [
        text.index(words)
        for words in (
            "A fable.",
            "The story so far: A fox met an owl.",
            "The mill is old.",
            "The fox sang verse 0",
            "[Mia has a red hat.]",
            "[Write short.]",
            "The fox sang verse 19",
        )
    ]
    assert places == sorted(places)
    assert text.endswith("The owl sat and said nothing.\n")
    assert [seen.kind for seen in prompt.parts] == [
        "frame", "memory", "summary", "lore", "text", "lore", "note", "text",
    ]  # fmt: skip
    assert text.replace("[Mia has a red hat.]\n", "").replace("[Write short.]\n", "").endswith(LONG)


def test_a_late_part_begins_a_line_of_its_own(tokens: TextTokens) -> None:
    for depth in range(14):
        text = shown(laid(tokens, part("note", "Write short.", depth=depth)), tokens)
        before = text[: text.index("[Write short.]\n")]
        assert before == "" or before.endswith("\n")


def test_within_one_long_line_sentences_are_the_borders(tokens: TextTokens) -> None:
    line = "The fox sang to the river and the river sang back. " * 40
    text = shown(laid(tokens, part("note", "Write short.", depth=0), text=line.strip()), tokens)
    before, _, after = text.partition("[Write short.]\n")
    assert before.endswith(".\n")
    assert len(after) < 1_500


def test_lore_goes_in_by_order_until_its_budget_is_full(tokens: TextTokens) -> None:
    entry = "The owl is older than the mill."
    cost = laid(tokens, part("lore", entry, id="a")).parts[1].tokens
    entries = [part("lore", entry, id=str(order), order=order, why=f"key {order}") for order in (1, 3, 2)]
    prompt = laid(tokens, *entries, lore_tokens=2 * cost)
    states = {seen.id: seen.state for seen in prompt.parts if seen.kind == "lore"}
    assert states == {"3": "in", "2": "in", "1": "out"}
    out = prompt.parts[-1]
    assert out.why == (
        f"left out: the lore budget of {2 * cost} tokens was full, 0 were left and it needs {cost} (key 1)"
    )
    assert out.tokens == 0
    assert next(seen for seen in prompt.parts if seen.id == "3").why == "key 3"


def test_lore_never_takes_more_than_half_of_the_room(tokens: TextTokens) -> None:
    entries = [part("lore", "The owl is older than the mill. " * 4, id=str(n)) for n in range(30)]
    prompt = laid(tokens, *entries, lore_tokens=100_000)
    assert sum(seen.tokens for seen in prompt.parts if seen.kind == "lore") <= prompt.room_tokens // 2
    assert "of the 100000 allowed" in prompt.parts[-1].why


def test_a_part_is_cut_at_a_word_and_says_why(tokens: TextTokens) -> None:
    words = "The quick fox sang to the river and the owl listened to it. " * 4
    prompt = laid(tokens, part("memory", words, limit_tokens=20, why="always in"))
    seen = next(seen for seen in prompt.parts if seen.kind == "memory")
    assert seen.state == "cut"
    assert 10 <= seen.tokens <= 20
    assert seen.why.startswith(f"cut to {seen.tokens} of ")
    assert seen.why.endswith("its own limit is 20 (always in)")
    cut = shown(prompt, tokens).split("\n\n", 1)[0].removeprefix("The")
    assert ("The" + cut) == words[: seen.chars]
    assert words[seen.chars] == " "


def test_memory_summary_and_notes_share_half_of_the_room(tokens: TextTokens) -> None:
    much = "The fox sang to the river. " * 60
    prompt = laid(tokens, part("summary", much), part("memory", much), part("note", "Write short.", depth=2))
    states = {seen.kind: seen for seen in prompt.parts if seen.kind != "text"}
    assert states["memory"].state == "cut"
    assert states["note"].state == "out" or states["note"].tokens > 0
    assert states["summary"].state in ("cut", "out")
    assert "half of what the model can read" in states["memory"].why
    text = sum(seen.tokens for seen in prompt.parts if seen.kind == "text")
    assert text >= prompt.room_tokens // 4


def test_empty_parts_are_no_parts(tokens: TextTokens) -> None:
    assert laid(tokens, part("memory", " \n"), part("lore", "")).ids == laid(tokens).ids


KINDS = st.sampled_from(["memory", "summary", "lore", "note"])
WORDS = st.text(alphabet="ab cé.\n“狐", max_size=300)


@settings(max_examples=80, deadline=None)
@given(
    text=WORDS,
    suffix=WORDS,
    note=WORDS,
    lead=WORDS,
    parts=st.lists(
        st.tuples(KINDS, WORDS, st.integers(-1, 8), st.integers(0, 40), st.integers(0, 200)), max_size=6
    ),
    take=st.integers(1, 600),
    lore=st.integers(0, 600),
    away=st.integers(0, 3_000),
)
def test_the_parts_tokens_add_up_to_the_prompt_s_and_fit(
    tokens: TextTokens, text: str, suffix: str, note: str, lead: str, parts: list[tuple[str, str, int, int, int]],
    take: int, lore: int, away: int,
) -> None:  # fmt: skip
    given_parts = tuple(
        part(kind, words, depth=depth, limit_tokens=limit, order=order, id=str(n))
        for n, (kind, words, depth, limit, order) in enumerate(parts)
    )
    prompt = laid(
        tokens, *given_parts, text=text, suffix=suffix, note=note, lead=lead, tokens=take, lore_tokens=lore,
        at=len(text) + away,
    )  # fmt: skip
    assert sum(seen.tokens for seen in prompt.parts) == len(prompt.ids)
    assert len(prompt.ids) <= max(CONTEXT - min(take, CONTEXT // 2), 1)
    assert {seen.id for seen in prompt.parts if seen.id} == {p.id for p in given_parts if p.text.strip()}
    assert all(seen.why for seen in prompt.parts if seen.state != "in")
    assert all(seen.tokens == 0 for seen in prompt.parts if seen.state == "out")
    assert prompt.ids[len(prompt.ids) - len(prompt.lead_ids) :] == prompt.lead_ids
