"""The story recipe's model side: the training class against the real one, figures, resuming."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import story_eval
import story_export
import story_tokenizer
import torch
from starter_run import FINISH
from story_model import Shape, StoryModel, reach, rope_tables
from story_pack import Feed
from story_train import BEST, CHECKPOINT, Plan, Progress, Trainer
from tokenizers import Tokenizer

TINY = Shape(vocab=400, hidden=32, layers=2, heads=4, kv_heads=2, head_dim=8, inner=48, context=32)
PLAN = Plan(
    shape=TINY,
    steps=6,
    warm=2,
    tail=0.5,
    group=64,
    groups=2,
    long_share=0.5,
    windows=(32, 64),
    save_every=1e9,
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Tiny models are fastest so, and sums come out the same every time."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def tokenizer(stories: list[str]) -> Tokenizer:
    """A small tokenizer of the same make as the one that ships."""
    return story_tokenizer.learn(stories, [], TINY.vocab)


@pytest.fixture
def model() -> StoryModel:
    """A tiny model with random weights, its norms too."""
    model = StoryModel(TINY, seed=5)
    chance = torch.Generator().manual_seed(6)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn(weight.shape, generator=chance) * 0.1)
    return model.eval()


@pytest.fixture
def exported(model: StoryModel, tokenizer: Tokenizer, tmp_path: Path) -> Path:
    """The tiny model as a folder."""
    story_export.export(model, tokenizer, tmp_path / "model")
    return tmp_path / "model"


def trainer(tokenizer: Tokenizer, stories: list[str], folder: Path, plan: Plan = PLAN) -> Trainer:
    """A tiny run."""
    encoded = [np.array([0, *found.ids, 0]) for found in tokenizer.encode_batch(stories)]
    short, long = (Feed(tokenizer, encoded, window, plan.seed) for window in plan.windows)
    return Trainer(plan, (short, long), folder, compiled=False)


def test_transformers_computes_the_same(exported: Path) -> None:
    tokens = torch.randint(0, TINY.vocab, (2, 30), generator=torch.Generator().manual_seed(1))
    ours = story_export.load(exported).logits(tokens).detach()
    theirs = story_eval.transformers_scorer(exported)(tokens)
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert float(ours.std()) > 0.1


def test_documents_in_one_window_do_not_see_each_other(model: StoryModel) -> None:
    tokens = torch.randint(0, TINY.vocab, (1, 24), generator=torch.Generator().manual_seed(2))
    documents = torch.tensor([[0] * 10 + [1] * 14])
    packed = model.hidden(tokens, reach(documents), rope_tables(TINY, 24))
    alone = model.hidden(tokens[:, 10:], reach(torch.zeros(1, 14)), rope_tables(TINY, 14))
    assert torch.allclose(packed[:, 10:], alone, atol=1e-5)


def test_bits_per_byte_by_hand(model: StoryModel, tokenizer: Tokenizer) -> None:
    texts = ["The fox sat down.", "Tom had a red ball, 从前 🦊. " * 3, "Hm"]
    figure = story_eval.measure(texts, tokenizer, model.logits, TINY.context)
    text_bits = end_bits = 0.0
    for text in texts:
        ids = [0, *tokenizer.encode(text).ids, 0]
        start = 0
        for place in range(1, len(ids)):
            if place - start > TINY.context:  # the window moves on by half
                start = min(start + TINY.context // 2, len(ids) - 1 - TINY.context)
            scores = model.logits(torch.tensor([ids[start:place]]))[0, -1].detach()
            bits = -float(torch.log_softmax(scores, -1)[ids[place]]) / math.log(2)
            text_bits += bits if place < len(ids) - 1 else 0.0
            end_bits += bits if place == len(ids) - 1 else 0.0
    size = sum(len(text.encode()) for text in texts)
    assert (figure.documents, figure.bytes) == (3, size)
    assert figure.tokens > 2 * TINY.context
    assert figure.bits_per_byte == pytest.approx(text_bits / size, rel=1e-4)
    assert figure.with_end == pytest.approx((text_bits + end_bits) / size, rel=1e-4)


def test_windows_move_by_half_and_score_everything_once() -> None:
    found = story_eval.views([100, 32, 5], 32)
    for document, length in enumerate((100, 32, 5)):
        own = [view for view in found if view.document == document]
        scored = [place for view in own for place in range(view.first, view.end)]
        assert scored == list(range(length))
        assert all(view.end - view.start <= 32 for view in own)
        assert all(view.first - view.start >= 16 for view in own[1:])


def test_resumed_run_equals_uninterrupted(tokenizer: Tokenizer, stories: list[str], tmp_path: Path) -> None:
    whole = trainer(tokenizer, stories, tmp_path / "a")
    for _ in range(PLAN.steps):
        whole.schedule(1.0)
        whole.step()
    half = trainer(tokenizer, stories, tmp_path / "b")
    for _ in range(4):
        half.schedule(1.0)
        half.step()
    half.save()
    rest = trainer(tokenizer, stories, tmp_path / "b")
    rest.load()
    while rest.progress.last < 0 or rest.progress.step < rest.progress.last:
        rest.schedule(1.0)
        rest.step()
    assert rest.progress == whole.progress
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, rest.model.state_dict()[name]), name


def test_training_learns(tokenizer: Tokenizer, stories: list[str], tmp_path: Path) -> None:
    run = trainer(tokenizer, stories, tmp_path, replace(PLAN, steps=30))
    lines: list[str] = []
    run.run(run.feeds[0].take(2), lines.append)
    assert run.progress.step == 30
    assert run.validate(run.feeds[0].take(8)) < 4.5 < math.log(TINY.vocab)
    assert (tmp_path / CHECKPOINT).exists()
    assert lines[-1].startswith("step 30 of 30 ")


def test_best_state_is_kept(
    tokenizer: Tokenizer, stories: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trainer(tokenizer, stories, tmp_path, replace(PLAN, check_every=1))
    found = iter((3.0, 2.0, 2.5, 2.1, 2.0, 4.0))
    monkeypatch.setattr(run, "validate", lambda _: next(found))
    run.run(run.feeds[0].take(2), lambda _: None)
    run.load(BEST)
    assert run.progress.step == 5  # the latest of the equals
    run.load(CHECKPOINT)
    assert run.progress.step == 6


def test_rate_rises_stays_and_falls() -> None:
    now = Progress()
    rates = []
    for step in range(20):
        now.step = step
        if step == 10:
            now.begin_fall(10, 4)
        rates.append(now.factor(4))
    assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert rates[10] == 1.0
    assert rates[15] == pytest.approx(0.5)
    assert rates[19] == pytest.approx(0.1)
    now.step = 15
    now.begin_fall(2, 4)  # sooner: goes on from where it stands
    assert now.factor(4) == pytest.approx(0.5)
    assert now.last == 17


def test_finish_file_ends_a_run_early(tokenizer: Tokenizer, stories: list[str], tmp_path: Path) -> None:
    run = trainer(tokenizer, stories, tmp_path, replace(PLAN, steps=0, minutes=60.0))
    run.schedule(1.0)
    assert run.progress.fall < 0
    (tmp_path / FINISH).write_text("0.1\n")
    run.schedule(2.0)
    assert (run.progress.fall, run.progress.last) == (0, 3)
    assert not (tmp_path / FINISH).exists()


def test_export_replaces_the_old_folder_whole(exported: Path, tmp_path: Path) -> None:
    target = tmp_path / "models" / "story"
    target.mkdir(parents=True)
    (target / "stale.txt").write_text("old")
    story_export.put_in_place(exported, target)
    names = {file.name for file in target.iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"} < names
    assert "stale.txt" not in names
    assert [folder.name for folder in target.parent.iterdir()] == ["story"]
