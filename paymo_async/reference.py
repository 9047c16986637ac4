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
from typing import Any, Final, TypeAlias

from paymo_async.client import RESOURCES
from paymo_async.models.base import Attribute, Include, Model
from paymo_async.resources.base import Resource

__all__ = ["OPERATIONS", "ResourceClass", "groups", "marks", "notes", "operations", "types"]

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
    return _source(cls)[1]


def types(cls: type[Model]) -> Mapping[str, str]:
    """The annotations as they are written, by attribute name."""
    return _source(cls)[0]


def _source(cls: type[Model]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError):
        return {}, {}
    assert isinstance(tree, ast.ClassDef)
    annotated: dict[str, str] = {}
    noted: dict[str, str] = {}
    name = ""
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                annotated[name] = ast.unparse(annotation)
            case ast.Expr(value=ast.Constant(value=str(text))) if name:
                noted[name] = inspect.cleandoc(text)
            case _:
                name = ""
    return annotated, noted
