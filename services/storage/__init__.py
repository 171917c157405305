"""Where files that must last are kept: a folder, or a bucket that speaks S3."""

from services.storage.storage import ReportStorage, StoredFile

__all__ = ["ReportStorage", "StoredFile"]
