"""Worklog drafts: entries pre-filled from traces of work, kept, edited or dropped, and logged in Tempo (JOIN-1)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from weakref import WeakValueDictionary

import structlog
from sqlalchemy.exc import IntegrityError

from db.engine import Database
from db.models.effects import Effect
from db.models.pm import WorklogDraft
from db.repositories import pm_worklog_drafts as repository
from db.tenancy import current_account_id
from services.accounts.types import MemberRef
from services.clock import Now
from services.effects import UNDO_WINDOW, Actor, Effects, Intent, Receipt
from services.effects.tempo import LOG
from services.effects.types import EffectStatus
from services.errors import FlowPilotError, InvalidInputError, NotFoundError
from services.mirror import Mirror
from services.pm.service import ProjectManagement
from services.pm.types import Week
from services.pm.worklog_drafts.drafting import STEP_S, describe
from services.pm.worklog_drafts.gathering import Drafted, Gathering, TempoWeek, account_of, today_of
from services.pm.worklog_drafts.judging import obstacle, recorded, wanted_rows, week_of
from services.pm.worklog_drafts.rows import (
    ENDED,
    attempts_of,
    draft_days,
    draft_row,
    effect_key,
    previewed,
    store_proposals,
)
from services.pm.worklog_drafts.types import (
    DraftRow,
    DraftStatus,
    DraftWeek,
    Edit,
    EvidenceSource,
    IssueFacts,
    LogOutcome,
    MessagePlace,
    NotLogged,
    UndoOutcome,
)
from services.slack.markup import escape
from services.vendors.tempo import TempoClient

MAX_DESCRIPTION = 500
DEFAULT_ADDED_S = 3600

log = structlog.get_logger(__name__)


class WorklogDrafts:
    """The drafts of the current account; each call is about the member's own."""

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        tempo: TempoClient | None,
        effects: Effects,
        pm: ProjectManagement,
        sources: Iterable[EvidenceSource],
        now: Now,
        *,
        site_url: str,
        step_s: int = STEP_S,
    ) -> None:
        self._database = database
        self._effects = effects
        self._pm = pm
        self._now = now
        self.sources: list[EvidenceSource] = list(sources)
        self._gathering = Gathering(database, mirror, tempo, self.sources, site_url.rstrip("/"), step_s)
        self._locks: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()

    async def prepare(self, member: MemberRef, week: Week, *, fresh: bool = True) -> DraftWeek:
        """Draft a week anew and keep the rows; what the person has decided on stays.

        `fresh` reads the person's week from Tempo first. Raises `NotLinkedError`, `NotConfiguredError` and the
        `VendorError` kinds.
        """
        tempo, drafted = await self._drafted(member, week, fresh)
        try:
            await self._store(member, week, drafted)
        except IntegrityError:
            await self._store(member, week, drafted)  # another replica drafted the same rows in between
        return await self._shown(member, week, tempo, drafted.silent_sources, fresh=fresh)

    async def _store(self, member: MemberRef, week: Week, drafted: Drafted) -> None:
        async with self._database.transaction() as session:
            stored = await repository.drafts(session, member.id, week.start)
            added, gone = store_proposals(stored, drafted.proposals, drafted.issues, self._now())
            for row in added:
                row.member_id, row.week_start_date = member.id, week.start
                session.add(row)
            for row in gone:
                await session.delete(row)

    async def prepare_all(self, members: Sequence[MemberRef], week: Week, *, keep: bool) -> dict[int, DraftWeek]:
        """Draft a week of several people from the mirror, by member id; one that fails is left out.

        Without `keep` nothing is stored.
        """
        found = {}
        for member in members:
            try:
                draft = self.prepare(member, week, fresh=False) if keep else self.preview(member, week)
                found[member.id] = await draft
            except FlowPilotError as error:
                log.warning("week_not_drafted", member=member.id, week=str(week.start), error=error.message)
        return found

    async def preview(self, member: MemberRef, week: Week) -> DraftWeek:
        """Return what `prepare` would draft, from the mirror, and store nothing."""
        tempo, drafted = await self._drafted(member, week, fresh=False)
        rows = previewed(drafted.proposals, drafted.issues)
        days = draft_days(tempo.days, rows, today_of(member, self._now()))
        return week_of(member, week, days, tempo.locked, drafted.silent_sources)

    async def _drafted(self, member: MemberRef, week: Week, fresh: bool) -> tuple[TempoWeek, Drafted]:
        tempo = await self._gathering.tempo_week(member, week, fresh=fresh)
        today = today_of(member, self._now())
        return tempo, await self._gathering.drafted(member, week, tempo.days, today)

    async def load(self, member: MemberRef, week: Week, *, fresh: bool = False) -> DraftWeek:
        """Return the rows as they were last drafted or edited, with Tempo's days beside them."""
        return await self._shown(member, week, await self._gathering.tempo_week(member, week, fresh=fresh), fresh=fresh)

    async def _shown(
        self, member: MemberRef, week: Week, tempo: TempoWeek, silent: Sequence[str] = (), *, fresh: bool
    ) -> DraftWeek:
        async with self._database.transaction(write=False) as session:
            stored = await repository.drafts(session, member.id, week.start)
            effects = await repository.writes(session, member.id, week.start, LOG)
        issues = await self._gathering.issues({row.issue_key for row in stored})
        there = tempo.worklog_ids if fresh else None
        rows = [
            draft_row(
                row,
                issues[row.issue_key].summary if row.issue_key in issues else "",
                attempts_of(row.id, effects),
                there,
            )
            for row in stored
        ]
        days = draft_days(tempo.days, rows, today_of(member, self._now()))
        return week_of(member, week, days, tempo.locked, tuple(silent))

    async def add(self, member: MemberRef, week: Week, day: date, issue_key: str) -> None:
        """Add a row by hand, with what the day lacks; a row that is there already is ticked again."""
        if day not in week or day > today_of(member, self._now()):
            raise InvalidInputError("Time is logged for days of that week up to today.")
        issue = (await self._gathering.issues({issue_key})).get(issue_key)
        if issue is None:
            raise NotFoundError(f"FlowPilot knows no issue {escape(issue_key)}.", hint="Choose one of the list.")
        shown = next(each for each in (await self.load(member, week)).days if each.day == day)
        lacking = max(0, shown.missing_seconds - shown.ticked_seconds)
        async with self._database.transaction() as session:
            rows = await repository.drafts(session, member.id, week.start)
            row = next((row for row in rows if row.day == day and row.issue_key == issue_key), None)
            if row is None:
                row = self._new_row(member, week, day, issue, lacking or DEFAULT_ADDED_S)
                row.position = len(rows)
                session.add(row)
            row.status, row.changed_at = DraftStatus.EDITED, self._now()

    def _new_row(self, member: MemberRef, week: Week, day: date, issue: IssueFacts, seconds: int) -> WorklogDraft:
        return WorklogDraft(
            member_id=member.id,
            week_start_date=week.start,
            day=day,
            issue_key=issue.key,
            issue_jira_id=issue.jira_id,
            seconds=seconds,
            description=describe(issue.summary, ()),
            evidence=[],
            created_at=self._now(),
        )

    async def search_issues(self, typed: str) -> list[IssueFacts]:
        """Return issues to choose from for a row."""
        return await self._gathering.search(typed)

    async def keep_edits(self, member: MemberRef, week: Week, edits: Iterable[Edit]) -> None:
        """Remember what the person made of rows, for another page, a retry or another day."""
        wanted = {edit.draft_id: edit for edit in edits}
        async with self._database.transaction() as session:
            for row in await repository.drafts(session, member.id, week.start):
                edit = wanted.get(row.id)
                if edit is None or row.status == DraftStatus.LOGGED:
                    continue
                shown = draft_row(row, "", (), None)
                seconds = row.seconds if edit.seconds is None else edit.seconds
                words = row.description if edit.description is None else _words(edit.description)
                if (edit.is_kept, seconds, words) == (shown.is_ticked, row.seconds, row.description):
                    continue
                row.status = DraftStatus.EDITED if edit.is_kept else DraftStatus.DROPPED
                row.seconds, row.description, row.changed_at = seconds, words, self._now()

    async def log(
        self, member: MemberRef, week: Week, wanted: Mapping[int, int], seen: Mapping[date, int]
    ) -> LogOutcome:
        """Log the rows `wanted` (seconds by draft id) in Tempo, each once, and read it back; a failure stops no other.

        `seen` is what the person saw as logged by day: a day that has changed since is left alone, and so is a row that
        holds something else by now. What is logged already is passed over. Tempo is read anew before anything is
        written; raises the `VendorError` kinds when it cannot be.
        """
        lock = self._locks.setdefault((current_account_id(), member.id), asyncio.Lock())
        async with lock:
            current = await self.load(member, week, fresh=True)
            logged: list[tuple[DraftRow, Receipt]] = []
            failed: list[NotLogged] = []
            totals = {day.day: day.logged_seconds for day in current.days}
            for day, row in wanted_rows(current, wanted):
                why = obstacle(current, day, row, wanted[row.id], seen, totals)
                try:
                    if not why:
                        logged.append((row, await self._log_row(member, week, row)))
                        totals[day.day] += row.seconds
                except FlowPilotError as error:
                    why = f"{error.message} {error.hint}".strip()
                if why:
                    failed.append(NotLogged(row, why))
            if logged:
                current = await self._after(member, week)
            return LogOutcome(current, tuple(logged), tuple(failed))

    async def _log_row(self, member: MemberRef, week: Week, row: DraftRow) -> Receipt:
        async with self._database.transaction(write=False) as session:
            attempts = attempts_of(row.id, await repository.writes(session, member.id, week.start, LOG))
        ended = sum(attempt.status in ENDED for attempt in attempts)
        receipt = await self._effects.perform(
            Intent(
                operation=LOG,
                target=row.issue_key,
                arguments={
                    "issue_id": row.issue_jira_id,
                    "account_id": account_of(member),
                    "day": row.day.isoformat(),
                    "seconds": row.seconds,
                    "description": row.description,
                },
                actor=Actor(member.id, member.display_name),
                reason="worklog draft, approved",
                idempotency_key=effect_key(member.id, week, row.id, ended),
            )
        )
        await self._mark(row.id, member, week, DraftStatus.LOGGED, (receipt.after or {}).get("worklog_id"))
        return receipt

    async def _mark(
        self, draft_id: int, member: MemberRef, week: Week, status: DraftStatus, worklog_id: int | None
    ) -> None:
        async with self._database.transaction() as session:
            for row in await repository.drafts(session, member.id, week.start):
                if row.id == draft_id:
                    row.status, row.tempo_worklog_id, row.changed_at = status, worklog_id, self._now()

    async def _after(self, member: MemberRef, week: Week) -> DraftWeek:
        """Return the week as the mirror has it after a write, and put the recorded compliance right."""
        current = await self.load(member, week)
        records = await self._pm.week_records(week, week)
        record = next((each for each in records if each.member_id == member.id), None)
        if record is not None:
            await self._pm.keep_weeks([recorded(record, current.day_hours())])
        return current

    async def undoable(self, member: MemberRef, week: Week) -> list[Effect]:
        """Return what was logged for a week's drafts and can still be taken back."""
        async with self._database.transaction(write=False) as session:
            effects = await repository.writes(session, member.id, week.start, LOG)
        since = self._now() - UNDO_WINDOW
        done = [e for e in effects if e.status == EffectStatus.DONE and e.undone_by_id is None]
        return [effect for effect in done if (effect.finished_at or effect.created_at) >= since]

    async def undo(self, member: MemberRef, week: Week) -> UndoOutcome:
        """Take out of Tempo what was logged in the last ten minutes; the rows can be logged again afterwards."""
        seconds, failed = 0, []
        for effect in await self.undoable(member, week):
            try:
                await self._effects.undo(effect.id, Actor(member.id, member.display_name))
            except FlowPilotError as error:
                failed.append(f"{effect.target}: {error.message}")
                continue
            seconds += int(effect.arguments["seconds"])
            await self._mark(int(effect.idempotency_key.split(":")[-2]), member, week, DraftStatus.EDITED, None)
        return UndoOutcome(await self._after(member, week), seconds, tuple(failed))

    async def message_of(self, dedupe_key: str, member: MemberRef) -> MessagePlace | None:
        """Return where the alert is that a finding became for the member, once it is in Slack."""
        async with self._database.transaction(write=False) as session:
            row = await repository.delivery(session, dedupe_key, member.slack_user_id)
        if row is None or not row.channel_id or not row.message_ts:
            return None
        return MessagePlace(row.channel_id, row.message_ts, row.id)


def _words(typed: str) -> str:
    return " ".join(typed.split())[:MAX_DESCRIPTION]
