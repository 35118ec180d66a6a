"""Puts the recipes' folder on the path; small helpers come as fixtures."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging" / "starters"))

LINES = (
    "Once upon a time there was a little fox. The fox lived in a den near the river.",
    "Tom had a red ball. He threw the ball to his dog, and the dog ran after it.",
    "One day a bird found a seed. It put the seed in the ground and waited for the rain.",
    "The cat sat on the mat and looked at the moon. The moon looked back at the cat.",
)


@pytest.fixture(scope="session")
def stories() -> list[str]:
    """A few dozen short texts of different lengths."""
    return [" ".join(LINES[(i + j) % 4] for j in range(1 + i % 3)) for i in range(24)]


@pytest.fixture(scope="session")
def story_folder() -> Path:
    """The model that ships."""
    return ROOT / "resources" / "models" / "story"
