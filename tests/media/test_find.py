"""Find and replace in texts that know their authors."""

import re
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.errors import StudioError
from studio.media.find import HITS_MOST, Hit, Options, find, replace, template_parts
from studio.media.spans import HUMAN, Run, SpanText, merged


def authored(*pieces: tuple[str, str]) -> SpanText:
    """A text of pieces (text, author)."""
    runs = merged(Run(length=len(text), author=author) for text, author in pieces)
    return SpanText(text="".join(text for text, _ in pieces), runs=runs)


def by_author(value: SpanText) -> list[tuple[str, str]]:
    out, place = [], 0
    for run in value.runs:
        out.append((value.text[place : place + run.length], run.author))
        place += run.length
    return out


def test_plain_search_takes_signs_as_they_are_and_minds_case_only_when_told() -> None:
    text = "What? what. WHAT?"
    assert find(text, Options(pattern="what?")) == (Hit(0, 5), Hit(12, 17))
    assert find(text, Options(pattern="what", case=True)) == (Hit(6, 10),)
    assert find(text, Options(pattern="")) == ()


def test_whole_words_begin_and_end_where_words_do_also_at_the_end_of_a_range() -> None:
    options = Options(pattern="cat", whole_words=True)
    assert find("cat concat cats cat's (cat)", options) == (Hit(0, 3), Hit(16, 19), Hit(23, 26))
    assert find("a cats", options, 0, 5) == ()
    assert find("concat", options, 3, 6) == ()
    assert find("a cat b", options, 2, 5) == (Hit(2, 5),)


def test_only_what_lies_in_the_range_is_found() -> None:
    assert find("aaaa", Options(pattern="a"), 1, 3) == (Hit(1, 2), Hit(2, 3))


def test_expressions_that_match_nothing_hit_every_place_once() -> None:
    assert find("ab", Options(pattern="x*", regex=True)) == (Hit(0, 0), Hit(1, 1), Hit(2, 2))
    assert find("a\nb", Options(pattern="^", regex=True)) == (Hit(0, 0), Hit(2, 2))


def test_a_wrong_expression_says_what_is_wrong() -> None:
    with pytest.raises(StudioError) as told:
        find("text", Options(pattern="(a", regex=True))
    assert told.value.code == "pattern" and "missing )" in told.value.what


def test_an_expression_that_never_ends_is_stopped() -> None:
    with pytest.raises(StudioError) as told:
        find("a" * 60 + "b", Options(pattern="(a|aa)+$", regex=True), time_limit_s=0.05)
    assert told.value.code == "slow"


def test_other_threads_go_on_while_a_match_is_tried() -> None:
    lively = 0
    ended = threading.Event()

    def search() -> None:
        with pytest.raises(StudioError):
            find("a" * 60 + "b", Options(pattern="(a|aa)+$", regex=True), time_limit_s=0.4)
        ended.set()

    thread = threading.Thread(target=search)
    thread.start()
    while not ended.wait(0.005):
        lively += 1
    thread.join()
    assert lively > 10


def test_too_many_hits_are_refused() -> None:
    with pytest.raises(StudioError) as told:
        find("a" * (HITS_MOST + 1), Options(pattern="a"))
    assert told.value.code == "many"


def test_the_persons_words_replace_a_models_and_the_rest_keeps_its_author() -> None:
    value = authored(("The ", HUMAN), ("cat sat. The cat ", "take"), ("ran.", HUMAN))
    done = replace(value, Options(pattern="cat"), "dog")
    assert (done.count, done.locked) == (2, 0)
    assert done.edit is not None
    assert by_author(value.apply(done.edit)) == [
        ("The dog", HUMAN),
        (" sat. The ", "take"),
        ("dog", HUMAN),
        (" ", "take"),
        ("ran.", HUMAN),
    ]


def test_what_hit_and_replacement_share_at_their_ends_keeps_its_author() -> None:
    value = authored(("colour", "take"))
    done = replace(value, Options(pattern="colour"), "color")
    assert done.edit is not None
    assert by_author(value.apply(done.edit)) == [("color", "take")]
    done = replace(value, Options(pattern="colour"), "coloured")
    assert done.edit is not None
    assert by_author(value.apply(done.edit)) == [("colour", "take"), ("ed", HUMAN)]


def test_locked_hits_are_left_and_counted_and_the_edit_breaks_no_lock() -> None:
    value = authored(("one cat, two cat, three cat", "take"))
    lock = value.lock(9, 16)
    assert lock is not None
    value = value.apply(lock)
    done = replace(value, Options(pattern="cat"), "mouse")
    assert (done.count, done.locked) == (2, 1)
    assert done.edit is not None and value.allows(done.edit)
    after = value.apply(done.edit)
    assert after.text == "one mouse, two cat, three mouse"
    assert after.locks() == ((11, 18),)


def test_nothing_is_written_inside_a_lock_but_before_and_behind_it() -> None:
    value = SpanText(text="abc", runs=(Run(length=3, locked=True),))
    done = replace(value, Options(pattern="x*", regex=True), "-")
    assert (done.count, done.locked) == (2, 2)
    assert done.edit is not None
    assert value.apply(done.edit).text == "-abc-"


