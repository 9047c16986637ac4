"""What the control API tells of a sandbox, as JSON values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import attrs

from paymo_async._version import __version__
from paymo_async.sandbox.control.keeping import FaultIds, Snapshots
from paymo_async.sandbox.generate import Size
from paymo_async.sandbox.seed import SEEDS, Seed
from paymo_async.sandbox.traffic import Delivery, Seen

if TYPE_CHECKING:
    from paymo_async.sandbox.server import Sandbox, Snapshot

__all__ = ["clock", "deliveries", "faults", "rate_limit", "requests", "snapshots", "state"]


def state(box: Sandbox, ids: FaultIds, kept: Snapshots) -> dict[str, Any]:
    """The whole state. It takes well below a millisecond, also of a million entries: the counts are of indexes."""
    settings = box.settings
    return {
        "version": __version__,
        "url": box.url,
        "api_key": box.api_key,
        "email": box.email,
        "password": box.password,
        "seed": _seed(settings.seed),
        "number": settings.number,
        "seeds": SEEDS,
        "objects": _counts(box),
        "must_filter": _must_filter(box),
        "rate_limit": rate_limit(box),
        "clock": clock(box),
        "faults": faults(box, ids),
        "requests": {"total": box.requests.total, "kept": len(box.requests)},
        "deliveries": {"total": box.deliveries.total, "kept": len(box.deliveries)},
        "snapshots": snapshots(kept),
        "options": settings.options,
    }


def rate_limit(box: Sandbox) -> dict[str, Any] | None:
    """The model, and how many more requests each key has, by its last four characters; None for no limit."""
    limiter = box.limiter
    if limiter is None:
        return None
    left = [{"key": key[-4:], "left": number} for key, number in limiter.left().items()]
    return {**limiter.model._asdict(), "keys": left}


def clock(box: Sandbox) -> dict[str, Any]:
    """What time it is, and whether it stands still."""
    seconds = box.clock()
    return {"now": _moment(seconds), "seconds": seconds, "frozen": box.clock.frozen}


def faults(box: Sandbox, ids: FaultIds) -> list[dict[str, Any]]:
    """The faults, in the order they were added."""
    return [
        {"id": number, **fault.to_dict(), "seen": fault.seen, "acted": fault.acted}
        for number, fault in ids.of(box.faults).items()
    ]


def requests(seen: Sequence[Seen]) -> list[dict[str, Any]]:
    """Requests as they came."""
    return [attrs.asdict(one) for one in seen]


def deliveries(made: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Deliveries of webhooks; the body is text, as it was signed."""
    return [
        {**attrs.asdict(one), "body": one.body.decode(errors="replace"), "headers": dict(one.headers)} for one in made
    ]


def snapshots(kept: Snapshots) -> list[dict[str, Any]]:
    """The snapshots, the oldest first; size: bytes."""
    return [{"id": name, "at": _moment(one.at), "size": len(one.snapshot.database)} for name, one in kept.kept.items()]


def _seed(seed: Seed | Snapshot) -> Any:
    """A seed's name, the amounts of a size, or None where it began with a snapshot."""
    if isinstance(seed, str):
        return seed
    return seed._asdict() if isinstance(seed, Size) else None


def _counts(box: Sandbox) -> dict[str, int]:
    """How many objects there are of each resource that can be read."""
    account = box.account
    with account.lock:
        readable = (table for table in account.tables if account.rule(table.path).readable)
        return {table.path: account.store.count(table) for table in readable}


def _must_filter(box: Sandbox) -> Mapping[str, Sequence[str]]:
    """The resources whose lists are refused without a filter by one of these."""
    declared = (table.declaration for table in box.account.tables)
    return {each.path: each.must_filter for each in declared if each.must_filter}


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
