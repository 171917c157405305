"""Structured logs: one JSON object a line, or for people in a console."""

from __future__ import annotations

import logging
import sys

import structlog

from services.settings import Settings

QUIET = ("httpx2", "httpcore2", "apscheduler", "alembic", "dbos", "aiosqlite", "urllib3", "asyncio", "slack_sdk")


def configure_logs(settings: Settings) -> None:
    """Send our logs and the libraries' to standard error, in the format and from the level that the settings say."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    is_json = settings.log_format == "json"
    renderer = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer()
    ending = [structlog.processors.format_exc_info, renderer] if is_json else [renderer]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
