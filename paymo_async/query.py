"""What is asked of a list: conditions (`where`) and related objects (`include`), checked before anything is sent.

    from paymo_async import F

    paymo.entries.list(where=(F.start_time >= monday) & F.user_id.in_(ids))
    paymo.tasks.list(complete=False, project_id=[12, 15])
    paymo.clients.list(where=F.projects.active == True, include="projects")

Names are held against the resource's declaration, in Python's spelling or the service's; the service's is sent. What
this version does not know yet goes through `F.raw("new_field")`, or as a `where` of text, which is sent as it is.

What can be asked (BEHAVIOUR.md, Lists): conditions that all hold. There is no `or`. A path with a dot filters the
included children (`F.projects.active` on clients), never the root by its parent: for the tasks of active projects,
list projects and include their tasks. `users == "anyone"` on tasks and projects is a special value, and
`mytasks=True` on tasks a special name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from paymo_async.conditions import INTERVALS, Condition, F, Name, Names, RawName, Where, is_several
from paymo_async.errors import QueryError
from paymo_async.includes import (
    Included,
    Includes,
    IncludeTree,
    build_include,
    declared,
    label,
    nearest,
    wire_name,
)
from paymo_async.literals import Escape, Scalar, check_text, encoded, fitted, pair

if TYPE_CHECKING:
    from paymo_async.models.base import Attribute, Declaration

__all__ = [
    "Condition",
    "Escape",
    "F",
    "IncludeTree",
    "Included",
    "Includes",
    "Name",
    "Names",
    "RawName",
    "Where",
    "Wheres",
    "build_include",
    "build_where",
    "encode_params",
    "encoded",
]

Wheres: TypeAlias = Where | Condition | str | None
"""What `where=` takes."""

# Names that exist in `where` of one resource without being an attribute (BEHAVIOUR.md, Lists).
_SPECIAL_NAMES: Final[Mapping[str, tuple[str, ...]]] = {"tasks": ("mytasks",)}
_PARAMETERS: Final = ("where", "include", "partial_include", "page", "page_size")


def build_where(
    declaration: Declaration | None,
    where: Wheres,
    equals: Mapping[str, Any],
    *,
    include: IncludeTree | None = None,
    escape: Escape = "refuse",
) -> Where:
    """Both as one `Where`, under the service's names, each value checked against its attribute's type.

    equals: keyword equality; a list, tuple, set, range or generator there asks for one of its values.
    include: what is included, for conditions on included objects. Without a declaration nothing is checked.

    Raises `QueryError` for an unknown name, a value that cannot be meant, a condition on what is not included, and
    for a resource that must be filtered and is not.
    """
    asked = _as_where(where)
    parts: list[Condition | str] = []
    for part in (*asked.parts, *(_equality(name, value) for name, value in equals.items())):
        if isinstance(part, Condition):
            part = _resolved(declaration, part, include)  # noqa: PLW2901  # the same condition, now checked
            if part.operator == "not in" and not part.value:
                continue  # always true
        parts.append(part)
    built = Where(tuple(parts), escape if asked.escape == "refuse" else asked.escape)
    if declaration is not None:
        _check_filtered(declaration, built)
    return built


def encode_params(
    where: Where | None = None,
    include: IncludeTree | None = None,
    *,
    page: int | None = None,
    page_size: int | None = None,
    partial_include: str | None = None,
    extra: Mapping[str, Any] | None = None,
) -> str:
    """The query string, percent-encoded and always in the same order; empty where nothing is asked.

    page: the first is 0; the service wants `page_size` beside it. partial_include: sent as it is, since the service
    names it and never explains it. extra: other parameters, as `{"format": "pdf"}`.
    """
    if (page is None) != (page_size is None):
        raise QueryError("page and page_size go together: the service needs both")
    asked: dict[str, str] = {
        "where": where.text if where is not None else "",
        "include": include.text if include is not None else "",
        "partial_include": check_text(partial_include or "", "partial_include"),
        "page": _counted("page", page, 0),
        "page_size": _counted("page_size", page_size, 1),
    }
    for name, value in (extra or {}).items():
        if name in _PARAMETERS:
            raise QueryError(f"`{name}` is an argument of its own, not an extra parameter")
        asked[name] = check_text(str(value).lower() if isinstance(value, bool) else str(value), f"`{name}`")
    return "&".join(f"{encoded(name)}={encoded(value)}" for name, value in asked.items() if value)


def _as_where(where: Wheres) -> Where:
    if where is None:
        return Where()
    if isinstance(where, Where):
        return where
    if isinstance(where, Condition):
        return Where((where,))
    if isinstance(where, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
        text = check_text(where.strip(), "where")
        return Where((text,)) if text else Where()
    raise QueryError(f"where takes conditions made with F, or a text, not a {type(where).__name__}")


def _equality(name: str, value: Any) -> Condition:
    return F[name].in_(value) if is_several(value) else F[name] == value


def _resolved(declaration: Declaration | None, condition: Condition, include: IncludeTree | None) -> Condition:
    if declaration is None or not condition.checked:
        return condition
    *path, last = condition.name.split(".")
    level, wires, tree = declaration, list[str](), include
    for name in path:
        wire, level = _child(declaration, level, name, condition)
        wires.append(wire)
        tree = tree.children.get(wire) if tree is not None else None
    if path and tree is None:
        missing = ".".join(wires)
        raise QueryError(
            f"`{condition.name}` filters the included {wires[-1]}, and they are not included: add include={missing!r}"
        )
    wire = wire_name(level, last)
    attribute = level.attributes.get(wire)
    if attribute is None:
        _check_special(level, wire, at_root=not path)
        if not isinstance(condition.value, bool):
            raise QueryError(f"`{wire}` is compared with True or False, not with {condition.value!r}")
        return replace(condition, name=".".join((*wires, wire)))
    return replace(condition, name=".".join((*wires, wire)), value=_checked(attribute, condition))


def _child(root: Declaration, level: Declaration, name: str, condition: Condition) -> tuple[str, Declaration]:
    """The wire name and declaration of an included list; conditions cannot pass through anything else."""
    wire = wire_name(level, name)
    include = level.includes.get(wire)
    if include is None:
        if wire in level.attributes:
            raise QueryError(f"`{condition.name}`: `{wire}` of {label(level)} is an attribute, and has none of its own")
        raise QueryError(f"`{condition.name}`: {label(level)} has no include `{name}`{nearest(name, level.includes)}")
    target = declared(include)
    if include.many:
        return wire, target
    remedies: list[str] = []
    if target.is_resource:
        back = [one.wire for one in target.includes.values() if one.many and one.target is level.cls]
        among = f" with include={back[0]!r}" if back else ""
        remedies.append(f"start from `{target.path}`: list them by their own attributes{among}")
    if f"{wire}_id" in level.attributes:
        remedies.append(f"ask for F.{wire}_id.in_(ids) of those you want")
    advice = ", or ".join(remedies) or "filter the answer yourself"
    raise QueryError(f"{label(root)} cannot be filtered by `{condition.name}`, a field of a parent: {advice}")


def _check_special(level: Declaration, wire: str, *, at_root: bool) -> None:
    if wire in level.includes:
        include = level.includes[wire]
        example = next(iter(declared(include).attributes), "name")
        raise QueryError(
            f"`{wire}` of {label(level)} is an include: compare one of its attributes, as F.{wire}.{example}"
        )
    special = _SPECIAL_NAMES.get(level.path, ()) if at_root else ()
    if wire not in special:
        known = (*level.attributes, *special)
        raise QueryError(f"{label(level)} has no attribute `{wire}`{nearest(wire, known)}")


def _checked(attribute: Attribute, condition: Condition) -> Scalar | tuple[Scalar, ...]:
    if attribute.marks.write_only:
        raise QueryError(f"`{attribute.wire}` is sent and never answered, so it cannot be asked for")
    if attribute.marks.filter_only and attribute.wire in INTERVALS:
        if not isinstance(condition.value, tuple) or condition.operator != "in":
            raise QueryError(f"`{attribute.wire}` is asked with .in_((start, end)) only")
        return pair(condition.value, attribute.wire)
    if isinstance(condition.value, tuple):
        values = (fitted(attribute, condition.operator, value) for value in condition.value)
        return tuple(dict.fromkeys(values))
    return fitted(attribute, condition.operator, condition.value)


def _check_filtered(declaration: Declaration, where: Where) -> None:
    needed = declaration.must_filter
    if not needed or any(isinstance(part, str) for part in where.parts):
        return
    if any(condition.name in needed for condition in where.conditions):
        return
    names = ", ".join(f"`{name}`" for name in needed)
    raise QueryError(f"{label(declaration)} can only be listed with a filter by one of {names}")


def _counted(name: str, value: int | None, least: int) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise QueryError(f"{name} is a whole number, not {value!r}")
    if value < least:
        raise QueryError(f"{name} is at least {least}, not {value}")
    return str(value)
