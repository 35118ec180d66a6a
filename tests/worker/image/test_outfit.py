"""Control nets and reference pictures through a whole job: felt, told in the recipe, gone afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.core.errors import StudioError
from studio.core.pictures import Control, Inpaint, Reference
from tests.tiny_pictures import make_control, make_reference
from tests.worker.image.conftest import Painter, noise, png, square

FILES = {
    "init": png(noise(64, 64, 3)),
    "guide": png(square(10, 10, 30, 60)),
    "other": png(square(30, 0, 64, 20)),
    "mask": png(square(16, 16, 48, 48)),
}
MODES = {
    "text": {},
    "image": {"mode": "image", "init": "init"},
    "inpaint": {"mode": "inpaint", "init": "init", "inpaint": Inpaint(mask="mask")},
}


@pytest.mark.parametrize("mode", MODES)
def test_a_control_picture_is_followed_and_leaves_nothing_behind(
    mode: str, painter: Painter, tmp_path: Path
) -> None:
    net = str(make_control(tmp_path / "net", painter.folder))
    how = MODES[mode]
    plain = painter.draw(FILES, takes=2, **how).pngs
    one, other = (
        painter.draw(FILES, takes=2, controls=(Control(model=net, picture=name),), **how)
        for name in ("guide", "other")
    )
    assert len({*plain, *one.pngs, *other.pngs}) == 6
    assert one.started.made.drawn is not None
    assert len(one.started.made.drawn.extras_sha256[0]) == 64
    assert painter.draw(FILES, takes=2, **how).pngs == plain


def test_two_control_pictures_at_once(painter: Painter, tmp_path: Path) -> None:
    nets = [str(make_control(tmp_path / name, painter.folder, seed=seed)) for seed, name in enumerate("ab")]
    controls = tuple(
        Control(model=net, picture=name) for net, name in zip(nets, ("guide", "other"), strict=True)
    )
    both, one = (painter.draw(FILES, controls=used) for used in (controls, controls[:1]))
    assert both.pngs != one.pngs
    assert both.started.made.drawn is not None
    assert len(set(both.started.made.drawn.extras_sha256)) == 2


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_reference_picture_is_followed_and_leaves_nothing_behind(
    family: str, painters: Callable[[str], Painter], tmp_path: Path
) -> None:
    painter = painters(family)
    model = str(make_reference(tmp_path / "reference", painter.folder))
    plain = painter.draw().pngs
    like = painter.draw(FILES, takes=2, reference=Reference(model=model, picture="init", weight=1.0))
    assert like.pngs[0] != plain[0]
    assert painter.draw().pngs == plain


def test_a_family_without_references_says_so(painters: Callable[[str], Painter]) -> None:
    with pytest.raises(StudioError, match="reference pictures work with"):
        painters("flux").draw(FILES, reference=Reference(model="/nowhere", picture="init"))
