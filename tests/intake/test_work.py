"""Work of one key keeps its order, as long as it says so."""

from __future__ import annotations

import asyncio

import pytest

from handlers.work import WorkPool, let_next


@pytest.mark.requirement("FLP-2.2")
async def test_a_click_waits_for_the_one_before_but_not_for_all_that_is_said_to_that() -> None:
    pool, said, done = WorkPool(4), asyncio.Event(), list[str]()

    async def first() -> None:
        await asyncio.sleep(0)
        done.append("first fact")
        let_next()
        await said.wait()
        done.append("first answer")

    async def second() -> None:
        done.append("second fact")
        said.set()

    pool.submit(first, "clicks")
    pool.submit(second, "clicks")
    assert await pool.drain(5) == 0
    assert done == ["first fact", "second fact", "first answer"]
    let_next()  # outside of work it means nothing
