"""Accounts, their members, roles and settings."""

from services.accounts.service import Accounts
from services.accounts.types import AccountRef, LinkProposal, MemberRef, Role, SlackProfile, require_role

__all__ = ["AccountRef", "Accounts", "LinkProposal", "MemberRef", "Role", "SlackProfile", "require_role"]
