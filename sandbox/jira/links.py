"""Links between issues."""

from __future__ import annotations

from sandbox.jira.errors import JiraError
from sandbox.jira.events import JiraEvent
from sandbox.jira.model import ChangeItem, History, Issue, IssueLink
from sandbox.jira.store import JiraStore


class LinkOperations(JiraStore):
    """The part of the site that links issues, and writes history."""

    def touch(self, issue: Issue, actor: str, items: tuple[ChangeItem, ...]) -> History | None:
        """Stamp an issue as updated, and write one history entry if there are items."""
        issue.updated = self.clock.now()
        if not items:
            return None
        history = History(self.new_id("history"), actor, issue.updated, items)
        issue.histories.append(history)
        return history

    def add_link(self, actor: str, type_name: str, source: Issue, target: Issue) -> IssueLink:
        """Link two issues, once; the source "outwards" the target."""
        kind = self.link_types.get(type_name)
        if kind is None:
            raise JiraError(404, f"No issue link type with name '{type_name}' found.")
        for link in source.links:
            if (link.type, link.source, link.target) == (kind, source.id, target.id):
                return link
        made = self.link(kind, source, target)
        self._link_history(actor, source, f"This issue {kind.outward} {target.key}", target.key)
        self._link_history(actor, target, f"This issue {kind.inward} {source.key}", source.key)
        return made

    def _link_history(self, actor: str, issue: Issue, text: str, key: str) -> None:
        history = self.touch(issue, actor, (ChangeItem("Link", "", None, None, key, text),))
        self.tell(JiraEvent("jira:issue_updated", "issue_updated", issue, actor, issue.updated, history), "linked")

    def delete_link(self, actor: str, link_id: int) -> None:
        """Remove a link; JiraError 404."""
        for issue in self.issues.values():
            for link in issue.links:
                if link.id == link_id:
                    ends = [self.issues[link.source], self.issues[link.target]]
                    self.unlink(link)
                    for end, other in (ends, reversed(ends)):
                        history = self.touch(
                            end, actor, (ChangeItem("Link", "", other.key, link.type.name, None, None),)
                        )
                        self.tell(
                            JiraEvent("jira:issue_updated", "issue_updated", end, actor, end.updated, history), "linked"
                        )
                    return
        raise JiraError(404, f"No issue link with id '{link_id}' exists.")
