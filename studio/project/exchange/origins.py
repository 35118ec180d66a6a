"""Which model wrote what: the takes of this project, and what an import told of others."""

from collections.abc import Mapping
from pathlib import PurePath

import msgspec

from studio.media.manuscript.manuscript import Origin
from studio.media.spans import SpanText
from studio.project.exchange.keep import ORIGINS
from studio.project.reads import Reads


def origins_of(reads: Reads, story: str, texts: Mapping[str, SpanText]) -> dict[str, Origin]:
    """For the authors of texts, by take id; a model is called by its folder's name, never by its path."""
    authors = {run.author for text in texts.values() for run in text.runs if run.author}
    out = msgspec.convert(reads.facts(story).get(ORIGINS, {}), dict[str, Origin])
    for take, (model, seed) in reads.origins(authors).items():
        out[take] = Origin(model=PurePath(model).name, seed=seed)
    return {author: origin for author, origin in out.items() if author in authors}
