"""The music recipe in small: its network, resuming, takes under the grammar, the figures, and the folder it ends in."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import sketch
import sketch_takes
import soundfile
import torch
from safetensors import safe_open
from sketch_excerpts import GIVEN, openings
from sketch_export import LIMIT, TOKENS
from sketch_figures import Copied, bare, continued, given, likeness, training_lines
from sketch_nll import foresight
from sketch_train import Plan, Trainer, sampled_loss, shape_of
from story_export import size
from story_model import Shape, StoryModel, reach, rope_tables
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from studio.media.learned.copied import FLAG_NOTES
from studio.media.music.midi import read_midi
from studio.media.music.score import Key, Score
from studio.media.music.vocabulary import SAMPLED, SIZE, check_description
from studio.worker.tune.music_corpus import Corpus
from studio.worker.tune.music_feed import Feed, questions
from studio.worker.tune.music_words import Words
from studio.worker.tune.music_write import Written
from studio.worker.tune.packing import IGNORE
from tests.starters.sketch_songs import make_corpus, piece

TINY = Shape(vocab=SIZE, hidden=32, layers=1, heads=2, kv_heads=1, head_dim=16, inner=32, context=1024)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Tiny models are fastest so, and sums come out the same every time."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def corpus_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of chance, with a song that is kept back for validation."""
    return make_corpus(tmp_path_factory.mktemp("corpus"), train=60)


@pytest.fixture(scope="module")
def run(corpus_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder with the cache."""
    folder = tmp_path_factory.mktemp("run")
    sketch.main(["--corpus", str(corpus_dir), "--run", str(folder), "--only-prepare"])
    return folder


@pytest.fixture(scope="module")
def made(run: Path) -> tuple[Corpus, Words]:
    """The cache."""
    return Corpus.load(run), Words.load(run)


def random_model() -> LlamaForCausalLM:
    """A network of chance."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=SIZE,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=400,
        tie_word_embeddings=True,
    )
    return LlamaForCausalLM(config).eval()


def test_network_that_ships_has_the_size_asked_for() -> None:
    shape = shape_of(SIZE)
    count = sum(p.numel() for p in StoryModel(shape).parameters())
    assert 3_000_000 <= count <= 3_400_000
    assert count * 2 + 200_000 < LIMIT
    assert shape.context == max(Plan().windows) == 2048


def test_loss_counts_what_can_be_sampled_and_nothing_given() -> None:
    model = StoryModel(TINY)
    tokens = torch.randint(0, SIZE, (2, 16))
    targets = torch.randint(0, SAMPLED, (2, 16))
    targets[:, ::2] = IGNORE
    bias, turns = reach(torch.zeros_like(tokens)), rope_tables(TINY, 16)
    loss = sampled_loss(model, SAMPLED, tokens, targets, bias, turns)
    scores = model.logits(tokens)[..., :SAMPLED].log_softmax(-1)
    wanted = targets != IGNORE
    by_hand = -scores[wanted].gather(-1, targets[wanted][:, None]).sum()
    torch.testing.assert_close(loss, by_hand)
    loss.backward()
    unseen = torch.ones(SIZE, dtype=torch.bool)
    unseen[tokens.flatten()] = unseen[:SAMPLED] = False
    assert (model.model.embed_tokens.weight.grad[unseen] == 0).all()


def test_resumed_run_equals_unbroken_one(made: tuple[Corpus, Words], tmp_path: Path) -> None:
    corpus, words = made
    plan = Plan(shape=TINY, steps=4, minutes=0, warm=2, group=256, groups=2, windows=(128, 256))

    def trainer(folder: str) -> Trainer:
        feeds = sketch.feeds_of(lambda window: Feed(corpus, words, window, 3), plan.windows)
        return Trainer(plan, feeds, tmp_path / folder, words.sampled, compiled=False)

    def go(one: Trainer, steps: int) -> None:
        for _ in range(steps):
            one.step()
            one.schedule(1.0)

    whole, first, second = trainer("whole"), trainer("broken"), trainer("broken")
    go(whole, 4)
    go(first, 2)
    first.save()
    second.load()
    go(second, 2)
    assert whole.progress.ended and second.progress.ended
    for name, value in whole.model.state_dict().items():
        assert torch.equal(value, second.model.state_dict()[name]), name


