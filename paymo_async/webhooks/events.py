"""Deliveries as typed events. No I/O.

event = parse(request.headers, body, secret="...")
if event.name == "model.insert.Task":
    print(event.object.name)
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

import attrs

from paymo_async import models
from paymo_async.errors import DecodeError, WebhookError
from paymo_async.eventnames import EVENT_TYPES, EVENTS, split_event
from paymo_async.models.base import Model
from paymo_async.webhooks.verify import MAX_SIZE, Headers, Verifier, find_header, header_pairs
from paymo_async.wire.codec import decode_item
from paymo_async.wire.envelope import exact_json, is_object

__all__ = ["Event", "parse", "read_event"]

M_co = TypeVar("M_co", bound=Model, covariant=True)

_EVENT: Final = "X-Paymo-Event"
_WEBHOOK: Final = "X-Paymo-Webhook"
_NUMBER: Final = re.compile(r"[0-9]{1,18}")  # what fits 63 bits


@attrs.frozen(kw_only=True)
class Event(Generic[M_co]):
    """Something happened in the account. `Event[Task]` in a handler's signature says what `object` is.

    name: as `model.insert.Task`. action, type: its parts; both empty for a name of another form, which is kept too.
    id: of the object; None only in events of a type that is not documented.
    object: as it is now, with a few included names (a task carries `project.name` and `tasklist.name`); None where it
    was deleted, and for a type that is not documented. An update does not say which attributes changed.
    webhook_id: the hook that told; None where its header is missing or odd. body: the delivery's own bytes.

    The signature covers the body alone, not `name` and `webhook_id`.
    """

    name: str
    action: str
    type: str
    id: int | None
    object: M_co | None
    webhook_id: int | None
    body: bytes = attrs.field(repr=False)

    @property
    def is_known(self) -> bool:
        """Whether the name is documented."""
        return self.name in EVENTS

    @property
    def data(self) -> Mapping[str, Any]:
        """The body as plain values, its fractions as Decimal."""
        plain: Mapping[str, Any] = exact_json(self.body)
        return plain

    @property
    def key(self) -> str:
        """A digest of hook, name and body: deliveries carry no id, so equal ones are taken for one and the same."""
        digest = hashlib.sha256(f"{self.webhook_id}\0{self.name}\0".encode(errors="surrogatepass"))
        digest.update(self.body)
        return digest.hexdigest()


def parse(
    headers: Headers,
    body: bytes,
    *,
    secret: str | Sequence[str] | None = None,
    unsigned: bool = False,
    max_size: int = MAX_SIZE,
) -> Event[Any]:
    """The event of a delivery, once its signature is checked.

    body: the raw bytes, as they came. secret: the hook's, or several while one replaces another. unsigned: True takes
    deliveries of a hook without a secret, from anybody. max_size: bytes.

    Raises `WebhookError`; its `status` is what to answer: 401 for a signature that is missing or wrong, 400 for what
    cannot be read, 413 for too large a body. Raises `InvalidRequest` where neither or both of `secret` and `unsigned`
    are given, or an empty secret.
    """
    pairs = header_pairs(headers)
    Verifier(secret=secret, unsigned=unsigned, max_size=max_size).check(pairs, body)
    return read_event(pairs, body)


def read_event(headers: Headers, body: bytes) -> Event[Any]:
    """The event of a delivery that is known to be good. Raises `WebhookError` (400)."""
    name = find_header(headers, _EVENT)
    if not name:
        raise WebhookError(f"The delivery has no {_EVENT}, or several", status=400)
    action, type = split_event(name)
    id = _number(_object(body).get("id"))
    path = EVENT_TYPES.get(type)
    if path and id is None:
        raise WebhookError(f"The delivery of {name} has no id", status=400)
    return Event(
        name=name,
        action=action,
        type=type,
        id=id,
        object=_decode(name, models.by_path(path), body) if path and action != "delete" else None,
        webhook_id=_number(find_header(headers, _WEBHOOK)),
        body=body,
    )


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        plain = exact_json(body)
    except DecodeError:
        plain = None
    if not is_object(plain):
        # Without the cause, whose text shows the body: links that let anybody in may stand there.
        raise WebhookError("The delivery's body is not a JSON object", status=400)
    return plain


def _decode(name: str, cls: type[Model], body: bytes) -> Model:
    try:
        return decode_item(cls, body)
    except DecodeError as error:
        raise WebhookError(f"The delivery of {name} cannot be read: {error.message}", status=400) from error


def _number(value: object) -> int | None:
    """An integer that may come as text (BEHAVIOUR.md, Webhooks)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else None
