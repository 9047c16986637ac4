"""The least update that makes one object into another."""

from __future__ import annotations

from typing import TypeVar

from paymo_async.errors import InvalidRequest
from paymo_async.models.base import UNSET, Model, declaration

__all__ = ["changes"]

M = TypeVar("M", bound=Model)


def changes(old: M, new: M) -> M:
    """What is set on `new` and differs from `old`, ready for `update`; nothing is set on it where nothing differs.

    Attributes that cannot be changed, and includes, are passed over; so is what `new` does not set. Raises
    `InvalidRequest` for objects of two kinds, or with two ids.
    """
    if type(old) is not type(new):
        raise InvalidRequest(f"changes takes two of one kind, not {type(old).__name__} and {type(new).__name__}")
    ids = [one for one in (getattr(old, "id", UNSET), getattr(new, "id", UNSET)) if one is not UNSET]
    if len(set(ids)) > 1:
        raise InvalidRequest(f"changes takes two states of one object, not of {ids[0]} and {ids[1]}")
    made = type(new)()
    for attribute in declaration(type(new)).attributes.values():
        marks = attribute.marks
        value = getattr(new, attribute.name)
        if marks.read_only or marks.create_only or marks.filter_only or value is UNSET:
            continue
        if value != getattr(old, attribute.name):
            setattr(made, attribute.name, value)
    made.extra.update({name: value for name, value in new.extra.items() if old.extra.get(name, UNSET) != value})
    return made
