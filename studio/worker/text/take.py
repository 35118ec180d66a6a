"""One growing take: its tokens, its text, its end."""

from studio.core.events import TakeEnd
from studio.core.takes import Token
from studio.media.pieces import last_sentence_end
from studio.worker.text.insight import Insight, Thought, token_record
from studio.worker.text.prompt import Prompt
from studio.worker.text.tokens import Streamed, TextTokens
from studio.worker.text.watch import Watch


class GrowingTake:
    """Takes tokens in, gives text out.

    Of the lead, it has the tokens from its birth on (`given` of them). Where the prompt says `space`, the first
    character of the text is not shown: it is the space that already stands before the caret. Text that may be the
    beginning of a stop or of a banned phrase is held back, so nothing that was shown is ever taken back.
    """

    def __init__(self, index: int, tokens: TextTokens, prompt: Prompt, watch: Watch) -> None:
        self.index = index
        self.text = ""
        self.ended = False
        self.stopped_at = -1  # where a stop began, in characters
        self.banned_at = -1  # which drawn token a banned phrase begins with
        self.given = len(prompt.lead_ids)
        self._prompt = prompt
        self._tokens = tokens
        self._watch = watch
        self._given_chars = 0
        self._shown = 0
        self._start_over([])
        self._start_over(prompt.lead_ids)
        self._given_chars = len(self.text)

    def _start_over(self, ids: list[int]) -> None:
        """The state after these tokens."""
        self.text = ""
        self._ids: list[int] = []
        self._ends: list[int] = []
        self._hide = self._prompt.space
        self._streamed = Streamed(self._tokens, self._prompt.before)
        for number in ids:
            self._add(number)

    def _add(self, number: int) -> None:
        self.text += self._clean(self._streamed.push(number))
        self._ids.append(number)
        self._ends.append(len(self.text))

    def _clean(self, fresh: str) -> str:
        """New text without the space that stands there already, and without the white before an answer."""
        if fresh and self._hide:
            self._hide = False
            fresh = fresh.removeprefix(" ")
        return fresh if self.text or not self._prompt.answer else fresh.lstrip()

    @property
    def drawn(self) -> int:
        """How many tokens were drawn for it."""
        return len(self._ids) - self.given

    def drawn_id(self, place: int) -> int:
        """The token drawn at a place."""
        return self._ids[self.given + place]

    def opening(self) -> str:
        """The lead's text, to be shown first."""
        return self._reveal()

    def push(self, number: int) -> str:
        """Add a token; the text to show for it. Look at `stopped_at` and `banned_at` afterwards."""
        grown = len(self.text)
        self._add(number)
        if self._watch.on and len(self.text) > grown:
            self.stopped_at = self._watch.stop(self.text, grown, self._given_chars)
            banned = self._watch.banned(self.text, grown)
            if banned >= 0 and not 0 <= self.stopped_at <= banned:
                self.stopped_at = -1
                self.banned_at = max(self._token_at(banned) - self.given, 0)
                return ""
            if self.stopped_at >= 0:
                self.text = self.text[: self.stopped_at]
        return self._reveal()

    def _token_at(self, place: int) -> int:
        """Which token the character at a place came with."""
        return next((at for at, end in enumerate(self._ends) if end > place), len(self._ends) - 1)

    def _reveal(self) -> str:
        """Text that will stay and was not shown yet. What is held back is whole tokens."""
        end = len(self.text)
        if self._watch.on and self.stopped_at < 0:
            held = self._watch.held(self.text)
            if held < end:
                first = self._token_at(held)
                end = self._ends[first - 1] if first else 0
                end = max(end, self._given_chars)
        fresh = self.text[self._shown : end]
        self._shown += len(fresh)
        return fresh

    def take_back(self, place: int) -> None:
        """Forget the tokens drawn from `place` on."""
        self._start_over(self._ids[: self.given + place])
        self.banned_at = -1

    def close(self) -> str:
        """Add what was held back; the text to show for it."""
        self.ended = True
        if self.stopped_at < 0:
            grown = len(self.text)
            self.text += self._clean(self._streamed.flush())
            found = (
                self._watch.stop(self.text, grown, self._given_chars),
                self._watch.banned(self.text, grown),
            )
            self.text = self.text[: min((place for place in found if place >= 0), default=len(self.text))]
            if self._ends:
                self._ends[-1] = len(self.text)
        fresh = self.text[self._shown :]
        self._shown += len(fresh)
        return fresh

    def end(self, job: str, insight: Insight, lead: list[Thought], *, trim: bool) -> TakeEnd:
        """The event that closes it, done in no time; `trim` leaves out an unfinished last sentence."""
        cut = last_sentence_end(self.text) if trim else len(self.text)
        if cut < self._given_chars:  # the last whole sentence is the lead's: there is none in what was drawn
            cut = len(self.text)
        if self._prompt.answer:
            cut = len(self.text[:cut].rstrip())
        return TakeEnd(
            job=job,
            index=self.index,
            text=self.text[:cut],
            tokens=self._records(cut, insight, lead),
            status="done",
            seconds=0.0,
        )

    def _records(self, cut: int, insight: Insight, lead: list[Thought]) -> tuple[Token, ...]:
        """The tokens of the first `cut` characters."""
        found: list[Token] = []
        start = 0
        for place, (number, end) in enumerate(zip(self._ids, self._ends, strict=True)):
            if start >= cut and end > start:
                break
            given = place < self.given
            thought = lead[place] if given else insight.at(place - self.given, self.index)
            found.append(token_record(thought, number, min(end, cut), self._tokens, given=given))
            start = end
        return tuple(found)
