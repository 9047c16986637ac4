"""What all parts of a generated agency share: its size, its days, its people and projects, and chance."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from paymo_async.sandbox.values import defaults

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["LAST_DAY", "Agency", "Chance", "Size", "Worked"]

LAST_DAY: Final = date(2026, 6, 30)
"""The last day of the generated year."""

T = TypeVar("T")


class Size(NamedTuple):
    """How much of everything. lines: of an estimate on average.

    invoices: with them come payments, expenses and recurring profiles, where there are clients.
    """

    users: int = 12
    clients: int = 25
    projects: int = 90
    tasks: int = 4_000
    entries: int = 60_000
    estimates: int = 600
    reports: int = 40
    lines: int = 10
    invoices: int = 0


class Chance(random.Random):
    """A source of random numbers for one part."""

    def pick(self, among: Sequence[T]) -> T:
        """One of these."""
        return among[int(self.random() * len(among))]

    def hex(self, size: int) -> str:
        """A secret of `size` hex digits."""
        return f"{self.getrandbits(4 * size):0{size}x}"


class Worked:
    """The time on one project: its first and last second since 1970, and whose it is."""

    __slots__ = ("first", "last", "users")

    def __init__(self, began: int) -> None:
        self.first: int = began
        self.last: int = began
        self.users: set[int] = set()


class Agency:
    """One run of the generator.

    settings: the company's. days: the year's, as ISO texts; midnights: the same as seconds since 1970. worked: what
    time there is on each project, by its id.
    """

    def __init__(self, account: Account, size: Size, number: int) -> None:
        self.account = account
        self.size = size
        self.number = number
        self.settings: dict[str, Any] = account.company()
        dates = [LAST_DAY - timedelta(days=back) for back in range(364, -1, -1)]
        self.days: list[str] = [day.isoformat() for day in dates]
        self.midnights: list[int] = [
            int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in dates
        ]
        self.workdays: list[int] = [place for place, day in enumerate(dates) if day.isoweekday() < 6]
        self.users: list[dict[str, Any]] = [account.get("users", 1)]
        self.clients: list[dict[str, Any]] = []
        self.projects: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self.worked: dict[int, Worked] = {}
        self._blanks: dict[str, dict[str, Any]] = {}

    def chance(self, part: str) -> Chance:
        """The random numbers of a part, always the same."""
        return Chance(f"{self.number} {part}")

    def full(self, path: str, values: Mapping[str, Any], moment: str) -> dict[str, Any]:
        """An object with all its attributes. Empty lists are shared: these objects are written and not changed."""
        if path not in self._blanks:
            self._blanks[path] = defaults(self.account.tables[path])
        return {**self._blanks[path], "created_on": moment, "updated_on": moment, **values}

    def store(self, path: str, objects: Iterable[Mapping[str, Any]]) -> None:
        """Adds objects to the account."""
        self.account.store.bulk(self.account.tables[path], objects)

    def started(self, project: Mapping[str, Any]) -> int:
        """The place among the days at which a project began."""
        return self.place(project["created_on"][:10])

    def place(self, day: str) -> int:
        """The place of a day of the year."""
        return 364 - (LAST_DAY - date.fromisoformat(day)).days

    def day(self, place: int) -> str:
        """The day at a place, or the first or last one."""
        return self.days[max(0, min(place, len(self.days) - 1))]
