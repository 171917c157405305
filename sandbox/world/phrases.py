"""Summaries, descriptions and comments, put together from a topic's words."""

from __future__ import annotations

from random import Random

from sandbox.world.topics import Topic, Vocabulary

WORK = (
    "Add {s}",
    "Rework {s}",
    "Write tests for {s}",
    "Document {s}",
    "Support {s} on {p}",
    "Make {s} configurable",
    "Log what happens in {s}",
    "Speed up {s}",
    "Agree with the client on {s}",
    "Show {s} to {u}",
    "Remove the old {s}",
    "Clean up {s} after {e}",
)
BUGS = (
    "{S} fails after {e}",
    "{S} shows the wrong values on {p}",
    "Error 500 in {s} on {p}",
    "{S} is slow on {p}",
    "{U} report that {s} disappears",
    "{S}: duplicate entries after {e}",
    "Time-out in {s} when {e}",
    "{S} ignores the setting since {e}",
)
WHY = (
    "{U} asked for this in the last review.",
    "This came up when we looked at {t}.",
    "The client noticed it on {p}.",
    "Today {s} needs hand work, about twice a week.",
    "It blocks what is planned for {t}.",
    "Support had four calls about {s} this month.",
)
STEPS = (
    "Steps: open {p}, go to {s}, and wait for {e}. Expected is what {t} shows; actual is an empty page.",
    "We see it on {p} only, never locally. The log has one line per attempt and then stops.",
    "Start from how {t} does it, and keep the names. No new dependency is needed.",
    "Keep the change small: {s} first, the rest of the epic follows.",
    "To be checked with {u} on {p} before it goes out.",
)
DONE_WHEN = (
    "Done when {s} works on {p} and a test covers it.",
    "Done when {u} can use {s} without asking us.",
    "Done when the numbers of {s} match those of {t}.",
    "Done when nothing shows in the log after {e}.",
)
COMMENTS = (
    "Had a look: the cause is in how {s} reads its configuration. Fix is small.",
    "Pushed a branch, {t} is touched as well. Please look at the migration first.",
    "Works for me on {p}. Can someone confirm on a second machine?",
    "The client confirmed on the phone that {s} is what they meant.",
    "Waiting for access to {p} before I can go on.",
    "Review done, two small remarks about {s}, otherwise good.",
    "Retested after {e}: still there, but less often.",
    "Numbers agree now. Moving on.",
    "Split off the part about {t}, it is a ticket of its own.",
)


def _fill(random: Random, template: str, words: Vocabulary, topic: Topic, subject: str) -> str:
    other = random.choice([s for s in topic.subjects if s != subject])
    users = words.users
    return template.format(
        s=subject,
        S=subject[0].upper() + subject[1:],
        t=other,
        p=random.choice(words.places),
        e=random.choice(words.events),
        u=users,
        U=users[0].upper() + users[1:],
    )


def summary(random: Random, words: Vocabulary, topic: Topic, subject: str, bug: bool) -> str:
    """Return a ticket's title."""
    return _fill(random, random.choice(BUGS if bug else WORK), words, topic, subject)


def description(random: Random, words: Vocabulary, topic: Topic, subject: str) -> str:
    """Return a description of one to three paragraphs; now and then there is none."""
    if random.random() < 0.07:
        return ""
    parts = [random.choice(WHY)]
    if random.random() < 0.75:
        parts.append(random.choice(STEPS))
    if random.random() < 0.55:
        parts.append(random.choice(DONE_WHEN))
    return "\n\n".join(_fill(random, part, words, topic, subject) for part in parts)


def comment(random: Random, words: Vocabulary, topic: Topic, subject: str) -> str:
    """Return a comment."""
    return _fill(random, random.choice(COMMENTS), words, topic, subject)
