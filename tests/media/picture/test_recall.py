"""Found recipes brought together with the models on this computer."""

import importlib.util
from pathlib import Path

import pytest

from studio.core.adapter import Adapter
from studio.media.picture.found import FoundRecipe, WantedModel
from studio.media.picture.recall import Known, recall
from studio.media.picture.schedulers import sampler_name, scheduler_of
from studio.media.picture.settings import PictureSettings

FOUND = FoundRecipe(
    source="a1111",
    title="AUTOMATIC1111",
    prompt="a fox",
    negative="bad",
    values={
        "negative": "bad",
        "seed": 9,
        "steps": 33,
        "width": 640,
        "height": 512,
        "scheduler": "EulerDiscreteScheduler",
    },
    model=WantedModel(name="sd\\v1-5 pruned.safetensors"),
    adapters=(WantedModel(name="ink", weight=0.5), WantedModel(name="gone", weight=1.0)),
    missing=("A note.",),
)
BASE = PictureSettings(seed=1, steps=20, width=512, height=512, adapters=(Adapter(path="/mine"),))
MODELS = (Known(path="/m/other"), Known(path="/m/v1_5-pruned", title="SD", schedulers=("PNDMScheduler",)))
ADAPTERS = (Known(path="/a/Ink.safetensors"),)


def test_all_takes_over_everything_that_is_here_and_tells_the_rest() -> None:
    got = recall(BASE, FOUND, "all", MODELS, ADAPTERS)
    assert (got.prompt, got.model) == ("a fox", "/m/v1_5-pruned")
    assert (got.settings.seed, got.settings.steps, got.settings.width) == (9, 33, 640)
    assert got.settings.adapters == (Adapter(path="/a/Ink.safetensors", weight=0.5),)
    assert got.notes == ("A note.", "The adapter “gone” is not on this computer.")


def test_only_a_part_leaves_everything_else() -> None:
    prompt = recall(BASE, FOUND, "prompt", MODELS, ADAPTERS)
    assert (prompt.prompt, prompt.settings) == ("a fox", BASE.changed(negative="bad"))
    seed = recall(BASE, FOUND, "seed")
    assert (seed.prompt, seed.model, seed.settings) == (None, "", BASE.changed(seed=9))
    size = recall(BASE, FOUND, "size")
    assert size.settings == BASE.changed(width=640, height=512) and size.notes == ()


def test_a_missing_checkpoint_is_named() -> None:
    got = recall(BASE, FOUND, "all", (), ADAPTERS)
    assert got.model == "" and "“v1-5 pruned.safetensors” is not on this computer" in " ".join(got.notes)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (WantedModel(name="/m/other"), "/m/other"),
        (WantedModel(name="whatever", sha256="ABCDEF1234"), "/m/hash"),
        (WantedModel(name="whatever", sha256="abc"), ""),
        (WantedModel(name="Stable Diffusion.ckpt"), "/m/titled"),
        (WantedModel(name=""), ""),
    ],
)
def test_models_are_found_by_path_hash_and_name(wanted: WantedModel, path: str) -> None:
    known = (
        Known(path="/m/other"),
        Known(path="/m/hash", sha256="abcdef123456"),
        Known(path="/m/titled", title="stable-diffusion"),
    )
    found = FoundRecipe(source="comfyui", title="", model=wanted)
    assert recall(BASE, found, "all", known).model == path


def test_eulers_of_flow_models_have_another_name() -> None:
    flow = (Known(path="/m/v1-5-pruned", schedulers=("FlowMatchEulerDiscreteScheduler",)),)
    assert recall(BASE, FOUND, "all", flow).settings.scheduler == "FlowMatchEulerDiscreteScheduler"
    assert recall(BASE, FOUND, "all", MODELS).settings.scheduler == "EulerDiscreteScheduler"


@pytest.mark.parametrize(
    ("name", "spacing", "scheduler", "notes"),
    [
        ("Euler a", "", "EulerAncestralDiscreteScheduler", 0),
        ("euler_ancestral", "normal", "EulerAncestralDiscreteScheduler", 0),
        ("k_euler_a", "", "EulerAncestralDiscreteScheduler", 0),
        ("DPM++ 2M Karras", "", "DPMSolverMultistepScheduler", 1),
        ("DPM++ 2M", "Karras", "DPMSolverMultistepScheduler", 1),
        ("dpmpp_2m_k", "", "DPMSolverMultistepScheduler", 1),
        ("dpmpp_2m", "sgm_uniform", "DPMSolverMultistepScheduler", 1),
        ("dpmpp_2m_sde_gpu", "karras", "DPMSolverMultistepScheduler", 2),
        ("DPM++ SDE", "", "DPMSolverSinglestepScheduler", 1),
        ("k_dpm_2", "", "KDPM2DiscreteScheduler", 0),
        ("dpm_2_ancestral", "", "KDPM2AncestralDiscreteScheduler", 0),
        ("kdpm_2_a", "", "KDPM2AncestralDiscreteScheduler", 0),
        ("uni_pc_bh2", "", "UniPCMultistepScheduler", 0),
        ("PLMS", "", "PNDMScheduler", 0),
        ("ddim", "", "DDIMScheduler", 0),
        ("LCM", "", "LCMScheduler", 0),
        ("lms", "", "LMSDiscreteScheduler", 0),
        ("", "", "", 0),
        ("Warp", "", "", 1),
    ],
)
def test_samplers_of_other_programs_have_their_classes(
    name: str, spacing: str, scheduler: str, notes: int
) -> None:
    found, told = scheduler_of(name, spacing)
    assert (found, len(told)) == (scheduler, notes)


def test_the_classes_are_diffusers_own_and_our_names_lead_back() -> None:
    from studio.media.picture import schedulers

    spec = importlib.util.find_spec("diffusers")
    assert spec is not None and spec.submodule_search_locations
    source = Path(spec.submodule_search_locations[0], "__init__.py").read_text("utf-8")
    for name in {*schedulers._CLASSES.values(), *schedulers._NEAR.values()}:
        assert f'"{name}"' in source
    for name in schedulers._NAMES:
        if name != "FlowMatchEulerDiscreteScheduler":
            assert scheduler_of(sampler_name(name))[0] == name
