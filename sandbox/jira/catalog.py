"""What a new Jira site comes with: statuses, priorities, types, link types, workflows."""

from __future__ import annotations

from itertools import pairwise

from sandbox.jira.model import IssueType, LinkType, Priority, Resolution, Status, StatusCategory, Transition, Workflow

TO_DO = StatusCategory(2, "new", "To Do", "blue-gray")
IN_PROGRESS = StatusCategory(4, "indeterminate", "In Progress", "yellow")
DONE = StatusCategory(3, "done", "Done", "green")
CATEGORIES = {c.key: c for c in (TO_DO, IN_PROGRESS, DONE)}

_STATUS_NAMES: tuple[tuple[str, StatusCategory], ...] = (
    ("To Do", TO_DO),
    ("In Progress", IN_PROGRESS),
    ("Code Review", IN_PROGRESS),
    ("QA", IN_PROGRESS),
    ("Done", DONE),
    ("Blocked", IN_PROGRESS),
    ("Investigation", IN_PROGRESS),
    ("Plan", IN_PROGRESS),
    ("Build & Test", IN_PROGRESS),
    ("Pilot", IN_PROGRESS),
    ("Rollout", IN_PROGRESS),
    ("Verify", IN_PROGRESS),
    ("Backlog", TO_DO),
    ("Plan Review", IN_PROGRESS),
    ("In Testing", IN_PROGRESS),
)
STATUSES = tuple(Status(str(10000 + n), name, category) for n, (name, category) in enumerate(_STATUS_NAMES))

PRIORITIES = (
    Priority("1", "Highest", 0, "#d04437"),
    Priority("2", "High", 1, "#f15C75"),
    Priority("3", "Medium", 2, "#f79232"),
    Priority("4", "Low", 3, "#707070"),
    Priority("5", "Lowest", 4, "#999999"),
)

EPIC = IssueType("10000", "Epic", 1)
STORY = IssueType("10001", "Story", 0)
TASK = IssueType("10002", "Task", 0)
BUG = IssueType("10003", "Bug", 0)
SUBTASK = IssueType("10004", "Sub-task", -1)
ISSUE_TYPES = (EPIC, STORY, TASK, BUG, SUBTASK)

RESOLUTIONS = tuple(
    Resolution(str(10000 + n), name)
    for n, name in enumerate(("Done", "Won't Do", "Duplicate", "Cannot Reproduce", "Fixed"))
)

LINK_TYPES = (
    LinkType("10000", "Blocks", "is blocked by", "blocks"),
    LinkType("10001", "Cloners", "is cloned by", "clones"),
    LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
    LinkType("10003", "Relates", "relates to", "relates to"),
)

SOFTWARE = Workflow(
    "Software workflow",
    ("To Do", "In Progress", "Code Review", "QA", "Done", "Blocked"),
    (
        Transition("11", "Start work", ("To Do",), "In Progress"),
        Transition("21", "Send to review", ("In Progress",), "Code Review"),
        Transition("31", "Send to QA", ("Code Review",), "QA"),
        Transition("41", "Done", ("QA", "In Progress"), "Done"),
        Transition("51", "Request changes", ("Code Review", "QA"), "In Progress"),
        Transition("61", "Block", ("To Do", "In Progress", "Code Review", "QA"), "Blocked"),
        Transition("71", "Unblock", ("Blocked",), "In Progress"),
        Transition("81", "Back to To Do", ("In Progress", "Blocked"), "To Do"),
        Transition("91", "Reopen", ("Done",), "In Progress"),
    ),
)

_PHASES = ("To Do", "Investigation", "Plan", "Build & Test", "Pilot", "Rollout", "Verify", "Done")
REMEDIATION = Workflow(
    "Remediation workflow",
    _PHASES,
    (
        *(
            Transition(str(101 + 10 * n), target, (source,), target)
            for n, (source, target) in enumerate(pairwise(_PHASES))
        ),
        Transition("201", "Back to Investigation", ("Plan", "Build & Test"), "Investigation"),
        Transition("211", "Back to Plan", ("Build & Test", "Pilot"), "Plan"),
        Transition("221", "Rework", ("Pilot", "Rollout"), "Build & Test"),
        Transition("231", "Back to Rollout", ("Verify",), "Rollout"),
        Transition("241", "Reopen", ("Done",), "Investigation"),
        Transition("251", "Back to To Do", ("Investigation",), "To Do"),
    ),
)

RUNNER = Workflow(
    "AI runner workflow",
    ("Backlog", "Plan Review", "In Progress", "In Testing", "Done", "Blocked"),
    (
        Transition("301", "Plan Review", ("Backlog",), "Plan Review"),
        Transition("311", "Approve plan", ("Plan Review",), "In Progress"),
        Transition("321", "Reject plan", ("Plan Review",), "Backlog"),
        Transition("331", "In Testing", ("In Progress",), "In Testing"),
        Transition("341", "Changes requested", ("In Testing",), "In Progress"),
        Transition("351", "Done", ("In Testing", "In Progress"), "Done"),
        Transition("361", "Block", ("Backlog", "Plan Review", "In Progress", "In Testing"), "Blocked"),
        Transition("371", "Unblock", ("Blocked",), "Backlog"),
        Transition("381", "Resume", ("Blocked",), "In Progress"),
        Transition("391", "Start", ("Backlog",), "In Progress"),
    ),
)

EPIC_WORKFLOW = Workflow(
    "Epic workflow",
    ("To Do", "In Progress", "Done"),
    (
        Transition("401", "To Do", (), "To Do"),
        Transition("411", "In Progress", (), "In Progress"),
        Transition("421", "Done", (), "Done"),
    ),
)
