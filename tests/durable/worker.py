"""A process that tests kill: runs one workflow of three steps on the database it is given.

`python -m tests.durable.worker URL JOURNAL WORKFLOW_ID [--stop-in-second-step]`; every effect is a line in JOURNAL.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from services.durable import Durable
from tests.durable.conftest import ended


async def main(url: str, journal: Path, workflow_id: str, *, stop_in_second_step: bool) -> None:
    durable = Durable(url, poll_interval_s=0.05, takeover_interval_s=0.2)

    def note(line: str) -> None:
        with journal.open("a") as file:
            file.write(line + "\n")

    async def first() -> int:
        note("first")
        return 1

    async def second() -> int:
        note("second")
        if stop_in_second_step:
            await asyncio.sleep(3600)
        return 2

    async def third() -> int:
        note("third")
        return 3

    @durable.register("three-steps")
    async def three_steps(arguments: dict[str, Any]) -> dict[str, Any]:
        numbers = [await durable.step(step.__name__, step) for step in (first, second, third)]
        note(f"done {sum(numbers)}")
        return {"sum": sum(numbers)}

    await durable.launch()
    await durable.start("three-steps", workflow_id, {"account_id": "acc_one"})
    await ended(durable, workflow_id)
    await durable.shutdown(5)


if __name__ == "__main__":
    asyncio.run(
        main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], stop_in_second_step="--stop-in-second-step" in sys.argv)
    )
