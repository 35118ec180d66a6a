"""What a title is called as a file."""

import pytest

from studio.core.files import safe_name


@pytest.mark.parametrize(
    ("title", "name"), [("A: b/c", "A b c"), ("  ", "Picture"), ("…", "…"), ("x" * 300, "x" * 100)]
)
def test_titles_become_names(title: str, name: str) -> None:
    assert safe_name(title, "Picture") == name
