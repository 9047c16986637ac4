"""Webhooks: who is told of changes."""

from __future__ import annotations

from urllib.parse import urlsplit

from paymo_async.errors import InvalidRequest
from paymo_async.eventnames import EventPattern
from paymo_async.models.base import UNSET
from paymo_async.models.hooks import Webhook
from paymo_async.resources.base import Standard

__all__ = ["Webhooks"]


class Webhooks(Standard[Webhook]):
    """Webhooks of the account."""

    model = Webhook

    async def ensure(
        self, target_url: str, event: str, *, where: str | None = None, secret: str | None = None
    ) -> Webhook:
        """The hook that tells `target_url` of `event`, made where there is none with the same `where` text yet.

        event: a name, `model.insert.*`, `*.Task` or `*`. secret: signs the deliveries. The service never shows it, so
        with one given a hook that is already there is updated to it; with None a hook keeps the secret it has, and
        a new one gets none. Costs one request where nothing is to do, three where a hook is made.

        Several processes may call it at the same time: of hooks that they made at once, the oldest stays.

        Raises `InvalidRequest` for a name that is not documented (`create` takes any), a URL that is not absolute,
        and an empty secret.
        """
        EventPattern.parse(event)
        _check_target(target_url)
        if secret == "":
            raise InvalidRequest("A webhook's secret must not be empty: is the variable set?")
        wanted = Webhook(target_url=target_url, event=event, where=where or UNSET, secret=secret or UNSET)
        found = await self._oldest(wanted)
        if found is not None:
            return found if secret is None else await self.update(found.id, Webhook(secret=secret))
        made = await self.create(wanted)
        # Only now can it be seen whether another process was as quick. All keep the lowest id, and each takes back
        # nothing but what it made itself.
        oldest = await self._oldest(wanted)
        if oldest is None or oldest.id == made.id:
            return made
        await self.delete(made.id)
        return oldest

    async def _oldest(self, wanted: Webhook) -> Webhook | None:
        hooks = [hook for hook in await self.list() if _subject(hook) == _subject(wanted)]
        return min(hooks, key=lambda hook: hook.id, default=None)


def _subject(hook: Webhook) -> tuple[str, str, str]:
    return hook.target_url, hook.event, hook.where or ""


def _check_target(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidRequest(f"A webhook's target is an absolute http(s) URL, not {url!r}")
