"""Documents that LibreOffice has saved come in whole; ours are understood by it, authors included."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from studio.media.manuscript.read import read_manuscript
from tests.project.exchange.books import BOOK, MARKED, by_models, outline, write

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(
    SOFFICE is None, reason="soffice is not installed (Debian: apt-get install libreoffice-writer)"
)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory):
    """converted(file, form): what LibreOffice makes of it. Its own profile, no window."""
    home = tmp_path_factory.mktemp("office")

    def convert(source: Path, form: str) -> Path:
        target = home / f"{source.suffix[1:]}-to-{form}"
        assert SOFFICE is not None
        subprocess.run(
            [
                SOFFICE,
                f"-env:UserInstallation={(home / 'profile').as_uri()}",
                "--headless",
                "--convert-to",
                form,
                "--outdir",
                str(target),
                str(source),
            ],
            check=True,
            timeout=240,
            capture_output=True,
            env=os.environ | {"HOME": str(home), "SAL_USE_VCLPLUGIN": "svp"},
        )
        (found,) = target.iterdir()
        return found

    return convert


@pytest.mark.parametrize(
    ("ours", "theirs"), [("docx", "docx"), ("odt", "odt"), ("docx", "odt"), ("odt", "docx"), ("rtf", "odt")]
)
def test_a_book_saved_by_libreoffice_comes_back(ours: str, theirs: str, converted, tmp_path: Path) -> None:
    write(tmp_path / f"book.{ours}")
    found = read_manuscript(converted(tmp_path / f"book.{ours}", theirs))
    assert outline(found) == BOOK
    if ours != "rtf":
        assert found.title == "The Öld Book & Co."
        words = [[stretch.strip() for stretch in by_models(scene.text)] for scene in found.scenes]
        assert words == [[stretch.strip() for stretch in scene] for scene in MARKED]


@pytest.mark.parametrize("theirs", ["rtf", "html"])
def test_a_book_saved_as_something_simpler_keeps_every_word(theirs: str, converted, tmp_path: Path) -> None:
    write(tmp_path / "book.odt")
    found = read_manuscript(converted(tmp_path / "book.odt", theirs))
    words = " ".join(scene.text.text for scene in found.scenes).replace("*", "").split()
    expected = " ".join(text for _, texts in BOOK for text in texts).replace("*", "").split()
    assert [w for w in words if w in expected] == expected or set(expected) <= set(words)
