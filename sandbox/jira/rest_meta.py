"""What the site is made of: server, projects, statuses, types, fields, permissions."""

from __future__ import annotations

from aiohttp import web

from sandbox.jira.edits import EDITABLE
from sandbox.jira.errors import JiraError
from sandbox.jira.field_catalog import FIELDS, FieldInfo
from sandbox.jira.http import JiraCall, Route, answer, page, page_bean
from sandbox.jira.model import IssueType, Project
from sandbox.jira.render import Json
from sandbox.jira.render_issue import field_meta

PERMISSIONS = (
    ("10", "BROWSE_PROJECTS", "Browse Projects", "PROJECT"),
    ("11", "CREATE_ISSUES", "Create Issues", "PROJECT"),
    ("12", "EDIT_ISSUES", "Edit Issues", "PROJECT"),
    ("13", "ASSIGN_ISSUES", "Assign Issues", "PROJECT"),
    ("15", "ADD_COMMENTS", "Add Comments", "PROJECT"),
    ("16", "DELETE_ISSUES", "Delete Issues", "PROJECT"),
    ("17", "ASSIGNABLE_USER", "Assignable User", "PROJECT"),
    ("20", "WORK_ON_ISSUES", "Work On Issues", "PROJECT"),
    ("21", "LINK_ISSUES", "Link Issues", "PROJECT"),
    ("46", "TRANSITION_ISSUES", "Transition Issues", "PROJECT"),
    ("19", "CREATE_ATTACHMENTS", "Create Attachments", "PROJECT"),
    ("23", "ADMINISTER_PROJECTS", "Administer Projects", "PROJECT"),
    ("27", "USER_PICKER", "Browse users and groups", "GLOBAL"),
    ("0", "ADMINISTER", "Administer Jira", "GLOBAL"),
)


def routes() -> list[Route]:
    """Return what to serve."""
    return [
        ("GET", "serverInfo", server_info),
        ("GET", "project", project_list),
        ("GET", "project/search", project_search),
        ("GET", "project/{project}", project),
        ("GET", "project/{project}/statuses", project_statuses),
        ("GET", "project/{project}/versions", versions),
        ("GET", "project/{project}/components", versions),
        ("GET", "status", statuses),
        ("GET", "statuscategory", status_categories),
        ("GET", "priority", priorities),
        ("GET", "resolution", resolutions),
        ("GET", "issuetype", issue_types),
        ("GET", "field", fields),
        ("GET", "mypermissions", my_permissions),
        ("GET", "events", events),
        ("GET", "issue/createmeta/{project}/issuetypes", create_types),
        ("GET", "issue/createmeta/{project}/issuetypes/{type}", create_fields),
    ]


async def server_info(call: JiraCall) -> web.StreamResponse:
    base = call.render.base
    return answer(
        {
            "baseUrl": base,
            "displayUrl": base,
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100_321,
            "buildDate": call.render.when(call.now.replace(day=1, hour=0, minute=0)),
            "serverTime": call.render.when(call.now),
            "scmInfo": "sandbox",
            "serverTitle": "Harborline Jira",
            "serverTimeZone": str(call.zone),
        }
    )


def _project(call: JiraCall) -> Project:
    return call.state.project(call.request.match_info["project"])


async def project_list(call: JiraCall) -> web.StreamResponse:
    return answer([call.render.project(p) for p in call.state.projects.values()])


async def project_search(call: JiraCall) -> web.StreamResponse:
    keys, ids, query = call.listed("keys"), call.listed("id"), call.text("query").casefold()
    chosen = [
        p
        for p in sorted(call.state.projects.values(), key=lambda p: p.key)
        if (not keys or p.key in keys)
        and (not ids or p.id in ids)
        and (query in p.key.casefold() or query in p.name.casefold())
    ]
    head, shown = page_bean(call, chosen)
    return answer({**head, "values": [call.render.project_details(p, call.listed("expand")) for p in shown]})


