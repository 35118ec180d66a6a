"""How much of a prompt need not be read again: after a sentence, a regenerate, a lore entry that comes in."""

from pathlib import Path

import pytest

from studio.core.jobs import ContextPart, TextJob
from studio.core.resources import starter_model
from studio.worker.causal.kept import CHUNK_TOKENS, shared
from studio.worker.text.prompt import lay_out
from studio.worker.text.tokens import TextTokens, load_tokens

CONTEXT = 1024
SENTENCE = " The fox sat down beside the river and waited for the owl."
STORY = "\n".join(
    f"On day {n} the fox went to the river. “Are you there?” asked the fox. The owl looked down from the old "
    f"mill and said that it had been there for {n} hours."
    for n in range(1, 16)
)
MEMORY = ContextPart(kind="memory", text="A fable about a fox and an owl who live near an old mill.")
ALWAYS = ContextPart(kind="lore", text="The mill has not been used for a hundred years.", id="mill")
NOTE = ContextPart(kind="note", text="Short sentences.", depth=2)
MATCHED = ContextPart(kind="lore", text="Mia is a girl with a red hat and a blue bag.", id="mia", depth=3)


@pytest.fixture(scope="module")
def tokens() -> TextTokens:
    folder = starter_model("story")
    if not Path(folder, "tokenizer.json").exists():
        pytest.skip("the story model has not been made here")
    return load_tokens(folder)


def ids(tokens: TextTokens, text: str, *parts: ContextPart, seed: int = 0) -> list[int]:
    job = TextJob(id="j", prompt=text, at=len(text), model="m", seed=seed, tokens=80, parts=parts)
    return lay_out(job, tokens, CONTEXT).ids


def reused(old: list[int], new: list[int]) -> int:
    """Tokens in whole chunks, as kept prompts are taken over."""
    return shared(old, new[:-1]) // CHUNK_TOKENS * CHUNK_TOKENS


def test_a_regenerate_reads_nothing_anew(tokens: TextTokens) -> None:
    parts = (MEMORY, ALWAYS, NOTE, MATCHED)
    assert ids(tokens, STORY, *parts) == ids(tokens, STORY, *parts, seed=9)


def test_after_one_sentence_only_the_end_is_read_anew(tokens: TextTokens) -> None:
    parts = (MEMORY, ALWAYS, NOTE, MATCHED)
    before, after = ids(tokens, STORY, *parts), ids(tokens, STORY + SENTENCE, *parts)
    assert len(after) > 600
    assert len(after) - reused(before, after) < 2 * CHUNK_TOKENS


def test_a_lore_entry_that_comes_in_moves_only_what_stands_after_it(tokens: TextTokens) -> None:
    before, after = (
        ids(tokens, STORY, MEMORY, ALWAYS, NOTE),
        ids(tokens, STORY, MEMORY, ALWAYS, NOTE, MATCHED),
    )
    assert len(after) - reused(before, after) < 6 * CHUNK_TOKENS
    assert reused(before, after) > len(after) / 2


def test_typing_a_page_letter_by_letter_rereads_little(tokens: TextTokens) -> None:
    page = "\n".join([STORY, *(f"The owl told story {n}.{SENTENCE}" for n in range(12))])
    kept: list[int] = []
    computed, whole = 0, 0
    for end in range(len(STORY), len(page), 7):
        new = ids(tokens, page[:end], MEMORY, ALWAYS, NOTE, MATCHED)
        if kept:
            computed += len(new) - reused(kept, new)
            whole += len(new)
        kept = new
    assert computed < 0.25 * whole


def test_late_parts_move_in_steps(tokens: TextTokens) -> None:
    page = "\n".join(f"The owl told story {n}.{SENTENCE}" for n in range(40))
    moves = set()
    for end in range(2_000, len(page), 11):
        text = tokens.decode(ids(tokens, page[:end], NOTE))
        moves.add(page.find(text.partition("[Short sentences.]\n")[2][:40]))
    assert 2 <= len(moves) <= 1 + (len(page) - 2_000) // 400
