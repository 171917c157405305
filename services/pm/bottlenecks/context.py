"""What is going on with something that waits: facts first, then people's words, then how long nothing has happened.

Confidence (0 to 1) says how much stands behind it: .95 for a link to an open blocker, .9 for a Blocked status with a
named blocker and .8 without, what the reading of the comments says for words (.75 by rules), .9 falling by .1 a day for
work seen, and .7 rising by .05 a day to .95 for silence. Without comments (they were not read) it is .5 at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.ai.tasks.stuck_context import StuckComment, StuckInput, StuckNamed, StuckReading
from services.ai.tasks.stuck_words import is_nudge
from services.pm.bottlenecks.stuck import (
    QUIET_DAYS,
    Blocker,
    Context,
    IsWorkingDay,
    Remark,
    Sign,
    Standing,
    WaitingItem,
    working_days_between,
)
from services.pm.bottlenecks.types import Activity

LINK_CONFIDENCE = 0.95
NAMED_CONFIDENCE, UNNAMED_CONFIDENCE = 0.9, 0.8
SEEN_CONFIDENCE, LESS_A_DAY = 0.9, 0.1
SILENT_CONFIDENCE, MORE_A_DAY = 0.7, 0.05
UNREAD_CONFIDENCE = 0.5
REMARKS_READ = 8
REMARK_CHARACTERS = 1_500
WORDS = {"commit": "pushed a commit", "review": "reviewed", "comment": "wrote", "change": "changed it"}


@dataclass(frozen=True)
class Days:
    """The calendar by which days are counted, and today."""

    now: datetime
    zone: ZoneInfo
    is_working_day: IsWorkingDay

    @property
    def today(self) -> date:
        """Today on the account's calendar."""
        return self.now.astimezone(self.zone).date()

    def since(self, at: datetime) -> int:
        """Count the working days from an instant until today."""
        return working_days_between(at.astimezone(self.zone).date(), self.today, self.is_working_day)

    def on(self, at: datetime) -> str:
        """Name the day of an instant: "today", "Mon Nov 9"."""
        day = at.astimezone(self.zone).date()
        return "today" if day == self.today else f"on {day:%a %b} {day.day}"


def reading_input(item: WaitingItem, remarks: Sequence[Remark], days: Days) -> StuckInput:
    """Return what is read of an item: the newest remarks of this stay, cut, the oldest first."""
    return StuckInput(
        item=StuckNamed(
            key=item.key,
            title=item.title[:300],
            status=item.visit.status,
            working_days=days.since(item.visit.entered_at),
        ),
        comments=tuple(
            StuckComment(
                author=remark.author,
                written_by=remark.standing.value,
                working_days_ago=days.since(remark.at),
                text=remark.text[:REMARK_CHARACTERS],
            )
            for remark in remarks_to_read(item, remarks)
        ),
    )


def remarks_to_read(item: WaitingItem, remarks: Sequence[Remark]) -> list[Remark]:
    """Return the newest remarks since the day on which it came into its status."""
    since = item.visit.entered_at.timestamp() - 24 * 3600  # "I am blocked" is often written just before the move
    return sorted((r for r in remarks if r.at.timestamp() >= since), key=lambda r: r.at)[-REMARKS_READ:]


def context_of(
    item: WaitingItem,
    remarks: Sequence[Remark],
    reading: StuckReading,
    days: Days,
    *,
    is_rule_based: bool = True,
    were_read: bool = True,
) -> Context:
    """Return what is going on; `reading` is what the remarks say, `were_read` is False where they could not be had."""
    read = remarks_to_read(item, remarks)
    said = read[reading.comment - 1] if reading.says != "nothing" and 1 <= reading.comment <= len(read) else None
    signs = _signs(item, remarks)
    found = (
        _blocked_by_fact(item, said, reading, days)
        or _by_words(said, reading, signs, days, is_rule_based=is_rule_based)
        or _by_activity(item, signs, days)
    )
    last = max(signs, key=lambda sign: sign.at, default=None)
    confidence = found.confidence if were_read or item.is_blocked else min(found.confidence, UNREAD_CONFIDENCE)
    return Context(
        activity=found.activity,
        says=found.says,
        confidence=round(confidence, 2),
        blocker=found.blocker,
        quote=found.quote,
        quoted=found.quoted,
        last_sign=last,
        quiet_days=days.since(last.at if last else item.visit.entered_at),
        is_rule_based=found.is_rule_based,
    )


def _signs(item: WaitingItem, remarks: Sequence[Remark]) -> list[Sign]:
    """Return what people did since it came into its status; asking how it stands is nothing done.

    Nor is what somebody wrote who is no member: a customer who asks every day does not move it.
    """
    ours = [remark for remark in remarks if remark.standing is not Standing.SOMEBODY]
    words = [Sign(remark.at, "comment", remark.author, remark.text) for remark in ours if not is_nudge(remark.text)]
    since = item.visit.entered_at
    return [sign for sign in (*words, *item.signs) if sign.at > since]


