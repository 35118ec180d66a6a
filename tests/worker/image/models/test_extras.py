"""Control nets and reference pictures are felt in the picture, can be weighed, and leave nothing behind."""

from pathlib import Path

import numpy as np
import pytest

from studio.core.errors import StudioError
from studio.core.pictures import Control, Reference
from studio.worker.image.extras import control_arguments, control_nets, use_reference
from studio.worker.image.loading import ImageModel
from tests.tiny_pictures import make_control, make_reference, make_tiny_vae
from tests.worker.image.models.conftest import Pipelines
from tests.worker.image.models.drawing import GUIDE, SQUARE, draw, load

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning", "ignore:true_cfg_scale", "ignore:.*torchvision"
)
CONTROLLED = ("sd1", "sdxl", "sd3", "flux", "qwen_image")


def control(path: Path, weight: float = 1.0) -> Control:
    return Control(model=str(path), picture="guide", weight=weight)


@pytest.mark.parametrize("family", CONTROLLED)
def test_a_control_picture_is_felt_in_every_mode_that_follows_it(
    family: str, pipelines: Pipelines, tmp_path: Path
) -> None:
    model = load(pipelines[family])
    bare = draw(model.pipe("text"), "text")
    net = make_control(tmp_path / "net", pipelines[family])
    for mode in model.table.control_pipelines:
        for nets in [(control(net),), (control(net), control(net, 0.5))]:
            if len(nets) > 1 and mode not in model.table.several_controls:
                continue
            control_nets(model, nets)
            pipe = model.pipe(mode, control=True)
            assert pipe.vae is model.vae
            made = draw(pipe, mode, **control_arguments(model, mode, nets, [GUIDE] * len(nets)))
            assert np.abs(made - draw(model.pipe(mode), mode)).max() > 0.02
    control_nets(model, ())
    np.testing.assert_array_equal(draw(model.pipe("text"), "text"), bare)


def test_what_cannot_be_followed_is_said(pipelines: Pipelines, tmp_path: Path) -> None:
    model = load(pipelines["sd3"])
    with pytest.raises(StudioError, match="No control net is loaded"):
        model.pipe("text", control=True)
    net = make_control(tmp_path / "net", pipelines["sd3"])
    control_nets(model, (control(net),))
    with pytest.raises(StudioError, match="can't follow a control picture in this mode"):
        model.pipe("inpaint", control=True)
    flux = load(pipelines["flux"])
    foreign = make_control(tmp_path / "flux", pipelines["flux"])
    control_nets(flux, (control(foreign), control(foreign)))
    with pytest.raises(StudioError, match="only one control picture in this mode"):
        flux.pipe("image", control=True)
    with pytest.raises(StudioError, match="made for another family of models than sd3"):
        control_nets(model, (control(foreign),))
    with pytest.raises(StudioError, match="is no control net"):
        control_nets(model, (control(make_tiny_vae(tmp_path / "vae")),))


def followed(model: ImageModel, mode: str = "text") -> np.ndarray:
    """A picture that follows the reference."""
    return draw(model.pipe(mode), mode, ip_adapter_image=SQUARE)  # type: ignore[arg-type]


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_a_reference_is_felt_weighed_and_taken_off(family: str, pipelines: Pipelines, tmp_path: Path) -> None:
    model = load(pipelines[family])
    bare = draw(model.pipe("text"), "text")
    adapter = make_reference(tmp_path, pipelines[family])
    use_reference(model, Reference(model=str(adapter), picture="x", weight=1.0))
    strong = followed(model)
    encoder = model.reference.encoder
    use_reference(model, Reference(model=str(adapter), picture="x", weight=0.3))
    assert model.reference.encoder is encoder  # another weight: nothing is read again
    weak = followed(model)
    assert np.abs(strong - bare).max() > np.abs(weak - bare).max() > 0.01
    for mode in ("image", "inpaint"):
        assert np.isfinite(followed(model, mode)).all()
    use_reference(model, Reference(model=str(adapter), picture="x", weight=0.0))
    np.testing.assert_allclose(followed(model), bare, atol=1e-6)
    use_reference(model, None)
    np.testing.assert_array_equal(draw(model.pipe("text"), "text"), bare)


def test_a_reference_for_another_family_is_refused(pipelines: Pipelines, tmp_path: Path) -> None:
    adapter = make_reference(tmp_path, pipelines["sdxl"])
    with pytest.raises(StudioError, match="made for another family"):
        use_reference(load(pipelines["sd1"]), Reference(model=str(adapter), picture="x"))
    with pytest.raises(StudioError, match="reference pictures work with Stable Diffusion"):
        use_reference(load(pipelines["flux"]), Reference(model=str(adapter), picture="x"))
