"""Rows of text: nothing lost, the same for the same number, forms and noise where they belong."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from studio.worker.tune.packing import IGNORE, Row
from studio.worker.tune.text_rows import Form, Marks, Mixed, TextRows, document_rows, dropped, filled
from studio.worker.tune.token_store import TokenStore


def store_of(*lengths: int) -> TokenStore:
    """Documents whose tokens are all different."""
    ends = np.cumsum([0, *lengths])
    return TokenStore.of((f"{i}.txt", np.arange(a, b)) for i, (a, b) in enumerate(pairwise(ends)))


def test_a_pass_has_every_token_but_the_first_of_each_document_as_a_target_once() -> None:
    store = store_of(100, 7, 33, 250, 2)
    rows = TextRows(store, Form(64))
    count = len(rows.plan(0))
    for first in (0, count):  # two passes, cut at other places
        targets = np.concatenate(
            [rows.row(first + number).targets for number in range(len(rows.plan(first // count)))]
        )
        missing = set(range(392)) - set(targets.tolist())
        assert missing == {0, 100, 107, 140, 390}
        assert len(targets) == 392 - 5
    cuts = [sorted(rows.plan(turn), key=str) for turn in (0, 1)]
    assert cuts[0] != cuts[1]


def test_a_row_depends_on_its_number_alone() -> None:
    store, form = (
        store_of(300, 20, 90, 5),
        Form(64, word_dropout=0.3, fill=Marks(900, 901, 902, 903), fill_share=0.5),
    )
    straight = [TextRows(store, form, 4).row(number) for number in (0, 5, 17)]
    rows = TextRows(store, form, 4)
    back = [rows.row(number) for number in (17, 5, 0)][::-1]
    for one, other in zip(straight, back, strict=True):
        assert np.array_equal(one.inputs, other.inputs) and np.array_equal(one.targets, other.targets)
        assert one.segments == other.segments
    assert not np.array_equal(TextRows(store, form, 5).row(0).inputs, straight[0].inputs)


def test_rows_are_no_longer_than_the_window_and_segments_are_pieces() -> None:
    rows = TextRows(store_of(300, 20, 90, 5, 64, 65), Form(64))
    for number in range(30):
        row = rows.row(number)
        assert len(row) <= 64 and sum(row.segments) == len(row)
        for alone in row.alone():
            assert np.array_equal(alone.inputs[1:], alone.targets[:-1])


def test_without_packing_a_row_is_one_piece() -> None:
    rows = TextRows(store_of(10, 20, 30), Form(64, packing=False))
    assert sorted(len(rows.row(number)) for number in range(3)) == [9, 19, 29]
    assert all(len(rows.row(number).segments) == 1 for number in range(9))


@pytest.mark.parametrize("opens", [(), (7,)])
def test_the_middle_is_told_last_and_the_piece_grows_no_longer(opens: tuple[int, ...]) -> None:
    marks = Marks(900, 901, 902, 903, opens)
    orders = set()
    for seed in range(20):
        piece = np.array([*(opens or (903,)), *range(10, 60), 903])
        found = filled(piece, marks, np.random.default_rng(seed)).tolist()
        assert len(found) <= len(piece) and found[-1] == 903 and found[: len(opens)] == list(opens)
        at = {mark: found.index(mark) for mark in (900, 901, 902)}
        inside = found[at[902] + 1 : -1]
        suffix_ends, prefix_ends = (
            at[900] if at[901] < at[900] else at[902],
            at[902] if at[901] < at[900] else at[901],
        )
        text = [*found[at[900] + 1 : prefix_ends], *inside, *found[at[901] + 1 : suffix_ends]]
        assert text == list(range(10, 10 + len(text))) and len(text) >= 46
        orders.add(at[901] < at[900])
    assert orders == {True, False}


def test_word_dropout_changes_inputs_alone_and_never_what_opens_a_document() -> None:
    row = Row(np.arange(1000), np.arange(1, 1001), (400, 600))
    noisy = dropped(row, 0.2, np.random.default_rng(0))
    assert np.array_equal(noisy.targets, row.targets)
    assert 0.15 < (noisy.inputs != row.inputs).mean() < 0.25
    most = dropped(row, 0.99, np.random.default_rng(0))
    assert most.inputs[0] == 0 and most.inputs[400] == 400
    assert dropped(row, 0.0, np.random.default_rng(0)) is row


def test_replay_comes_evenly_and_leaves_no_row_out() -> None:
    main, other = TextRows(store_of(2000), Form(20)), TextRows(store_of(2000), Form(10))
    mixed = Mixed(main, other, 0.25)
    lengths = [len(mixed.row(number)) for number in range(40)]
    assert (
        lengths.count(10) == 10
        and max(map(len, "".join("r" if n == 10 else "." for n in lengths).split("r"))) <= 4
    )
    seen = [mixed.row(number).inputs[0] for number in range(20) if lengths[number] == 20]
    assert seen == [main.row(number).inputs[0] for number in range(len(seen))]


def test_documents_are_weighed_whole_or_spread_evenly() -> None:
    store = store_of(1000, 10, 400, 1)
    rows = document_rows(store, 100)
    assert [sum(row.counted for row in rows[f"{i}.txt"]) for i in range(3)] == [999, 9, 399]
    assert "3.txt" not in rows
    some = document_rows(store, 100, most_tokens=500)
    assert set(some) == set(rows)
    assert 300 < sum(len(row) for found in some.values() for row in found) <= 700
    many = document_rows(store_of(*([20] * 300)), 100, most_tokens=500)
    assert 20 <= len(many) <= 40


def test_a_store_that_was_not_written_to_its_end_is_none(tmp_path: Path) -> None:
    made = TokenStore.write(tmp_path, "train", [("a", np.arange(5)), ("b", np.arange(3))])
    assert made[0].tolist() == [0, 1, 2, 3, 4] and made.tokens == 8
    again = TokenStore.kept(tmp_path, "train")
    assert again is not None and again[1].tolist() == [0, 1, 2] and again.files == ("a", "b")
    (tmp_path / "train.u32").write_bytes(b"1234")
    assert TokenStore.kept(tmp_path, "train") is None
    assert TokenStore.kept(tmp_path, "validation") is None
    empty = TokenStore.write(tmp_path, "test", [])
    assert len(empty) == 0 and empty.tokens == 0


def test_nothing_to_train_on_is_said() -> None:
    with pytest.raises(ValueError, match="two tokens"):
        TextRows(store_of(1, 1), Form(8)).row(0)
    assert IGNORE == -100
