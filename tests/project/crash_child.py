"""Writes in a project without end and says what is committed; killed by test_crash.

Run: python crash_child.py FOLDER. Prints one line a commit: its kind and the id it made.
"""

import sys
from pathlib import Path

from studio.core.ids import new_id, now_ms
from studio.media.spans import runs_of
from studio.project.records import Work
from studio.project.store import Store
from tests.project.person import Person


def main() -> None:
    store = Store.open(Path(sys.argv[1]))
    works = store.works() or [store.add_work(Work(id=new_id(), kind="scene", title="", created_ms=now_ms()))]
    person = Person(store, works[0])
    while True:
        said("revision", person.types("word ").id)
        take = person.streams("some ", "text ")
        said("part", take.id)
        store.end_take(take.id, "done", "some text.")
        said("end", take.id)
        revision = person.revision(0, 0, "some text.", take=take.id, runs=runs_of("some text.", take.id))
        person.history.add(revision)
        store.accept(take.id, revision)
        said("accept", take.id)
        person.undoes()
        said("head", person.history.head or "root")
        with store.batch():
            person.types("a")
            last = person.types("b")
        said("revision", last.id)


def said(kind: str, id_: str) -> None:
    print(kind, id_, flush=True)


main()
