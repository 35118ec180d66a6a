"""What a take measures: in its own bars of its own tracks, and how what it wrote keeps to what was held."""

from msgspec import Struct
from msgspec.structs import replace

from studio.core.pieces import PieceJob
from studio.media.music.facts import Facts, measure
from studio.media.music.obedience import obedience
from studio.media.music.score import Score
from studio.media.music.take_places import HERE, bar_span, excerpt_of, lay, written_tracks
from studio.media.music.theory import key_name, parse_scale, tonic_name


class TakeFacts(Struct, frozen=True, kw_only=True):
    """`facts` of the bars as the take has them. Where key or chords are held, their shares are of what the take wrote
    alone, for as long as a note sounds; `kept`: all that is held was kept to.
    """

    facts: Facts
    holds_key: bool = False
    holds_chords: bool = False
    scale: str = ""  # that was held on the key's tonic; "": all that belongs to the key

    @property
    def kept(self) -> bool:
        """All that is held was kept to; also where nothing is."""
        facts = self.facts
        held = (facts.in_key if self.holds_key else None, facts.in_chord if self.holds_chords else None)
        return all(share is None or share >= 1.0 for share in held)

    @property
    def words(self) -> str:
        """All but the number of notes and what is held: "6 a bar, C3 to G5, 96 % in D minor"; "" without notes."""
        free = replace(
            self.facts,
            in_key=None if self.holds_key else self.facts.in_key,
            in_chord=None if self.holds_chords else self.facts.in_chord,
        )
        return ", ".join(free.words.split(", ")[1:])

    @property
    def held_words(self) -> str:
        """How what is held was kept to: "100 % in D minor"; "" when nothing is, or there is no note."""
        held = replace(
            self.facts,
            in_key=self.facts.in_key if self.holds_key else None,
            in_chord=self.facts.in_chord if self.holds_chords else None,
        )
        words = ", ".join(part for part in held.words.split(", ") if "%" in part)
        key = self.facts.key
        return (
            words.replace(key_name(key), f"{tonic_name(key)} {self.scale}") if key and self.scale else words
        )


def take_facts(base: Score, job: PieceJob, take_id: str, text: str, *, whole: bool = True) -> TakeFacts:
    """Measures a take on the score it was asked for. Raises StudioError when it says what no note can be."""
    start, end = bar_span(base, job.first_bar, job.last_bar)
    tracks = written_tracks(job)
    laid = lay(excerpt_of(base, tracks, start, end), job, HERE, take_id, text, whole=whole)
    scale = parse_scale(job.scale) if job.scale else None
    facts = measure(laid, tracks, job.first_bar, job.last_bar, scale)
    if not job.hold_key and not job.hold_chords:
        return TakeFacts(facts=facts)
    own = obedience(laid, take_id, job.scale)
    if job.hold_key:
        facts = replace(facts, in_key=own.key)
    if job.hold_chords:
        facts = replace(facts, in_chord=own.chords)
    return TakeFacts(facts=facts, holds_key=job.hold_key, holds_chords=job.hold_chords, scale=job.scale)
