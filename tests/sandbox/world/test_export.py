"""What an admin would import."""

from __future__ import annotations

import csv
import io
import json

from sandbox.world.export import people_csv, projects_csv, world_json
from sandbox.world.people import new_world


def test_people_come_with_their_teams_pm() -> None:
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(people_csv(new_world())))}
    assert len(rows) == 12
    assert rows["bob.carter@harborline.test"] == {
        "email": "bob.carter@harborline.test",
        "name": "Bob Carter",
        "slack_user_id": "U0BOB",
        "jira_account_id": "712020:bob",
        "team": "Storefront",
        "pm_email": "priya.shah@harborline.test",
        "role": "engineer",
        "time_zone": "America/New_York",
        "github_login": "bob-carter",
    }
    assert rows["tomas.silva@harborline.test"]["name"] == "Tomás Silva"


def test_projects_come_with_pm_channel_and_retainer() -> None:
    rows = {row["project_key"]: row for row in csv.DictReader(io.StringIO(projects_csv(new_world())))}
    assert {row["type"] for row in rows.values()} == {"retainer", "scope", "internal"}
    assert (rows["CARE"]["monthly_retainer_hours"], rows["CARE"]["channel_id"]) == ("160", "C0PROJCARE")
    assert rows["SHOP"]["monthly_retainer_hours"] == ""
    assert rows["SHOP"]["stakeholder_emails"] == "dana.whitfield@harborline.test"


def test_the_worlds_json_is_plain() -> None:
    body = json.loads(json.dumps(world_json(new_world())))
    assert set(body["people"][0]) == {
        "key",
        "name",
        "email",
        "slack_id",
        "jira_account_id",
        "title",
        "team",
        "role",
        "time_zone",
        "github_login",
    }
    columns = {"key", "name", "type", "pm", "channel", "monthly_retainer_hours", "github_repositories"}
    assert set(body["projects"][0]) >= columns
