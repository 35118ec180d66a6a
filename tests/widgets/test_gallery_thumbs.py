"""Thumbnails in memory: bounded, the least lately used go first, decoded to the size they are shown at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from studio.widgets.gallery_thumbs import BATCH, ThumbCache, ThumbLoader, thumbs
from tests.widgets.picture_makers import plain, webp

SIDE_BYTES = 16 * 16 * 4


def test_the_least_lately_used_go_first() -> None:
    cache = ThumbCache(room_bytes=3 * SIDE_BYTES)
    for name in "abc":
        cache.put(name, plain("red", 16, 16), 16)
    assert cache.get("a") is not None
    cache.put("d", plain("red", 16, 16), 16)
    assert [name for name in "abcd" if cache.side_of(name)] == ["a", "c", "d"]
    cache.drop("a")
    cache.drop("a")
    assert (len(cache), cache.bytes) == (2, 2 * SIDE_BYTES)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(1, 40)), max_size=40))
def test_it_never_holds_more_than_its_room(puts: list[tuple[str, int]]) -> None:
    cache = ThumbCache(room_bytes=20 * 20 * 4)
    held: dict[str, int] = {}
    for name, side in puts:
        cache.put(name, plain("red", side, side), side)
        held[name] = side * side * 4
        assert cache.bytes <= cache.room_bytes or len(cache) == 1
        assert cache.bytes == sum(held[kept] for kept in "abcdefgh" if cache.side_of(kept))


def test_thumbnails_are_scaled_to_the_side_and_damaged_ones_are_null() -> None:
    made = thumbs({"wide": webp("red", 256, 128), "tiny": webp("red", 8, 16), "bad": b"RIFFxxxx"}, 100)
    assert made["wide"].size().toTuple() == (100, 50)
    assert made["tiny"].size().toTuple() == (50, 100)
    assert made["bad"].isNull()
    assert made["wide"].format() == QImage.Format.Format_RGB32


def test_few_requests_are_open_at_once_and_the_next_are_of_what_is_seen_then(qtbot: QtBot) -> None:
    seen = [f"a{at}" for at in range(4 * BATCH)]
    loader = ThumbLoader(lambda: seen)
    asked: list[tuple[int, tuple[str, ...]]] = []
    loader.wanted.connect(lambda request, ids: asked.append((request, ids)))
    loader.poke()
    qtbot.waitUntil(lambda: len(asked) == 2)
    seen = [f"b{at}" for at in range(BATCH)]
    with qtbot.waitSignal(loader.came):
        loader.answer(asked[0][0], {asked[0][1][0]: webp("red")})
    qtbot.waitUntil(lambda: len(asked) == 3)
    assert asked[2][1] == tuple(seen)
    loader.answer(asked[2][0], {})
    loader.answer(asked[1][0], {})
    qtbot.waitUntil(loader.is_idle)
    assert len(asked) == 3


def test_a_forgotten_thumbnail_is_asked_for_again(qtbot: QtBot) -> None:
    loader = ThumbLoader(lambda: ["a"])
    asked: list[int] = []
    loader.wanted.connect(
        lambda request, _ids: (asked.append(request), loader.answer(request, {"a": webp("red")}))
    )
    loader.poke()
    qtbot.waitUntil(lambda: loader.cache.side_of("a") > 0 and loader.is_idle())
    loader.forget("a")
    loader.poke()
    qtbot.waitUntil(lambda: len(asked) == 2 and loader.is_idle())


def test_an_answer_that_never_comes_does_not_stop_the_rest(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.widgets.gallery_thumbs._LOST_S", 0.2)
    loader = ThumbLoader(lambda: [f"a{at}" for at in range(3 * BATCH)])
    asked: list[int] = []
    loader.wanted.connect(lambda request, _ids: asked.append(request))
    loader.poke()
    qtbot.waitUntil(lambda: len(asked) == 2)
    qtbot.waitUntil(lambda: len(asked) == 4)
    assert asked == [1, 2, 3, 4]
