"""The tokenizer inside a GGUF file, as llama.cpp runs it, with the same interface as any other."""

from functools import cached_property

from studio.worker.text.chat import ChatTemplate
from studio.worker.text.gguf import GgufModel, library, words_of
from studio.worker.text.tokens import Encoded, TextTokens

_CONTROL = 8  # llama.cpp's attribute of tokens that are no text
_UNUSED = 2
_MAX_CHARS = 200_000  # of a chat template


class GgufTokens(TextTokens):
    """A GGUF model's vocabulary."""

    def __init__(self, model: GgufModel) -> None:
        lib = self._lib = library()
        self._model = model  # owns the vocabulary
        v = self._vocabulary = model.vocabulary
        self._pieces: dict[int, str] = {}
        self._words = words_of(lib, v, range(model.vocab))
        start = int(lib.llama_vocab_bos(v))
        self.start = start if start >= 0 else None
        self.always_start = bool(lib.llama_vocab_get_add_bos(v)) and self.start is not None
        numbers = range(model.vocab)
        self.ends = frozenset(n for n in numbers if lib.llama_vocab_is_eog(v, n))
        marks = [
            int(find(v))
            for find in (lib.llama_vocab_fim_pre, lib.llama_vocab_fim_suf, lib.llama_vocab_fim_mid)
        ]
        self.fill_in = tuple(marks) if min(marks) >= 0 else None
        special = {n for n in numbers if lib.llama_vocab_get_attr(v, n) & (_CONTROL | _UNUSED)}
        self.never = frozenset(special.union(self.fill_in or ()) - self.ends)
        template = model.chat_template()
        usable = template and template.strip() and len(template) <= _MAX_CHARS
        self.chat = ChatTemplate(template, self._names()) if template and usable else None

    def _names(self) -> dict[str, str]:
        found = {}
        for name, number in (
            ("bos_token", self.start),
            ("eos_token", self._lib.llama_vocab_eos(self._vocabulary)),
        ):
            raw = (
                self._lib.llama_vocab_get_text(self._vocabulary, number)
                if number is not None and number >= 0
                else None
            )
            if raw:
                found[name] = raw.decode("utf-8", errors="replace")
        return found

    def _tokens(self, text: str, *, special: bool) -> list[int]:
        raw = text.encode("utf-8", errors="surrogatepass")
        room = (self._lib.llama_token * (len(raw) + 8))()
        count = self._lib.llama_tokenize(self._vocabulary, raw, len(raw), room, len(room), False, special)
        if count < 0:
            room = (self._lib.llama_token * -count)()
            count = self._lib.llama_tokenize(self._vocabulary, raw, len(raw), room, len(room), False, special)
        return list(room[:count])

    def encode(self, text: str) -> Encoded:
        """See `TextTokens`."""
        ids = self._tokens(text, special=False) if text else []
        places = _characters(text)
        starts, at = [], 0
        whole = sum(len(self._words[number]) for number in ids)
        spare = max(0, whole - (len(places) - 1))  # a space the tokenizer put before the text
        for number in ids:
            starts.append(places[min(max(at - spare, 0), len(places) - 1)])
            at += len(self._words[number])
        return Encoded(ids, starts)

    def encode_template(self, text: str) -> list[int]:
        """See `TextTokens`."""
        return self._tokens(text, special=True) if text else []

    def decode(self, ids: list[int]) -> str:
        """See `TextTokens`. A space that the tokenizer puts before every text stays: it is the token's own."""
        return b"".join(self._words[number] for number in ids if number not in self._hidden).decode(
            "utf-8", errors="replace"
        )

    @cached_property
    def _hidden(self) -> frozenset[int]:
        return self.never | self.ends

    @cached_property
    def byte_level(self) -> bool:
        """See `TextTokens`: llama.cpp's pieces are bytes."""
        return True

    @cached_property
    def pieces(self) -> list[str]:
        """See `TextTokens`."""
        return [self.piece(number) for number in range(self.size)]

    def piece(self, number: int) -> str:
        """See `TextTokens`."""
        return self.decode([number])

    @property
    def size(self) -> int:
        """See `TextTokens`."""
        return len(self._words)

    @cached_property
    def opens_with_space(self) -> tuple[int, ...]:
        """See `TextTokens`."""
        found = {
            number
            for number, word in enumerate(self._words)
            if word[:1] == b" " and word[1:2] not in (b"", b" ", b"\n", b"\r", b"\t")
        }
        return tuple(sorted(found - self.never - self.ends))


def _characters(text: str) -> list[int]:
    """For each byte of the UTF-8 text the character it belongs to, and one more for its end."""
    places: list[int] = []
    for place, character in enumerate(text):
        places += [place] * len(character.encode("utf-8", errors="surrogatepass"))
    return [*places, len(text)]
