"""Draws sample continuations from the exported model: seeded, unselected, for the model card."""

from dataclasses import dataclass

import torch
from story_model import StoryModel
from story_tokenizer import END_ID
from tokenizers import Tokenizer

TEMPERATURE = 0.7
NUCLEUS = 0.95  # least probability mass kept (top p)
LENGTH = 180  # tokens at most
OPENINGS = (
    "Once upon a time, there was a little girl named Lily.",
    "Tom had a red ball.",
    "The old bear lived in a cave near the river.",
    "Mia and her brother found a map.",
    "It was raining, and the cat",
    "In a village by the sea there lived a fisherman",
    "One night the moon",
    '"Where is my hat?" asked',
    "Long ago, when animals could talk,",
    "The princess opened the door of the tower",
)


@dataclass(frozen=True)
class Sample:
    """One opening and how the model went on."""

    seed: int
    opening: str
    text: str
    ended: bool  # by itself, before the length ran out


def draw(scores: torch.Tensor, chance: torch.Generator) -> int:
    """One token id from scores [V]: temperature, then the smallest set that holds the nucleus."""
    odds, order = torch.softmax(scores / TEMPERATURE, dim=-1).sort(descending=True)
    odds = torch.where(odds.cumsum(-1) - odds < NUCLEUS, odds, 0.0)
    return int(order[torch.multinomial(odds, 1, generator=chance)])


@torch.no_grad()
def sample(model: StoryModel, tokenizer: Tokenizer, opening: str, seed: int) -> Sample:
    """Continue one opening."""
    ids = [END_ID, *tokenizer.encode(opening).ids]
    start, chance = len(ids), torch.Generator().manual_seed(seed)
    while len(ids) < start + LENGTH and (len(ids) == start or ids[-1] != END_ID):
        ids.append(draw(model.logits(torch.tensor([ids]))[0, -1], chance))
    return Sample(seed, opening, tokenizer.decode(ids[start:]), ids[-1] == END_ID)


def all_samples(model: StoryModel, tokenizer: Tokenizer) -> list[Sample]:
    """One sample per opening, seeds 0, 1, 2 and so on: the first ones drawn, none left out."""
    return [sample(model, tokenizer, opening, seed) for seed, opening in enumerate(OPENINGS)]
