"""Found recipes brought together with the models on this computer."""

import importlib.util
from pathlib import Path

import msgspec
import pytest

from studio.core.adapter import Adapter
from studio.media.picture.found import FoundRecipe, WantedModel
from studio.media.picture.recall import Known, recall
from studio.media.picture.schedulers import sampler_name, scheduler_of, shown_name, spacing_name, works
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
        Known(path="/m/hash", hashes=("0123456789", "abcdef123456")),
        Known(path="/m/titled", title="stable-diffusion"),
    )
    found = FoundRecipe(source="comfyui", title="", model=wanted)
    assert recall(BASE, found, "all", known).model == path


INK, OTHER = "aa" * 32, "bb" * 32


@pytest.mark.parametrize(
    ("known", "path", "note"),
    [
        ((Known(path="/a/ink", hashes=(OTHER,)), Known(path="/a/renamed", hashes=(INK,))), "/a/renamed", ""),
        ((Known(path="/a/two", hashes=(INK,)), Known(path="/a/ink", hashes=(INK,))), "/a/ink", ""),
        ((Known(path="/a/ink", hashes=(OTHER,)),), "/a/ink", "another file"),
        ((Known(path="/a/ink"),), "/a/ink", ""),
        ((Known(path="/b/x", hashes=(OTHER, INK)),), "/b/x", ""),
        ((Known(path="/b/x", hashes=(OTHER,)),), "", "not on this computer"),
    ],
)
@pytest.mark.parametrize("shown", [INK, INK[:12].upper()])
def test_adapters_are_found_by_hash_then_by_name_with_a_note(
    known: tuple[Known, ...], path: str, note: str, shown: str
) -> None:
    wanted = WantedModel(name="ink", sha256=shown, weight=0.5)
    found = FoundRecipe(source="a1111", title="", adapters=(wanted,))
    got = recall(BASE, found, "all", (), known)
    assert [adapter.path for adapter in got.settings.adapters] == ([path] if path else [])
    assert note in " ".join(got.notes) and bool(note) == bool(got.notes)


def test_a_file_of_the_same_path_that_is_another_one_is_told() -> None:
    found = FoundRecipe(source="atelier", title="", adapters=(WantedModel(name="/a/ink", sha256=INK),))
    there = (Known(path="/a/ink", hashes=(OTHER,)), Known(path="/b/moved", hashes=(INK,)))
    assert recall(BASE, found, "all", (), there).settings.adapters[0].path == "/b/moved"
    assert "another file" in recall(BASE, found, "all", (), there[:1]).notes[0]


def test_eulers_of_flow_models_have_another_name() -> None:
    flow = (Known(path="/m/v1-5-pruned", schedulers=("FlowMatchEulerDiscreteScheduler",)),)
    assert recall(BASE, FOUND, "all", flow).settings.scheduler == "FlowMatchEulerDiscreteScheduler"
    assert recall(BASE, FOUND, "all", MODELS).settings.scheduler == "EulerDiscreteScheduler"
    spaced = msgspec.structs.replace(
        FOUND, values=FOUND.values | {"scheduler": "EulerDiscreteScheduler:beta"}
    )
    assert recall(BASE, spaced, "all", flow).settings.scheduler == "FlowMatchEulerDiscreteScheduler:beta"


@pytest.mark.parametrize(
    ("name", "spacing", "scheduler", "notes"),
    [
        ("Euler a", "", "EulerAncestralDiscreteScheduler", 0),
        ("euler_ancestral", "normal", "EulerAncestralDiscreteScheduler", 0),
        ("k_euler_a", "", "EulerAncestralDiscreteScheduler", 0),
        ("DPM++ 2M Karras", "", "DPMSolverMultistepScheduler:karras", 0),
        ("DPM++ 2M", "Karras", "DPMSolverMultistepScheduler:karras", 0),
        ("dpmpp_2m_k", "", "DPMSolverMultistepScheduler:karras", 0),
        ("Euler", "Polyexponential", "EulerDiscreteScheduler:exponential", 0),
        ("Heun Exponential", "", "HeunDiscreteScheduler:exponential", 0),
        ("euler", "beta", "EulerDiscreteScheduler:beta", 1),
        ("euler_ancestral", "karras", "EulerAncestralDiscreteScheduler", 1),
        ("Warp", "Karras", "", 2),
        ("dpmpp_2m", "sgm_uniform", "DPMSolverMultistepScheduler", 1),
        ("dpmpp_2m_sde_gpu", "karras", "DPMSolverMultistepScheduler:karras", 1),
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
    for name in schedulers.choices(schedulers._NAMES):
        if not name.startswith("FlowMatch"):
            assert scheduler_of(sampler_name(name), spacing_name(name))[0] == name
            assert scheduler_of(shown_name(name))[0] == name or name.endswith(":beta")


def test_only_schedulers_whose_steps_can_be_spaced_offer_it() -> None:
    """By diffusers' own source: a class that has the switches is offered with every spacing, no other is."""
    from studio.catalog.image_families import FAMILIES

    spec = importlib.util.find_spec("diffusers")
    assert spec is not None and spec.submodule_search_locations
    sources = [
        path.read_text("utf-8")
        for path in Path(spec.submodule_search_locations[0], "schedulers").glob("*.py")
    ]
    for name in {name for family in FAMILIES.values() for name in family.schedulers}:
        source = next(text for text in sources if f"\nclass {name}(" in text)
        switches = [f"use_{way}_sigmas: " in source for way in ("karras", "exponential", "beta")]
        assert [works(f"{name}:{way}", (name,)) for way in ("karras", "exponential", "beta")] == switches
    assert not works("EulerDiscreteScheduler:warped", ("EulerDiscreteScheduler",))
    assert not works("EulerDiscreteScheduler:", ("EulerDiscreteScheduler",))
    assert not works("EulerDiscreteScheduler:karras", ("DDIMScheduler",))
