"""A writer's lorebook and the real model: an entry that matches is read, and the context dock says so."""

from studio.media.lore.entries import LoreEntry
from studio.widgets.context_view import ContextView
from tests.flows.conftest import MODEL_WAIT_MS, OPENING, Person


def test_a_matching_entry_reaches_the_model_and_the_dock_shows_its_cost(person: Person) -> None:
    lore, work = person.wiring.lore, person.wiring.text.work
    story = lore.facts.story_of(work)
    entries = [
        LoreEntry(id="a", title="Rill", keys=("fox",), text="The fox is called Rill."),
        LoreEntry(id="b", title="Owl", keys=("owl",), text="The owl is old."),
        LoreEntry(id="c", title="World", always_on=True, text="It is winter on the island."),
    ]
    lore.edits.bring(story, entries, None)
    person.types(OPENING)
    takes = person.proposes()
    parts = {part.title: part for part in takes[0].recipe.job.parts}
    assert set(parts) == {"Rill", "World"}
    made = takes[0].recipe.made
    assert made is not None
    read = {part.title: part for part in made.parts if part.kind == "lore"}
    assert read["Rill"].state == "in" and read["Rill"].tokens > 0
    assert read["Rill"].why == "key “fox” matched in the last paragraph"
    assert sum(part.tokens for part in made.parts) == made.prompt_tokens

    person.does("view.context")
    person.sees(lambda: person.window.findChild(ContextView) is not None)
    view = person.window.findChild(ContextView)
    person.sees(lambda: len(view.rows()) > 3, MODEL_WAIT_MS)
    for which in ("last", "now"):
        view.show_which(which)
        person.sees(lambda: len(view.rows()) > 3, MODEL_WAIT_MS)
        rows = {row[0]: row for row in view.rows()}
        assert rows["Rill"][2] == "in" and rows["Owl"][2] == "out"
        assert "none of its keys (owl)" in rows["Owl"][3]
    assert view.figures().endswith("would be reused, 0 computed")  # the same was just read
    view._words_button.setChecked(True)
    assert "The fox is called Rill." in view.words() and OPENING[:-1] in view.words()

    person.types(" The owl saw it.")
    person.sees(lambda: {row[0]: row[2] for row in view.rows()}.get("Owl") == "in", MODEL_WAIT_MS)


def test_regenerate_carries_the_same_lore_and_reuses_the_prompt(person: Person) -> None:
    lore = person.wiring.lore
    story = lore.facts.story_of(person.wiring.text.work)
    lore.edits.bring(
        story, [LoreEntry(id="a", title="Rill", keys=("fox",), text="The fox is called Rill.")], None
    )
    person.types(OPENING)
    first = person.proposes()[0]
    second = person.proposes("take.regenerate")[0]
    assert second.recipe.job.parts == first.recipe.job.parts != ()
    assert second.recipe.made is not None and second.recipe.made.computed_tokens == 0
