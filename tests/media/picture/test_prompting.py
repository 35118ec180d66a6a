"""Alternatives, wildcards and weights: what a prompt's signs mean."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.picture.prompting import CHARS_MOST, WEIGHT_MOST, expand, expanded, plain, weighted

LISTS = {
    "animal": ("cat", "{big|small} dog", "__sea/fish__"),
    "sea/fish": ("cod", "eel"),
    "a": ("x __b__",),
    "b": ("y __a__",),
    "self": ("__self__",),
    "empty": (),
    "twice": ("__animal__ and __animal__",),
}
texts = st.text(st.sampled_from("ab {}|$_()[]:\\.19-,"), max_size=60)


def chosen(prompt: str, seeds: int = 200) -> set[str]:
    return {expand(prompt, seed, LISTS) for seed in range(seeds)}


def test_one_of_several_is_chosen_and_all_come() -> None:
    assert chosen("a {red|blue|} door") == {"a red door", "a blue door", "a  door"}
    assert chosen("{a|{b|c}d}") == {"a", "bd", "cd"}
    assert chosen("{only}") == {"only"}


def test_so_many_are_chosen_and_none_twice() -> None:
    assert chosen("{2$$a|b|c}") == {"a, b", "a, c", "b, a", "b, c", "c, a", "c, b"}
    assert chosen("{2$$ and $$a | b}") == {"a and b", "b and a"}
    assert {len(text) for text in chosen("{1-3$$$$a|b|c}")} == {1, 2, 3}
    assert chosen("{9$$a|b}") == {"a, b", "b, a"}
    assert chosen("{2$$a|a}") == {"a, a"}


def test_shares_say_how_often() -> None:
    counts = Counter(expand("{3::often|1::rarely|0::never}", seed, {}) for seed in range(800))
    assert set(counts) == {"often", "rarely"} and 2.0 < counts["often"] / counts["rarely"] < 4.5


def test_wildcards_choose_lines_and_lines_may_choose_again() -> None:
    assert chosen("a __animal__!") == {"a cat!", "a big dog!", "a small dog!", "a cod!", "a eel!"}
    assert chosen("__sea/fish__") == {"cod", "eel"}
    assert "cat and cat" in chosen("__twice__"), "the same list twice is no circle"


@pytest.mark.parametrize("name", ["a", "b", "self"])
def test_a_circle_of_wildcards_is_refused_and_shown(name: str) -> None:
    with pytest.raises(StudioError) as caught:
        expand(f"__{name}__", 1, LISTS)
    assert caught.value.code == "wildcard_loop" and name in caught.value.what and "→" in caught.value.what
    assert caught.value.do


@pytest.mark.parametrize(
    ("name", "hint"), [("animals", "__animal__"), ("zzz", "zzz.txt"), ("empty", "empty")]
)
def test_a_list_that_is_not_there_or_empty_is_named(name: str, hint: str) -> None:
    with pytest.raises(StudioError) as caught:
        expand(f"a __{name}__", 1, LISTS)
    assert caught.value.code == "wildcard" and hint in str(caught.value)


def test_a_backslash_makes_signs_ordinary_and_open_braces_are() -> None:
    assert expand(r"\{a|b\} \__animal__ 1\|2", 1, LISTS) == "{a|b} __animal__ 1|2"
    assert expand("a {b|c", 1, {}) == "a {b|c" and expand("a}b", 1, {}) == "a}b"
    assert expand(r"hair_\(long\) snake_case_name", 1, {}) == r"hair_\(long\) snake_case_name"


def test_what_grows_without_end_is_refused() -> None:
    doubling = {f"w{n}": (f"__w{n + 1}__ __w{n + 1}__",) for n in range(40)} | {"w40": ("x",)}
    for prompt in ("__w0__", "{" * 60 + "a" + "}" * 60, "x" * (CHARS_MOST + 1)):
        with pytest.raises(StudioError) as caught:
            expand(prompt, 1, doubling)
        assert caught.value.code == "prompt"


@given(texts, st.integers(0, 2**63 - 1))
def test_the_same_seed_chooses_the_same(prompt: str, seed: int) -> None:
    def run() -> str:
        try:
            return expand(prompt, seed, LISTS)
        except StudioError as error:
            return error.code

    assert run() == run()


@given(st.text(st.characters(exclude_characters="{}\\_"), max_size=80), st.integers(0, 99))
def test_without_signs_nothing_changes(prompt: str, seed: int) -> None:
    assert expand(prompt, seed, {}) == prompt
    assert expanded(prompt, seed, 4, {}) == ()


def test_each_take_chooses_for_itself_and_as_before() -> None:
    prompts = expanded("a {red|blue|green|black} door", 7, 8, {})
    assert len(prompts) == 8 and len(set(prompts)) > 1
    assert prompts == expanded("a {red|blue|green|black} door", 7, 8, {})
    assert prompts != expanded("a {red|blue|green|black} door", 8, 8, {})
    assert expanded("(a:1.2) door", 7, 8, {}) == ()


# -- weights -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("", []),
        ("cat", [("cat", 1.0)]),
        ("(cat)", [("cat", 1.1)]),
        ("((cat))", [("cat", 1.21)]),
        ("[cat]", [("cat", 1 / 1.1)]),
        ("(cat:1.5)", [("cat", 1.5)]),
        ("(cat: 0.5 )", [("cat", 0.5)]),
        ("(cat:-1)", [("cat", -1.0)]),
        ("a (b) c", [("a ", 1.0), ("b", 1.1), (" c", 1.0)]),
        (r"\(a\) \[b\] \\", [("(a) [b] \\", 1.0)]),
        ("(unbalanced", [("unbalanced", 1.1)]),
        ("a) b]", [("a) b]", 1.0)]),
        ("a:1.2)", [("a:1.2)", 1.0)]),
        ("a (((house:1.3)) [on] a (hill:0.5), sun, (((sky)))",
         [("a ", 1.0), ("house", 1.573), (" ", 1.1), ("on", 1.0), (" a ", 1.1), ("hill", 0.55), (", sun, ", 1.1),
          ("sky", 1.4641)]),
        ("red BREAK blue", [("red, blue", 1.0)]),
        ("(a:99)", [("a", WEIGHT_MOST)]),
    ],
)  # fmt: skip
def test_weights_are_read_as_automatic1111_reads_them(prompt: str, pieces: list[tuple[str, float]]) -> None:
    got = weighted(prompt)
    assert [text for text, _ in got] == [text for text, _ in pieces]
    assert [weight for _, weight in got] == pytest.approx([weight for _, weight in pieces])
    assert plain(prompt) == "".join(text for text, _ in pieces)


@given(texts)
def test_pieces_are_never_empty_weights_bounded_neighbours_differ(prompt: str) -> None:
    pieces = weighted(prompt)
    assert all(text and abs(weight) <= WEIGHT_MOST for text, weight in pieces)
    assert all(one[1] != other[1] for one, other in itertools.pairwise(pieces))
    assert plain(prompt) == "".join(text for text, _ in pieces)


@given(st.text(st.characters(exclude_characters="()[]:\\B"), min_size=1, max_size=60))
def test_words_without_signs_weigh_one(prompt: str) -> None:
    assert weighted(prompt) == ((prompt, 1.0),)


def test_a_long_prompt_of_brackets_is_read_in_no_time() -> None:
    assert weighted("(a" * 50_000)[-1][1] == WEIGHT_MOST