def _blocked_by_fact(item: WaitingItem, said: Remark | None, reading: StuckReading, days: Days) -> Context | None:
    """Return that it is blocked where its status or an open link says so, unless somebody wrote that it is free."""
    blockers = item.open_blockers
    quote, quoted = _quote(said, reading, days) if reading.says == "waiting" else ("", "")
    if not blockers and not item.is_blocked:
        return None
    if reading.says == "unblocked" and not item.is_blocked:
        return None
    if blockers:
        named = ", ".join(_named(blocker) for blocker in blockers)
        keys = ", ".join(blocker.key for blocker in blockers)
        return Context(Activity.BLOCKED, f"Blocked by {named}.", LINK_CONFIDENCE, keys, quote, quoted)
    unknown = [blocker for blocker in item.blockers if blocker.is_open is None]
    if unknown:
        keys = ", ".join(blocker.key for blocker in unknown)
        return Context(Activity.BLOCKED, f"Blocked by {keys}.", NAMED_CONFIDENCE, keys, quote, quoted)
    if reading.says == "waiting":
        what = f"Blocked: it waits for {reading.blocker}." if reading.blocker else "Blocked, by its own status."
        sure = NAMED_CONFIDENCE if reading.blocker else UNNAMED_CONFIDENCE
        return Context(Activity.BLOCKED, what, sure, reading.blocker, quote, quoted)
    done = [blocker.key for blocker in item.blockers if blocker.is_open is False]
    if done:
        keys = ", ".join(done)
        says = f"Still in {item.visit.status}, though {keys} {'is' if len(done) == 1 else 'are'} done."
    elif reading.says == "unblocked":
        quote, quoted = _quote(said, reading, days)
        says = f"Still in {item.visit.status}, though somebody wrote that it is free."
    else:
        says = "Blocked, and nobody wrote by what."
    return Context(Activity.BLOCKED, says, UNNAMED_CONFIDENCE, "", quote, quoted)


def _named(blocker: Blocker) -> str:
    owner = f", with {blocker.owner.display_name}" if blocker.owner else ""
    status = f" ({blocker.status}{owner})" if blocker.status else ""
    return f"{blocker.key}{status}"


def _by_words(
    said: Remark | None, reading: StuckReading, signs: Sequence[Sign], days: Days, *, is_rule_based: bool
) -> Context | None:
    """Return what people's words say; words that were overtaken by work, or are old, say nothing any more."""
    if said is None:
        return None
    quote, quoted = _quote(said, reading, days)
    if reading.says == "waiting":
        if any(sign.at > said.at and sign.kind in ("commit", "review", "sub-task") for sign in signs):
            return None
        what = f"Waits for {reading.blocker}." if reading.blocker else "Cannot go on."
        return Context(
            Activity.BLOCKED, what, reading.confidence, reading.blocker, quote, quoted, is_rule_based=is_rule_based
        )
    if reading.says == "working" and days.since(said.at) < QUIET_DAYS:
        return Context(
            Activity.ACTIVELY_WORKED,
            f"{said.author} works on it.",
            max(reading.confidence, SEEN_CONFIDENCE - LESS_A_DAY * days.since(said.at)),
            "",
            quote,
            quoted,
            is_rule_based=is_rule_based,
        )
    return None


def _by_activity(item: WaitingItem, signs: Sequence[Sign], days: Days) -> Context:
    last = max(signs, key=lambda sign: sign.at, default=None)
    if last is None:
        quiet = days.since(item.visit.entered_at)
        if quiet < QUIET_DAYS:
            says = f"It came here {days.on(item.visit.entered_at)}; nothing has happened since."
            return Context(Activity.ACTIVELY_WORKED, says, UNREAD_CONFIDENCE)
        return Context(Activity.PASSIVELY_STUCK, _silence(quiet), _silent(quiet))
    quiet = days.since(last.at)
    what = WORDS.get(last.kind, "was at it")
    says = f"{last.who} {what} {days.on(last.at)}"
    quoted = says if last.kind == "comment" else ""
    quote = _first_sentence(last.text) if last.kind == "comment" else ""
    if quiet < QUIET_DAYS:
        confidence = SEEN_CONFIDENCE - LESS_A_DAY * quiet
        return Context(Activity.ACTIVELY_WORKED, f"{says}.", confidence, "", quote, quoted)
    return Context(
        Activity.PASSIVELY_STUCK, f"{_silence(quiet)} Before that, {says}.", _silent(quiet), "", quote, quoted
    )


def _silence(days: int) -> str:
    return f"Nothing has happened for {days} working days."


def _silent(days: int) -> float:
    return min(SILENT_CONFIDENCE + MORE_A_DAY * (days - QUIET_DAYS), 0.95)


def _quote(said: Remark | None, reading: StuckReading, days: Days) -> tuple[str, str]:
    if said is None:
        return "", ""
    return reading.quote, f"{said.author} wrote {days.on(said.at)}"


def _first_sentence(text: str) -> str:
    return " ".join(text.split())[:200]
