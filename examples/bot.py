"""A chat bot that knows what was worked on; here it chats on the terminal.

    PAYMO_API_KEY=... python examples/bot.py
    > today

Put another `say` in its place for Slack, Matrix and the like. Questions are answered at once and side by side: the
client keeps the rate limit for all of them.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeAlias

from paymo_async import F, PaymoClient, PaymoError
from paymo_async.reporting import ReportNode, total, tree

Say: TypeAlias = Callable[[str], Awaitable[None]]

HELP = "Ask me: today, yesterday, week, running."
SPANS = {"today": "today", "yesterday": "yesterday", "week": "this_week"}


class Bot:
    """Answers questions by `say`."""

    def __init__(self, paymo: PaymoClient, say: Say) -> None:
        self._paymo = paymo
        self._say = say

    async def hear(self, text: str) -> None:
        """Answers one message; a failure is an answer too, and ends nothing."""
        question = text.strip().lower()
        try:
            if question in SPANS:
                answer = await self._worked(SPANS[question])
            elif question == "running":
                answer = await self._running()
            else:
                answer = HELP
        except PaymoError as error:
            answer = f"Paymo did not tell: {type(error).__name__}."
        await self._say(answer)

    async def _worked(self, span: str) -> str:
        """Time by user and project, of a report that the service does not store."""
        report = await self._paymo.reports.run(date_interval=span, include=["users", "projects"])
        lines = [line for root in tree(report) for line in indented(root)]
        return "\n".join([*lines, f"In all {clock(total(report))}"]) if lines else "Nobody tracked any time."

    async def _running(self) -> str:
        """Who works on what now."""
        listing = self._paymo.entries.list(where=F.end_time == None, include="user,task")  # noqa: E711  # a condition
        lines = [f"{timer.user.name}: {timer.task.name}" async for timer in listing if timer.start_time]
        return "\n".join(lines) or "No timer is running."


def indented(node: ReportNode, depth: int = 0) -> list[str]:
    """A row of a report and those below it, a line each."""
    line = f"{'  ' * depth}{node.item.title}  {clock(node.time)}"
    return [line, *(below for child in node.children for below in indented(child, depth + 1))]


def clock(time: timedelta) -> str:
    """Hours and minutes, as 12:05."""
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


async def main() -> None:
    """Chats on the terminal until its end."""

    async def say(text: str) -> None:
        sys.stdout.write(f"{text}\n")

    async with PaymoClient() as paymo, asyncio.TaskGroup() as answers:
        bot = Bot(paymo, say)
        while line := await asyncio.to_thread(sys.stdin.readline):
            answers.create_task(bot.hear(line))


if __name__ == "__main__":
    asyncio.run(main())
