"""Documents with lines: estimates, invoices and recurring profiles.

The service takes lines as `items`, always the whole set: a line that is not in it is deleted (BEHAVIOUR.md, Rules of
single resources). So what was meant as "add a line" deletes all the others. Here lines are changed by saying what is
kept, changed, added and removed, and an update that would delete lines by leaving them out is refused unless it says
`replace_items=True`. Both need to know the present lines, which is one more request each. Between the read and the
write somebody else may add a line, which is then deleted: the service has no conditional update. Edits of one document
by one client wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast

import attrs

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET, Model, OneOf, declaration
from paymo_async.models.openenum import OpenStrEnum
from paymo_async.resources.base import Gets, Id, Updates, segment

__all__ = ["HasLines", "HasStatus", "edited", "in_order"]

M = TypeVar("M", bound=Model)
L = TypeVar("L", bound=Model)


class HasLines(Gets[M], Updates[M], Generic[M, L]):
    """Documents with lines. lines: the name by which they are included, as `estimateitems`."""

    lines: ClassVar[str]

    async def items(self, id: Id) -> list[L]:
        """The document's lines in their order, complete. One request."""
        found: list[L] = getattr(await self.get(id, include=self.lines), self.lines) or []
        return in_order(found)

    async def edit_items(
        self,
        id: Id,
        *,
        keep: Collection[int] = (),
        change: Mapping[int, L] | None = None,
        add: Iterable[L] = (),
        remove: Collection[int] = (),
    ) -> M:
        """Changes, adds and removes lines; the ones that are not named stay. Two requests: a read and an update.

        change: by a line's id, an object with what to set on it. add: new lines, put at the end. remove: ids. keep: ids
        that must be there still, for callers who decided on lines they read before. Raises `InvalidRequest` before
        anything is changed for an id that is no line of the document or is named twice, an added line that has an id or
        lacks what every line needs, and where nothing is to be done.
        """
        added = list(add)
        if not (change or added or remove):
            raise InvalidRequest("no line is to be changed, added or removed: there is nothing to do")
        async with self._account.learned.lock(f"{self.path}/{id}"):
            present = [_id(line) for line in await self.items(id)]
            lines = edited(present, keep=keep, change=change or {}, add=added, remove=remove)
            return await super().update(id, _with_items(self.model, lines))

    async def update(self, id: Id, changes: M, *, replace_items: bool = False) -> M:
        """Changes exactly what is set on `changes`, and returns the document as the service answers it.

        With `items` set, the lines are read first, and `InvalidRequest` is raised where one of them would be deleted
        because it is not among the `items`; `edit_items` changes single lines. replace_items: `items` is the whole new
        set, whatever there was; nothing is read then. `update_many` never replaces.
        """
        items = getattr(changes, "items", UNSET) if isinstance(changes, self.model) else UNSET
        if items is not UNSET and not replace_items:
            segment(id)
            self._update_body(changes)  # what cannot be sent is refused before anything is read
            async with self._account.learned.lock(f"{self.path}/{id}"):
                self._refuse_loss(id, {_id(line) for line in await self.items(id)}, items or [])
                return await super().update(id, changes)
        return await super().update(id, changes)

    def _refuse_loss(self, id: Id, present: set[int], items: Iterable[Any]) -> None:
        named = {line.id for line in items if line.id is not UNSET}
        if lost := sorted(present - named):
            raise InvalidRequest(
                f"this would delete the lines {_listed(lost)} of {self.path}/{id}, which are not among `items`: "
                "change single lines with edit_items, or say replace_items=True"
            )
        if strange := named - present:
            raise InvalidRequest(f"{_listed(strange)}: no line of {self.path}/{id}")


class HasStatus(Updates[M]):
    """Documents that are sent and taken back. following: statuses that only something else brings about, and what."""

    statuses: ClassVar[type[OpenStrEnum]]
    following: ClassVar[Mapping[str, str]]

    async def set_status(self, id: Id, status: str) -> M:
        """Sets where the document stands, by a member of its enum or that member's text. Nothing is mailed.

        Raises `InvalidRequest` for a status the service does not know, and for those that follow from something else:
        paid from payments (`invoices.pay`), invoiced from an invoice (`invoices.from_estimate`).
        """
        if status not in list(self.statuses):
            raise InvalidRequest(f"{self.path} are {', '.join(self.statuses)}, not {status!r}")
        if cause := self.following.get(status):
            raise InvalidRequest(f"{self.path} become {status} by {cause}")
        changes: M = self.model(status=self.statuses(status))
        return await self.update(id, changes)

    async def mark_sent(self, id: Id) -> M:
        """Marks a document as sent, for one that went out by other ways."""
        return await self.set_status(id, "sent")

    async def void(self, id: Id) -> M:
        """Takes a document back; it stays readable, and its number stays used."""
        return await self.set_status(id, "void")


def edited(
    present: Iterable[int],
    *,
    keep: Collection[int] = (),
    change: Mapping[int, L],
    add: Iterable[L] = (),
    remove: Collection[int] = (),
) -> list[int | L]:
    """The whole new set of lines: ids of what stays as it is, objects of what is changed or added.

    present: ids of the lines there are, in their order. Raises `InvalidRequest` as `HasLines.edit_items` says.
    """
    order = list(present)
    named = [*keep, *change, *remove]
    if strange := set(named).difference(order):
        raise InvalidRequest(f"{_listed(strange)}: no line of this document; its lines are {_listed(order)}")
    if twice := {one for one in named if named.count(one) > 1}:
        raise InvalidRequest(f"{_listed(twice)}: a line is kept, changed or removed, once")
    lines: list[int | L] = []
    for one in order:
        if one in change:
            lines.append(_identified(change[one], one))
        elif one not in remove:
            lines.append(one)
    for line in add:
        _check_new(line)
        lines.append(line)
    return lines


def in_order(lines: Iterable[L]) -> list[L]:
    """Lines by their `seq`; the first one of old documents has none."""
    return sorted(lines, key=_place)


def _with_items(model: type[Any], lines: list[int | Any]) -> Any:
    """An update that holds nothing but these lines."""
    line_model = declaration(model).attributes["items"].model
    assert line_model is not None
    items = [cast("type[Any]", line_model)(id=line) if isinstance(line, int) else line for line in lines]
    return model(items=items)


def _identified(line: L, id: int) -> L:
    given = _id(line)
    if given not in (UNSET, id):
        raise InvalidRequest(f"the change of line {id} carries the id {given}")
    return cast("L", attrs.evolve(cast("Any", line), id=id))


def _check_new(line: Model) -> None:
    if _id(line) is not UNSET:
        raise InvalidRequest(f"a new line has no id, and {line!r} has: name it in change or keep")
    declared = declaration(type(line))
    needed = [rule for rule in declared.requires if not isinstance(rule, OneOf) and not rule.endswith("_id")]
    missing = [name for name in needed if getattr(line, name) is UNSET or getattr(line, name) is None]
    if missing:
        raise InvalidRequest(f"a new line needs {', '.join(missing)}: {line!r}")


def _id(line: Any) -> Any:
    return line.id


def _place(line: Any) -> tuple[int, int]:
    return (-1 if line.seq is UNSET or line.seq is None else line.seq, line.id)


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids)) or "none"
