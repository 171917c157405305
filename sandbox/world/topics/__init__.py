"""What the work of each project is about: epics, and the words their tickets are made of."""

from __future__ import annotations

from sandbox.world.topics.inside import CPE, TOOLS
from sandbox.world.topics.retainers import BREW, CARE
from sandbox.world.topics.scopes import PORT, SHOP
from sandbox.world.topics.shape import Topic, Vocabulary

VOCABULARIES: tuple[Vocabulary, ...] = (SHOP, PORT, CARE, BREW, CPE, TOOLS)

__all__ = ["VOCABULARIES", "Topic", "Vocabulary"]