def test_training_learns(made: tuple[Corpus, Words], tmp_path: Path) -> None:
    corpus, words = made
    plan = Plan(shape=TINY, steps=12, minutes=0, warm=2, group=512, groups=1, windows=(128, 256))
    feeds = sketch.feeds_of(lambda window: Feed(corpus, words, window, 3), plan.windows)
    trainer = Trainer(plan, feeds, tmp_path, words.sampled, compiled=False)
    valid = Feed(corpus, words, 128, 0, 1, context=0.0).take(6)
    before = trainer.validate(valid)
    for _ in range(12):
        trainer.step()
        trainer.schedule(1.0)
    assert before == pytest.approx(math.log(words.sampled), abs=0.3)
    assert trainer.validate(valid) < before - 0.4


def test_foresight_is_the_likelihood_by_note(made: tuple[Corpus, Words]) -> None:
    _, words = made

    def even(ids: torch.Tensor) -> torch.Tensor:
        return torch.zeros(1, ids.shape[1], words.size)

    asked = [
        Written(np.array([340, 5, 6, 0], np.uint16), np.array([0, 1, 2, 2], np.uint8), 1),
        Written(np.array([340, 7], np.uint16), np.array([0, 2], np.uint8), 3),
    ]
    found = foresight(asked, even, words.sampled)
    assert (found.pieces, found.notes, found.tokens) == (2, 4, 3)
    assert found.nats_per_note == pytest.approx(3 * math.log(words.sampled) / 4)
    assert found.nats_per_token == pytest.approx(math.log(words.sampled))


def test_excerpts_are_of_one_metre_with_notes_before_and_in_the_bars_asked_for() -> None:
    found = openings("a/b", piece(3, bars=40), most=4)
    assert found
    for one in found:
        assert {meter.bar_ticks for meter in one.score.meters} == {one.bar_ticks}
        assert any(note.start < GIVEN * one.bar_ticks for track in one.score.tracks for note in track.notes)
        assert one.score.end <= (one.last + 1) * one.bar_ticks
        entropy, scale, groove = one.values(one.score)
        assert 0 < entropy <= math.log2(12) and 7 / 12 <= scale <= 1 and 0 < groove <= 1
    assert openings("a/b", piece(3, bars=5)) == []
    assert math.isnan(found[0].values(Score())[0])


def test_takes_continue_and_leave_what_is_given(made: tuple[Corpus, Words]) -> None:
    model = random_model()
    asked = [one for seed in (3, 4) for one in openings(f"a/{seed}", piece(seed, bars=24), bars=8)]
    found = continued(model, asked)
    assert len(found) == len(asked) == 2
    for one, take in zip(asked, found, strict=True):
        start, end = one.span
        before = [note for track in take.tracks for note in track.notes if note.start < start]
        assert before == [note for track in given(one).tracks for note in track.notes]
        new = [note for track in take.tracks for note in track.notes if note.start >= start]
        assert new and max(note.end for note in new) <= end
    again = continued(model, asked[:1])[0]
    assert again == found[0]  # the seed decides, not the others in the batch


