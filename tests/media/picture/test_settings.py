"""The knobs of a picture become a job and come back from it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.adapter import Adapter
from studio.core.jobs import Job
from studio.core.pictures import MODES, Control, ImageJob, Mode, Reference
from studio.media.picture.settings import PicturePreset, PictureSettings, settings_of

SIZES = st.integers(2, 128).map(lambda n: n * 8)
SETTINGS = st.builds(
    PictureSettings,
    negative=st.text(max_size=20),
    seed=st.integers(0, 2**63 - 1),
    takes=st.integers(1, 8),
    steps=st.integers(1, 150),
    guidance=st.floats(0, 50),
    width=SIZES,
    height=SIZES,
    clip_skip=st.integers(0, 12),
    tiling=st.sampled_from(["none", "x", "y", "both"]),
    strength=st.floats(0, 1),
    feather_px=st.integers(0, 256),
    grow_px=st.integers(-256, 256),
    fill=st.sampled_from(["original", "blur", "noise", "colour"]),
    area=st.sampled_from(["whole", "masked"]),
    factor=st.floats(1.01, 8),
    redraw_tiles=st.booleans(),
    adapters=st.lists(st.builds(Adapter, path=st.text(max_size=8), weight=st.floats(-4, 4)), max_size=3).map(
        tuple
    ),
    controls=st.lists(st.builds(Control, model=st.just("c"), picture=st.just("p")), max_size=2).map(tuple),
    reference=st.none() | st.builds(Reference, model=st.just("r"), picture=st.just("q")),
)
BOUND = {"id": "j", "prompt": "a house", "model": "/m"}


def job_of(settings: PictureSettings, mode: Mode) -> ImageJob:
    init = {} if mode == "text" else {"init": "a.png"}
    return settings.job(seed=settings.seed or 0, mask="m.png", mode=mode, **BOUND, **init)


@given(SETTINGS, st.sampled_from(MODES))
def test_a_job_tells_the_knobs_it_was_made_with(settings: PictureSettings, mode: Mode) -> None:
    job = job_of(settings, mode)
    back = settings_of(msgspec.msgpack.decode(msgspec.msgpack.encode(job), type=Job))
    usual = PictureSettings()
    hidden = {  # what this mode's job does not carry stands at the usual
        "inpaint": ("factor", "redraw_tiles"),
        "upscale": ("feather_px", "grow_px", "fill", "area"),
        "text": ("feather_px", "grow_px", "fill", "area", "factor", "redraw_tiles"),
        "image": ("feather_px", "grow_px", "fill", "area", "factor", "redraw_tiles"),
    }[mode]
    assert back == settings.changed(**{name: getattr(usual, name) for name in hidden})


def test_a_job_names_every_picture_it_reads_once() -> None:
    settings = PictureSettings(
        controls=(Control(model="c", picture="x.png"), Control(model="d", picture="x.png")),
        reference=Reference(model="r", picture="y.png"),
    )
    assert job_of(settings, "inpaint").files == ("a.png", "m.png", "x.png", "y.png")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"width": 100}, "width"),
        ({"mode": "image"}, "init"),
        ({"mode": "inpaint", "init": "a.png"}, "inpaint"),
        ({"mode": "upscale", "init": "a.png"}, "upscale"),
        ({"takes": 2, "prompts": ("one",)}, "prompts"),
        ({"strength": 1.5}, "strength"),
    ],
)
def test_a_job_that_cannot_be_drawn_is_refused_by_its_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        ImageJob(seed=1, **(BOUND | wrong))  # type: ignore[arg-type]


@given(SETTINGS)
def test_a_preset_brings_back_the_knobs_for_the_same_model(settings: PictureSettings) -> None:
    model = PictureSettings(steps=8, guidance=1.0, width=1024, height=1024)
    assert PicturePreset.of(settings, model).over(model) == settings


def test_knobs_at_a_models_usual_follow_the_next_model() -> None:
    small = PictureSettings(steps=20, width=128, height=128)
    large = PictureSettings(steps=8, width=1024, height=768)
    mine = small.changed(guidance=3.0, negative="fog")
    moved = PicturePreset.of(mine, small).over(large)
    assert (moved.steps, moved.width, moved.height) == (8, 1024, 768)
    assert (moved.guidance, moved.negative) == (3.0, "fog")
