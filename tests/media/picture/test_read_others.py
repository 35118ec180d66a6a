"""Recipes in files of AUTOMATIC1111, ComfyUI and InvokeAI, as these programs write them."""

import copy
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.core.pictures import ImageJob
from studio.media.picture.comfy_graph import of_prompt, of_workflow
from studio.media.picture.found import FoundRecipe, WantedModel, taken
from studio.media.picture.read_a1111 import read_a1111
from studio.media.picture.read_comfyui import read_comfyui
from studio.media.picture.read_invokeai import read_dream, weights
from studio.media.picture.recipes import read_recipe
from studio.media.picture.settings import PictureSettings
from tests.media.picture.other_tools import (
    DREAM,
    FLUX,
    INVOKE,
    KSAMPLER,
    PARAMETERS,
    SD_METADATA,
    WORKFLOW,
    a1111_jpeg,
    a1111_webp,
    canvas,
    comfy_webp,
    png,
)


def found_in(data: bytes) -> FoundRecipe:
    found = read_recipe(data)
    assert found is not None
    settings = taken(PictureSettings(), found, "all")  # all of it can be used
    assert isinstance(settings.job(seed=1, id="j", model="m", prompt=found.prompt), ImageJob)
    return found


# -- AUTOMATIC1111 -----------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [lambda text: png(parameters=text), a1111_jpeg, a1111_webp])
def test_automatic1111_is_read_from_png_jpeg_and_webp(write) -> None:
    found = found_in(write(PARAMETERS))
    assert (found.source, found.title) == ("a1111", "AUTOMATIC1111 v1.10.1")
    assert found.prompt == "a portrait of a (fox:1.3), [blurry], \\{curly\\}\nsecond line"
    assert found.negative == "ugly, (bad hands:1.4)\nmore, of it" == found.values["negative"]
    wanted = {
        "steps": 28, "guidance": 6.5, "seed": 3519302113, "width": 512, "height": 768, "clip_skip": 1,
    }  # fmt: skip
    assert {key: found.values[key] for key in wanted} == wanted
    assert found.values["scheduler"] == "DPMSolverMultistepScheduler:karras"
    assert found.model == WantedModel(name="v1-5-pruned-emaonly", sha256="6ce0161689")
    assert found.adapters == (WantedModel(name="detail_tweaker", sha256="7c6bad76eb54", weight=0.6),)
    assert found.variation == (77, 0.25)
    assert not any("Karras" in note for note in found.missing)
    assert any("seed" in note for note in found.missing)


def test_signs_beyond_latin_1_survive() -> None:
    text = "狐狸 “Fuchs” ключ\nSteps: 5, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64"
    for data in (png(parameters=text), a1111_jpeg(text), a1111_webp(text)):
        assert found_in(data).prompt == "狐狸 “Fuchs” ключ"


@pytest.mark.parametrize(
    ("fields", "values", "note"),
    [
        ("Denoising strength: 0.4", {"strength": 0.4}, "began from another picture"),
        ("Denoising strength: 0.4, Hires upscale: 2, Hires upscaler: Latent", {}, "hires fix"),
        ("Tiling: True", {"tiling": "both"}, ""),
        ("Schedule type: Karras", {"scheduler": "EulerDiscreteScheduler:karras"}, ""),
        ("Schedule type: Align Your Steps", {"scheduler": "EulerDiscreteScheduler"}, "Align Your Steps"),
        ("ADetailer model: face_yolov8n.pt", {}, "ADetailer"),
        ('ControlNet 0: "Module: canny, Model: x"', {}, "ControlNet"),
        ("VAE: vae-ft-mse.safetensors", {}, "vae-ft-mse"),
        ("Distilled CFG Scale: 3.5", {"guidance": 3.5}, ""),
    ],
)
def test_what_is_not_done_here_is_told(fields: str, values: dict, note: str) -> None:
    found = read_a1111(f"a\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, {fields}")
    assert found is not None
    for key, value in values.items():
        assert found.values[key] == value
    assert "strength" in values or "strength" not in found.values
    assert note in " ".join(found.missing)


