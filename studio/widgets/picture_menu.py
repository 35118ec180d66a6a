"""The menu of a picture take: the same in the strip, the grid, the gallery and the details."""

from typing import Final

from PySide6.QtWidgets import QMenu

from studio.widgets.icons import icon
from studio.widgets.picture_words import RECALLS, REJECT_REASONS
from studio.widgets.take_bodies import CardFacts, Say

_OTHER: Final = "Another picture…"


def fill_picture_menu(menu: QMenu, facts: CardFacts, say: Say, *, shown: bool = True) -> None:
    """All that can be asked of a picture; `say(wish, detail)` hears it. `shown`: its pixels can be used."""

    def add(title: str, name: str, what: str, enabled: bool = True, tip: str = "", to: QMenu = menu) -> None:
        action = to.addAction(icon(name), title) if name else to.addAction(title)
        action.setEnabled(enabled)
        action.setToolTip(tip or title)
        wish, _, detail = what.partition(":")
        action.triggered.connect(lambda _on=False: say(wish, detail))

    add("Open large", "zoom-in", "open", shown, "The whole picture with its recipe")
    menu.addSeparator()
    if facts.rejected:
        add("Restore", "undo", "restore", tip="Take the rejection back")
    else:
        add("Accept", "accept", "accept", facts.may_accept, "Make this take part of the picture")
        _add_reasons(menu, facts, say)
    menu.addSeparator()
    add("Regenerate", "regenerate", "regenerate", facts.may_remake, "The same recipe with a new seed")
    add(
        "More like this",
        "spark",
        "more_like",
        shown and facts.may_remake,
        "Pictures that vary this one a little",
    )
    add(
        "Work from here",
        "branch",
        "branch",
        tip="Take up the work as it stood for this take; nothing is lost",
    )
    add("Make again exactly", "retry", "again", facts.may_remake, "The very same recipe and seed once more")
    add(
        "Enlarge",
        "zoom-in",
        "enlarge",
        shown and facts.may_remake,
        "The picture itself, larger: the knobs (F4) say how much",
    )
    _add_compare(menu, facts, say, shown)
    recall = menu.addMenu(icon("knobs"), "Recall into the knobs")
    recall.setToolTipsVisible(True)
    for what, title, tip in RECALLS:
        add(title, "", f"recall:{what}", tip=tip, to=recall)
    menu.addSeparator()
    add("Copy picture", "copy", "copy", shown)
    add("Save as…", "export", "save", shown, "Write the picture into a file, with its recipe if you like")


def _add_reasons(menu: QMenu, facts: CardFacts, say: Say) -> None:
    reasons = menu.addMenu(icon("reject"), "Reject")
    reasons.setEnabled(facts.may_reject)
    reasons.addAction("Without a reason").triggered.connect(lambda _on=False: say("reject", ""))
    reasons.addSeparator()
    for reason in REJECT_REASONS:
        reasons.addAction(reason).triggered.connect(lambda _on=False, why=reason: say("reject", why))
    reasons.addSeparator()
    reasons.addAction("In your own words…").triggered.connect(lambda _on=False: say("ask_reason", ""))


def _add_compare(menu: QMenu, facts: CardFacts, say: Say, shown: bool) -> None:
    compare = menu.addMenu(icon("compare"), "Compare with")
    compare.setEnabled(shown)
    for take_id, title in facts.others:
        action = compare.addAction(title[:1].upper() + title[1:])
        action.triggered.connect(lambda _on=False, other=take_id: say("compare", other))
    if facts.others:
        compare.addSeparator()
    compare.addAction(_OTHER).triggered.connect(lambda _on=False: say("compare", ""))
