"""When memory runs out the rungs are tried in order, told, and noted; then the failure is clear."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from studio.core.errors import StudioError
from studio.core.events import Told
from studio.core.pictures import RUNGS
from studio.worker.image import batch as batch_module
from studio.worker.image.ladder import Ladder
from tests.worker.image.conftest import Painter


@pytest.fixture
def short(painter: Painter) -> Iterator[list[int]]:
    """The network that draws finds no memory for batches (guidance doubles them) above the last number here."""
    most = [2]

    def before(_module: Any, inputs: tuple[Any, ...]) -> None:
        if inputs[0].shape[0] > 2 * most[-1]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    handle = painter.model.core.register_forward_pre_hook(before)
    yield most
    handle.remove()


def test_a_smaller_batch_is_tried_first_and_the_recipe_can_be_replayed(
    painter: Painter, short: list[int]
) -> None:
    came = painter.draw(takes=4)
    assert came.told == ["smaller_batch"]
    assert [end.status for end in came.ends] == ["done"] * 4
    made = came.ends[-1].made
    assert made is not None
    assert made.drawn is not None
    assert (made.drawn.batches, made.drawn.rungs) == ((2, 2), ("smaller_batch",))
    short.append(8)
    again = painter.draw(takes=4, batch=made.drawn.batches[0], rungs=made.drawn.rungs)
    assert again.pngs == came.pngs
    assert again.told == []


def test_decoding_in_pieces_comes_next_and_is_undone_afterwards(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    vae = painter.model.vae
    decode, pieces = vae._decode, []

    def short_decode(latents: torch.Tensor, return_dict: bool = True) -> Any:
        pieces.append(vae.use_tiling)
        if not vae.use_tiling:
            raise RuntimeError(
                "[enforce fail at alloc_cpu.cpp:116] DefaultCPUAllocator: can't allocate memory"
            )
        return decode(latents, return_dict=return_dict)

    monkeypatch.setattr(vae, "_decode", short_decode)
    came = painter.draw(takes=2)
    assert came.told == ["smaller_batch", "vae_tiling"]
    assert [told.what for told in came.of(Told)] == [
        "Memory is short: pictures are now drawn 1 at a time.",
        "Memory is short: pictures are now decoded piece by piece.",
    ]
    assert pieces == [False, False, True, True]
    assert came.end.status == "done"
    assert not vae.use_tiling


def test_at_the_end_of_the_ladder_it_fails_clearly_and_draws_on_later(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(painter.model.vae, "_decode", never)
    with pytest.raises(StudioError, match="does not suffice") as failed:
        painter.draw(takes=2)
    assert failed.value.code == "no_memory"
    assert "recipe is kept" in failed.value.kept
    monkeypatch.undo()
    assert painter.draw().end.status == "done"


def test_other_errors_are_no_matter_of_memory(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> Any:
        raise RuntimeError("shape mismatch")

    monkeypatch.setattr(painter.model.vae, "_decode", wrong)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        painter.draw()


def test_too_little_free_memory_is_known_before(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        batch_module, "need_mib", lambda card, width, height, batch, size: 10**9 * (batch > 1)
    )
    came = painter.draw(takes=4)
    assert came.told == ["smaller_batch"]
    assert came.started.made.drawn is not None
    assert came.started.made.drawn.batches == (1, 1, 1, 1)


def test_on_a_graphics_card_parts_are_moved_away_before_giving_up() -> None:
    ladder = Ladder(batch=4, rungs=(), device="cuda", tiling="none")
    steps = [ladder.step() for _ in range(5)]
    assert steps == ["smaller_batch", "smaller_batch", "vae_tiling", "model_offload", "group_offload"]
    assert "wait in the computer's memory" in ladder.words("model_offload")
    assert "layer by layer" in ladder.words("group_offload")
    assert ladder.rungs == RUNGS
    with pytest.raises(StudioError):
        ladder.step()


def test_seamless_pictures_are_not_decoded_in_pieces() -> None:
    ladder = Ladder(batch=1, rungs=(), device="cpu", tiling="both")
    with pytest.raises(StudioError):
        ladder.step()


def test_parts_that_were_moved_away_stay_so_and_later_recipes_name_it(
    painter: Painter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        batch_module, "stand_on", lambda *_: lambda: None
    )  # nothing to move to without a card
    monkeypatch.setattr(painter.runner._tools, "stood", ())  # and nothing stays for the tests after this
    painter.draw(takes=1, rungs=("vae_tiling", "model_offload"))
    later = painter.draw(takes=1)
    assert later.started.made.drawn is not None
    assert later.started.made.drawn.rungs == ("model_offload",)
