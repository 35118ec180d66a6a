"""A stop is heard inside a step, before and while decoding, and leaves what could be seen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.core.events import Preview, Started, TakeEnd
from studio.core.pictures import Control, Inpaint, Upscale
from studio.worker.image import tensor_file
from tests.tiny_pictures import FAMILIES, make_control
from tests.worker.image.conftest import Came, Painter, noise, png, square

INIT = noise(64, 64, 3)
FILES = {"init": png(INIT), "mask": png(square(16, 16, 40, 40))}


def after(kind: Any, count: int = 1) -> Callable[[Came], bool]:
    """Stop as soon as that many such events came."""
    return lambda came: len(came.of(kind)) >= count


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stop_is_heard_inside_the_first_step(family: str, painters: Callable[[str], Painter]) -> None:
    painter = painters(family)
    core_calls = []
    handle = painter.model.core.register_forward_hook(lambda *_: core_calls.append(1))
    try:
        came = painter.draw(stopped=after(Started), takes=2)
    finally:
        handle.remove()
    assert core_calls == []  # never came to its end
    assert [(end.status, end.image) for end in came.ends] == [("stopped", None)] * 2
    assert came.end.status == "stopped"
    assert painter.draw().end.status == "done"  # it draws on


def test_a_stop_inside_a_later_step_keeps_the_last_preview_enlarged(painter: Painter) -> None:
    came = painter.draw(stopped=after(Preview), takes=2, steps=8)
    assert {preview.step for preview in came.of(Preview)} == {1}
    assert [end.status for end in came.ends] == ["stopped", "stopped"]
    for end in came.ends:
        assert end.image is not None
        assert end.image.preview
        assert (end.image.width, end.image.height) == (64, 64)
    assert not np.array_equal(*came.pixels)


def test_a_stopped_inpainting_still_keeps_what_is_outside(painter: Painter) -> None:
    came = painter.draw(
        FILES,
        after(Preview),
        mode="inpaint",
        init="init",
        inpaint=Inpaint(mask="mask", feather_px=0),
        steps=8,
    )
    [drawn] = came.pixels
    kept = square(16, 16, 40, 40) == 0
    assert np.array_equal(drawn[kept], INIT[kept])
    assert not np.array_equal(drawn[~kept], INIT[~kept])


def test_a_stop_is_heard_while_decoding(painter: Painter) -> None:
    decoding: list[int] = []
    first = painter.model.vae.decoder.conv_in.register_forward_hook(lambda *_: decoding.append(1))
    last = painter.model.vae.decoder.conv_out.register_forward_hook(lambda *_: decoding.append(2))
    try:
        came = painter.draw(stopped=lambda _came: bool(decoding))
    finally:
        first.remove()
        last.remove()
    assert decoding == [1]
    [end] = came.ends
    assert end.status == "stopped"
    assert end.image is not None
    assert end.image.preview


def test_takes_that_were_done_before_the_stop_stay_done(painter: Painter) -> None:
    came = painter.draw(stopped=after(TakeEnd, 2), takes=4, batch=1)
    assert [end.status for end in came.ends] == ["done", "done", "stopped", "stopped"]
    assert [end.index for end in came.ends] == [0, 1, 2, 3]


def test_a_stop_before_anything_ends_the_job_with_no_takes(painter: Painter) -> None:
    came = painter.draw(stopped=lambda _came: True)
    assert came.ends == []
    assert came.end.status == "stopped"


def test_a_stopped_enlarging_keeps_its_tiles(painter: Painter) -> None:
    upscale = Upscale(factor=2.0, tile_px=64, overlap_px=16)
    came = painter.draw(
        FILES,
        lambda came: any(p.step >= 2 for p in came.of(Preview)),
        mode="upscale",
        init="init",
        upscale=upscale,
    )
    [drawn] = came.pixels
    assert drawn.shape == (128, 128, 3)
    assert came.ends[0].status == "stopped"


def test_a_stop_is_heard_inside_a_control_net(painter: Painter, tmp_path: Path) -> None:
    net = str(make_control(tmp_path / "net", painter.folder))
    files = FILES | {"guide": png(square(10, 10, 30, 60))}
    controls = (Control(model=net, picture="guide"),)
    painter.draw(files, controls=controls, steps=1)  # it is read
    loaded = next(iter(painter.model.loaded_controls.values())).net
    heard: list[str] = []
    handles = [
        loaded.conv_in.register_forward_hook(lambda *_: heard.append("begun")),
        loaded.mid_block.register_forward_hook(lambda *_: heard.append("nearly done")),
    ]
    try:
        came = painter.draw(files, lambda _came: bool(heard), controls=controls)
    finally:
        for handle in handles:
            handle.remove()
    assert heard == ["begun"]
    assert came.end.status == "stopped"


def test_a_stop_while_a_control_net_is_read_leaves_none_and_the_next_job_works(
    painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = str(make_control(tmp_path / "net", painter.folder))
    files = FILES | {"guide": png(square(10, 10, 30, 60))}
    read: list[str] = []
    own = tensor_file.TensorFile.read

    def counted(self: Any, name: str, told: Any) -> Any:
        read.append(name)
        return own(self, name, told)

    monkeypatch.setattr(tensor_file.TensorFile, "read", counted)
    controls = (Control(model=net, picture="guide"),)
    plain = painter.draw().pngs
    came = painter.draw(files, lambda _came: len(read) >= 3, controls=controls)
    assert (came.end.status, came.ends) == ("stopped", [])
    assert len(read) == 3
    assert not painter.model.loaded_controls
    assert painter.draw().pngs == plain
    assert painter.draw(files, controls=controls).end.status == "done"
