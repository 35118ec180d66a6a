"""A model's tokenizer: text to tokens, tokens to text piece by piece, and which tokens are no text."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from studio.core.errors import StudioError
from studio.worker.text.chat import ChatTemplate, load_chat
from studio.worker.text.plain_json import named, optional_json

_FILL_IN = ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")
_START_NAMES = ("<|endoftext|>", "<|begin_of_text|>", "<s>", "<bos>")
_CONTEXT_TOKENS = 4
_HALF = "�"


@dataclass(frozen=True)
class Encoded:
    """Token ids and, for each, the character at which it starts in the text."""

    ids: list[int]
    starts: list[int]


class TextTokens:
    """A tokenizer with what the maker must know about it."""

    def __init__(
        self, tokenizer: Tokenizer, start: int | None, always_start: bool, ends: frozenset[int]
    ) -> None:
        """`start` opens a document, `always_start` puts it before any text, `ends` close a take."""
        self._tokenizer = tokenizer
        self.start = start
        self.always_start = always_start
        self.ends = ends
        self.chat: ChatTemplate | None = None
        self._pieces: dict[int, str] = {}
        marks = [tokenizer.token_to_id(mark) for mark in _FILL_IN]
        known = [int(mark) for mark in marks if mark is not None]
        self.fill_in = tuple(known) if len(known) == len(_FILL_IN) else None
        specials = {number for number, token in tokenizer.get_added_tokens_decoder().items() if token.special}
        self.never: frozenset[int] = frozenset(specials.union(known) - ends)

    def encode(self, text: str) -> Encoded:
        """Tokens of a text, no special ones added; a text that spells a special token stays text."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        starts = [start for start, _ in encoding.offsets]
        return Encoded(encoding.ids, starts)

    def encode_template(self, text: str) -> list[int]:
        """Tokens of a template's own words, in which a special token's name is that token."""
        ids: list[int] = []
        for piece in self._special_names.split(text) if self._special_names.pattern else [text]:
            number = self._specials.get(piece)
            ids += [number] if number is not None else self.encode(piece).ids
        return ids

    @cached_property
    def _specials(self) -> dict[str, int]:
        """Every added token's text (the special ones and those like <think>) and its id."""
        return {token.content: number for number, token in self._tokenizer.get_added_tokens_decoder().items()}

    @cached_property
    def _special_names(self) -> "re.Pattern[str]":
        names = sorted(self._specials, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(re.escape, names))})" if names else "")

    def decode(self, ids: list[int]) -> str:
        """Text of some tokens; special ones vanish."""
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return text

    def following(self, text: str) -> list[int]:
        """Tokens of a text that goes on within another one, no word mark put before it."""
        mark = self.encode("\n").ids
        both = self.encode("\n" + text).ids
        return both[len(mark) :] if both[: len(mark)] == mark else self.encode(text).ids

    @cached_property
    def byte_level(self) -> bool:
        """A token is a row of bytes, whatever stands beside it."""
        return type(self._tokenizer.decoder).__name__ == "ByteLevel"

    def piece(self, number: int) -> str:
        """A token's text as it reads within a text: with its leading space; "" for a special one."""
        known = self._pieces.get(number)
        if known is None:
            known = self._pieces[number] = self.decode([*self._word, number])[self._word_length :]
        return known

    @cached_property
    def pieces(self) -> list[str]:
        """The text of every token, by id."""
        rows = [[*self._word, number] for number in range(self.size)]
        texts = self._tokenizer.decode_batch(rows, skip_special_tokens=True)
        return [text[self._word_length :] for text in texts]

    @cached_property
    def _word(self) -> list[int]:
        """Tokens of a word, after which a decoder strips nothing."""
        return self.encode("a").ids[-1:]

    @cached_property
    def _word_length(self) -> int:
        return len(self.decode(self._word))

    @property
    def size(self) -> int:
        """How many token ids the tokenizer knows."""
        size: int = self._tokenizer.get_vocab_size(with_added_tokens=True)
        return size

    @cached_property
    def opens_with_space(self) -> tuple[int, ...]:
        """Ids of tokens that begin with exactly one space and go on with something visible."""
        found = []
        for token, number in self._tokenizer.get_vocab().items():
            if token[:1] in ("Ġ", "▁", " ") and token[1:2] not in (
                "",
                "Ġ",
                "▁",
                " ",
                "Ċ",
                "ĉ",
                "č",
                "\n",
                "\t",
            ):
                found.append(number)
        return tuple(sorted(set(found) - self.never - self.ends))


