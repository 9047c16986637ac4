"""Keeps the time entries of an account in SQLite: the first run takes all, each later one what has changed since.

    PAYMO_API_KEY=... python examples/sync_job.py entries.db

A page and the place behind it are stored in one transaction, so a run that is killed goes on where it stopped and
repeats at most a page. What was deleted at the service stays here: it has no feed of deletions.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime

from paymo_async import F, PaymoClient, TimeEntry

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, project_id INTEGER, task_id INTEGER, user_id INTEGER,
    day TEXT, seconds INTEGER, updated_on TEXT NOT NULL, raw TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), since TEXT, resume TEXT);
INSERT OR IGNORE INTO place VALUES (1, NULL, NULL);
"""


async def sync(paymo: PaymoClient, database: sqlite3.Connection) -> int:
    """Brings the database up to date, and returns how many entries came."""
    database.executescript(SCHEMA)
    since, resume = database.execute("SELECT since, resume FROM place").fetchone()
    # Compared with >=, so what changed within the second of the last run comes once more, and is stored once more.
    where = F.updated_on >= datetime.fromisoformat(since) if since else None
    count = 0
    async for page in paymo.entries.list(where=where, resume=resume, prefetch=1).pages():
        with database:
            store(database, page.items)
            database.execute("UPDATE place SET resume = ?", (page.checkpoint,))
        count += len(page.items)
    with database:
        # By the service's clock, not by ours; and only now, since a page says nothing of the ones behind it.
        database.execute("UPDATE place SET resume = NULL, since = (SELECT max(updated_on) FROM entries)")
    return count


def store(database: sqlite3.Connection, entries: Sequence[TimeEntry]) -> None:
    """Writes entries, in place of what was known of them."""
    rows = [
        (
            entry.id,
            entry.project_id or None,
            entry.task_id,
            entry.user_id,
            day_of(entry),
            entry.duration or None,
            entry.updated_on.isoformat(),
            entry.to_json().decode(),
        )
        for entry in entries
    ]
    database.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def day_of(entry: TimeEntry) -> str | None:
    """The day of either shape of entry, in UTC: with a date, or with two times."""
    day = entry.date or (entry.start_time.date() if entry.start_time else None)
    return day.isoformat() if day else None


async def main(path: str) -> None:
    """One run."""
    with closing(sqlite3.connect(path)) as database:
        async with PaymoClient() as paymo:
            count = await sync(paymo, database)
        total, hours = database.execute("SELECT count(*), coalesce(sum(seconds), 0) / 3600.0 FROM entries").fetchone()
    sys.stdout.write(f"{count} entries came; {total} in all, {hours:.1f} hours\n")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
