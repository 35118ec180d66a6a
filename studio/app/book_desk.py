"""What is known of the scenes beside their text: status, synopsis, goals, and how long they are."""

from collections import Counter
from datetime import date
from functools import partial
from typing import Any

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.app.project_desk import HOLDS_TEXT, ProjectDesk
from studio.app.session import Session
from studio.app.text_desk import TextDesk
from studio.app.window import MainWindow
from studio.engine.thread import EngineThread
from studio.media.spans import Edit
from studio.media.words import Figures, figures_of, written_words
from studio.project.records import Work
from studio.project.store import Store
from studio.widgets.scene_card import CardValues, PartFigures, SceneCard
from studio.widgets.works_list import RowFigures

FIGURES = "figures"  # a setting of the project: work -> [head, words, characters, by models]
KEEP_MS = 10_000  # today's words are kept at least so often
SHOW_MS = 120
NO_STATUS = "without status"


class BookDesk(QObject):
    """Counts every scene once, on the engine's thread, and keeps the sums; follows what is typed."""

    renamed = Signal(str, str)  # work id, title
    _counted = Signal(object, str, str, object)  # session, work id, head, Figures

    def __init__(
        self, window: MainWindow, engine: EngineThread, text: TextDesk, projects: ProjectDesk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window, self._engine, self._text, self._projects = window, engine, text, projects
        self._card: SceneCard | None = None
        self._session: Session | None = None
        self._facts: dict[str, dict[str, Any]] = {}
        self._figures: dict[str, tuple[str, Figures]] = {}  # work: the head it was counted at, and what
        self._waiting: list[str] = []  # works to be counted, last first
        self._changed: set[str] = set()  # those of them that are others by now
        self._keep = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._show = QTimer(self, singleShot=True, interval=SHOW_MS)
        self._keep.timeout.connect(self._keep_written)
        self._show.timeout.connect(self.show)
        self._counted.connect(self._on_counted)
        projects.works_shown.connect(self._on_works)
        projects.leaving.connect(self._leave)
        text.lineage_changed.connect(self._note_open)
        text.pane.editor.selectionChanged.connect(self._show_selected)

    # -- which project ---------------------------------------------------------------------------

    @Slot()
    def _on_works(self) -> None:
        """The list of works is other than it was, or is another project's."""
        session = self._projects.session
        if session is None:
            return
        if session is not self._session:
            self._adopt(session)
        works = self._projects.works
        stale = [
            work.id for work in works.values() if work.kind in HOLDS_TEXT and work.id not in self._figures
        ]
        self._count(stale)
        self._show.start()
        self._show_rows()

    def _adopt(self, session: Session) -> None:
        reader = session.reader
        self._session = session
        self._facts = {}
        for prefix in ("status", "synopsis", "goal", "written"):
            for work, facts in reader.all_facts(prefix).items():
                self._facts.setdefault(work, {}).update(facts)
        self._figures = _kept_figures(reader.get_setting(FIGURES, {}))
        for known in list(self._figures):
            if self._figures[known][0] != reader.head(known):
                del self._figures[known]
        session.text_changed.connect(self._on_text)
        session.history_changed.connect(self._on_history)

    @Slot()
    def _leave(self) -> None:
        """The project is about to be closed: keep the counts and today's words."""
        session = self._session
        if session is None:
            return
        if self._card is not None:
            self._card.flush()
        self._keep_written()
        kept = {
            work: [head, *msgspec.structs.astuple(counts)] for work, (head, counts) in self._figures.items()
        }
        session.write(lambda store: store.set_setting(FIGURES, kept))
        self._session = None
        self._waiting.clear()
        self._changed.clear()
        self._keep.stop()

    # -- counting --------------------------------------------------------------------------------

    def _count(self, works: list[str]) -> None:
        busy = bool(self._waiting)
        self._waiting = [*(work for work in reversed(works) if work not in self._waiting), *self._waiting]
        if not busy and self._waiting:
            self._count_next()

    def _count_next(self) -> None:
        """One scene at a time, so that takes stream and words are saved between."""
        work_id, session = self._waiting[-1], self._session
        future = self._engine.write(partial(_counted, work_id))
        future.add_done_callback(
            lambda done: (
                self._counted.emit(session, work_id, "", None)
                if done.cancelled() or done.exception()
                else self._counted.emit(session, work_id, *done.result())
            )
        )

    @Slot(object, str, str, object)
    def _on_counted(self, session: Session, work_id: str, head: str, figures: Figures | None) -> None:
        if session is not self._session:
            return
        if work_id in self._waiting:
            self._waiting.remove(work_id)
        if work_id in self._changed:  # while it was counted
            self._changed.discard(work_id)
            if work_id != self._text.work:
                self._waiting.insert(0, work_id)
        elif figures is not None and work_id != self._text.work:
            self._figures[work_id] = (head, figures)
        if self._waiting:
            self._count_next()
        self._show.start()

    def _holds_text(self, work_id: str) -> bool:
        """A picture has steps as well, but no words."""
        work = self._projects.works.get(work_id)
        return work is None or work.kind in HOLDS_TEXT

    @Slot(str)
    def _on_history(self, work_id: str) -> None:
        """A text stands elsewhere: the open one's counts are told by the pane in a moment, others are made anew."""
        if not self._holds_text(work_id):
            return
        self._figures.pop(work_id, None)
        if work_id in self._waiting:
            self._changed.add(work_id)
        if work_id != self._text.work:
            self._count([work_id])

    @Slot()
    def _note_open(self) -> None:
        """The open text as the pane has counted it."""
        session, work_id = self._session, self._text.work
        if session is not None and work_id:
            counts = Figures(*self._text.pane.status.figures())
            self._figures[work_id] = (session.history(work_id).head, counts)
        self._show.start()

    @Slot(str, object, str)
    def _on_text(self, work_id: str, edit: Edit, kind: str) -> None:
        """Words that the person typed, or took back by undo, count for the day."""
        session = self._session
        if kind != "typed" or session is None or not self._holds_text(work_id):
            return
        words = written_words(session.history(work_id).text.text, edit)
        if words:
            story = self._projects.story_of(work_id)
            self._facts.setdefault(story, {})["written"] = {
                "day": date.today().isoformat(),
                "words": self.written_today(story) + words,
            }
            if not self._keep.isActive():
                self._keep.start()

    def written_today(self, story: str) -> int:
        """How many words the person has typed into this story today, less those they took away again."""
        written = self._facts.get(story, {}).get("written")
        if isinstance(written, dict) and written.get("day") == date.today().isoformat():
            return int(written.get("words", 0))
        return 0

    @Slot()
    def _keep_written(self) -> None:
        session = self._session
        if session is None:
            return
        for work, facts in self._facts.items():
            if "written" in facts and work in self._projects.works:
                session.write(partial(_set_fact, work, "written", facts["written"]))

    # -- what the person says of a scene ---------------------------------------------------------

    def fact(self, work_id: str, key: str) -> Any:
        """The latest value; None when there is none."""
        return self._facts.get(work_id, {}).get(key)

    @Slot(str, str)
    def set_status(self, work_id: str, status: str) -> None:
        """Idea, Draft, Revised, Final, or a word of the person's own; "" for none."""
        self._set(work_id, "status", status or None)

    @Slot(str, str)
    def set_synopsis(self, work_id: str, synopsis: str) -> None:
        """What happens in it."""
        self._set(work_id, "synopsis", synopsis or None)

    @Slot(str, int)
    def set_goal(self, work_id: str, words: int) -> None:
        """How many words it shall have; 0 for no goal."""
        self._set(work_id, "goal", words or None)

    @Slot(str, int)
    def set_session_goal(self, work_id: str, words: int) -> None:
        """How many words a day the person wants to write in the story of this work; 0 for no goal."""
        story = self._projects.story_of(work_id)
        goals = dict(self._goals(story))
        goals.pop("session_words", None)
        if words:
            goals["session_words"] = words
        if story:
            self._set(story, "goals", goals or None)

    def copy_fact(self, from_id: str, to_id: str, key: str) -> None:
        """Say of a work what is said of another."""
        value = self.fact(from_id, key)
        if value is not None:
            self._set(to_id, key, value)

    def _goals(self, story: str) -> dict[str, Any]:
        goals = self.fact(story, "goals")
        return goals if isinstance(goals, dict) else {}

    def _set(self, work_id: str, key: str, value: Any) -> None:
        if self._session is None or work_id not in self._projects.works:
            return
        self._facts.setdefault(work_id, {})[key] = value
        self._session.write(partial(_set_fact, work_id, key, value))
        self._show.start()
        self._show_rows()

    # -- showing ---------------------------------------------------------------------------------

    def make_card(self) -> SceneCard:
        """The card, when it is first wanted."""
        card = SceneCard()
        card.renamed.connect(self.renamed)
        card.status_changed.connect(self.set_status)
        card.synopsis_changed.connect(self.set_synopsis)
        card.goal_changed.connect(self.set_goal)
        card.session_goal_changed.connect(self.set_session_goal)
        self._card = card
        self.show()
        return card

    def figures(self, work_id: str) -> Figures | None:
        """How long a text is; None while it has not been counted."""
        if work_id == self._text.work and work_id:
            return Figures(*self._text.pane.status.figures())
        known = self._figures.get(work_id)
        return known[1] if known else None

    @Slot()
    def show(self) -> None:
        """Card, list and status line, as things stand."""
        session, work_id = self._session, self._text.work
        if session is None:
            return
        self._show_rows()
        story = self._projects.story_of(work_id)
        goal = int(self._goals(story).get("session_words", 0))
        today = self.written_today(story)
        self._text.pane.status.set_goal(today, goal)
        if self._card is not None:
            self._card.show_values(self._card_values(work_id, today, goal))

    def _card_values(self, work_id: str, today: int, goal: int) -> CardValues:
        works = self._projects.works
        work = works.get(work_id)
        if work is None:
            return CardValues()
        chapter = works.get(work.parent)
        book = works.get(self._projects.story_of(work_id))
        return CardValues(
            work=work_id,
            title=work.title,
            status=str(self.fact(work_id, "status") or ""),
            synopsis=str(self.fact(work_id, "synopsis") or ""),
            goal=int(self.fact(work_id, "goal") or 0),
            figures=self.figures(work_id) or Figures(),
            chapter=self._part(chapter) if chapter and chapter.kind == "chapter" else None,
            book=self._part(book) if book and book.kind == "story" else None,
            written_today=today,
            session_goal=goal,
        )

    def _part(self, part: Work) -> PartFigures:
        works = self._projects.works
        scenes = [
            work
            for work in works.values()
            if work.kind == "scene" and part.id in self._projects.line_of(work.id)
        ]
        known = [self.figures(work.id) for work in scenes]
        statuses = Counter(str(self.fact(work.id, "status") or NO_STATUS) for work in scenes)
        return PartFigures(
            title=part.title,
            figures=sum((figures for figures in known if figures), Figures()),
            statuses=tuple(statuses.most_common()),
            counting=None in known,
        )

    def _show_rows(self) -> None:
        rows = {}
        for work in self._projects.works.values():
            status, figures = self.fact(work.id, "status"), self.figures(work.id)
            if work.kind in HOLDS_TEXT and (status or figures):
                rows[work.id] = RowFigures(status=str(status or ""), words=figures.words if figures else None)
        self._window.works.set_figures(rows)

    @Slot()
    def _show_selected(self) -> None:
        pane = self._text.pane
        pane.status.set_selected(*pane.editor.selection())


def _counted(work_id: str, store: Store) -> tuple[str, Figures]:
    head = store.head(work_id)
    return head, figures_of(store.text_at(head)) if head else Figures()


def _set_fact(work_id: str, key: str, value: Any, store: Store) -> None:
    store.set_fact(work_id, key, value)


def _kept_figures(kept: Any) -> dict[str, tuple[str, Figures]]:
    """What was kept of the counts; nothing when it is not ours."""
    try:
        rows = msgspec.convert(kept, dict[str, tuple[str, int, int, int]])
    except msgspec.ValidationError:
        return {}
    return {work: (head, Figures(*counts)) for work, (head, *counts) in rows.items()}
