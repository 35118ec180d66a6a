"""Exports: folders that plain peft, transformers and diffusers load, with nothing of ours needed."""

from pathlib import Path

import diffusers
import peft
import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from studio.catalog.adapter_note import NOTE_NAME
from studio.catalog.inspect import inspect_model
from studio.core.errors import StudioError
from studio.worker.image.loading import load_image
from studio.worker.tune import methods
from studio.worker.tune.exporting import export
from studio.worker.tune.methods_image import apply_image, save_image, save_inversion
from tests.tiny_models import make_model
from tests.tiny_pictures import make_pipeline
from tests.worker.tune.learning import Training, fresh, logits, rows, settings_for

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")  # peft's to its developers


@pytest.mark.parametrize("method", ["lora", "full"])
def test_text_export_is_read_without_us(method: str, tmp_path: Path) -> None:
    base = make_model(tmp_path / "base")
    settings = settings_for(base, method)
    model = methods.apply(fresh(base), settings, steps=2)
    Training(model, settings, 2).steps([1, 2])
    made = tmp_path / "made"
    made.mkdir()
    methods.save(model, made, settings, inspect_model(base))
    (made / "README.md").write_text("the card")
    out = export(made, tmp_path / "out", base="somebody/their-model")
    assert not (out / NOTE_NAME).exists()
    assert (out / "README.md").read_text() == "the card"
    page = (out / "LOADING.md").read_text()
    if method == "lora":
        assert "somebody/their-model" in page
        assert peft.PeftConfig.from_pretrained(str(out)).base_model_name_or_path == "somebody/their-model"
        plain = peft.PeftModel.from_pretrained(fresh(base), str(out))
    else:
        plain = AutoModelForCausalLM.from_pretrained(out)
    assert torch.equal(logits(plain, rows()), logits(model, rows()))
    half = export(made, tmp_path / "half", half=True)
    if method == "lora":
        tensors = load_file(half / "adapter_model.safetensors")
        assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}


@pytest.mark.parametrize("method", ["lora", "ia3", "textual_inversion"])
def test_image_export_is_read_without_us(method: str, tmp_path: Path) -> None:
    base = make_pipeline(tmp_path / "base")
    settings = settings_for(base, method, "image")
    model = load_image(inspect_model(base), "cpu", torch.float32, lambda _: None)
    made = tmp_path / "made"
    made.mkdir()
    if method == "textual_inversion":
        save_inversion(model, {"text_encoder": torch.ones(1, 32)}, made, settings)
    else:
        tuned = apply_image(model, settings, steps=2)
        for _, weight in methods.trainable(tuned["unet"]):
            weight.data += 0.1
        save_image(model, tuned, made, settings)
    out = export(made, tmp_path / "out")
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(base, safety_checker=None)
    noise, words = (torch.randn(1, 4, 8, 8), 5), torch.randn(1, 7, 32)
    page = (out / "LOADING.md").read_text()
    if method == "textual_inversion":
        assert 'token="<it>"' in page
        pipe.load_textual_inversion(str(out), token="<it>")
        token = pipe.tokenizer.convert_tokens_to_ids("<it>")
        assert torch.equal(pipe.text_encoder.get_input_embeddings().weight[token], torch.ones(32))
        return
    if method == "lora":
        assert "load_lora_weights" in page
        pipe.load_lora_weights(str(out))
        unet = pipe.unet
    else:
        assert 'PeftModel.from_pretrained(pipe.unet, "unet")' in page
        unet = peft.PeftModel.from_pretrained(pipe.unet, str(out / "unet"))
    with torch.no_grad():
        told = unet(*noise, encoder_hidden_states=words).sample
        assert torch.allclose(told, model.core.eval()(*noise, encoder_hidden_states=words).sample, atol=1e-5)


def test_nothing_to_export_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudioError, match="no adapter and no model"):
        export(tmp_path / "empty", tmp_path / "out")
    assert (
        sorted(path.name for path in tmp_path.iterdir()) == ["empty", "home"]
        or not (tmp_path / "out").exists()
    )
