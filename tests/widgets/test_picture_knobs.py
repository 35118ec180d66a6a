"""The image knobs are always valid settings; they follow the model, and say why something is grey."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.core.adapter import Adapter
from studio.core.pictures import Control, Reference
from studio.media.picture.settings import PicturePreset, PictureSettings
from studio.widgets.picture_knob_words import CHOICES, EXPLAINED, GROUPS
from studio.widgets.picture_knobs import PictureKnobs, PictureModel
from studio.widgets.picture_stack import ExtraChoice
from studio.widgets.preset_bar import MIX, PresetName

STARTER = PictureModel(
    title="Starter",
    size=(128, 128),
    steps=20,
    guidance=5.0,
    schedulers=("DDIMScheduler", "UniPCMultistepScheduler"),
    abilities={"control": "No ControlNet fits it.", "negative": ""},
)
LARGE = PictureModel(
    title="Large",
    size=(1024, 1024),
    grid_px=16,
    steps=8,
    guidance=1.0,
    schedulers=("FlowMatchEulerDiscreteScheduler",),
)
DRAFT = PresetName(
    id="built-in/draft",
    title="Draft",
    knobs=PicturePreset(settings=PictureSettings(steps=9), usual=("size", "guidance")),
)
FULL = PictureSettings(
    negative="fog",
    seed=77,
    takes=2,
    steps=33,
    guidance=2.5,
    width=256,
    height=192,
    scheduler="DDIMScheduler",
    clip_skip=1,
    tiling="x",
    strength=0.35,
    feather_px=12,
    grow_px=-3,
    fill="noise",
    area="masked",
    padding_px=64,
    factor=3.0,
    redraw_tiles=False,
    tile_px=256,
    overlap_px=32,
    variation=0.2,
    adapters=(Adapter(path="/lora/ink", weight=0.7),),
    controls=(Control(model="/net", picture="c.png", weight=0.5, begin=0.1, end=0.8),),
    reference=Reference(model="/ip", picture="r.png", weight=0.4),
)


@pytest.fixture
def knobs(qtbot: QtBot) -> PictureKnobs:
    made = PictureKnobs()
    qtbot.addWidget(made)
    made.set_model(STARTER)
    return made


def test_every_knob_of_the_settings_has_a_field_and_words(knobs: PictureKnobs) -> None:
    shown = {name for names in GROUPS.values() for name in names}
    told = {field.name for field in msgspec.structs.fields(PictureSettings)}
    assert shown - {"size"} | {"width", "height", "takes"} == told
    assert shown == set(EXPLAINED) == set(knobs.fields)
    assert set(CHOICES) <= shown


def test_settings_come_back_from_the_fields_as_they_were_put_in(knobs: PictureKnobs) -> None:
    knobs.set_values(FULL)
    knobs._on_changed()  # reads every field
    assert knobs.values() == FULL


def test_typing_into_a_field_changes_that_knob_alone(knobs: PictureKnobs, qtbot: QtBot) -> None:
    before = knobs.values()
    with qtbot.waitSignal(knobs.changed):
        knobs.fields["steps"].setValue(7)
    assert knobs.values() == before.changed(steps=7)


def test_another_model_brings_its_usual_values_and_leaves_the_persons(knobs: PictureKnobs) -> None:
    knobs.fields["guidance"].setValue(3.0)
    knobs.set_model(LARGE)
    values = knobs.values()
    assert (values.width, values.height, values.steps) == (1024, 1024, 8)
    assert values.guidance == 3.0


def test_schedulers_are_offered_with_each_way_their_steps_can_be_spaced(knobs: PictureKnobs) -> None:
    field = knobs.fields["scheduler"]
    shown = [field.itemText(index) for index in range(field.count())]
    ways = ("", ", Karras", ", Exponential", ", Beta")
    assert shown == ["The model's own", "DDIM", *(f"Uni PCMultistep{way}" for way in ways)]
    field.set_value("UniPCMultistepScheduler:karras")
    assert knobs.settings().scheduler == "UniPCMultistepScheduler:karras"
    knobs.set_model(LARGE)
    assert knobs.values().scheduler == ""


def test_a_scheduler_that_the_next_model_does_not_have_gives_way(knobs: PictureKnobs) -> None:
    knobs.fields["scheduler"].set_value("DDIMScheduler")
    assert knobs.values().scheduler == "DDIMScheduler"
    knobs.set_model(LARGE)
    assert knobs.values().scheduler == ""


def test_what_a_model_cannot_do_is_grey_says_why_and_is_no_part_of_a_job(knobs: PictureKnobs) -> None:
    knobs.set_model(msgspec.structs.replace(STARTER, abilities={"negative": "It reads no negative prompt."}))
    knobs.fields["negative"].setPlainText("fog")
    assert not knobs.fields["negative"].isEnabled()
    assert "It reads no negative prompt." in knobs.fields["negative"].toolTip()
    assert knobs.settings().negative == ""
    assert knobs.values().negative == "fog", "it is kept for the next model"


def test_a_preset_turns_the_knobs_and_keeps_seed_and_takes(knobs: PictureKnobs) -> None:
    knobs.set_presets([DRAFT])
    knobs.set_values(knobs.values().changed(seed=5, takes=8, guidance=9.0))
    assert knobs.bar.menu.currentText() == ""
    assert knobs.bar.menu.placeholderText() == MIX
    knobs.bar.chosen.emit(DRAFT.id)
    values = knobs.values()
    assert (values.steps, values.guidance, values.seed, values.takes) == (9, 5.0, 5, 8)
    assert knobs.bar.menu.currentText() == "Draft"
    knobs.set_model(LARGE)
    assert knobs.values().width == 1024
    assert knobs.bar.menu.currentText() == "Draft", "it is the same preset on another model"


def test_an_aspect_keeps_about_as_many_pixels_on_the_grid(knobs: PictureKnobs) -> None:
    size = knobs.fields["size"]
    for row in range(1, size.aspect.count()):
        size.aspect.setCurrentIndex(row)
        size.aspect.activated.emit(row)
        wide, high = size.value()
        assert wide % 8 == high % 8 == 0
        assert 0.85 < wide * high / 128**2 < 1.2
    knobs.set_values(knobs.values().changed(width=96, height=160))
    size.swap.click()
    assert (knobs.values().width, knobs.values().height) == (160, 96)


def test_an_adapter_is_added_weighed_and_taken_away(knobs: PictureKnobs) -> None:
    field = knobs.fields["adapters"]
    assert not field.add.isEnabled()
    knobs.set_extras(
        "adapters",
        [
            ExtraChoice(path="/x", title="XL", why_not="It was made for SDXL."),
            ExtraChoice(path="/ink", title="Ink"),
        ],
    )
    field.add.click()
    assert knobs.values().adapters == (Adapter(path="/ink", weight=1.0),)
    row = field.rows[0]
    assert not (row.model.model().index(0, 0).flags() & Qt.ItemFlag.ItemIsEnabled)
    row.weight.setValue(0.4)
    assert knobs.values().adapters[0].weight == 0.4
    row.remove.click()
    assert knobs.values().adapters == ()


def test_a_control_counts_once_it_has_a_picture(knobs: PictureKnobs, qtbot: QtBot) -> None:
    knobs.set_model(msgspec.structs.replace(STARTER, abilities={}))
    knobs.set_extras("controls", [ExtraChoice(path="/net", title="Lines")])
    field = knobs.fields["controls"]
    field.add.click()
    assert knobs.values().controls == ()
    with qtbot.waitSignal(knobs.picture_wanted) as asked:
        field.rows[0].take_frame.click()
    knobs.set_guide(*asked.args, "c.png")
    assert knobs.values().controls == (Control(model="/net", picture="c.png"),)


def test_a_preset_of_an_adapter_that_is_gone_still_names_it(knobs: PictureKnobs) -> None:
    knobs.set_values(knobs.values().changed(adapters=(Adapter(path="/away/toy.safetensors"),)))
    knobs.set_extras("adapters", [])
    assert "toy.safetensors" in knobs.fields["adapters"].rows[0].model.currentText()
    assert knobs.values().adapters[0].path == "/away/toy.safetensors"
