"""Names of webhook events, and the patterns that choose among them (BEHAVIOUR.md, Webhooks).

A name is `model.ACTION.TYPE`. A pattern is a name, or one of three forms with a wildcard: `*`, `model.insert.*` and
`*.Task`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from paymo_async.errors import InvalidRequest
from paymo_async.includes import nearest

__all__ = ["ACTIONS", "EVENTS", "EVENT_TYPES", "EventPattern", "split_event"]

EVENT_TYPES: Final[Mapping[str, str]] = {
    "Booking": "bookings",
    "Client": "clients",
    "ClientContact": "clientcontacts",
    "Comment": "comments",
    "Entry": "entries",
    "Estimate": "estimates",
    "Expense": "expenses",
    "Invoice": "invoices",
    "InvoicePayment": "invoicepayments",
    "Milestone": "milestones",
    "Project": "projects",
    "Report": "reports",
    "Task": "tasks",
    "Tasklist": "tasklists",
    "User": "users",
}
"""The types of objects that events tell of, with the path of each one's resource."""

ACTIONS: Final = ("insert", "update", "delete", "start", "stop")

_TIMER_ACTIONS: Final = ("start", "stop")
EVENTS: Final = (
    *(f"model.{action}.{type}" for action in ACTIONS if action not in _TIMER_ACTIONS for type in EVENT_TYPES),
    *(f"model.{action}.Entry" for action in _TIMER_ACTIONS),
)
"""Every documented event."""

_WILD: Final = ("*", *(f"model.{action}.*" for action in ACTIONS), *(f"*.{type}" for type in EVENT_TYPES))
_CHOICES: Final = frozenset((*EVENTS, *_WILD))


def split_event(name: str) -> tuple[str, str]:
    """Action and type of a name, whether known or not; two empty texts where it is not `model.ACTION.TYPE`."""
    match name.split("."):
        case ["model", action, type] if action and type:
            return action, type
        case _:
            return "", ""


@attrs.frozen
class EventPattern:
    """Chooses events. Make one with `parse`, which refuses what no documented event can match.

    action, type: what an event's must be; empty where any will do. An event with a name that is not documented is
    chosen by `*`, and by the other wildcards where its action or type is the one.
    """

    text: str
    action: str
    type: str

    @classmethod
    def parse(cls, text: str) -> EventPattern:
        """Raises `InvalidRequest`, with the nearest name, for a name or wildcard that the service does not have."""
        if text not in _CHOICES:
            raise InvalidRequest(f"No event is called `{text}`{nearest(text, sorted(_CHOICES))}")
        action, type = split_event(text)
        if type == "*":
            return cls(text, action, "")
        return cls(text, action, type or text.removeprefix("*").removeprefix("."))

    def matches(self, action: str, type: str) -> bool:
        """Whether an event of this action and type is chosen."""
        return self.action in ("", action) and self.type in ("", type)
