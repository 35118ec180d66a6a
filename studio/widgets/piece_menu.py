"""The menu of a take of music."""

from PySide6.QtWidgets import QMenu

from studio.widgets.icons import icon
from studio.widgets.piece_words import RECALLS, REJECT_REASONS
from studio.widgets.take_bodies import CardFacts, Say


def fill_piece_menu(menu: QMenu, facts: CardFacts, say: Say, *, shown: bool = True) -> None:
    """All that can be asked of a take of music; `say(wish, detail)` hears it. `shown`: it has notes."""

    def add(title: str, name: str, what: str, enabled: bool = True, tip: str = "", to: QMenu = menu) -> None:
        action = to.addAction(icon(name), title) if name else to.addAction(title)
        action.setEnabled(enabled)
        action.setToolTip(tip or title)
        wish, _, detail = what.partition(":")
        action.triggered.connect(lambda _on=False: say(wish, detail))

    add(
        "Play in its place", "play", "play", shown, "Hear the piece with this take in it; again stops (Space)"
    )
    add("Show in the roll", "ghost", "open", shown, "Lay it over its track, its bars in sight")
    menu.addSeparator()
    if facts.rejected:
        add("Restore", "undo", "restore", tip="Take the rejection back")
    else:
        add("Accept", "accept", "accept", facts.may_accept, "Make this take part of the piece")
        _add_reasons(menu, facts, say)
    menu.addSeparator()
    add("Regenerate", "regenerate", "regenerate", facts.may_remake, "The same recipe with a new seed")
    add(
        "More like this",
        "spark",
        "more_like",
        shown and facts.may_remake,
        "Takes that vary this one a little",
    )
    add(
        "Work from here",
        "branch",
        "branch",
        tip="Take up the work as it stood for this take; nothing is lost",
    )
    add("Make again exactly", "retry", "again", facts.may_remake, "The very same recipe and seed once more")
    recall = menu.addMenu(icon("knobs"), "Recall into the knobs")
    recall.setToolTipsVisible(True)
    for what, title, tip in RECALLS:
        add(title, "", f"recall:{what}", tip=tip, to=recall)
    menu.addSeparator()
    add("Copy notes", "copy", "copy", shown, "To paste them into any track")
    add("Export as MIDI…", "export", "save", shown, "Write the take's bars into a .mid file")


def _add_reasons(menu: QMenu, facts: CardFacts, say: Say) -> None:
    reasons = menu.addMenu(icon("reject"), "Reject")
    reasons.setEnabled(facts.may_reject)
    reasons.addAction("Without a reason").triggered.connect(lambda _on=False: say("reject", ""))
    reasons.addSeparator()
    for reason in REJECT_REASONS:
        reasons.addAction(reason).triggered.connect(lambda _on=False, why=reason: say("reject", why))
    reasons.addSeparator()
    reasons.addAction("In your own words…").triggered.connect(lambda _on=False: say("ask_reason", ""))
