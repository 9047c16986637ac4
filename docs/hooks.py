"""Writes the reference pages while the documentation is built, from the declarations, so that they cannot drift."""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import io
import itertools
import json
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

from paymo_async import openapi
from paymo_async.client import RESOURCES
from paymo_async.models.base import Attribute, Declaration, Include, Model, OneOf, declaration
from paymo_async.reference import ResourceClass, groups, marks, notes, operations, type_text

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

LIBRARY = {
    "client": ("The client", ["paymo_async.client.PaymoClient", "paymo_async.auth"]),
    "operations": ("Operations", ["paymo_async.resources.base"]),
    "listings": ("Listings", ["paymo_async.listing", "paymo_async.query", "paymo_async.conditions"]),
    "many": ("Many at once", ["paymo_async.fanout", "paymo_async.loader"]),
    "transport": ("Requests", ["paymo_async.transport.retry", "paymo_async.transport.hooks"]),
    "errors": ("Errors", ["paymo_async.errors"]),
    "webhooks": ("Webhooks", ["paymo_async.webhooks.events", "paymo_async.webhooks.router"]),
    "sandbox": (
        "The sandbox",
        [
            "paymo_async.sandbox.Sandbox",
            "paymo_async.sandbox.Snapshot",
            "paymo_async.sandbox.faults",
            "paymo_async.sandbox.ratelimit",
            "paymo_async.sandbox.Clock",
            "paymo_async.sandbox.Seen",
            "paymo_async.sandbox.Delivery",
            "paymo_async.sandbox.Size",
            "paymo_async.pytest_plugin",
        ],
    ),
}
PACKAGE = Path(__file__).parents[1] / "paymo_async"
WORDS = {
    "read_only": "read-only",
    "write_only": "write-only",
    "create_only": "on create only",
    "filter_only": "in `where` only",
    "hidden": "only when named in `include`",
    "unselectable": "not to be named in `include`",
    "secret": "secret",
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Adds the generated pages to the navigation."""
    assert config.nav is not None
    library = [{title: f"reference/{name}.md"} for name, (title, _) in LIBRARY.items()]
    resources = [{name.capitalize(): f"resources/{name}.md"} for name in groups()]
    config.nav += [{"Resources": ["resources/index.md", *resources]}, {"Library": library}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Writes the generated pages; they exist only in memory."""
    pages = {f"resources/{name}.md": "\n".join(group_page(name, members)) for name, members in groups().items()}
    pages["resources/index.md"] = "\n".join(overview())
    pages["reference/guesses.md"] = "\n".join(guesses_page())
    pages |= {
        f"reference/{name}.md": "\n\n".join([f"# {title}", *(f"::: {one}" for one in modules)])
        for name, (title, modules) in LIBRARY.items()
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    files.append(File.generated(config, "openapi.json", content=json.dumps(openapi.document(), indent=1)))
    return files


def guesses_page() -> Iterator[str]:
    """What the sandbox had to decide, in the words of the places that decide it."""
    yield from ("# What the sandbox guesses", "")
    yield "Where nothing is known of the service, the sandbox does something all the same, and says so where it does."
    yield from ("All of that is here, from its source; `BEHAVIOUR.md` in it is the list of what is known.", "")
    for path in (*sorted((PACKAGE / "sandbox").rglob("*.py")), PACKAGE / "money.py"):
        found = list(guesses(path.read_text()))
        if found:
            yield from (f"## {path.relative_to(PACKAGE).as_posix()}", "", *found)


def guesses(source: str) -> Iterator[str]:
    """The paragraphs of a module's docstrings and comments that tell of a guess, with the lists below them."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    comments = [one for one in tokenize.generate_tokens(io.StringIO(source).readline) if one.type == tokenize.COMMENT]
    for _, block in itertools.groupby(enumerate(comments), lambda place: place[1].start[0] - place[0]):
        texts.append("\n".join(comment.string.removeprefix("#").removeprefix(" ") for _, comment in block))
    for text in texts:
        taking = False
        for paragraph in text.split("\n\n"):
            taking = "guess" in paragraph.lower() or (taking and paragraph.lstrip().startswith("- "))
            if taking:
                yield from (inspect.cleandoc(paragraph), "")


def overview() -> Iterator[str]:
    """All resources, and what the service does with each."""
    yield from ("# Resources", "", "What each attribute of the client stands for, and what the service does with it.")
    yield from ("The same as a document for machines: [openapi.json](../openapi.json).", "")
    yield from ("| `paymo.` | objects | operations |", "|---|---|---|")
    for name, (module, _) in RESOURCES.items():
        resource = next(one for one in groups()[module] if declaration(one.model).path == name)
        said = ", ".join(operations(resource)) + ("" if declaration(resource.model).confirmed else " (unconfirmed)")
        yield f"| [`{name}`]({module}.md#{name}) | `{resource.model.__name__}` | {said} |"


def group_page(name: str, members: tuple[ResourceClass, ...]) -> Iterator[str]:
    """One group of resources: for each its rules, attributes, includes and methods."""
    module = importlib.import_module(f"paymo_async.resources.{name}")
    yield from (f"# {name.capitalize()}", "", (module.__doc__ or "").split("\n\n")[0], "")
    nested: dict[type[Model], None] = {}
    for resource in members:
        declared = declaration(resource.model)
        nested |= {attribute.model: None for attribute in declared.attributes.values() if attribute.model}
        yield from resource_section(resource, declared)
    for model in nested:
        if not declaration(model).is_resource:
            yield from (
                f"## {model.__name__} {{#{model.__name__.lower()}}}",
                "",
                inspect.cleandoc(model.__doc__ or ""),
                "",
            )
            yield from attribute_table(declaration(model))


def resource_section(resource: ResourceClass, declared: Declaration) -> Iterator[str]:
    yield from (
        f"## {declared.cls.__name__} {{#{declared.path}}}",
        "",
        inspect.cleandoc(declared.cls.__doc__ or ""),
        "",
    )
    yield from (f"`paymo.{declared.path}` offers {', '.join(f'`{name}`' for name in operations(resource))}.", "")
    if not declared.confirmed:
        yield from ("!!! warning", "    Unconfirmed: the service's documentation does not hold this resource.", "")
    if declared.requires:
        yield from (f"To create one, set {'; '.join(map(rule_text, declared.requires))}.", "")
    if declared.must_filter:
        yield from (f"A list must be filtered by one of {', '.join(f'`{one}`' for one in declared.must_filter)}.", "")
    yield from attribute_table(declared)
    if declared.includes:
        yield from include_table(declared)
    yield from methods(resource)


def attribute_table(declared: Declaration) -> Iterator[str]:
    noted = notes(declared.cls)
    yield from ("| attribute | type | | |", "|---|---|---|---|")
    for attribute in declared.attributes.values():
        said = ", ".join(WORDS[mark] for mark in marks(attribute))
        note = " ".join([noted.get(attribute.name, ""), wire_note(attribute), known_values(attribute)]).replace(
            "\n", " "
        )
        yield f"| `{attribute.name}` | `{type_text(attribute)}` | {said} | {note.strip()} |"
    yield ""


def include_table(declared: Declaration) -> Iterator[str]:
    yield from ("| include | gives | |", "|---|---|---|")
    for include in declared.includes.values():
        yield f"| `{include.wire}` | {'a list of' if include.many else 'one'} {link(include)} | {wire_note(include)} |"
    yield ""


def methods(resource: ResourceClass) -> Iterator[str]:
    """What this resource has beside the operations that are the same for all."""
    own = [
        name
        for cls in resource.__mro__
        if cls.__module__ not in ("paymo_async.resources.base", "typing", "builtins")
        for name, value in vars(cls).items()
        if not name.startswith("_") and inspect.isfunction(value)
    ]
    if not own:
        return
    yield from (f"::: {resource.__module__}.{resource.__name__}", "    options:", "      show_root_heading: false")
    yield from (
        "      show_root_toc_entry: false",
        "      show_bases: false",
    )
    yield from ("      inherited_members: true", f"      members: {json.dumps(own)}", "")


def rule_text(rule: str | OneOf) -> str:
    if isinstance(rule, str):
        return f"`{rule}`"
    return " or ".join(" with ".join(f"`{name}`" for name in group) for group in rule.groups)


def link(include: Include) -> str:
    path = declaration(include.target).path
    return f"[`{include.target.__name__}`]({RESOURCES[path][0]}.md#{path})"


def wire_note(member: Attribute | Include) -> str:
    return f"The service's `{member.wire}`." if member.wire != member.name else ""


def known_values(attribute: Attribute) -> str:
    found = [one for kind in attribute.types if isinstance(kind, type) and issubclass(kind, enum.Enum) for one in kind]
    return f"Known values: {', '.join(f'`{one.value}`' for one in found)}." if found else ""
