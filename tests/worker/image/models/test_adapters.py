"""LoRA files of three kinds mean the same change; weights change without a reload; taken off, nothing stays."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.core.adapter import Adapter
from studio.core.errors import StudioError
from studio.worker.image.adapters import lay_over
from studio.worker.image.loading import ImageModel
from tests.tiny_pictures import FAMILIES, make_lora
from tests.worker.image.models.conftest import Pipelines
from tests.worker.image.models.drawing import draw, load

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning", "ignore:true_cfg_scale", "ignore:.*torchvision"
)


def picture(model: ImageModel) -> np.ndarray:
    return draw(model.pipe("text"), "text")


def of(path: Path, weight: float = 1.0) -> Adapter:
    return Adapter(path=str(path), weight=weight)


@pytest.mark.parametrize("family", FAMILIES)
def test_diffusers_and_kohya_files_mean_the_same_and_leave_no_trace(
    family: str, pipelines: Pipelines, tmp_path: Path
) -> None:
    model = load(pipelines[family])
    bare = picture(model)
    drawn = []
    for kind in ("diffusers", "kohya"):
        file = make_lora(tmp_path / f"{kind}.safetensors", pipelines[family], kind)
        assert len(lay_over(model, (of(file, 0.7),))) == 1
        drawn.append(picture(model))
    assert np.abs(drawn[0] - bare).max() > 0.01
    np.testing.assert_array_equal(drawn[0], drawn[1])
    lay_over(model, ())
    np.testing.assert_array_equal(picture(model), bare)
    assert not any("lora" in name for part in model.parts.values() if isinstance(part, torch.nn.Module)
                   for name, _ in part.named_modules())  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES)
def test_a_peft_folder_changes_the_core(family: str, pipelines: Pipelines, tmp_path: Path) -> None:
    model = load(pipelines[family])
    bare = picture(model)
    folder = make_lora(tmp_path / "peft", pipelines[family], "peft")
    lay_over(model, (of(folder),))
    assert np.abs(picture(model) - bare).max() > 0.01


def test_a_lora_does_to_a_layer_what_its_numbers_say(pipelines: Pipelines, tmp_path: Path) -> None:
    file = make_lora(tmp_path / "x.safetensors", pipelines["sd1"], "kohya")
    tensors = load_file(file)
    model = load(pipelines["sd1"])
    layer = model.core.mid_block.attentions[0].transformer_blocks[0].attn1.to_q
    given = torch.randn(3, layer.in_features, generator=torch.Generator().manual_seed(1))
    before = layer(given)
    lay_over(model, (of(file, -0.5),))
    stem = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
    down, up = tensors[f"{stem}.lora_down.weight"], tensors[f"{stem}.lora_up.weight"]
    change = given @ down.T @ up.T * (float(tensors[f"{stem}.alpha"]) / down.shape[0])
    after = model.core.mid_block.attentions[0].transformer_blocks[0].attn1.to_q(given)
    torch.testing.assert_close(after, before - 0.5 * change, atol=1e-4, rtol=1e-4)
    encoder = model.parts["text_encoder"]
    assert any("lora" in name for name, _ in encoder.named_modules())


def test_another_weight_needs_no_reload_and_zero_is_none(
    pipelines: Pipelines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.worker.image import adapters

    model = load(pipelines["sd1"])
    bare = picture(model)
    file = make_lora(tmp_path / "x.safetensors", pipelines["sd1"])
    lay_over(model, (of(file, 1.0),))
    full = picture(model)
    monkeypatch.setattr(adapters, "load_file", None)  # reading again would fail
    lay_over(model, (of(file, 0.2),))
    assert np.abs(picture(model) - full).max() > 0.01
    lay_over(model, (of(file, 0.0),))
    np.testing.assert_array_equal(picture(model), bare)
    lay_over(model, (of(file, 1.0),))
    np.testing.assert_array_equal(picture(model), full)


def test_a_stack_counts_every_one_of_it_and_loses_only_what_is_taken_off(
    pipelines: Pipelines, tmp_path: Path
) -> None:
    model = load(pipelines["sdxl"])
    one = make_lora(tmp_path / "1.safetensors", pipelines["sdxl"], seed=1)
    two = make_lora(tmp_path / "2.safetensors", pipelines["sdxl"], seed=2)
    lay_over(model, (of(two, 0.5),))
    alone = picture(model)
    hashes = lay_over(model, (of(one, 0.4), of(two, 0.5)))
    assert len(set(hashes)) == 2
    assert np.abs(picture(model) - alone).max() > 0.01
    assert lay_over(model, (of(two, 0.5),)) == hashes[1:]
    np.testing.assert_array_equal(picture(model), alone)
    lay_over(model, (of(two, 0.2), of(two, 0.3)))  # the same one twice: both weights
    np.testing.assert_allclose(picture(model), alone, atol=1e-6)


def test_a_file_that_changed_is_read_again(pipelines: Pipelines, tmp_path: Path) -> None:
    import os

    model = load(pipelines["sd1"])
    file = make_lora(tmp_path / "x.safetensors", pipelines["sd1"], seed=1)
    first = lay_over(model, (of(file),))
    before = picture(model)
    make_lora(file, pipelines["sd1"], seed=2)
    os.utime(file, ns=(1, 1))
    assert lay_over(model, (of(file),)) != first
    assert np.abs(picture(model) - before).max() > 0.01


def test_one_of_another_family_is_refused_in_words_and_nothing_stays(
    pipelines: Pipelines, tmp_path: Path
) -> None:
    model = load(pipelines["sd1"])
    bare = picture(model)
    good = make_lora(tmp_path / "good.safetensors", pipelines["sd1"])
    foreign = make_lora(tmp_path / "foreign.safetensors", pipelines["flux"])
    lay_over(model, (of(good),))
    with pytest.raises(
        StudioError, match=r"foreign\.safetensors does not fit sd1 \(Stable Diffusion 1\)"
    ) as caught:
        lay_over(model, (of(good), of(foreign)))
    assert caught.value.code == "adapter"
    assert "has layers that the model has not" in caught.value.what
    np.testing.assert_array_equal(picture(model), bare)


def test_one_of_another_size_names_layer_and_sizes(pipelines: Pipelines, tmp_path: Path) -> None:
    file = make_lora(tmp_path / "x.safetensors", pipelines["sd1"])
    tensors = load_file(file)
    name = next(name for name in tensors if "attn2.to_v.lora_A" in name)
    save_file({**tensors, name: torch.zeros(2, 768)}, file)
    with pytest.raises(StudioError, match=r"attn2\.to_v is for 768 x 16, the model's is 32 x 16"):
        lay_over(load(pipelines["sd1"]), (of(file),))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda t: {**t, "unet.x.dora_scale": torch.ones(2)}, "DoRA"),
        (lambda t: {n: v for n, v in t.items() if n != max(t)}, "half of the pair"),
    ],
)
def test_a_file_that_is_no_plain_lora_says_why(spoil, why: str, pipelines: Pipelines, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = make_lora(tmp_path / "x.safetensors", pipelines["sd1"])
    save_file(spoil(load_file(file)), file)
    with pytest.raises(StudioError, match=why):
        lay_over(load(pipelines["sd1"]), (of(file),))


def test_a_lost_file_is_told(pipelines: Pipelines, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is not there, or holds no LoRA"):
        lay_over(load(pipelines["sd1"]), (of(tmp_path / "gone.safetensors"),))
