"""Files that are bombs, broken, endless or something else are refused before or while they are read."""

import io
import zipfile

import pytest

from studio.core.errors import StudioError
from studio.media.music.exchange import Asked, _ask, read_music, write_musicxml
from studio.media.music.exchange_guard import TEXT_MOST_BYTES, abc_text, musicxml_text
from studio.media.music.score import Note, Score, Track
from tests.media.music.test_exchange import attributes, measure, note, page, piano

CONTAINER = (
    '<container><rootfiles><rootfile full-path="{}" media-type="application/vnd.recordare.musicxml+xml"/>'
    "</rootfiles></container>"
)
SCORE = page(piano(measure(1, attributes(), note("C", 4, 48))))


def packed(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return held.getvalue()


def refused(data: bytes, name: str = "x.mxl") -> StudioError:
    with pytest.raises(StudioError) as caught:
        read_music(data, name)
    assert name in caught.value.what and caught.value.kept == "Nothing was changed."
    return caught.value


def test_a_packed_score_is_found_by_its_container_or_its_ending() -> None:
    other = b"<score-partwise>other</score-partwise>"
    named = packed(
        {
            "META-INF/container.xml": CONTAINER.format("a/b.xml").encode(),
            "0.xml": other,
            "a/b.xml": SCORE.encode(),
        }
    )
    assert "work-title" in musicxml_text(named, "x")
    assert "work-title" in musicxml_text(packed({"pic.png": b"", "score.xml": SCORE.encode()}), "x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_any_encoding_a_file_names_or_marks_is_read(encoding: str) -> None:
    text = SCORE.replace("UTF-8", "ISO-8859-1" if encoding == "latin-1" else encoding[:6]).replace(
        "Lied", "Größe"
    )
    assert "Größe" in musicxml_text(text.encode(encoding), "x")


def test_an_archive_that_unpacks_without_end_is_refused() -> None:
    bomb = packed({"score.xml": b" " * (TEXT_MOST_BYTES + 1)})
    assert len(bomb) < 100_000
    assert refused(bomb).code == "too big"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (packed({"readme.txt": b"hello"}), "no score"),
        (packed({f"{n}.txt": b"" for n in range(1_001)}), "1,001 files"),
        (packed({"score.xml": SCORE.encode()})[:200], "archive is damaged"),
        (SCORE.replace("<score-partwise", "<!ENTITY a 'b'><score-partwise").encode(), "entities"),
        (SCORE.replace("<score-partwise", "<!ENTITY a 'b'><score-partwise").encode("utf-16"), "entities"),
        (b"<html><body>no music</body></html>", "no MusicXML"),
        (SCORE.replace('"UTF-8"', '"klingon"').encode(), "klingon"),
        (b"<score-partwise>" + b"<note/>" * 100_001, "100,001 notes"),
    ],
)
def test_what_is_no_score_or_a_trap_is_refused_without_reading_it(data: bytes, word: str) -> None:
    assert word in refused(data, "x.musicxml").what


@pytest.mark.parametrize(
    "text",
    [
        SCORE[:-30],
        SCORE.replace("<step>C</step>", "<step>H</step>"),
        SCORE.replace("score-partwise", "score-timewise"),
        page(piano(measure(1, attributes()))),
    ],
)
def test_what_the_reader_does_not_understand_is_told_in_its_words(text: str) -> None:
    from studio.media.music.exchange_child import answer

    told = answer(Asked(kind="musicxml", text=musicxml_text(text.encode(), "x")))
    assert told.error and told.text == ""


def test_reading_stops_after_its_time() -> None:
    with pytest.raises(StudioError) as caught:
        read_music(SCORE.encode(), "x.musicxml", seconds_most=0.05)
    assert caught.value.code == "slow"


def test_a_reader_that_dies_is_an_error_of_the_file() -> None:
    with pytest.raises(StudioError, match="gave up"):
        _ask(Asked(kind="nothing", text=""), "x.abc", 60)  # type: ignore[arg-type]


def test_a_piece_that_cannot_be_written_says_what_to_do() -> None:
    many = Score(tracks=(Track(id="t1", notes=(Note(0, 60, 480),)),))
    with pytest.raises(StudioError):
        write_musicxml(many, seconds_most=0.05)


@pytest.mark.parametrize(
    ("text", "word"), [("hello", "no ABC"), ("X:1\n" + "C" * 2_100_000, "MiB")], ids=["no key", "too big"]
)
def test_what_is_no_abc_or_too_much_of_it_is_refused(text: str, word: str) -> None:
    with pytest.raises(StudioError, match=word):
        abc_text(text.encode(), "x.abc")


def test_a_file_of_another_kind_is_refused() -> None:
    assert refused(b"%PDF-1.7", "x.pdf").code == "unsupported"
