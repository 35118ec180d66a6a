"""The tour's picture: the story's hero drawn by the starter picture model, accepted, exported with its recipe."""

from collections.abc import Callable
from pathlib import Path

from studio.catalog.card import ModelCard
from studio.cli.runner import Runner
from studio.core.errors import StudioError
from studio.core.files import told, write_whole
from studio.core.ids import new_id
from studio.core.takes import Take
from studio.media.picture.accepting import with_take
from studio.media.picture.asking import fresh_document
from studio.media.picture.recipes import png_with_recipe
from studio.media.picture.settings import PictureSettings

PROMPT = "a fox"
Note = Callable[[str, str, str], None]


def illustrate(
    engine: Runner, card: ModelCard, file: Path, *, seed: int, takes: int, note: Note
) -> list[Take]:
    """Draw takes, accept the first, reject the last of several, write the picture to `file`; all the takes.

    `note` is told each act, the take, and words. Raises StudioError when the model does not finish.
    """
    session = engine.session
    work = session.add_work("picture", "The little fox", "")
    settings = PictureSettings(
        takes=takes, steps=card.steps, guidance=card.guidance, width=card.size[0], height=card.size[1]
    )
    job = settings.job(seed=seed, id=new_id(), work=work, parent="", model=card.path, prompt=PROMPT)
    made = engine.run(job)
    if not made or any(take.status != "done" for take in made):
        raise StudioError("The picture model did not finish.", kept="The tour's project holds what there is.")
    for take in made:
        note("illustrate", take.id, PROMPT)
    chosen = made[0]
    assert chosen.picture is not None
    doc = with_take(fresh_document(card.size), chosen, chosen.picture.asset)
    session.accept_picture(work, chosen.id, doc, "Accepted a take").result()
    note("accept", chosen.id, PROMPT)
    if len(made) > 1:
        session.write(lambda store: store.reject(made[-1].id, "the other one is clearer")).result()
        note("reject", made[-1].id, "")
    with told(f"write {file}", kept="The picture is in the tour's project."):
        write_whole(file, png_with_recipe(session.reader.asset(chosen.picture.asset), chosen.recipe))
    return made
