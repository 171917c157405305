"""GitHub's REST objects: people, repositories, commits, checks."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from sandbox.github.model import Account, CheckRun, Commit, CommitStatus, Repository, Team

Json = dict[str, Any]
VERSION_WITHOUT_MERGE_COMMIT = "2026-03-10"
USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def instant(moment: datetime | None) -> str | None:
    """Return a time as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None


def node_id(prefix: str, number: int) -> str:
    """Return a GraphQL id."""
    return f"{prefix}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


class Renderer:
    """Renders with the addresses of the host that was asked; `base` is the site, without a slash at the end."""

    def __init__(self, base: str, version: str = "2022-11-28") -> None:
        self.site = base
        self.api = f"{base}/api/v3"
        self.version = version

    def user(self, account: Account) -> Json:
        """Return a simple user."""
        url = f"{self.api}/users/{account.login}"
        return {
            "login": account.login,
            "id": account.id,
            "node_id": node_id("U", account.id),
            "avatar_url": f"{self.site}/avatars/{account.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.site}/{account.login}",
            **{name: url + tail for name, tail in USER_LINKS.items()},
            "type": account.type,
            "user_view_type": "public",
            "site_admin": False,
        }

    def public_user(self, account: Account) -> Json:
        """Return a user with profile."""
        created = instant(account.created)
        return {
            **self.user(account),
            "name": account.name or None,
            "company": None,
            "blog": "",
            "location": None,
            "email": account.email or None,
            "hireable": None,
            "bio": None,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": created,
            "updated_at": created,
        }

    def team(self, team: Team) -> Json:
        """Return a team."""
        url = f"{self.api}/teams/{team.id}"
        return {
            "id": team.id,
            "node_id": node_id("T", team.id),
            "name": team.name,
            "slug": team.slug,
            "description": None,
            "privacy": "closed",
            "notification_setting": "notifications_enabled",
            "url": url,
            "html_url": f"{self.site}/teams/{team.slug}",
            "members_url": f"{url}/members{{/member}}",
            "repositories_url": f"{url}/repos",
            "permission": "push",
            "type": "organization",
            "parent": None,
        }

    def repository_url(self, repository: Repository) -> str:
        """Return a repository's address in the API."""
        return f"{self.api}/repos/{repository.full_name}"

    def repository(self, repository: Repository) -> Json:
        """Return a repository."""
        url, page = self.repository_url(repository), f"{self.site}/{repository.full_name}"
        open_pulls = sum(pull.is_open for pull in repository.pulls.values())
        return {
            "id": repository.id,
            "node_id": node_id("R", repository.id),
            "name": repository.name,
            "full_name": repository.full_name,
            "private": True,
            "owner": self.user(repository.owner),
            "html_url": page,
            "description": repository.description or None,
            "fork": False,
            "url": url,
            **{name: url + tail for name, tail in REPOSITORY_LINKS.items()},
            "created_at": instant(repository.created),
            "updated_at": instant(repository.pushed),
            "pushed_at": instant(repository.pushed),
            "git_url": page.replace("http", "git", 1) + ".git",
            "ssh_url": f"git@localhost:{repository.full_name}.git",
            "clone_url": page + ".git",
            "svn_url": page,
            "homepage": None,
            "mirror_url": None,
            "size": 1024,
            "stargazers_count": 0,
            "watchers_count": 0,
            "language": "Python",
            "has_issues": False,
            "has_projects": False,
            "has_downloads": False,
            "has_wiki": False,
            "has_pages": False,
            "has_discussions": False,
            "forks_count": 0,
            "archived": False,
            "disabled": False,
            "open_issues_count": open_pulls,
            "license": None,
            "allow_forking": False,
            "is_template": False,
            "web_commit_signoff_required": False,
            "topics": [],
            "visibility": "private",
            "forks": 0,
            "open_issues": open_pulls,
            "watchers": 0,
            "default_branch": repository.default_branch,
        }

    def full_repository(self, repository: Repository) -> Json:
        """Return a repository as it is read alone."""
        rights = {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True}
        return {**self.repository(repository), "permissions": rights, "network_count": 0, "subscribers_count": 0}

    def git_actor(self, commit: Commit) -> Json:
        """Return who wrote a commit, as git says it."""
        email = commit.author.email or f"{commit.author.login}@users.noreply.github.test"
        return {"name": commit.author.name or commit.author.login, "email": email, "date": instant(commit.at)}

    def commit(self, repository: Repository, commit: Commit, parent: str | None) -> Json:
        """Return a commit."""
        url, page = f"{self.repository_url(repository)}/commits/{commit.sha}", f"{self.site}/{repository.full_name}"
        git = f"{self.repository_url(repository)}/git"
        parents = [
            {
                "sha": parent,
                "url": f"{self.repository_url(repository)}/commits/{parent}",
                "html_url": f"{page}/commit/{parent}",
            }
        ]
        return {
            "sha": commit.sha,
            "node_id": node_id("C", repository.id) + commit.sha[:12],
            "commit": {
                "author": self.git_actor(commit),
                "committer": self.git_actor(commit),
                "message": commit.message,
                "tree": {"sha": commit.sha[::-1], "url": f"{git}/trees/{commit.sha[::-1]}"},
                "url": f"{git}/commits/{commit.sha}",
                "comment_count": 0,
                "verification": {
                    "verified": False,
                    "reason": "unsigned",
                    "signature": None,
                    "payload": None,
                    "verified_at": None,
                },
            },
            "url": url,
            "html_url": f"{page}/commit/{commit.sha}",
            "comments_url": f"{url}/comments",
            "author": self.user(commit.author),
            "committer": self.user(commit.author),
            "parents": parents if parent else [],
        }

    def check_suite_id(self, repository: Repository, sha: str) -> int:
        """Return the id of the one suite that a commit's checks make up."""
        return repository.id * 1_000_000 + int(sha[:5], 16)

    def app(self, repository: Repository) -> Json:
        """Return the app that runs the checks."""
        created = instant(repository.created)
        return {
            "id": 15368,
            "slug": "github-actions",
            "node_id": node_id("A", 15368),
            "client_id": "Iv1.sandbox",
            "owner": self.user(repository.owner),
            "name": "GitHub Actions",
            "description": "Automate your workflow",
            "external_url": "https://example.test/actions",
            "html_url": f"{self.site}/apps/github-actions",
            "created_at": created,
            "updated_at": created,
            "permissions": {"checks": "write", "contents": "read", "metadata": "read"},
            "events": ["push", "pull_request"],
        }

    def check_run(self, repository: Repository, run: CheckRun, pulls: list[Json]) -> Json:
        """Return a check run."""
        url = f"{self.repository_url(repository)}/check-runs/{run.id}"
        page = f"{self.site}/{repository.full_name}/runs/{run.id}"
        return {
            "id": run.id,
            "name": run.name,
            "node_id": node_id("CR", run.id),
            "head_sha": run.sha,
            "external_id": str(run.id),
            "url": url,
            "html_url": page,
            "details_url": page,
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": instant(run.started),
            "completed_at": instant(run.completed),
            "output": {
                "title": None,
                "summary": None,
                "text": None,
                "annotations_count": 0,
                "annotations_url": f"{url}/annotations",
            },
            "check_suite": {"id": self.check_suite_id(repository, run.sha)},
            "app": self.app(repository),
            "pull_requests": pulls,
        }

    def status(self, repository: Repository, status: CommitStatus) -> Json:
        """Return a status of the older kind, without who gave it."""
        return {
            "url": f"{self.repository_url(repository)}/statuses/{status.sha}",
            "avatar_url": f"{self.site}/avatars/{status.creator.id}",
            "id": status.id,
            "node_id": node_id("SC", status.id),
            "state": status.state,
            "description": status.description or None,
            "target_url": None,
            "context": status.context,
            "created_at": instant(status.at),
            "updated_at": instant(status.at),
        }

    def combined_status(self, repository: Repository, sha: str) -> Json:
        """Return the combined status: "pending" where there is none at all."""
        statuses = list(repository.latest_statuses(sha).values())
        states = {status.state for status in statuses}
        state = "success" if states == {"success"} else "pending"
        if states & {"failure", "error"}:
            state = "failure"
        url = f"{self.repository_url(repository)}/commits/{sha}"
        return {
            "state": state,
            "statuses": [self.status(repository, status) for status in statuses],
            "sha": sha,
            "total_count": len(statuses),
            "repository": self.repository(repository),
            "commit_url": url,
            "url": f"{url}/status",
        }
