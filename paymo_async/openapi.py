"""An OpenAPI 3.1 document of the service, made from the declarations: `python -m paymo_async.openapi > openapi.json`.

The service itself publishes none. Paths and operations are those that the resources have, schemas those of the models.
Where OpenAPI has no word for a mark, an extension says it: `x-create-only`, `x-hidden` (answered only when named in
`include`), `x-unselectable` (answers 400 when named), `x-secret`, and `x-unconfirmed` for resources that the service's
documentation does not hold. Enums name their known values and allow others, and objects may hold more properties,
since the service adds both without notice.
"""

from __future__ import annotations

import enum
import inspect
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from paymo_async._version import __version__
from paymo_async.models.base import Attribute, Declaration, Include, Model, OneOf, declaration
from paymo_async.reference import ResourceClass, groups, marks, notes, operations

__all__ = ["document", "main", "schema"]

Object: TypeAlias = dict[str, Any]

_SERVER: Final = "https://app.paymoapp.com/api"
_SCALARS: Final[Mapping[Any, Object]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    Decimal: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}
_EXTENSIONS: Final = ("create_only", "hidden", "unselectable", "secret")
_MEDIA: Final = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def document(resources: Iterable[ResourceClass] | None = None) -> Object:
    """The whole document, JSON-ready: of all resources, or of these."""
    tagged = _tagged(resources)
    schemas = _Schemas()
    paths: Object = {}
    for tag, resource in tagged:
        for path, method, operation in _operations(resource, schemas):
            paths.setdefault(path, {})[method] = {"tags": [tag], **operation}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Paymo API",
            "version": __version__,
            "description": "Made from the declarations of paymo_async; not published by the service.",
        },
        "servers": [{"url": _SERVER}],
        "security": [{"basic": []}, {"session": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(tag for tag, _ in tagged)],
        "paths": paths,
        "components": {
            "schemas": {**dict(sorted(schemas.made.items())), "Error": _ERROR},
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "responses": {name: _refusal(text) for name, text in _REFUSALS.items()},
            "securitySchemes": _SECURITY,
        },
    }


def schema(attribute: Attribute) -> Object:
    """The schema of one attribute's values; classes and enums are references into the document."""
    return _Schemas().of_attribute(attribute)


def main() -> None:
    """Writes the document to stdout."""
    text = msgspec.json.format(msgspec.json.encode(document()), indent=2)
    sys.stdout.write(f"{text.decode()}\n")


class _Schemas:
    """The schemas of a document while it is made: each class that is referred to gets its own, once."""

    def __init__(self) -> None:
        self.made: dict[str, Object] = {}

    def ref(self, cls: type[Any]) -> Object:
        name = cls.__name__
        if name not in self.made:
            self.made[name] = {}  # before it is filled: models refer to each other in circles
            self.made[name] = self._model(cls) if issubclass(cls, Model) else _open_enum(cls)
        return _ref("schemas", name)

    def creatable(self, declared: Declaration) -> Object:
        """What a create takes: the model, with what must be set."""
        base = self.ref(declared.cls)
        names = [rule for rule in declared.requires if isinstance(rule, str)]
        rules: list[Object] = [{"required": names}] if names else []
        rules.extend(
            {"anyOf": [{"required": list(group)} for group in rule.groups]}
            for rule in declared.requires
            if isinstance(rule, OneOf)
        )
        if not rules:
            return base
        name = f"{declared.cls.__name__}Create"
        self.made[name] = {"allOf": [base, *rules]}
        return _ref("schemas", name)

    def of_attribute(self, attribute: Attribute) -> Object:
        kinds = [self._of_type(one) for one in attribute.types]
        if {} in kinds:
            return {}
        if attribute.nullable:
            if len(kinds) == 1 and isinstance(kinds[0].get("type"), str):
                return {**kinds[0], "type": [kinds[0]["type"], "null"]}
            kinds.append({"type": "null"})
        return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}

    def _of_type(self, kind: Any) -> Object:
        if typing.get_origin(kind) is list:
            return {"type": "array", "items": self._of_type(typing.get_args(kind)[0])}
        if typing.get_origin(kind) is dict:
            return {"type": "object"}
        if kind in _SCALARS:
            return dict(_SCALARS[kind])
        return self.ref(kind) if isinstance(kind, type) and issubclass(kind, Model | enum.Enum) else {}

    def _model(self, cls: type[Model]) -> Object:
        declared, noted = declaration(cls), notes(cls)
        properties = {
            member.wire: self._property(member, noted.get(member.name))
            for member in declared.members
            if not member.marks.filter_only
        }
        made: Object = {"type": "object", "properties": properties, "additionalProperties": True}
        return {"description": _first_paragraph(cls), **made} | _unconfirmed(declared)

    def _property(self, member: Attribute | Include, note: str | None) -> Object:
        if isinstance(member, Include):
            one = self.ref(member.target)
            found = {"type": "array", "items": one} if member.many else {"anyOf": [one, {"type": "null"}]}
            return {**found, "readOnly": True, "description": note or f"Sent with `include={member.wire}`."}
        found = self.of_attribute(member)
        said = marks(member)
        made: Object = {**found, **{f"x-{name.replace('_', '-')}": True for name in _EXTENSIONS if name in said}}
        if "read_only" in said:
            made["readOnly"] = True
        if "write_only" in said:
            made["writeOnly"] = True
        return made | ({"description": note} if note else {})