class Streamed:
    """The text of a growing row of tokens; holds back characters that are not whole yet.

    What `push` and `flush` return is, joined, the decoding of all tokens at once (in the context of those
    before): the tokens since the last whole character are decoded again with each new one, after the few
    before them. Only a byte-fallback run that is no UTF-8 at its end may show fewer replacement characters.
    """

    def __init__(self, tokens: TextTokens, before: list[int]) -> None:
        """`before`: the tokens this text follows."""
        self._tokens = tokens
        self._window = before[-_CONTEXT_TOKENS:]
        self._base = len(self._window)
        self._shown = tokens.decode(self._window)
        self._plain = tokens.byte_level and not self._shown.endswith(_HALF)
        if self._plain:  # what stood before changes nothing
            self._window, self._base, self._shown = [], 0, ""

    def push(self, token: int) -> str:
        """The text that became certain with this token, perhaps none."""
        if self._plain:
            return self._push_bytes(token)
        self._window.append(token)
        text = self._tokens.decode(self._window)
        if text.endswith(_HALF) or len(text) <= len(self._shown):
            return ""
        fresh = text[len(self._shown) :]
        self._window = self._window[self._base :]
        self._base = len(self._window)
        self._shown = self._tokens.decode(self._window)
        return fresh

    def _push_bytes(self, token: int) -> str:
        """The same for tokens that are bytes: whole characters need no second look."""
        piece = self._tokens.piece(token)
        if not self._window and _HALF not in piece:
            return piece
        self._window.append(token)
        text = self._tokens.decode(self._window)
        if not text or text.endswith(_HALF):
            return ""
        self._window.clear()
        return text

    def flush(self) -> str:
        """What was held back, as it stands."""
        text = self._tokens.decode(self._window)
        fresh = text[len(self._shown) :]
        self._shown = text
        return fresh


def load_tokens(folder: Path) -> TextTokens:
    """The tokenizer of a model folder. Raises StudioError when its files cannot be read."""
    try:
        tokenizer = _read_tokenizer(folder)
    except Exception as error:
        raise StudioError(
            f"The tokenizer in {folder} cannot be read: {str(error)[:200]}.",
            do="Copy or download tokenizer.json again.",
            code="damaged_model",
        ) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    settings = {name: optional_json(folder / f"{name}.json") for name in ("tokenizer_config", "config")}
    settings["generation_config"] = optional_json(folder / "generation_config.json")
    front = tokenizer.encode("a", add_special_tokens=True).ids
    bare = tokenizer.encode("a", add_special_tokens=False).ids
    always = len(front) > len(bare) and front[0] != bare[0]
    start = front[0] if always else _start(tokenizer, settings)
    tokens = TextTokens(tokenizer, start, always, _ends(tokenizer, settings))
    tokens.chat = load_chat(folder)
    return tokens


def _read_tokenizer(folder: Path) -> Tokenizer:
    """tokenizer.json when there is one; else what transformers makes of the older files."""
    if (folder / "tokenizer.json").is_file():
        return Tokenizer.from_file(str(folder / "tokenizer.json"))
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    ).backend_tokenizer


def _start(tokenizer: Tokenizer, settings: dict[str, dict[str, Any]]) -> int | None:
    """The token that opens a document, where the tokenizer does not add one by itself."""
    own = named(settings["tokenizer_config"].get("bos_token"))
    for name in (own, *_START_NAMES):
        number = tokenizer.token_to_id(name) if name else None
        if number is not None:
            return int(number)
    number = settings["config"].get("bos_token_id")
    return number if type(number) is int and tokenizer.id_to_token(number) is not None else None


def _ends(tokenizer: Tokenizer, settings: dict[str, dict[str, Any]]) -> frozenset[int]:
    """The tokens that close a text."""
    ends: set[int] = set()
    for source in ("config", "generation_config"):
        number = settings[source].get("eos_token_id")
        ends |= {n for n in (number if isinstance(number, list) else [number]) if type(n) is int}
    own = named(settings["tokenizer_config"].get("eos_token"))
    for name in (own, "<|endoftext|>"):
        number = tokenizer.token_to_id(name) if name else None
        if number is not None:
            ends.add(int(number))
    return frozenset(n for n in ends if tokenizer.id_to_token(n) is not None)
