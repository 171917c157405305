"""Files by key, on disk or in a bucket: written once, never overwritten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from services.errors import ConflictError, NotConfiguredError, NotFoundError, VendorUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import LocalStore, S3Store

    from services.settings import Settings

VENDOR = "Storage"
CHUNK_BYTES = 256 * 1024
CHECK_KEY = ".flowpilot-check"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class StoredFile:
    """A file that is there."""

    key: str
    size_bytes: int


class ReportStorage:
    """One store, told by one URL; the store is opened at the first use.

    Every call raises `VendorUnavailableError` when the store does not answer or refuses the credentials.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: LocalStore | S3Store | None = None

    @property
    def place(self) -> str:
        """Where files are kept, as people are told it."""
        return self._settings.storage_url or str(self._settings.data_dir / "reports")

    async def put_new(self, key: str, content: bytes) -> bool:
        """Store a file under a new key; False when the very same file is there already.

        Raises `ConflictError`, and leaves what is there as it is, when the key holds something else.
        """
        from obstore.exceptions import AlreadyExistsError, NotSupportedError

        with _answering():
            try:
                await self._opened().put_async(key, content, mode="create")
                return True
            except AlreadyExistsError:
                pass
            except NotSupportedError:
                # stores without conditional writes: look first, which two writers of one key could both do
                log.info("storage cannot write conditionally", place=self.place)
                if await self.find(key) is None:
                    await self._opened().put_async(key, content)
                    return True
        if await self.read(key) == content:
            return False
        raise ConflictError(f"{key} is stored already, with other content.", hint="Nothing was overwritten.")

    async def find(self, key: str) -> StoredFile | None:
        """Return what is known of a file, or None where there is none."""
        with _answering():
            try:
                found = await self._opened().head_async(key)
            except FileNotFoundError:
                return None
        return StoredFile(key, int(found["size"]))

    async def read(self, key: str) -> bytes:
        """Return a whole file; raises `NotFoundError`."""
        return b"".join([chunk async for chunk in self.stream(key)])

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """Yield a file in pieces; raises `NotFoundError` before the first."""
        with _answering():
            try:
                found = await self._opened().get_async(key)
            except FileNotFoundError:
                raise NotFoundError("The file is no longer in the archive.", hint="Make the report again.") from None
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)

    async def check(self) -> str:
        """Ask the store for a file that is not there, which shows address and credentials; return where it is."""
        await self.find(CHECK_KEY)
        return self.place

    def _opened(self) -> LocalStore | S3Store:
        if self._store is None:
            self._store = _open(self._settings)
        return self._store


def _open(settings: Settings) -> LocalStore | S3Store:
    from obstore.store import LocalStore, S3Store

    if not settings.storage_url:
        return LocalStore(settings.data_dir / "reports", mkdir=True)
    parts = urlsplit(settings.storage_url)
    if parts.scheme != "s3" or not parts.netloc:
        raise NotConfiguredError(
            "STORAGE_URL is not an address of a bucket.", hint="It looks like s3://bucket/folder; empty means on disk."
        )
    config: dict[str, Any] = {
        "region": settings.storage_region,
        "endpoint": settings.storage_endpoint or None,
        "access_key_id": settings.storage_access_key.get_secret_value() or None,
        "secret_access_key": settings.storage_secret_key.get_secret_value() or None,
        # a bucket in the host name needs a certificate and a name of its own, which not every store has
        "virtual_hosted_style_request": False,
    }
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options={"allow_http": settings.storage_endpoint.startswith("http://"), "timeout": "60s"},
        retry_config={"max_retries": 3},
        **{name: value for name, value in config.items() if value is not None},
    )


@contextmanager
def _answering() -> Iterator[None]:
    """Say what a person understands when the store fails."""
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise VendorUnavailableError(
            VENDOR, "The file store refuses the access key.", hint="See STORAGE_ACCESS_KEY and STORAGE_SECRET_KEY."
        ) from error
    except (BaseError, OSError) as error:
        log.warning("storage failed", error=str(error)[:500])
        raise VendorUnavailableError(
            VENDOR, "The file store does not answer.", hint="Try again in a minute."
        ) from error
