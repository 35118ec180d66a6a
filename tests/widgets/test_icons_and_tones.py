"""Icons of one hand, colours that can be read."""

import re

import pytest
from PySide6.QtGui import QAction, QColor, QIcon
from pytestqt.qtbot import QtBot

from studio.core.resources import resource_path
from studio.widgets.icons import ICON_NAMES, IconButton, app_icon, icon, put_icon
from studio.widgets.tones import Scheme, Tones, load_tones, tone_source


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    """Source: WCAG 2.1, contrast ratio."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_every_ground(scheme: Scheme) -> None:
    tones = load_tones(scheme)
    grounds = ("background", "surface", "raised")
    pairs = [
        (word, ground)
        for word in ("text", "muted", "accent", "model_text", "danger", "success", "warning")
        for ground in grounds
    ]
    pairs += [
        ("text", ground)
        for ground in (
            "sunken",
            "selection",
            "flash",
            "accent_wash",
            "model_wash",
            "danger_wash",
            "success_wash",
            "warning_wash",
        )
    ]
    pairs += [
        *((word, f"heat_{step}") for word in ("text", "model_text") for step in range(1, 6)),
        *(
            (word, ground)
            for word in ("text", "model_text")
            for ground in ("lock_wash", "mark", "mark_current")
        ),
        ("accent_text", "accent"),
        ("accent_text", "accent_hover"),
        ("model_text", "success_wash"),
        ("model_text", "flash"),
        ("muted", "accent_wash"),
        ("muted", "success_wash"),
    ]
    poor = {
        pair: round(contrast(tones.role(pair[0]), tones.role(pair[1])), 2)
        for pair in pairs
        if contrast(tones.role(pair[0]), tones.role(pair[1])) < 4.5
    }
    assert not poor
    for ground in grounds:  # edges of fields and the focus ring need 3
        assert contrast(tones.border_strong, tones.role(ground)) >= 3
        assert contrast(tones.focus, tones.role(ground)) >= 3


def test_every_icon_has_the_same_stroke_and_draws_something(qtbot: QtBot) -> None:
    for name in ICON_NAMES:
        source = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 24 24"' in source
        assert 'stroke-width="1.75"' in source
        assert re.search('stroke="currentColor"', source)
        image = icon(name, "#ff0000", 24).pixmap(24, 24).toImage()
        inked = [
            image.pixelColor(x, y)
            for x in range(image.width())
            for y in range(image.height())
            if image.pixelColor(x, y).alpha() > 200
        ]
        assert inked, name
        assert {colour.name() for colour in inked} == {"#ff0000"}


def test_every_drawing_is_an_icon() -> None:
    drawn = {path.stem for path in resource_path("icons").glob("*.svg")}
    assert drawn == ICON_NAMES | {"app"}


def test_an_unknown_name_is_an_error_and_the_mark_has_sizes(qtbot: QtBot) -> None:
    with pytest.raises(KeyError):
        icon("no such icon")
    assert app_icon().actualSize(app_icon().availableSizes()[-1]).width() == 256


def test_disabled_icons_are_faint(qtbot: QtBot) -> None:
    enabled = icon("add").pixmap(24, 24).toImage()
    disabled = icon("add").pixmap(24, 24, QIcon.Mode.Disabled).toImage()
    assert enabled != disabled


def test_icons_follow_the_tones(qtbot: QtBot) -> None:
    source = tone_source()
    source.set_tones(load_tones("light"))
    button = IconButton("add", "Add")
    qtbot.addWidget(button)
    action = QAction("Add", button)
    put_icon(action, "add")
    before = [item.icon().pixmap(18, 18).toImage() for item in (button, action)]
    source.set_tones(load_tones("dark"))
    after = [item.icon().pixmap(18, 18).toImage() for item in (button, action)]
    source.set_tones(load_tones("light"))
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert button.accessibleName() == "Add"
    button.set_icon("trash")
    assert button.icon().pixmap(18, 18).toImage() != before[0]


def test_tones_are_colours() -> None:
    tones = load_tones("dark")
    assert all(QColor(tones.role(name)).isValid() for name in Tones.__struct_fields__ if name != "scheme")
