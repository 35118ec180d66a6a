"""`atelier import` and `atelier export`: envelope, files, refusals."""

import hashlib
from pathlib import Path

from studio.media.manuscript.read import read_manuscript
from studio.project.reader import Reader
from studio.project.store import Store
from tests.cli.test_commands import atelier


def test_a_manuscript_goes_into_a_project_and_comes_out_again(tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text("# One\n\nWords *here*.\n\n# Two\n\nMore. ![p](p.png)\n")
    project = tmp_path / "Book.atelier"
    answer = atelier(
        "import", tmp_path / "book.md", "--project", project, "--title", "A  Book", "--json", home=tmp_path
    )
    assert answer["command"] == "import" and answer["project"] == str(project)
    story = answer["story"]
    assert (story["title"], story["chapters"], story["scenes"], story["words"]) == ("A Book", 2, 2, 3)
    assert answer["lost"] == {"pictures": 1}
    with Reader(project) as reader:
        assert reader.work(story["id"]).title == "A Book" == reader.title
    out = tmp_path / "out.docx"
    answer = atelier("export", "--project", project, "--out", out, "--sidecar", "--authors", home=tmp_path)
    assert [file["file"] for file in answer["files"]] == [str(out), str(tmp_path / "out.authors.json")]
    assert answer["files"][0]["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert answer["story"] == {"id": story["id"], "title": "A Book"}
    found = read_manuscript(out)
    assert [scene.text.text for scene in found.scenes] == ["Words *here*.", "More."]


def test_what_cannot_be_done_is_said_and_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "book.docx").write_text("no")
    project = tmp_path / "Book.atelier"
    answer = atelier("import", tmp_path / "book.docx", "--project", project, home=tmp_path, status=1)
    assert answer["error"]["code"] == "form" and not project.exists()
    Store.create(project, "Empty").close()
    answer = atelier("export", "--project", project, "--out", tmp_path / "a.md", home=tmp_path, status=1)
    assert answer["error"]["code"] == "no_story"
    answer = atelier("export", "--project", project, "--out", tmp_path / "a.xyz", home=tmp_path, status=2)
    assert "does not end in" in answer["error"]["what"] and sorted(p.name for p in tmp_path.glob("a.*")) == []
