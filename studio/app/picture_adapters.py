"""Which adapters on this computer a found recipe means: told by their hashes, read beside the window's thread."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from studio.catalog.file_hashes import FileHashes
from studio.media.picture.found import FoundRecipe
from studio.media.picture.recall import Known, hash_of, is_named, is_same


def with_hashes(
    found: FoundRecipe, known: Sequence[Known], hashes: FileHashes, stopped: Callable[[], bool]
) -> list[Known]:
    """The same adapters, their hashes with them as far as the recipe asks for them: those of the same name first.

    The others are read only when one is not found among these. Raises StoppedError.
    """
    out = list(known)
    for wanted in found.adapters:
        if not hash_of(wanted):
            continue
        order = sorted(range(len(out)), key=lambda at: not is_named(wanted, out[at]))
        for at in order:
            if not out[at].hashes:
                out[at] = replace(out[at], hashes=hashes.of(out[at].path, stopped))
            if is_same(wanted, out[at]):
                break
    return out
