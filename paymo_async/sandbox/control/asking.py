"""What a request to the control API holds, read into typed bodies; a refusal names the field and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec

from paymo_async.sandbox.ratelimit import Model
from paymo_async.sandbox.values import Problem

__all__ = [
    "Ask",
    "ClockChange",
    "DeliveriesWanted",
    "KeyWanted",
    "Limit",
    "Move",
    "Nothing",
    "RequestsWanted",
    "Restoring",
    "Seeding",
    "Snapshotting",
]

PAGE = 1000
"""How many requests or deliveries an answer holds unless told otherwise."""

_Amount = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
_Number = Annotated[int, msgspec.Meta(ge=0)]
_PageSize = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
_Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]  # what SQLite can hold
_Some = Annotated[int, msgspec.Meta(ge=1)]
_Seconds = Annotated[float, msgspec.Meta(gt=0, le=86_400)]
_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The fields of a body or a query. takes: what is allowed, for who sent something else."""

    takes: ClassVar[str] = ""


class Nothing(Body):
    """No field at all."""

    takes: ClassVar[str] = "no field"


class Seeding(Body):
    """Another seed; what is not given stays as it was."""

    takes: ClassVar[str] = (
        "`seed`: a seed's name, or an object of amounts (users, clients, projects, ...); `number`: a whole number"
    )
    seed: str | dict[str, _Amount] | None = None
    number: int | None = None


class Snapshotting(Body):
    """A snapshot; it gets a number where it gets no name."""

    takes: ClassVar[str] = "`name`: 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first"
    name: _Name | None = None


class Restoring(Body):
    """Which snapshot to go back to."""

    takes: ClassVar[str] = "`id`: of a snapshot, a text"
    id: str


class Move(Body):
    """By how much the clock goes on; back where it is negative."""

    days: float = 0
    hours: float = 0
    minutes: float = 0
    seconds: float = 0


class ClockChange(Body):
    """What to do with the clock: one of these."""

    takes: ClassVar[str] = (
        "one of `set` (a moment as 2026-01-31T09:00:00Z), `move` (an object of days, hours, minutes, seconds), "
        "`freeze` (true, or a moment), `resume` (true), `reset` (true)"
    )
    set: str | None = None
    move: Move | None = None
    freeze: bool | str | None = None
    resume: bool | None = None
    reset: bool | None = None


class Limit(Body):
    """Another rate limit; a `limit` of null is none."""

    takes: ClassVar[str] = (
        "`limit`: a whole number from 1, or null for none; `period`: seconds from above 0 to 86400; "
        "`model`: window, clock, sliding or leaky"
    )
    limit: _Some | None
    period: _Seconds = 5.0
    model: Model = "sliding"


class KeyWanted(Body):
    """Whose key is wanted."""

    takes: ClassVar[str] = "`user_id`: the id of a user, a whole number"
    user_id: _Id


class RequestsWanted(Body):
    """Which of the requests seen are wanted. path: a pattern, as of faults. status: `404`, or `4xx` for all of them."""

    takes: ClassVar[str] = (
        "`path`: a pattern on the path below /api/ (`clients*`); `method`; `status`: as 404, 4xx, or 0 for lost ones; "
        "`since`: a number; `limit`: 1 to 10000"
    )
    path: str = "*"
    method: str = "*"
    status: Annotated[str, msgspec.Meta(pattern=r"^(0|[1-5]([0-9][0-9]|xx))$")] | None = None
    since: _Number = 0
    limit: _PageSize = PAGE


class DeliveriesWanted(Body):
    """Which of the deliveries are wanted. wait: seconds for those that are still on their way."""

    takes: ClassVar[str] = "`since`: a number; `limit`: 1 to 10000; `wait`: seconds, up to 60"
    wait: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0
    since: _Number = 0
    limit: _PageSize = PAGE


_Body = TypeVar("_Body", bound=Body)


class Ask:
    """One request. item: what stands behind the endpoint's name, as an id. raw: the body."""

    def __init__(self, query: Mapping[str, str], raw: bytes, item: str = "") -> None:
        self.item = item
        self._query = query
        self._raw = raw

    def body(self, kind: type[_Body]) -> _Body:
        """The JSON body; no body is an empty object. Raises Problem 400."""
        return _read(kind, self.fields(), "body", strict=True)

    def fields(self) -> dict[str, Any]:
        """The JSON body as it came. Raises Problem 400 where it is no JSON object."""
        try:
            return msgspec.json.decode(self._raw or b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Problem(400, f"The body must be a JSON object: {error}") from None

    def query(self, kind: type[_Body]) -> _Body:
        """The query parameters. Raises Problem 400."""
        return _read(kind, dict(self._query), "query", strict=False)


def _read(kind: type[_Body], given: Mapping[str, Any], place: str, *, strict: bool) -> _Body:
    try:
        return msgspec.convert(given, kind, strict=strict)
    except msgspec.ValidationError as error:
        raise Problem(400, f"{error} in the {place}; it takes {kind.takes}") from None
