"""Packing: nothing lost, nothing seen twice, next to no padding, and no document sees another."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.worker.tune.attention import PACKED, packed_inputs, packs_exactly, plainly
from studio.worker.tune.calling import Caller
from studio.worker.tune.loading import read_causal
from studio.worker.tune.packing import IGNORE, Row, cut, lay, pack
from studio.worker.tune.weighing import mean_loss, weigh_documents
from tests.tiny_models import FAMILIES, VOCAB, make_model

LENGTHS = (40, 3, 57, 1, 29)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Tiny models are fastest so, and sums come out the same every time."""
    torch.set_num_threads(1)


@settings(max_examples=50)
@given(st.integers(2, 200), st.integers(1, 40), st.integers(1, 40))
def test_every_token_but_the_first_is_a_target_once(length: int, first: int, limit: int) -> None:
    ids = np.arange(length)
    pieces = cut(ids, min(first, limit), limit)
    assert np.concatenate([piece[1:] for piece in pieces]).tolist() == ids[1:].tolist()
    assert all(piece[0] == other[-1] for other, piece in pairwise(pieces))
    assert max(len(piece) for piece in pieces) <= limit + 1


@settings(max_examples=50)
@given(st.lists(st.integers(1, 32), min_size=1, max_size=80))
def test_packing_keeps_every_piece_once_and_no_two_rows_would_fit_in_one(lengths: list[int]) -> None:
    rows = pack(lengths, 32)
    assert sorted(index for row in rows for index in row) == list(range(len(lengths)))
    filled = [sum(lengths[index] for index in row) for row in rows]
    assert max(filled) <= 32
    assert sum(one <= 16 for one in filled) <= 1


def test_packing_wastes_little_of_short_documents() -> None:
    lengths = np.random.default_rng(0).integers(20, 400, 400).tolist()
    rows = pack(lengths, 512)
    assert sum(lengths) / (512 * len(rows)) > 0.98


def test_a_quarter_of_a_million_pieces_are_packed_in_seconds() -> None:
    lengths = np.random.default_rng(0).integers(1, 1024, 50_000).tolist()
    assert len(pack(lengths, 1024)) < 1.01 * sum(lengths) / 1024 + 1


def rows_of(seed: int, vocabulary: int = VOCAB) -> list[Row]:
    """Five documents, one a row."""
    chance = np.random.default_rng(seed)
    return [lay([chance.integers(5, vocabulary, length + 1)]) for length in LENGTHS]


def together(rows: list[Row]) -> Row:
    """All of them in one row."""
    return Row(
        np.concatenate([row.inputs for row in rows]),
        np.concatenate([row.targets for row in rows]),
        tuple(length for row in rows for length in row.segments),
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_packed_documents_have_the_logits_they_have_alone(family: str, tmp_path: Path) -> None:
    folder = make_model(tmp_path, family)
    model, usual = read_causal(folder).eval(), read_causal(folder)
    usual.set_attn_implementation("sdpa")
    usual.eval()
    assert model.config._attn_implementation == PACKED
    assert packs_exactly(model, VOCAB)
    rows = rows_of(1)
    ids = torch.from_numpy(together(rows).inputs)
    with torch.no_grad():
        packed = model(**packed_inputs(ids[None], LENGTHS)).logits[0]
        alone = torch.cat([usual(input_ids=part[None]).logits[0] for part in ids.split(LENGTHS)])
        bare = model(input_ids=ids[None]).logits[0]
    assert torch.allclose(packed, alone, atol=2e-4, rtol=1e-4)
    assert not torch.allclose(bare, alone, atol=1e-2)  # without segments they do see each other


@pytest.mark.parametrize("family", ["llama", "mistral", "gpt2"])
def test_gradients_of_packed_and_padded_rows_are_equal(family: str, tmp_path: Path) -> None:
    rows, found = rows_of(2), []
    for caller in (Caller(True), Caller(False)):
        model = read_causal(make_model(tmp_path / str(caller.packed), family, seed=3)).eval()
        costs = caller.costs(model, [together(rows)], torch.device("cpu"))
        costs.sum().backward()
        grads = torch.cat([weight.grad.flatten() for weight in model.parameters() if weight.grad is not None])
        found.append((costs.detach(), grads))
    assert torch.allclose(found[0][0], found[1][0], atol=1e-4)
    assert torch.allclose(found[0][1], found[1][1], atol=2e-3, rtol=1e-3)


def test_only_what_counts_is_scored_and_only_what_can_be_sampled(tmp_path: Path) -> None:
    model = read_causal(make_model(tmp_path)).eval()
    row = rows_of(4)[2]
    targets = row.targets % 50
    targets[10:] = IGNORE
    sparse = Row(row.inputs, targets, row.segments)
    with torch.no_grad():
        costs = Caller(True, sampled=50).costs(model, [sparse], torch.device("cpu"))
        logits = model(input_ids=torch.from_numpy(row.inputs)[None]).logits[0, :10, :50]
    expected = -torch.log_softmax(logits, 1)[torch.arange(10), torch.from_numpy(targets[:10])]
    assert costs.shape == (10,)
    assert torch.allclose(costs, expected, atol=1e-4)


def test_a_model_that_mixes_tokens_otherwise_is_not_packed(tmp_path: Path) -> None:
    model = read_causal(make_model(tmp_path)).eval()
    model.set_attn_implementation("eager")
    forward = model.forward
    model.forward = lambda **call: forward(**{**call, "attention_mask": None, "position_ids": None})
    assert not packs_exactly(model, VOCAB)


def test_a_model_with_soft_caps_is_weighed_in_padded_rows(tmp_path: Path) -> None:
    make_model(tmp_path)
    sizes = json.loads((tmp_path / "config.json").read_text())
    kept = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
    config = transformers.Gemma2Config(
        **{name: sizes[name] for name in kept}, num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=8
    )
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    model.save_pretrained(tmp_path)
    read = read_causal(tmp_path).eval()
    assert not packs_exactly(read, VOCAB)
    plainly(read)
    found = weigh_documents(read, {"a": [rows_of(6)[0]]}, Caller(False))
    assert found[0].tokens == LENGTHS[0] and found[0].mean > 0


def test_documents_are_weighed_each_by_itself(tmp_path: Path) -> None:
    model = read_causal(make_model(tmp_path)).train()
    documents = {f"{number}.txt": [row] for number, row in enumerate(rows_of(5))}
    seen: list[float] = []
    packed = weigh_documents(model, documents, Caller(True), seen.append)
    padded = weigh_documents(model, documents, Caller(False))
    assert [one.file for one in packed] == sorted(documents)
    assert [one.tokens for one in packed] == list(LENGTHS)
    assert [one.nats for one in packed] == pytest.approx([one.nats for one in padded], rel=1e-4)
    assert mean_loss(packed) == pytest.approx(sum(one.nats for one in packed) / sum(LENGTHS))
    assert model.training and seen == [0.0]