def test_tags_of_adapters_leave_no_gaps() -> None:
    found = read_a1111("a fox <lora:x:1>, <lora:y:0.5>, in snow,<lyco:z>\nSteps: 5, Sampler: Euler, Seed: 1")
    assert found is not None and found.prompt == "a fox, in snow"
    assert [(adapter.name, adapter.weight) for adapter in found.adapters] == [
        ("x", 1.0),
        ("y", 0.5),
        ("z", 1.0),
    ]


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("Steps: 900, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64", "steps “900”"),
        ("Steps: 20, Sampler: Euler, CFG scale: 7, Seed: -1, Size: 64x64", "seed “-1”"),
        ("Steps: 20, Sampler: Euler, CFG scale: many, Seed: 1, Size: 64x64", "guidance “many”"),
        (
            "Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 500x301",
            "500 × 301 was brought to 496 × 304",
        ),
        ("Steps: 20, Sampler: Warp 9, CFG scale: 7, Seed: 1, Size: 64x64", "“Warp 9” is not known"),
        ("Steps: 20, Sampler: DPM++ 3M SDE, CFG scale: 7, Seed: 1, Size: 64x64", "stands in for it"),
    ],
)
def test_values_that_cannot_be_used_are_left_out_and_told(line: str, note: str) -> None:
    found = found_in(png(parameters=f"a\n{line}"))
    assert note in " ".join(found.missing)


def test_a_text_that_is_no_recipe_is_none() -> None:
    for text in ("", "just words", "Steps: many words here", "a: b, c: d"):
        assert read_recipe(png(parameters=text)) is None
    assert read_recipe(png(Comment="a photo of a cat")) is None
    out = io.BytesIO()
    canvas().save(out, "PNG")
    assert read_recipe(out.getvalue()) is None


def test_automatic1111_and_we_take_a_text_apart_alike_without_prompt_or_fields() -> None:
    only_negative = read_a1111("a\nNegative prompt: b")
    assert only_negative is not None and (only_negative.prompt, only_negative.negative) == ("a", "b")
    no_prompt = read_a1111("Steps: 20, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64")
    assert no_prompt is not None and no_prompt.prompt == "" and no_prompt.values["steps"] == 20


# -- ComfyUI -----------------------------------------------------------------------------------------


def comfy(graph: dict) -> FoundRecipe:
    return found_in(png(prompt=json.dumps(graph)))


def test_comfyui_is_followed_from_the_saved_picture_back() -> None:
    found = comfy(KSAMPLER)
    assert (found.source, found.prompt, found.negative) == (
        "comfyui",
        "a \\[glass\\] bottle",
        "text, watermark",
    )
    wanted = {
        "steps": 20, "guidance": 8.0, "seed": 156680208700286, "width": 512, "height": 768, "clip_skip": 1,
        "scheduler": "EulerAncestralDiscreteScheduler",
    }  # fmt: skip
    assert {key: found.values[key] for key in wanted} == wanted
    assert found.model == WantedModel(name="v1-5-pruned-emaonly.safetensors")
    assert found.adapters == (
        WantedModel(name="light.safetensors", weight=0.5),
        WantedModel(name="glass.safetensors", weight=0.8),
    ), "in the order they are laid over the model"
    assert any("karras" in note for note in found.missing)


def test_the_newer_samplers_reroutes_and_primitives_are_followed() -> None:
    found = comfy(FLUX)
    assert found.prompt == "a lighthouse, (storm:1.2)" and found.negative == ""
    assert (found.values["seed"], found.values["steps"], found.values["guidance"]) == (42, 24, 3.5)
    assert (found.values["width"], found.values["height"]) == (832, 1024)
    assert found.model == WantedModel(name="flux1-dev.safetensors")
    assert found.values["scheduler"] == "EulerDiscreteScheduler"


def test_of_two_samplers_the_one_that_begins_the_picture_counts_and_the_other_is_told() -> None:
    graph = copy.deepcopy(KSAMPLER)
    graph["20"] = {
        "class_type": "LatentUpscale",
        "inputs": {"samples": ["3", 0], "width": 1024, "height": 1536},
    }
    graph["21"] = copy.deepcopy(graph["3"])
    graph["21"]["inputs"] |= {"latent_image": ["20", 0], "steps": 9, "denoise": 0.5, "seed": 1}
    graph["8"]["inputs"]["samples"] = ["21", 0]
    found = comfy(graph)
    assert (found.values["steps"], found.values["seed"]) == (20, 156680208700286)
    assert (found.values["width"], found.values["height"]) == (512, 768)
    assert any("9 steps at strength 0.5" in note for note in found.missing)


