"""The endpoints below `/_sandbox/`: what each does with the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, TypeVar

from paymo_async.sandbox.answers import Answer
from paymo_async.sandbox.control import asking, views
from paymo_async.sandbox.control.asking import Ask
from paymo_async.sandbox.control.keeping import FaultIds, Kept, Snapshots
from paymo_async.sandbox.faults import Fault
from paymo_async.sandbox.generate import Size
from paymo_async.sandbox.ratelimit import RateModel
from paymo_async.sandbox.traffic import Log, Numbered, Seen
from paymo_async.sandbox.values import Problem, dump

if TYPE_CHECKING:
    from paymo_async.sandbox.server import Sandbox

__all__ = ["ENDPOINTS", "Desk"]

N = TypeVar("N", bound=Numbered)

_FIRST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(2100, 1, 1, tzinfo=UTC)


class Desk:
    """A sandbox, and what the control API keeps of it."""

    def __init__(self, box: Sandbox) -> None:
        self.box = box
        self.ids: FaultIds = FaultIds()
        self.snapshots: Snapshots = Snapshots()

    def state(self) -> dict[str, Any]:
        """All there is to tell."""
        return views.state(self.box, self.ids, self.snapshots)


def _state(desk: Desk, _: Ask) -> Answer:
    return _json(desk.state())


def _reset(desk: Desk, ask: Ask) -> Answer:
    ask.body(asking.Nothing)
    desk.box.reset()
    return _json(desk.state())


def _seed(desk: Desk, ask: Ask) -> Answer:
    wanted = ask.body(asking.Seeding)
    try:
        seed = Size(**wanted.seed) if isinstance(wanted.seed, dict) else wanted.seed
    except TypeError:
        raise Problem(400, f"An unknown amount in `seed`; known are {', '.join(Size._fields)}") from None
    try:
        desk.box.seed(seed, wanted.number)
    except ValueError as error:
        raise Problem(400, f"{error}") from None
    return _json(desk.state())


def _snapshots(desk: Desk, _: Ask) -> Answer:
    return _json({"snapshots": views.snapshots(desk.snapshots)})


def _snapshot(desk: Desk, ask: Ask) -> Answer:
    name = desk.snapshots.name(ask.body(asking.Snapshotting).name)
    desk.snapshots.keep(name, Kept(desk.box.clock(), desk.box.snapshot()))
    return _json(views.snapshots(desk.snapshots)[-1], 201)


def _database(desk: Desk, ask: Ask) -> Answer:
    database = desk.snapshots.get(ask.item).snapshot.database
    return Answer(200, database, "application/vnd.sqlite3")


def _forget(desk: Desk, ask: Ask) -> Answer:
    desk.snapshots.forget(ask.item)
    return _snapshots(desk, ask)


def _restore(desk: Desk, ask: Ask) -> Answer:
    desk.box.restore(desk.snapshots.get(ask.body(asking.Restoring).id).snapshot)
    return _json(desk.state())


def _clock(desk: Desk, _: Ask) -> Answer:
    return _json(views.clock(desk.box))


def _change_clock(desk: Desk, ask: Ask) -> Answer:
    wanted = ask.body(asking.ClockChange)
    given = [name for name in wanted.__struct_fields__ if getattr(wanted, name) is not None]
    if len(given) != 1 or getattr(wanted, given[0]) is False:
        raise Problem(400, f"What to do with the clock? It takes {wanted.takes}")
    clock = desk.box.clock
    if wanted.set is not None:
        clock.set(_moment("set", wanted.set))
    elif wanted.move is not None:
        clock.move(seconds=_seconds(clock.now, wanted.move))
    elif wanted.freeze is not None:
        clock.freeze(_moment("freeze", wanted.freeze) if isinstance(wanted.freeze, str) else None)
    elif wanted.resume:
        clock.resume()
    else:
        clock.reset()
    return _json(views.clock(desk.box))


def _faults(desk: Desk, _: Ask) -> Answer:
    return _json({"faults": views.faults(desk.box, desk.ids)})


def _add_fault(desk: Desk, ask: Ask) -> Answer:
    try:
        desk.box.faults.add(Fault.from_dict(ask.fields()))
    except ValueError as error:
        raise Problem(400, f"{error}") from None
    return _json(views.faults(desk.box, desk.ids)[-1], 201)


def _remove_fault(desk: Desk, ask: Ask) -> Answer:
    numbered = {str(number): fault for number, fault in desk.ids.of(desk.box.faults).items()}
    if ask.item not in numbered:
        raise Problem(404, f"No fault has the id `{ask.item}`; there are: {', '.join(numbered) or 'none'}")
    desk.box.faults.remove(numbered[ask.item])
    return _faults(desk, ask)


def _clear_faults(desk: Desk, ask: Ask) -> Answer:
    desk.box.faults.clear()
    return _faults(desk, ask)


def _rate_limit(desk: Desk, _: Ask) -> Answer:
    return _json(views.rate_limit(desk.box) or {"limit": None})


def _change_rate_limit(desk: Desk, ask: Ask) -> Answer:
    wanted = ask.body(asking.Limit)
    desk.box.limit(None if wanted.limit is None else RateModel(wanted.limit, wanted.period, wanted.model))
    return _rate_limit(desk, ask)


def _requests(desk: Desk, ask: Ask) -> Answer:
    wanted = ask.query(asking.RequestsWanted)
    found, more = _page(desk.box.requests, wanted.since, wanted.limit, lambda seen: _is_wanted(seen, wanted))
    return _json({"requests": views.requests(found), "more": more, "total": desk.box.requests.total})


def _forget_requests(desk: Desk, ask: Ask) -> Answer:
    desk.box.requests.clear()
    return _requests(desk, ask)


async def _deliveries(desk: Desk, ask: Ask) -> Answer:
    wanted = ask.query(asking.DeliveriesWanted)
    delivered = asyncio.ensure_future(desk.box.delivered())
    try:
        await asyncio.wait({delivered}, timeout=wanted.wait)
        waiting = not delivered.done()
    finally:
        delivered.cancel()
    found, more = _page(desk.box.deliveries, wanted.since, wanted.limit, lambda _: True)
    told = {"deliveries": views.deliveries(found), "more": more, "total": desk.box.deliveries.total}
    return _json({**told, "waiting": waiting})


def _key(desk: Desk, ask: Ask) -> Answer:
    user_id = ask.body(asking.KeyWanted).user_id
    try:
        key = desk.box.add_key(user_id)
    except Problem:
        raise Problem(404, f"No user has the id {user_id}") from None
    return _json({"key": key, "user_id": user_id}, 201)


Endpoint = Callable[[Desk, Ask], Answer | Awaitable[Answer]]

ENDPOINTS: Final[Mapping[str, Mapping[str, Endpoint]]] = {
    "": {"GET": _state},
    "reset": {"POST": _reset},
    "seed": {"POST": _seed},
    "snapshot": {"GET": _snapshots, "POST": _snapshot},
    "snapshot/ID": {"GET": _database, "DELETE": _forget},
    "restore": {"POST": _restore},
    "clock": {"GET": _clock, "POST": _change_clock},
    "faults": {"GET": _faults, "POST": _add_fault, "DELETE": _clear_faults},
    "faults/ID": {"DELETE": _remove_fault},
    "rate-limit": {"GET": _rate_limit, "POST": _change_rate_limit},
    "requests": {"GET": _requests, "DELETE": _forget_requests},
    "deliveries": {"GET": _deliveries},
    "keys": {"POST": _key},
}
"""What answers, by path below the control API's root and method."""


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, dump(value))