async def project(call: JiraCall) -> web.StreamResponse:
    return answer(call.render.project_details(_project(call), call.listed("expand")))


async def project_statuses(call: JiraCall) -> web.StreamResponse:
    found = _project(call)
    return answer(
        [
            {
                "self": call.render.link(f"issuetype/{kind.id}"),
                "id": kind.id,
                "name": kind.name,
                "subtask": kind.subtask,
                "statuses": call.render.workflow_statuses(call.state.workflow_of(found, kind)),
            }
            for kind in (call.state.types[name] for name in found.type_names)
        ]
    )


async def versions(call: JiraCall) -> web.StreamResponse:
    _project(call)
    return answer([])


async def statuses(call: JiraCall) -> web.StreamResponse:
    return answer([call.render.status(status) for status in call.state.statuses.values()])


async def status_categories(call: JiraCall) -> web.StreamResponse:
    categories = {s.category.id: call.render.status(s)["statusCategory"] for s in call.state.statuses.values()}
    return answer(list(categories.values()))


async def priorities(call: JiraCall) -> web.StreamResponse:
    ranked = sorted(call.state.priorities.values(), key=lambda priority: priority.rank)
    return answer([{**call.render.priority(p), "description": "", "statusColor": p.color} for p in ranked])


async def resolutions(call: JiraCall) -> web.StreamResponse:
    return answer([call.render.resolution(resolution) for resolution in call.state.resolutions.values()])


async def issue_types(call: JiraCall) -> web.StreamResponse:
    return answer([call.render.issue_type(kind) for kind in call.state.types.values()])


async def fields(call: JiraCall) -> web.StreamResponse:
    return answer([info.details() for info in FIELDS])


async def my_permissions(call: JiraCall) -> web.StreamResponse:
    asked = call.listed("permissions")
    if not asked:
        raise JiraError(400, "The 'permissions' query parameter is required.")
    known = {key: (number, name, kind) for number, key, name, kind in PERMISSIONS}
    unknown = [key for key in asked if key not in known]
    if unknown:
        raise JiraError(400, f"Unrecognized permission(s): {', '.join(unknown)}")
    if key := call.text("issueKey"):
        call.state.issue(key)
    if key := call.text("projectKey"):
        call.state.project(key)
    return answer({"permissions": {key: _permission(key, *known[key]) for key in asked}})


def _permission(key: str, number: str, name: str, kind: str) -> Json:
    return {
        "id": number,
        "key": key,
        "name": name,
        "type": kind,
        "description": name,
        "havePermission": key != "ADMINISTER",
    }


async def events(call: JiraCall) -> web.StreamResponse:
    names = ("Issue Created", "Issue Updated", "Issue Assigned", "Issue Resolved", "Issue Closed", "Issue Commented")
    return answer([{"id": number, "name": name} for number, name in enumerate(names, 1)])


async def create_types(call: JiraCall) -> web.StreamResponse:
    kinds = [call.state.types[name] for name in _project(call).type_names]
    head, shown = page(call, kinds, most=200)
    return answer({**head, "issueTypes": [call.render.issue_type(kind) for kind in shown]})


async def create_fields(call: JiraCall) -> web.StreamResponse:
    found = _project(call)
    wanted = call.request.match_info["type"]
    kind = next((k for k in (call.state.types[n] for n in found.type_names) if k.id == wanted), None)
    if kind is None:
        raise JiraError(400, f"The issue type with id '{wanted}' is not valid for project '{found.key}'.")
    infos = [info for info in FIELDS if info.id in (*EDITABLE, "project")]
    head, shown = page(call, infos, most=200)
    return answer({**head, "fields": [_create_field(info, kind) for info in shown]})


def _create_field(info: FieldInfo, kind: IssueType) -> Json:
    required = info.id in ("summary", "issuetype", "project") or (info.id == "parent" and kind.subtask)
    return {"fieldId": info.id, **field_meta(info, required)}