def test_a_sampler_that_does_not_lead_to_the_saved_picture_is_passed_over() -> None:
    graph = {"1": copy.deepcopy(KSAMPLER["3"])} | copy.deepcopy(KSAMPLER)
    graph["1"]["inputs"]["seed"] = 5
    assert comfy(graph).values["seed"] == 156680208700286


def test_conditionings_on_the_way_are_followed_on_their_own_side() -> None:
    graph = copy.deepcopy(KSAMPLER)
    graph["30"] = {
        "class_type": "ControlNetApplyAdvanced",
        "inputs": {"positive": ["31", 0], "negative": ["7", 0], "strength": 1.0},
    }
    graph["31"] = {
        "class_type": "ConditioningCombine",
        "inputs": {"conditioning_1": ["6", 0], "conditioning_2": ["32", 0]},
    }
    graph["32"] = {"class_type": "CLIPTextEncode", "inputs": {"text": "on a beach", "clip": ["12", 0]}}
    graph["3"]["inputs"] |= {"positive": ["30", 0], "negative": ["30", 1]}
    found = comfy(graph)
    assert (found.prompt, found.negative) == ("a \\[glass\\] bottle, on a beach", "text, watermark")
    assert any("ControlNet" in note for note in found.missing)


def test_an_emptied_negative_is_empty_and_rgthree_stacks_are_read() -> None:
    graph = copy.deepcopy(KSAMPLER)
    graph["40"] = {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["6", 0]}}
    graph["3"]["inputs"]["negative"] = ["40", 0]
    graph["41"] = {
        "class_type": "Power Lora Loader (rgthree)",
        "inputs": {
            "lora_1": {"on": True, "lora": "a/ink.safetensors", "strength": 0.3},
            "lora_2": {"on": False, "lora": "off.safetensors", "strength": 1},
            "model": ["4", 0],
        },
    }
    graph["3"]["inputs"]["model"] = ["41", 0]
    found = comfy(graph)
    assert found.negative == "" and found.adapters == (WantedModel(name="ink.safetensors", weight=0.3),)


def test_a_workflow_alone_is_read_by_the_order_of_its_fields() -> None:
    found = found_in(png(workflow=json.dumps(WORKFLOW)))
    assert (found.prompt, found.negative) == ("a barn", "people")
    assert (found.values["seed"], found.values["steps"], found.values["guidance"]) == (9, 12, 7.5)
    assert found.values["strength"] == 0.55 and any("another picture" in note for note in found.missing)
    assert found.model == WantedModel(name="model.safetensors") and found.adapters == (), "bypassed"
    assert (found.values["width"], found.values["height"]) == (48, 32), "the file's own"


def test_comfyui_in_webp_lies_in_its_exif() -> None:
    found = found_in(comfy_webp(KSAMPLER, WORKFLOW))
    assert found.prompt == "a \\[glass\\] bottle" and found.values["steps"] == 20


