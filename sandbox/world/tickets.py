"""The ordinary tickets of the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sandbox.world import phrases
from sandbox.world.clock import Calendar
from sandbox.world.drafts import Draft
from sandbox.world.flows import epic_moves, walk
from sandbox.world.people import World
from sandbox.world.topics import VOCABULARIES, Topic, Vocabulary

CREWS = {
    "SHOP": ("alice", "bob", "sam", "sam", "bob"),
    "PORT": ("tomas", "mei", "jonas", "mei", "jonas"),
    "CARE": ("alice", "bob", "sam", "luca", "luca"),
    "BREW": ("tomas", "jonas", "luca", "luca"),
    "CPE": ("ingrid", "fatima", "luca", "fatima"),
    "TOOLS": ("jonas", "mei", "ingrid", "alice"),
}
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
WEIGHTS = (3, 17, 55, 20, 5)
LABELS = ("frontend", "backend", "quick-win", "tech-debt", "customer-request", "regression", "needs-design")
FRESH, FRESH_DAYS = 0.13, 16
SUBTASKS = ("Write the migration", "Review with the client", "Update the runbook", "Measure before and after")


@dataclass
class Tickets:
    """All drafts of the world, epics by topic."""

    epics: dict[str, Draft] = field(default_factory=dict)
    all: list[Draft] = field(default_factory=list)

    def add(self, draft: Draft) -> Draft:
        """Keep a draft."""
        self.all.append(draft)
        return draft

    def count(self, project: str) -> int:
        """Return how many tickets a project has."""
        return sum(1 for draft in self.all if draft.project == project)


class TicketMaker:
    """Makes epics, tickets and sub-tasks from the vocabularies."""

    def __init__(self, random: Random, calendar: Calendar, world: World) -> None:
        self._random = random
        self._calendar = calendar
        self._account = {person.key: person.jira_account_id for person in world.people}
        self._manager = {p.key: self._account[p.pm] for p in world.projects}
        self.tickets = Tickets()

    def epics(self) -> None:
        """Make all epics."""
        for words in VOCABULARIES:
            for number, topic in enumerate(words.topics):
                created = self._calendar.moment(242 - 9 * number if topic.state != "new" else 45, 11, number * 7)
                manager = self._manager[words.project]
                moves = epic_moves(self._calendar, created, topic.state)
                self.tickets.epics[topic.name] = self.tickets.add(
                    Draft(
                        words.project,
                        "Epic",
                        topic.name,
                        created,
                        manager,
                        topic.description,
                        assignee=manager,
                        steps=[(at, status, manager) for at, status in moves],
                        topic=topic.name,
                    )
                )

    def fill(self) -> None:
        """Make tickets until every project has its number; call it after the special ones are in."""
        for words in VOCABULARIES:
            missing = words.tickets - self.tickets.count(words.project)
            subtasks = max(2, words.tickets // 30)
            standard = [self._ticket(words, number) for number in range(missing - subtasks)]
            for parent in self._random.sample([d for d in standard if d.assignee], subtasks):
                self._subtask(parent)

    def _ticket(self, words: Vocabulary, number: int) -> Draft:
        random, calendar = self._random, self._calendar
        topic = words.topics[number % len(words.topics)]
        subject = random.choice(topic.subjects)
        bug = random.random() < 0.36
        crew = CREWS[words.project]
        worker = self._account[random.choice(crew)]
        created = self._created(topic)
        until = calendar.moment(64, 12) if topic.state == "done" else calendar.now
        started = random.random() < (0.3 if topic.state == "new" else 0.94)
        moves = walk(random, calendar, words.project, created, calendar.now, started or topic.state == "done")
        draft = Draft(
            words.project,
            "Bug" if bug else random.choice(("Story", "Task")),
            phrases.summary(random, words, topic, subject, bug),
            created,
            random.choice((self._manager[words.project], self._account[crew[0]], worker)),
            phrases.description(random, words, topic, subject),
            parent=self._epic_of(words, topic),
            priority=random.choices(PRIORITIES, WEIGHTS)[0],
            labels=tuple(random.sample(LABELS, random.choice((0, 0, 1, 1, 2)))),
            steps=self._moved(moves, worker, self._account[crew[0]], until if topic.state == "done" else None),
            topic=topic.name,
        )
        self._staff(draft, worker, moves)
        self._talk(draft, words, topic, subject)
        return self.tickets.add(draft)

    def _created(self, topic: Topic) -> datetime:
        oldest, newest = {"done": (238, 84), "open": (236, 1), "new": (44, 2)}[topic.state]
        fresh = topic.state == "open" and self._random.random() < FRESH
        back = self._random.uniform(newest, FRESH_DAYS if fresh else oldest)
        moment = self._calendar.now - timedelta(days=back, minutes=self._random.randrange(1440))
        return min(self._calendar.office_hours(moment), self._calendar.now - timedelta(hours=2))

    def _epic_of(self, words: Vocabulary, topic: Topic) -> Draft | None:
        loose = words.project not in ("SHOP", "PORT") and self._random.random() < 0.25
        return None if loose else self.tickets.epics[topic.name]

    def _moved(
        self, moves: list[tuple[datetime, str]], worker: str, lead: str, until: datetime | None
    ) -> list[tuple[datetime, str, str]]:
        """Say who moved; a finished topic's tickets are all done by `until`."""
        steps = [(at, status, lead if status in ("QA", "Done") else worker) for at, status in moves]
        if until is None:
            return steps
        kept = [step for step in steps if step[0] < until]
        if not kept or kept[-1][1] != "Done":
            kept.append((until, "Done", lead))
        return kept

    def _staff(self, draft: Draft, worker: str, moves: list[tuple[datetime, str]]) -> None:
        if not draft.steps and self._random.random() < 0.6:
            return
        draft.assignee = worker
        first = draft.steps[0][0] if draft.steps else self._calendar.now
        if self._random.random() < 0.7:
            draft.assigned = draft.created + (first - draft.created) * self._random.random()

    def _talk(self, draft: Draft, words: Vocabulary, topic: Topic, subject: str) -> None:
        random = self._random
        moments = [at for at, _, _ in draft.steps]
        for _ in range(random.choice((0, 0, 1, 1, 2, 3)) if moments else 0):
            at = random.choice(moments) + timedelta(minutes=random.randrange(3, 300))
            author = random.choice((draft.assignee or draft.reporter, draft.reporter))
            if at < self._calendar.now:
                draft.comments.append((at, author, phrases.comment(random, words, topic, subject)))

    def _subtask(self, parent: Draft) -> None:
        steps = [step for step in parent.steps if step[1] in ("In Progress", "Done", "Investigation")]
        worker = parent.assignee or parent.reporter
        created = parent.created + timedelta(hours=1)
        title = f"{self._random.choice(SUBTASKS)}: {parent.summary}"[:200]
        self.tickets.add(
            Draft(
                parent.project,
                "Sub-task",
                title,
                created,
                worker,
                parent=parent,
                assignee=worker,
                steps=[step for step in steps if step[0] > created],
                topic=parent.topic,
            )
        )
