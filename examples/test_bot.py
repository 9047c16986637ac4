"""Tests of the chat bot beside this file, against a sandbox of Paymo: no account is needed, and nothing is mocked.

pytest examples/test_bot.py -o asyncio_mode=auto
"""

from __future__ import annotations

from datetime import date

import pytest
from bot import HELP, Bot

from paymo_async import PaymoClient, TimeEntry
from paymo_async.sandbox import Sandbox


class Chat(list[str]):
    """What the bot has said."""

    async def say(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def chat() -> Chat:
    return Chat()


@pytest.fixture
def bot(paymo_client: PaymoClient, chat: Chat) -> Bot:
    return Bot(paymo_client, chat.say)


@pytest.mark.paymo_sandbox(clock="2031-05-05T12:00:00Z")
async def test_it_knows_what_was_worked_on_today(bot: Bot, chat: Chat, paymo_client: PaymoClient) -> None:
    task = await paymo_client.tasks.list().first()
    await paymo_client.entries.create(TimeEntry(task_id=task.id, date=date(2031, 5, 5), duration=2 * 3600))
    await bot.hear("today")
    assert chat[0].endswith("In all 2:00")


@pytest.mark.paymo_sandbox(clock="2031-05-05T12:00:00Z")
async def test_on_a_day_without_time_it_says_so(bot: Bot, chat: Chat, paymo_sandbox: Sandbox) -> None:
    paymo_sandbox.clock.move(days=1)
    await bot.hear("today")
    assert chat == ["Nobody tracked any time."]


async def test_it_tells_what_failed_and_goes_on(bot: Bot, chat: Chat, paymo_sandbox: Sandbox) -> None:
    fault = paymo_sandbox.faults.add("500", path="reports", method="POST")
    await bot.hear("week")
    paymo_sandbox.faults.remove(fault)
    await bot.hear("running")
    assert chat == ["Paymo did not tell: ServerError.", "No timer is running."]


@pytest.mark.paymo_sandbox(rate_limit=(3, 0.5))
async def test_many_questions_keep_the_rate_limit(bot: Bot, chat: Chat, paymo_sandbox: Sandbox) -> None:
    for _ in range(5):
        await bot.hear("running")
    assert len(chat) == 5
    assert {seen.status for seen in paymo_sandbox.requests} == {200}


async def test_what_it_does_not_understand_costs_no_request(bot: Bot, chat: Chat, paymo_sandbox: Sandbox) -> None:
    await bot.hear("hello")
    assert chat == [HELP]
    assert len(paymo_sandbox.requests) == 0
