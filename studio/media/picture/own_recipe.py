"""Atelier's own recipe as the text that lies in exported files."""

import base64
import binascii
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, unescape

import msgspec
from msgspec import Struct

from studio import __version__
from studio.core.jobs import ImageJob
from studio.core.takes import Recipe
from studio.media.picture.found import FoundRecipe, WantedModel
from studio.media.picture.settings import settings_of

FORMAT: Final = 1
KEY: Final = "atelier"
NO_GUIDES: Final = "The pictures that guided it are not in the file."
PACKED_MOST: Final = 4_000_000
_XMP: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:atelier="urn:atelier:recipe:1">'
    "<xmp:CreatorTool>{tool}</xmp:CreatorTool><atelier:{name}>{text}</atelier:{name}>"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_RECIPE: Final = re.compile(r"<atelier:(recipe|packed)>([^<]*)</atelier:\1>")


class Kept(Struct, frozen=True, kw_only=True):
    """What is written: `whole` says that the file shows the take's own pixels and nothing else."""

    atelier: int = FORMAT
    version: str = __version__
    whole: bool = False
    recipe: Recipe


class _Any(Struct):
    """Enough to see how old it is."""

    atelier: int


def to_text(recipe: Recipe, *, whole: bool) -> str:
    """The recipe as JSON. Paths below the person's home begin with ~: a shared file does not tell whose it was."""
    return msgspec.json.encode(Kept(recipe=_with_paths(recipe, _portable), whole=whole)).decode()


def to_xmp(text: str, room_bytes: int) -> bytes | None:
    """The JSON in an XMP packet, packed when it is long; None when it does not fit."""
    tool = f"Atelier {__version__}"
    packet = _XMP.format(tool=tool, name="recipe", text=escape(text)).encode()
    if len(packet) > room_bytes:
        packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
        packet = _XMP.format(tool=tool, name="packed", text=packed).encode()
    return packet if len(packet) <= room_bytes else None


def from_xmp(packet: str) -> str:
    """The JSON in an XMP packet; "" when it holds none of ours."""
    found = _RECIPE.search(packet)
    if found is None:
        return ""
    if found[1] == "recipe":
        return unescape(found[2])
    try:
        unpacked = zlib.decompressobj().decompress(base64.b64decode(found[2]), PACKED_MOST)
    except (zlib.error, binascii.Error, ValueError):
        return ""
    return unpacked.decode("utf-8", "replace")


def from_text(text: str) -> FoundRecipe | str:
    """The recipe in our JSON, or a sentence on why it cannot be read."""
    try:
        if msgspec.json.decode(text, type=_Any).atelier > FORMAT:
            return "Its recipe was written by a newer Atelier and cannot be read by this one."
        kept = msgspec.json.decode(text, type=Kept)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "Its Atelier recipe is damaged."
    if not isinstance(kept.recipe.job, ImageJob):
        return "Its recipe is not one of a picture."
    if not 0 <= kept.recipe.index < kept.recipe.job.takes:
        return "Its Atelier recipe is damaged."
    return _found(kept)


def _found(kept: Kept) -> FoundRecipe:
    recipe = _with_paths(kept.recipe, _local)
    job, made = recipe.drawing, recipe.made
    values = msgspec.structs.asdict(settings_of(job))
    drawn = made.drawn if made else None
    hashes = drawn.adapters_sha256 if drawn else ()
    sums = hashes if len(hashes) == len(job.adapters) else ("",) * len(job.adapters)
    notes = [f"It was take {recipe.index + 1} of {job.takes} of that seed."] if job.takes > 1 else []
    if job.init:
        notes.append("It began from a picture that is not in the file.")
    if job.controls or job.reference:
        notes.append(NO_GUIDES)
    if not kept.whole:
        notes.append("The picture was worked on after it was made; the recipe is of its last accepted take.")
    for name in ("adapters", "controls", "reference"):
        values.pop(name)
    return FoundRecipe(
        source="atelier",
        title=f"Atelier {kept.version}"[:40],
        prompt=job.prompt,
        negative=job.negative,
        values=values,
        model=WantedModel(name=job.model, sha256=made.model_sha256 if made else ""),
        adapters=tuple(
            WantedModel(name=adapter.path, sha256=sha256, weight=adapter.weight)
            for adapter, sha256 in zip(job.adapters, sums, strict=True)
        ),
        variation=(job.variation.seed, job.variation.strength) if job.variation else None,
        recipe=recipe,
        whole=kept.whole,
        missing=tuple(notes),
    )


def _with_paths(recipe: Recipe, change: Callable[[str], str]) -> Recipe:
    """The recipe with every path in its job changed."""
    job = recipe.drawing
    reference = job.reference
    changed = job.changed(
        model=change(job.model),
        adapters=tuple(adapter.changed(path=change(adapter.path)) for adapter in job.adapters),
        controls=tuple(control.changed(model=change(control.model)) for control in job.controls),
        reference=reference.changed(model=change(reference.model)) if reference else None,
    )
    return msgspec.structs.replace(recipe, job=changed)


def _portable(path: str) -> str:
    home = str(Path.home())
    below = path.startswith(home) and path[len(home) : len(home) + 1] in ("/", "\\")
    return "~" + path[len(home) :].replace("\\", "/") if below and len(home) > 1 else path


def _local(path: str) -> str:
    return str(Path.home()) + path[1:] if path.startswith("~/") else path