def test_a_graph_without_a_sampler_says_so() -> None:
    found = read_recipe(
        png(prompt=json.dumps({"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}))
    )
    assert found is not None and found.source == "comfyui" and "no sampler" in found.missing[0]


links = st.tuples(st.sampled_from("34567"), st.integers(0, 2)).map(list)
keys = st.sampled_from(("text", "model", "positive", "seed", "inputs"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | links,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(KSAMPLER)), st.data())
def test_no_graph_however_wrong_harms(node: str, data: st.DataObject) -> None:
    graph = copy.deepcopy(KSAMPLER)
    name = data.draw(st.sampled_from(sorted(graph[node]["inputs"])))
    graph[node]["inputs"][name] = data.draw(json_values)
    parsed = of_prompt(graph)
    assert parsed is not None
    found = read_comfyui(parsed)
    assert found.source == "comfyui"
    taken(PictureSettings(), found, "all")


@given(json_values)
def test_no_json_however_wrong_harms(value: object) -> None:
    for graph in (of_prompt(value), of_workflow(value), of_workflow({"nodes": [value], "links": [value]})):
        if graph is not None:
            read_comfyui(graph)
    for key in ("invokeai_metadata", "sd_metadata", "prompt", "workflow"):
        read_recipe(png(**{key: json.dumps(value)}))
        read_recipe(png(**{key: json.dumps({"image": value, "model": value, "seed": value, "loras": value})}))


def test_circles_in_a_graph_end() -> None:
    graph = copy.deepcopy(KSAMPLER)
    graph["10"]["inputs"]["model"] = ["11", 0]
    graph["11"]["inputs"]["model"] = ["10", 0]
    graph["6"]["inputs"]["text"] = ["6", 0]
    graph["5"] = {"class_type": "LatentUpscale", "inputs": {"samples": ["5", 0]}}
    graph["12"] = {"class_type": "Reroute", "inputs": {"": ["12", 0]}}
    found = comfy(graph)
    assert found.model is None and found.values["steps"] == 20


# -- InvokeAI ----------------------------------------------------------------------------------------


def test_invokeai_metadata_is_read() -> None:
    found = found_in(png(invokeai_metadata=json.dumps(INVOKE)))
    assert (found.source, found.title) == ("invokeai", "InvokeAI 5.6.0")
    assert found.prompt == "a (castle:1.21) in (mist:1.2), \\[old\\] \\(ruin\\)"
    assert found.negative == "(people:0.81)"
    wanted = {
        "steps": 30, "guidance": 7.5, "seed": 1234567, "width": 1024, "height": 1000, "clip_skip": 1, "tiling": "x",
    }  # fmt: skip
    assert {key: found.values[key] for key in wanted} == wanted
    assert found.values["scheduler"] == "DPMSolverMultistepScheduler:karras"
    assert found.model == WantedModel(name="Juggernaut XL")
    assert found.adapters == (WantedModel(name="ink", sha256="0011223344", weight=0.75),)
    assert any("ControlNet" in note for note in found.missing)


def test_the_older_model_fields_of_invokeai_are_read() -> None:
    older = INVOKE | {
        "model": {"model_name": "dreamshaper", "base_model": "sd-1"},
        "loras": [{"lora": {"model_name": "x"}, "weight": 1}],
    }
    found = found_in(png(invokeai_metadata=json.dumps(older)))
    assert found.model == WantedModel(name="dreamshaper") and found.adapters[0].name == "x"


def test_sd_metadata_of_version_2_is_read() -> None:
    found = found_in(png(sd_metadata=json.dumps(SD_METADATA)))
    assert (found.title, found.prompt, found.negative) == ("InvokeAI 2.3.5", "a red barn", "people, cars")
    assert (found.values["width"], found.values["height"], found.values["seed"]) == (640, 512, 2187216393)
    assert found.values["scheduler"] == "LMSDiscreteScheduler" and found.values["tiling"] == "both"
    assert found.variation == (5, 0.2) and found.model is not None
    assert found.model.name == "stable-diffusion-1.5" and found.model.sha256.startswith("cc6cb271")


@pytest.mark.parametrize(
    "command", [DREAM, DREAM.replace(" -s 40", " -s40").replace("-S ", "-S"), DREAM.replace('"', "")]
)
def test_the_oldest_dream_text_is_read(command: str) -> None:
    found = found_in(png(Dream=command))
    assert found.prompt == "a fantasy landscape, oil"
    assert (found.values["steps"], found.values["seed"], found.values["guidance"]) == (40, 3357757885, 7.5)
    assert (found.values["width"], found.values["height"]) == (512, 448)
    assert found.values["scheduler"] == "EulerAncestralDiscreteScheduler"
    assert read_dream("no flags at all") is None


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("a cat", "a cat"),
        ("a cat+", "a (cat:1.1)"),
        ("cat---, dog", "(cat:0.729), dog"),
        ("(a red cat)1.5", "(a red cat:1.5)"),
        ("(a red cat)++", "(a red cat:1.21)"),
        ("well-known c++ self-", "well-known (c:1.21) (self:0.9)"),
        ("(plain)", "\\(plain\\)"),
        ("a {b|c}", "a \\{b|c\\}"),
    ],
)
def test_weights_of_invokeai_become_ours(theirs: str, ours: str) -> None:
    assert weights(theirs) == ours


@given(st.text(max_size=80))
def test_any_prompt_of_invokeai_is_read(prompt: str) -> None:
    assert isinstance(weights(prompt), str)


def test_atelier_and_invokeai_go_before_the_text_for_others() -> None:
    found = found_in(png(parameters=PARAMETERS, invokeai_metadata=json.dumps(INVOKE)))
    assert found.source == "invokeai"
    assert Image.open(io.BytesIO(png(parameters=PARAMETERS))).info["parameters"] == PARAMETERS