def _tagged(resources: Iterable[ResourceClass] | None) -> list[tuple[str, ResourceClass]]:
    if resources is None:
        return [(tag, resource) for tag, members in groups().items() for resource in members]
    return [(declaration(resource.model).path, resource) for resource in resources]


def _operations(resource: ResourceClass, schemas: _Schemas) -> Iterator[tuple[str, str, Object]]:
    """Path, method and operation of all that one resource can do."""
    declared = declaration(resource.model)
    root = f"/{declared.path}"
    at_id = root if declared.singleton else f"{root}/{{id}}"
    parameters = [] if declared.singleton else [_id(declared)]
    answer = _answer(declared, schemas)
    makers: Mapping[str, tuple[str, str, Object]] = {
        "list": (root, "get", _listing(declared, answer)),
        "get": (at_id, "get", _reading(resource, declared, parameters, answer)),
        "create": (root, "post", _creating(resource, declared, schemas, answer)),
        "update": (at_id, "put", _updating(declared, parameters, schemas, answer)),
        "delete": (at_id, "delete", {"parameters": parameters, "responses": {"200": {"description": "Deleted."}}}),
    }
    for name in operations(resource):
        path, method, operation = makers[name]
        yield path, method, _finished(declared, name, operation)
    if callable(getattr(resource, "me", None)):
        yield "/me", "get", _finished(declared, "me", {"responses": {"200": answer}})


def _finished(declared: Declaration, name: str, operation: Object) -> Object:
    """An operation with its id, and the refusals that any call may meet."""
    refusals = dict(_ALWAYS)
    if name in ("get", "update", "delete") and not declared.singleton:
        refusals["404"] = _ref("responses", "NotFound")
    if name == "create" and "end_time" in declared.attributes and "start_time" in declared.attributes:
        refusals["409"] = _ref("responses", "Conflict")
    responses = dict(sorted({**operation["responses"], **refusals}.items()))
    return {"operationId": f"{declared.path}_{name}", **operation, "responses": responses} | _unconfirmed(declared)


def _listing(declared: Declaration, answer: Object) -> Object:
    shared = [_ref("parameters", name) for name in ("include", "partial_include", "page", "page_size")]
    if not declared.must_filter:
        return {"parameters": [_ref("parameters", "where"), *shared], "responses": {"200": answer}}
    names = ", ".join(declared.must_filter)
    where: Object = {
        **_PARAMETERS["where"],
        "required": True,
        "description": f"Must filter by one of {names}. {_PARAMETERS['where']['description']}",
    }
    return {"parameters": [where, *shared], "responses": {"200": answer}}


def _reading(resource: ResourceClass, declared: Declaration, parameters: list[Object], answer: Object) -> Object:
    asked = [*parameters, *([] if declared.singleton else [_ref("parameters", "include")])]
    formats: tuple[str, ...] = getattr(resource, "formats", ())
    if not formats:
        return {"parameters": asked, "responses": {"200": answer}}
    choice = {"name": "format", "in": "query", "schema": {"enum": list(formats)}, "description": "As a document."}
    files = {_MEDIA[name]: {"schema": {"type": "string", "format": "binary"}} for name in formats}
    whole = {**answer, "content": {**answer["content"], **files}}
    return {"parameters": [*asked, choice], "responses": {"200": whole}}


def _creating(resource: ResourceClass, declared: Declaration, schemas: _Schemas, answer: Object) -> Object:
    location = {"Location": {"schema": {"type": "string"}, "description": "URL of the new object."}}
    made = {**answer, "description": "Created.", "headers": {**answer["headers"], **location}}
    operation: Object = {"responses": {"201": made}}
    create = getattr(resource, "create", None)
    if create is None or len(inspect.signature(create).parameters) == 1:  # sessions are made of nothing
        return operation
    return {"requestBody": _body(schemas.creatable(declared)), **operation}


def _updating(declared: Declaration, parameters: list[Object], schemas: _Schemas, answer: Object) -> Object:
    body = _body(schemas.ref(declared.cls))
    text = "Changes what is sent. POST on the same path does the same."
    return {"description": text, "parameters": parameters, "requestBody": body, "responses": {"200": answer}}