def _page(log: Log[N], since: int, limit: int, wanted: Callable[[N], bool]) -> tuple[list[N], bool]:
    """The wanted ones after a number, and whether there are more."""
    found: list[N] = []
    for one in log.after(since):
        if wanted(one):
            if len(found) == limit:
                return found, True
            found.append(one)
    return found, False


def _is_wanted(seen: Seen, wanted: asking.RequestsWanted) -> bool:
    return (
        (wanted.method in ("*", seen.method))
        and fnmatchcase(seen.path, wanted.path)
        and (wanted.status is None or _has_status(seen.status, wanted.status))
    )


def _has_status(status: int, wanted: str) -> bool:
    return str(status)[0] == wanted[0] if wanted.endswith("xx") else str(status) == wanted


def _moment(field: str, text: str) -> datetime:
    """A moment of a body. Raises Problem 400 for none, for one without a time zone, and for one too far away."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and _FIRST <= moment <= _LAST:
            return moment
    except ValueError:
        pass
    raise Problem(400, f"`{field}` must be a moment of the years 2000 to 2099 with its zone, as 2026-01-31T09:00:00Z")


def _seconds(now: datetime, move: asking.Move) -> float:
    """How far a move goes. Raises Problem 400 where it ends too far away."""
    try:
        by = timedelta(days=move.days, hours=move.hours, minutes=move.minutes, seconds=move.seconds)
        if _FIRST <= now + by <= _LAST:
            return by.total_seconds()
    except OverflowError:
        pass
    raise Problem(400, "`move` must end within the years 2000 to 2099")
