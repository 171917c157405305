"""Commands: one declaration gives the grammar, the help, the tools and the role check."""

from services.commands.registry import Commands, HelpRequest, Invocation, Parsed
from services.commands.spec import CommandSpec, Parameter
from services.commands.tools import bind_tool_call, tool_schemas
from services.commands.types import MemberMention, Reply, Rest, TicketKey, Visibility, Word

__all__ = [
    "CommandSpec",
    "Commands",
    "HelpRequest",
    "Invocation",
    "MemberMention",
    "Parameter",
    "Parsed",
    "Reply",
    "Rest",
    "TicketKey",
    "Visibility",
    "Word",
    "bind_tool_call",
    "tool_schemas",
]
