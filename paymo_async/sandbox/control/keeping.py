"""What the control API keeps between its requests: snapshots by name, and the faults' ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from paymo_async.sandbox.faults import Fault
from paymo_async.sandbox.values import Problem

if TYPE_CHECKING:
    from paymo_async.sandbox.server import Snapshot

__all__ = ["MOST_SNAPSHOTS", "FaultIds", "Kept", "Snapshots"]

MOST_SNAPSHOTS: Final = 10
"""How many snapshots are kept: each takes as much memory as the account."""


class Kept(NamedTuple):
    """A snapshot, and when it was taken: seconds since 1970 by the sandbox's clock."""

    at: float
    snapshot: Snapshot


class Snapshots:
    """Snapshots by id, the oldest first."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._last = 0

    @property
    def kept(self) -> Mapping[str, Kept]:
        """All of them."""
        return self._kept

    def name(self, wanted: str | None) -> str:
        """The id of the next one: as wanted, also where that replaces another, or a number.

        Raises Problem 409 where there is no room.
        """
        if wanted not in self._kept and len(self._kept) >= MOST_SNAPSHOTS:
            raise Problem(409, f"{MOST_SNAPSHOTS} snapshots are kept at most: DELETE one, or take one's name")
        while wanted is None:
            self._last += 1
            wanted = None if str(self._last) in self._kept else str(self._last)
        return wanted

    def keep(self, name: str, kept: Kept) -> None:
        """Keeps one under its id."""
        self._kept.pop(name, None)
        self._kept[name] = kept

    def get(self, name: str) -> Kept:
        """One of them. Raises Problem 404."""
        if name not in self._kept:
            raise Problem(404, f"No snapshot has the id `{name}`; there are: {', '.join(self._kept) or 'none'}")
        return self._kept[name]

    def forget(self, name: str) -> None:
        """Drops one. Raises Problem 404."""
        self.get(name)
        del self._kept[name]


class FaultIds:
    """Numbers for the faults of a sandbox, which a program may have added without them."""

    def __init__(self) -> None:
        self._numbered: dict[int, Fault] = {}
        self._last = 0

    def of(self, faults: Iterable[Fault]) -> dict[int, Fault]:
        """The faults by id; each keeps its own for as long as it is among them."""
        known = {id(fault): number for number, fault in self._numbered.items()}
        numbered: dict[int, Fault] = {}
        for fault in faults:
            number = known.get(id(fault))
            if number is None:
                self._last = number = self._last + 1
            numbered[number] = fault
        self._numbered = numbered
        return numbered
