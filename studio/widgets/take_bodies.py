"""What a card and a strip need of the widget that shows a take: of every art's, and of each art's own."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeGuard

from msgspec import Struct
from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu

from studio.core.takes import Take
from studio.media.spans import Edit, SpanText

if TYPE_CHECKING:
    from studio.media.music.score import Score  # with the first piece, not before

Say = Callable[[str, str], object]  # a wish (see take_wishes) and its detail, or "ask_reason"


class StripWords(Struct, frozen=True, kw_only=True):
    """What an empty strip says: before anything was asked for, and while it is."""

    empty: str
    running: str


TEXT_WORDS: Final = StripWords(
    empty=(
        "No takes yet.\n"
        "Write the beginning of a sentence, then press Ctrl+Return: the model proposes how it goes on."
    ),
    running="The model is reading your text…",
)


class CardFacts(Struct, frozen=True, kw_only=True):
    """How a card stands: what its menu may offer. `others`: ids and titles of the takes beside it."""

    may_accept: bool = False
    may_reject: bool = False
    may_remake: bool = False
    rejected: bool = False
    others: tuple[tuple[str, str], ...] = ()


class TakeBody(Protocol):
    """What every art's body can do. A class may name its strip's words as `STRIP_WORDS`."""

    def show_take(self, take: Take) -> None: ...
    def clear_take(self) -> None: ...
    def flush(self) -> None:
        """Tell now what is still held back."""

    def is_empty(self) -> bool:
        """Whether there is nothing yet that could be shown or accepted."""

    def doing(self) -> str:
        """What a take that still grows is at, in words: "writing…"."""

    def measure_text(self) -> str:
        """How much it is: "12 words", "512 × 512"."""

    def enter(self) -> None:
        """Return was pressed on the card."""

    def fill_menu(self, menu: QMenu, facts: CardFacts, say: Say) -> None:
        """What else can be done with the take."""


class TextBody(TakeBody, Protocol):
    """A body whose take is a text that the person may change."""

    @property
    def take_edited(self) -> SignalInstance:
        """Signal(object): an Edit by the person."""

    @property
    def token_clicked(self) -> SignalInstance:
        """Signal(int, QPoint): a place in the take that the person wants to look into."""

    def show_take(self, take: Take, draft: SpanText | None = None) -> None: ...
    def append_piece(self, text: str) -> None: ...
    def apply_edit(self, edit: Edit) -> None: ...
    def draft(self) -> SpanText: ...
    def isReadOnly(self) -> bool: ...
    def set_show_authors(self, on: bool) -> None: ...
    def set_inspect(self, on: bool) -> None: ...
    def set_heat(self, values: Sequence[tuple[int, int, float]] | None) -> None: ...


class PictureBody(TakeBody, Protocol):
    """A body whose take is a picture, seen while it is drawn."""

    @property
    def wished(self) -> SignalInstance:
        """Signal(str, str): a wish and its detail."""

    def show_image(self, image: QImage) -> None: ...
    def show_step(self, step: int, steps: int) -> None: ...


class PieceBody(TakeBody, Protocol):
    """A body whose take is music, seen while it is written and heard when it is there."""

    @property
    def wished(self) -> SignalInstance:
        """Signal(str, str): a wish and its detail."""

    def show_score(self, score: "Score") -> None: ...
    def append_piece(self, text: str) -> None: ...
    def set_playing(self, on: bool) -> None: ...


# Each art is told by what only its bodies can do: cards ask often, and `isinstance` of a protocol takes 0.1 ms.


def is_text(body: object) -> TypeGuard[TextBody]:
    """Whether a body shows a text."""
    return hasattr(body, "apply_edit")


def is_picture(body: object) -> TypeGuard[PictureBody]:
    """Whether a body shows a picture."""
    return hasattr(body, "show_image")


def is_piece(body: object) -> TypeGuard[PieceBody]:
    """Whether a body shows music."""
    return hasattr(body, "show_score")
