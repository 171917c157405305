"""The demo for people: start, say where to look, go on until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from pathlib import Path

import typer

from application.demo import running_demo
from application.logs import configure_logs
from services.settings import Settings


def free_port(wanted: int) -> int:
    """Return `wanted` if it is free on loopback, else one that is."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
        return wanted


async def show_demo(port: int, data_dir: Path, import_dir: Path | None, *, fresh: bool) -> None:
    """Run the demo until Ctrl-C or SIGTERM."""
    configure_logs(Settings.model_validate({"log_level": "WARNING", "log_format": "console"}))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    chosen = free_port(port)
    if chosen != port:
        typer.echo(f"Port {port} is taken; using another.")
    async with running_demo(port=chosen, data_dir=data_dir, say=typer.echo, import_dir=import_dir, fresh=fresh) as demo:
        typer.secho(f"\n  Open {demo.sandbox_url}/\n", fg="green", bold=True)
        typer.echo(
            "It is a Slack workspace: act as anyone in it, type /ticket help, /pm run time-tracking or /pilot help."
        )
        typer.echo("Ctrl-C stops it.")
        await stopped.wait()
        typer.echo("Stopping…")
