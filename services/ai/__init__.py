"""AI tasks: one seam for all model calls; importing this loads no vendor's SDK."""

from services.ai.service import AiTasks
from services.ai.types import RULE_BASED, AiTask, Answer, Outcome, Tier, TokenUse

__all__ = ["RULE_BASED", "AiTask", "AiTasks", "Answer", "Outcome", "Tier", "TokenUse"]
