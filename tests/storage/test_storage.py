"""Files are written once and read back, on disk and in a bucket alike."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from services.errors import ConflictError, NotConfiguredError, NotFoundError, VendorUnavailableError
from services.settings import Settings
from services.storage import ReportStorage, StoredFile
from services.storage.storage import CHUNK_BYTES

BUCKET = "reports-of-a-test"


def settings(folder: Path, **changes: Any) -> Settings:
    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    return Settings.model_validate(defaults | {"data_dir": folder} | changes)


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, Any]]:
    """The settings of a bucket in a server of our own that speaks S3."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{BUCKET}", method="PUT")).close()
    yield {
        "storage_url": f"s3://{BUCKET}/flowpilot",
        "storage_endpoint": endpoint,
        "storage_access_key": SecretStr("k"),
        "storage_secret_key": SecretStr("s"),
    }
    server.stop()


@pytest.fixture(params=["disk", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> ReportStorage:
    where = request.getfixturevalue("bucket") if request.param == "bucket" else {}
    return ReportStorage(settings(tmp_path, **where))


@pytest.mark.requirement("PM-4.4")
async def test_a_file_is_stored_once_read_back_whole_and_never_overwritten(storage: ReportStorage) -> None:
    content = os.urandom(CHUNK_BYTES * 3 + 17)
    key = "acc_one/2026-10/r1 – übersicht.xlsx"
    assert await storage.find(key) is None
    assert await storage.put_new(key, content) is True
    assert await storage.find(key) == StoredFile(key, len(content))
    assert await storage.put_new(key, content) is False
    with pytest.raises(ConflictError):
        await storage.put_new(key, b"something else")
    pieces = [piece async for piece in storage.stream(key)]
    assert len(pieces) > 1
    assert b"".join(pieces) == content
    with pytest.raises(NotFoundError, match="Make the report again"):
        await storage.read("acc_one/2026-10/r2.xlsx")
    assert await storage.check() == storage.place


async def test_a_store_that_does_not_answer_and_a_wrong_address_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(NotConfiguredError, match="s3://bucket/folder"):
        await ReportStorage(settings(tmp_path, storage_url="ftp://somewhere")).find("a")
    blocked = tmp_path / "reports"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(VendorUnavailableError):
        await ReportStorage(settings(tmp_path)).put_new("a/b", b"1")


async def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    storage = ReportStorage(settings(tmp_path))
    (tmp_path / "secret").write_text("not for anybody")
    with pytest.raises((NotFoundError, VendorUnavailableError, ValueError)):
        await storage.read("../secret")
