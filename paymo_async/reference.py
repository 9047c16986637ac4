"""What is declared and offered, for documents made of it: the reference pages and the OpenAPI document.

What a docstring below an attribute says (its unit, mostly) is read from the source, where it stands beside the
attribute; so an installation without sources has the same tables with empty notes.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import textwrap
from collections.abc import Mapping
from typing import Any, Final, TypeAlias, get_args, get_origin

from paymo_async.client import RESOURCES
from paymo_async.models.base import Attribute, Include, Model
from paymo_async.resources.base import Resource

__all__ = ["OPERATIONS", "ResourceClass", "groups", "marks", "notes", "operations", "type_text"]

ResourceClass: TypeAlias = type[Resource[Any]]

OPERATIONS: Final = ("list", "get", "create", "update", "delete")
"""The names of the operations that are the same for all resources which have them."""

_MARKS: Final = ("read_only", "write_only", "create_only", "filter_only", "hidden", "unselectable", "secret")


@functools.cache
def groups() -> Mapping[str, tuple[ResourceClass, ...]]:
    """The resources that `PaymoClient` offers, by the module that holds them."""
    found: dict[str, tuple[ResourceClass, ...]] = {}
    for module, name in RESOURCES.values():
        offered: ResourceClass = getattr(importlib.import_module(f"paymo_async.resources.{module}"), name)
        found[module] = (*found.get(module, ()), offered)
    return dict(sorted(found.items()))


def operations(resource: ResourceClass) -> tuple[str, ...]:
    """Which of `OPERATIONS` a resource has; what it lacks, the service has not."""
    return tuple(name for name in OPERATIONS if callable(getattr(resource, name, None)))


def marks(member: Attribute | Include) -> tuple[str, ...]:
    """The marks of an attribute, as `("read_only", "secret")`."""
    return tuple(name for name in _MARKS if getattr(member.marks, name))


def notes(cls: type[Model]) -> Mapping[str, str]:
    """What the docstrings below the attributes say, by attribute name; those without one are left out."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError):
        return {}
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    name = ""
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                found[name] = inspect.cleandoc(text)
            case _:
                name = ""
    return found


def type_text(member: Attribute | Include) -> str:
    """The known type as one writes it: `Decimal | None`, `list[TimeEntry]`."""
    if isinstance(member, Include):
        return f"list[{member.target.__name__}]" if member.many else member.target.__name__
    names = [one.__name__ if isinstance(one, type) and not get_args(one) else _generic(one) for one in member.types]
    return " | ".join([*names, "None"] if member.nullable else names)


def _generic(kind: Any) -> str:
    inner = ", ".join(one.__name__ for one in get_args(kind))
    return f"{get_origin(kind).__name__}[{inner}]" if inner else "Any"