def test_locked_words_may_come_to_stand_side_by_side() -> None:
    locked = [Run(length=3, locked=True), Run(length=2), Run(length=3, author="t", locked=True)]
    value = SpanText(text="xaby--zabz", runs=(Run(length=1), *locked, Run(length=1)))
    done = replace(value, Options(pattern="[-xz]$|-|^x|z$", regex=True), "")
    assert done.edit is not None and value.allows(done.edit)
    after = value.apply(done.edit)
    assert (after.text, after.locks()) == ("abyzab", ((0, 6),))
    broken = value.edit(0, 10, "abzaby", (Run(length=6, locked=True),))
    assert not value.allows(broken), "the same letters in another order are other words"


@pytest.mark.parametrize(
    ("template", "written"),
    [
        (r"$2-$1", "Doe-Jane"),
        (r"\2-\1", "Doe-Jane"),
        (r"${last}, ${1}", "Doe, Jane"),
        (r"\g<last>!", "Doe!"),
        ("[$&]", "[Jane Doe]"),
        (r"$$1 \\1", r"$1 \1"),
        (r"a\nb\tc", "a\nb\tc"),
        ("", ""),
        (r"C:\dir $x", r"C:\dir $x"),
    ],
)
def test_groups_in_a_replacement(template: str, written: str) -> None:
    value = authored(("Jane Doe", HUMAN))
    done = replace(value, Options(pattern=r"(\w+) (?P<last>\w+)", regex=True), template)
    assert done.edit is not None
    assert value.apply(done.edit).text == written


def test_a_group_that_took_no_part_is_empty_and_one_that_is_not_there_is_refused() -> None:
    value = authored(("ab", HUMAN))
    done = replace(value, Options(pattern="(x)?ab", regex=True), "<$1>")
    assert done.edit is not None and value.apply(done.edit).text == "<>"
    with pytest.raises(StudioError) as told:
        replace(value, Options(pattern="ab", regex=True), "$1")
    assert told.value.code == "pattern"
    with pytest.raises(StudioError):
        template_parts("${name}", 1, {})


def test_a_plain_replacement_is_taken_as_it_is() -> None:
    value = authored(("a.b", HUMAN))
    done = replace(value, Options(pattern="."), r"$1\n")
    assert done.edit is not None and value.apply(done.edit).text == r"a$1\nb"


def test_the_same_again_changes_nothing() -> None:
    done = replace(authored(("cat", "take")), Options(pattern="cat"), "cat")
    assert (done.edit, done.steps, done.count) == (None, (), 1)


def test_only_one_hit_is_replaced_when_one_is_meant() -> None:
    value = authored(("cat cat cat", HUMAN))
    done = replace(value, Options(pattern="cat"), "dog", 4, only=Hit(4, 7))
    assert done.edit is not None and value.apply(done.edit).text == "cat dog cat"
    assert replace(value, Options(pattern="cat"), "dog", 3, only=Hit(3, 6)).edit is None


TEXTS = st.text(st.sampled_from("aAb \n.é𝄞"), max_size=30)


@st.composite
def values(draw: st.DrawFn) -> SpanText:
    text = draw(TEXTS)
    runs, left = [], len(text)
    while left:
        length = draw(st.integers(1, left))
        runs.append(
            Run(length=length, author=draw(st.sampled_from(["", "t", "u"])), locked=draw(st.booleans()))
        )
        left -= length
    return SpanText(text=text, runs=merged(runs))


@settings(deadline=None)
@given(
    values(),
    st.sampled_from(["a", "ab", "[ab]+", "x*", "b$", "(a)(b)?", "."]),
    st.sampled_from(["", "ab", "X$&", "$&"]),
)
def test_replacing_never_loses_or_misattributes_a_character(
    value: SpanText, pattern: str, template: str
) -> None:
    options = Options(pattern=pattern, regex=True, case=True)
    done = replace(value, options, template)
    hits = find(value.text, options)
    assert done.count + done.locked == len(hits)
    if done.edit is None:
        assert done.steps == ()
        return
    after = value.apply(done.edit)
    stepped = value
    for step in done.steps:
        assert stepped.allows(step)
        stepped = stepped.apply(step)
    assert stepped == after
    assert value.allows(done.edit)
    assert after.apply(done.edit.inverse()) == value
    assert sum(run.length for run in after.runs) == len(after.text)
    kept = re.sub("X", "", "".join(t for t, author in by_author(after) if author))
    models = "".join(t for t, author in by_author(value) if author)
    assert is_part(kept, models), "what is a model's was a model's before"
    locked = [value.text[a:b] for a, b in value.locks()]
    assert "".join(locked) == "".join(after.text[a:b] for a, b in after.locks())


def is_part(small: str, big: str) -> bool:
    """Whether the characters of one stand in the other, in order."""
    rest = iter(big)
    return all(character in rest for character in small)
