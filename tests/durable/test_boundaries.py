"""What the engine may not do: unpickle, call home, chat on the console."""

from __future__ import annotations

import base64
import logging
import os
import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.durable import Durable, WorkflowStatus
from tests.durable.conftest import ACCOUNT, ended, until


class _Bomb:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (self.path,))


async def test_a_pickle_put_into_the_database_is_not_opened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, crater = tmp_path / "durable.sqlite", tmp_path / "crater"
    durable = Durable(f"sqlite:///{path}", poll_interval_s=0.05)

    @durable.register("victim")
    async def victim(arguments: dict[str, Any]) -> dict[str, Any]:
        return {}

    await durable.launch()
    await durable.start("victim", "victim:1", {"account_id": ACCOUNT})
    assert (await ended(durable, "victim:1")).status is WorkflowStatus.DONE
    await durable.shutdown(0)

    bomb = base64.b64encode(pickle.dumps(_Bomb(str(crater)))).decode()
    with sqlite3.connect(path) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            columns = {row[1] for row in database.execute(f"pragma table_info({table})")}
            for column in columns & {"inputs", "output"}:
                database.execute(f"update {table} set {column} = ?", (bomb,))
        changed = database.execute(
            "update workflow_status set status = 'PENDING', serialization = 'py_pickle', completed_at = null"
        ).rowcount
        assert changed == 1

    again = Durable(f"sqlite:///{path}", poll_interval_s=0.05)
    again.register("victim")(victim)

    async def was_refused() -> bool:
        return "Error executing workflow victim:1: pickled data" in caplog.text

    await again.launch()
    await until(was_refused)
    assert await again.status("victim:1") is not None
    await again.shutdown(0)
    assert not crater.exists()


async def test_the_engine_says_nothing_on_the_console(
    durable: Durable, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    @durable.register("quiet")
    async def quiet(arguments: dict[str, Any]) -> dict[str, Any]:
        await durable.wait_for("never")
        return {}

    with caplog.at_level(logging.INFO):
        await durable.launch()
        await durable.start("quiet", "quiet:1", {"account_id": ACCOUNT})
        await durable.cancel("quiet:1")
        await durable.shutdown(0)
    assert [record.getMessage() for record in caplog.records if record.name == "dbos"] == []
    assert "DBOS" not in "".join(capfd.readouterr())


def test_the_engine_loads_nothing_that_could_talk_to_somebody() -> None:
    code = (
        "import sys, dbos; sys.exit(any(n.startswith(('opentelemetry.exporter', 'websockets')) for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


def test_importing_the_module_does_not_import_the_engine() -> None:
    code = "import sys, services.durable; sys.exit('dbos' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
