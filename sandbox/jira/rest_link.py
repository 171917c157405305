"""What issues point to: other issues, pages elsewhere, files."""

from __future__ import annotations

from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.jira.comments import check_body
from sandbox.jira.errors import JiraError
from sandbox.jira.http import BAD_PAYLOAD, JiraCall, Route, answer, no_content
from sandbox.jira.model import Attachment, Issue, RemoteLink
from sandbox.jira.render import Json
from sandbox.jira.render_issue import render_attachment, render_link

ATTACHMENT_LIMIT = 10 * 1024 * 1024


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "issueLinkType", link_types),
        ("POST", "issueLink", add_link),
        ("GET", "issueLink/{id}", read_link),
        ("DELETE", "issueLink/{id}", delete_link),
        ("GET", "issue/{issue}/remotelink", remote_links),
        ("POST", "issue/{issue}/remotelink", add_remote_link),
        ("DELETE", "issue/{issue}/remotelink/{id}", delete_remote_link),
        ("POST", "issue/{issue}/attachments", add_attachments),
        ("GET", "attachment/{id}", read_attachment),
        ("GET", "attachment/content/{id}", attachment_content),
    ]


async def link_types(call: JiraCall) -> web.StreamResponse:
    return answer({"issueLinkTypes": [call.render.link_type(kind) for kind in call.state.link_types.values()]})


def _end(call: JiraCall, value: Any) -> Issue:
    if not isinstance(value, dict) or not value.keys() & {"key", "id"}:
        raise JiraError(400, BAD_PAYLOAD)
    return call.state.issue(value.get("key") or value["id"])


async def add_link(call: JiraCall) -> web.StreamResponse:
    body = call.object()
    kind = body.get("type")
    if not isinstance(kind, dict):
        raise JiraError(400, BAD_PAYLOAD)
    named = next((t.name for t in call.state.link_types.values() if t.id == str(kind.get("id"))), kind.get("name", ""))
    # Jira's names are the wrong way round: the inward issue is the one that "outwards" the other.
    source, target = _end(call, body.get("inwardIssue")), _end(call, body.get("outwardIssue"))
    note = body.get("comment")
    document = check_body(note.get("body")) if isinstance(note, dict) else None
    call.state.add_link(call.actor, named, source, target)
    if document is not None:
        call.state.add_comment(call.actor, source, document)
    return web.Response(status=201)


async def read_link(call: JiraCall) -> web.StreamResponse:
    for issue in call.state.issues.values():
        for link in issue.links:
            if link.id == call.id():
                return answer(render_link(call.render, link))
    raise JiraError(404, f"No issue link with id '{call.id()}' exists.")


async def delete_link(call: JiraCall) -> web.StreamResponse:
    call.state.delete_link(call.actor, call.id())
    return no_content()


def _remote_link(call: JiraCall, issue: Issue, link: RemoteLink) -> Json:
    body: Json = {
        "id": link.id,
        "self": call.render.link(f"issue/{issue.key}/remotelink/{link.id}"),
        "object": link.object,
    }
    for name, value in (
        ("globalId", link.global_id),
        ("relationship", link.relationship),
        ("application", link.application),
    ):
        if value:
            body[name] = value
    return body


async def remote_links(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    if global_id := call.text("globalId"):
        for link in issue.remote_links:
            if link.global_id == global_id:
                return answer(_remote_link(call, issue, link))
        raise JiraError(404, f"No remote link with global id '{global_id}' exists for issue '{issue.key}'.")
    return answer([_remote_link(call, issue, link) for link in issue.remote_links])


async def add_remote_link(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    body = call.object()
    target = body.get("object")
    if not isinstance(target, dict):
        raise JiraError(400, errors={"object": "'object' is required."})
    missing = {name: f"'{name}' is required." for name in ("url", "title") if not target.get(name)}
    if missing:
        raise JiraError(400, errors=missing)
    global_id = str(body.get("globalId", ""))
    link = next((held for held in issue.remote_links if global_id and held.global_id == global_id), None)
    status = 200 if link else 201
    if link is None:
        link = RemoteLink(call.state.new_id("remotelink"), global_id, target)
        issue.remote_links.append(link)
    link.object = target
    link.relationship = body.get("relationship", "")
    link.application = body.get("application", {})
    call.state.touch(issue, call.actor, ())
    return answer({"id": link.id, "self": call.render.link(f"issue/{issue.key}/remotelink/{link.id}")}, status=status)


async def delete_remote_link(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    if all(link.id != call.id() for link in issue.remote_links):
        raise JiraError(404, f"No remote link with id '{call.id()}' exists for issue '{issue.key}'.")
    issue.remote_links = [link for link in issue.remote_links if link.id != call.id()]
    return no_content()


async def add_attachments(call: JiraCall) -> web.StreamResponse:
    issue = call.issue()
    if call.request.headers.get("X-Atlassian-Token") != "no-check":
        return web.Response(status=403, text="XSRF check failed")
    if not call.request.content_type.startswith("multipart/"):
        raise JiraError(415, "The request must be multipart/form-data.")
    made = []
    async for part in await call.request.multipart():
        if isinstance(part, BodyPartReader) and part.name == "file":
            content = bytes(await part.read())
            if len(content) > ATTACHMENT_LIMIT:
                raise JiraError(413, f"The file {part.filename} is larger than {ATTACHMENT_LIMIT} bytes.")
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            number = call.state.new_id("attachment")
            made.append(Attachment(number, part.filename or "file", mime_type, content, call.actor, call.now))
    issue.attachments.extend(made)
    call.state.touch(issue, call.actor, ())
    return answer([render_attachment(call.render, attachment) for attachment in made])


def _attachment(call: JiraCall) -> Attachment:
    for issue in call.state.issues.values():
        for attachment in issue.attachments:
            if attachment.id == call.id():
                return attachment
    raise JiraError(404, f"The attachment with id '{call.id()}' does not exist")


async def read_attachment(call: JiraCall) -> web.StreamResponse:
    return answer(render_attachment(call.render, _attachment(call)))


async def attachment_content(call: JiraCall) -> web.StreamResponse:
    attachment = _attachment(call)
    return web.Response(body=attachment.content, content_type=attachment.mime_type.partition(";")[0])