def test_a_take_longer_than_the_context_comes_in_passes(made: tuple[Corpus, Words]) -> None:
    model = random_model()
    model.config.max_position_embeddings = 200
    one = openings("a/3", piece(3, bars=24), bars=10)[0]
    take = continued(model, [one])[0]
    bars = {note.start // one.bar_ticks for track in take.tracks for note in track.notes}
    assert max(bars) > GIVEN + 3


def test_samples_are_of_all_tasks_and_sets() -> None:
    found = [one for name in ("a/1", "b/2", "c/3") for one in openings(name, piece(3, bars=60), most=5)]
    picked = sketch_takes.chosen(found)
    assert {one.name for one in picked[:3]} == {"a/1", "b/2", "c/3"}
    score, job, words = sketch_takes.asked("infill", picked[0], 4)
    assert job.last_bar < picked[0].last and job.first_bar == GIVEN and "filled in" in words
    assert score.note_count == picked[0].score.note_count
    score, job, _ = sketch_takes.asked("harmonise", picked[0], 4)
    assert len(score.tracks) == 1 and job.new is not None and job.seed == 4


def test_likeness_compares_means_and_leaves_out_what_has_no_value() -> None:
    real = [(1.0, 0.5, 0.9), (2.0, 0.6, 0.8), (3.0, 0.7, 0.7), (2.0, 0.8, 0.6)]
    same = likeness(real, real)
    assert [one.distance for one in same.values()] == [0, 0, 0] and same["scale consistency"].real == 0.65
    off = likeness(real, [(value + 1, math.nan, other) for value, _, other in real])
    assert off["pitch-class entropy"].distance == pytest.approx(1)
    assert off["pitch-class entropy"].halves > 0
    assert Copied.of([3, FLAG_NOTES, FLAG_NOTES + 1, 40]) == Copied(19.0, 40, 0.5) or FLAG_NOTES != 16


def test_training_lines_find_what_was_copied(made: tuple[Corpus, Words]) -> None:
    from studio.media.learned.copied import longest_notes, steps_of

    corpus, _ = made
    lines = training_lines(corpus)
    row = int(corpus.pieces(0)[0])
    song = piece(int(str(corpus.names[row]).split("/")[1].removesuffix(".mid")))
    notes = max((track.notes for track in song.tracks), key=len)[:40]
    starts = np.array([note.start // 40 for note in notes])
    pitches = np.array([note.pitch for note in notes]) + 2
    assert longest_notes([[steps_of(starts, pitches)]], lines)[0] >= 30


def test_questions_hold_the_same_notes_for_every_model(made: tuple[Corpus, Words]) -> None:
    corpus, words = made
    rows = questions(corpus, words, 2, 1024, "continue")
    assert all((one.parts == 2).any() for one in rows)
    assert bare(Score(keys=(Key(0, 2),))).keys == ()


def test_whole_recipe_in_small(
    run: Path, corpus_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # its thread would outlive the test
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr("sketch_excerpts.BARS", 8)
    monkeypatch.setattr("sketch_takes.TASKS", ("continue", "infill", "harmonise"))
    out, sounds = tmp_path / "out" / "sketch", tmp_path / "sounds"
    places = ["--corpus", str(corpus_dir), "--run", str(run), "--out", str(out), "--sounds", str(sounds)]
    small = ["--eager", "--group", "512", "--groups", "1", "--pieces", "3"]
    windows = (256, 512)
    sketch.main([*places, *small, "--steps", "2", "--note", "A note."], TINY, windows)
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "| continuation | **" in card and "| groove consistency |" in card and "A note." in card
    assert {file.name for file in sounds.iterdir()} == {"take_0.ogg", "take_1.ogg", "take_2.ogg"}
    heard, _ = soundfile.read(sounds / "take_0.ogg")
    assert np.abs(heard).max() > 0.01
    for number in range(3):
        assert read_midi((out / "takes" / f"take_{number}.mid").read_bytes()).score.note_count
    found = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert found["architectures"] == ["LlamaForCausalLM"] and found["dtype"] == "float16"
    check_description(json.loads((out / TOKENS).read_text(encoding="utf-8")))
    with safe_open(out / "model.safetensors", "pt") as weights:
        assert {str(weights.get_slice(name).get_dtype()) for name in weights.keys()} == {"F16"}  # noqa: SIM118
    model = AutoModelForCausalLM.from_pretrained(out, dtype=torch.float32)
    ids = model.generate(torch.tensor([[found["bos_token_id"]]]), max_new_tokens=8, min_new_tokens=8)
    assert int(ids[0, 1:].max()) < SAMPLED
    assert size(out) < LIMIT
    sketch.main([*places, *small, "--steps", "1", "--resume", "--only-train"], TINY, windows)
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    assert state["progress"]["step"] == 3 and state["progress"]["leg_step"] == 2
