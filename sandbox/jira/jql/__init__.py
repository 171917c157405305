"""A useful subset of JQL: text to syntax tree to predicate, with Jira's own words for what is wrong."""

from __future__ import annotations

from sandbox.jira.jql.parser import parse
from sandbox.jira.jql.search import Compiled, compile_query
from sandbox.jira.jql.syntax import JqlError, Query

__all__ = ["Compiled", "JqlError", "Query", "compile_query", "parse"]
