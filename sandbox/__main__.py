"""Run the sandbox alone: `python -m sandbox [--port 8700] [--import DIR]`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from sandbox.server import SandboxServer, create_sandbox

MODEL_PAUSE_S = 0.15
"""People watch this one: a pretended model says about 500 characters a second, as real ones do."""


def main(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 picks a free one.")] = 8700,
    import_dir: Annotated[
        Path | None,
        typer.Option("--import", help="Folder of real issues to load.", exists=True, file_okay=False),
    ] = None,
    empty: Annotated[bool, typer.Option(help="Start without the world of data.")] = False,
) -> None:
    """Serve stand-ins for Slack, Jira, Tempo and model vendors on this machine."""
    asyncio.run(_serve(port, import_dir, empty))


async def _serve(port: int, import_dir: Path | None, empty: bool) -> None:
    sandbox = create_sandbox(import_dir, empty)
    sandbox.models.pause_s = MODEL_PAUSE_S
    server = SandboxServer(sandbox, port=port)
    typer.echo(f"Sandbox: {await server.start()}/")
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    await stopped.wait()
    await server.stop()


if __name__ == "__main__":
    typer.run(main)
