"""Languages are told where they are sure, and nothing where they are not."""

import pytest

from studio.media.dataset.languages import language_of, prevailing
from tests.media.dataset.folders import GERMAN, prose

FRENCH = (
    "Le vieux homme était dans la maison et il ne parlait pas avec les enfants qui jouaient sur le pont. " * 5
)
SPANISH = (
    "El hombre era viejo y no hablaba con los niños que jugaban en la calle, pero su casa era como un palacio. "
    * 4
)
DUTCH = (
    "De oude man was in het huis en hij had niet met de kinderen gesproken die op de brug aan het spelen waren. "
    * 4
)
POLISH = (
    "Stary człowiek nie był w domu i nie mówił do dzieci, ale już się bał, że go jej brat tak nie zna za to. "
    * 4
)
RUSSIAN = (
    "Старый человек не был в доме, и он не говорил с детьми, которые играли на мосту, но все его знали. " * 4
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (prose(1), "English"),
        (GERMAN, "German"),
        (FRENCH, "French"),
        (SPANISH, "Spanish"),
        (DUTCH, "Dutch"),
        (POLISH, "Polish"),
        (RUSSIAN, "Russian"),
        ("吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 3, "Japanese"),
        ("他是一个老人独自在湾流中一条小船上钓鱼至今已去了八十四天一条鱼也没逮住。" * 2, "Chinese"),
        ("Only a few words.", ""),
        ("og i det som en han for af til med jeg de var " * 5, ""),  # Danish and Norwegian alike
        ("qwx zrt plk " * 50, ""),
        ("", ""),
    ],
)
def test_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_licence_at_the_head_does_not_decide(tmp_path: object) -> None:
    assert language_of(prose(1, 3_000) + GERMAN * 60) == "German"


def test_most_is_two_thirds_of_those_that_are_sure() -> None:
    assert prevailing(["English", "English", "German", "", ""]) == "English"
    assert prevailing(["English", "German"]) == ""
    assert prevailing(["", ""]) == ""
