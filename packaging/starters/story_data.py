"""Reads the training corpus: documents of each set and side, as plain text exactly as it stands on disk."""

import lzma
import tarfile
from pathlib import Path

MARK = "<|endoftext|>"  # stands between documents in the corpus files
SIMPLE = ("tinystories", "open_children")  # one xz file per side
SIDES = ("train", "test")


def split_documents(text: str) -> list[str]:
    """The documents of one file: the mark and the line ends that belong to it removed, nothing else."""
    parts = (part.removeprefix("\n").removesuffix("\n") for part in text.split(MARK))
    return [part for part in parts if part.strip()]


def read_simple(corpus: Path, name: str, side: str) -> list[str]:
    """All documents of one of the simple sets; `side` is "train" or "test"."""
    if side not in SIDES:
        raise ValueError(f"no such side: {side}")
    raw = lzma.decompress((corpus / "text" / f"{name}.{side}.txt.xz").read_bytes())
    return split_documents(raw.decode("utf-8"))


def read_tales(corpus: Path, side: str) -> list[str]:
    """All books and fairy tales of one side, in the archive's order."""
    if side not in SIDES:
        raise ValueError(f"no such side: {side}")
    documents: list[str] = []
    with tarfile.open(corpus / "text" / "tales.tar.xz") as archive:
        for member in sorted(archive.getmembers(), key=lambda m: m.name):
            if member.isfile() and member.name.removeprefix("./").startswith(side + "/"):
                stream = archive.extractfile(member)
                if stream is not None:
                    documents.extend(split_documents(stream.read().decode("utf-8")))
    return documents


def read_set(corpus: Path, name: str, side: str) -> list[str]:
    """The documents of `tinystories`, `open_children` or `tales`."""
    return read_tales(corpus, side) if name == "tales" else read_simple(corpus, name, side)