def _answer(declared: Declaration, schemas: _Schemas) -> Object:
    """The envelope: a list under the response key also for one object, save for the company."""
    one = schemas.ref(declared.cls)
    inside = one if declared.singleton else {"type": "array", "items": one}
    envelope: Object = {
        "type": "object",
        "properties": dict.fromkeys(declared.keys, inside),
        "anyOf": [{"required": [key]} for key in declared.keys],
    }
    headers = {name: _ref("headers", name) for name in _HEADERS if name.startswith("X-")}
    return {"description": "The answer.", "headers": headers, "content": {"application/json": {"schema": envelope}}}


def _body(inside: Object) -> Object:
    return {"required": True, "content": {"application/json": {"schema": inside}}}


def _id(declared: Declaration) -> Object:
    attribute = declared.attributes.get("id")
    kind = _SCALARS[str] if attribute is not None and str in attribute.types else _SCALARS[int]
    return {"name": "id", "in": "path", "required": True, "schema": dict(kind)}


def _open_enum(cls: type[enum.Enum]) -> Object:
    values = [member.value for member in cls]
    return {
        "description": _first_paragraph(cls),
        "anyOf": [{"enum": values}, {"type": "integer" if issubclass(cls, int) else "string"}],
    }


def _first_paragraph(cls: type[Any]) -> str:
    return inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0].replace("\n", " ")


def _unconfirmed(declared: Declaration) -> Object:
    return {} if declared.confirmed else {"x-unconfirmed": True}


def _ref(kind: str, name: str) -> Object:
    return {"$ref": f"#/components/{kind}/{name}"}


def _refusal(text: str) -> Object:
    found: Object = {"description": text, "content": {"application/json": {"schema": _ref("schemas", "Error")}}}
    return found | ({"headers": {"Retry-After": _ref("headers", "Retry-After")}} if "Retry-After" in text else {})


_REFUSALS: Final = {
    "BadRequest": "Refused: an unknown field, a condition that cannot be read, a value that does not fit.",
    "Unauthorized": "The credentials are not right. A proxy may answer it with HTML.",
    "Forbidden": "Not for this user, or not in this plan.",
    "NotFound": "There is no such object.",
    "Conflict": "This user has a timer running already.",
    "TooManyRequests": "Past the rate limit; nothing is answered before `Retry-After` is over.",
    "ServerError": "The service failed. The body may be HTML, XML or empty.",
}
_ALWAYS: Final = {
    "400": _ref("responses", "BadRequest"),
    "401": _ref("responses", "Unauthorized"),
    "403": _ref("responses", "Forbidden"),
    "429": _ref("responses", "TooManyRequests"),
    "5XX": _ref("responses", "ServerError"),
}
_ERROR: Final[Object] = {"type": "object", "properties": {"message": {"type": "string"}}, "additionalProperties": True}
_PARAMETERS: Final[Mapping[str, Object]] = {
    "where": {
        "name": "where",
        "in": "query",
        "schema": {"type": "string"},
        "description": (
            "Conditions joined with ` and `; there is no `or`. Operators: =, !=, >, >=, <, <=, like, not like, "
            "in (..), not in (..). Texts in double quotes, datetimes as Unix timestamps, dates as ISO."
        ),
        "example": 'complete=false and name like "Logo%"',
    },
    "include": {
        "name": "include",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Related objects, nested with dots: `client,tasklists.tasks`. A last attribute name narrows.",
    },
    "partial_include": {
        "name": "partial_include",
        "in": "query",
        "schema": {"type": "string"},
        "description": "Named by the service, and not explained.",
    },
    "page": {
        "name": "page",
        "in": "query",
        "schema": {"type": "integer", "minimum": 0},
        "description": "From 0; only together with `page_size`. A page shorter than that is the last.",
    },
    "page_size": {
        "name": "page_size",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1},
        "description": "One answer holds at most 2500 objects of each type, included ones counted over the whole.",
    },
}
_HEADERS: Final[Mapping[str, Object]] = {
    "X-Ratelimit-Limit": {"schema": {"type": "integer"}, "description": "Requests per period."},
    "X-Ratelimit-Remaining": {"schema": {"type": "integer"}, "description": "Requests left in this period."},
    "X-Ratelimit-Decay-Period": {"schema": {"type": "number"}, "description": "The period, in seconds."},
    "Retry-After": {"schema": {"type": "number"}, "description": "Seconds to wait."},
}
_SECURITY: Final[Mapping[str, Object]] = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Email and password, or an API key as the user name with any text as the password.",
    },
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session",
        "description": "The id of a session, made with `POST /sessions`.",
    },
}


if __name__ == "__main__":
    main()
