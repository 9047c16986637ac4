"""From an answer's bytes to typed objects: ours against msgspec.Struct, mashumaro, pydantic v2 and cattrs.

    python benchmarks/decode.py

Payloads: 2,500 time entries; 500 estimates with 10 lines each; one report of 5,000 rows. Each as the service sends it
("full": the attributes of its documentation, no includes but the lines), with every second key absent ("sparse"), and
with two keys that no declaration knows in every object ("unknown").

All candidates hold the same fields, made from our own declarations: all attributes and includes, with the same types
(Decimal, datetime, date, the open enums), each of them nullable and optional, and decode the whole envelope.

- msgspec.Struct, the baseline: absent is `UNSET`; one typed decoder; unknown keys are dropped.
- ours: `decode_items`, as the client calls it; unknown keys are kept in `extra`.
- mashumaro: dataclasses with its orjson mixin; unknown keys are dropped.
- pydantic v2: `model_validate_json`; unknown keys are kept (`extra="allow"`) where there are any.
- cattrs: its own orjson converter on attrs classes with `detailed_validation` off; unknown keys are dropped.

Numbers are medians of alternated rounds, as multiples of msgspec.Struct, release of the objects included. Targets for
ours: at most 2.0 full or sparse (goal 1.8), 4.5 with unknown keys kept, and pydantic at least 2.2 times as slow. Below:
one record of 2,500 that drifted, as a multiple of our own time for the clean page; at most about 3.
"""

from __future__ import annotations

import enum
import json
import sys
import types
import typing
from typing import Any

import msgspec
from _rounds import compare, print_table

from paymo_async.models import Estimate, Model, Report, TimeEntry
from paymo_async.models.base import Include, declaration
from paymo_async.wire.codec import decode_items

ROUNDS = 11


def main() -> None:
    rows: dict[str, dict[str, float]] = {}
    for model, key, objects in (
        (TimeEntry, "entries", [entry(number) for number in range(2500)]),
        (Estimate, "estimates", [estimate(number) for number in range(500)]),
        (Report, "reports", [report(5000)]),
    ):
        for shape, reshape in (("full", dict), ("sparse", sparse), ("unknown", with_unknown)):
            body = json.dumps({key: deeply(objects, reshape)}).encode()
            candidates = rivals(model, key, body, keeps_unknown=shape == "unknown")
            rows[f"{key}, {shape}"] = compare(candidates, ROUNDS, "Struct")
    print_table("multiple of msgspec.Struct", rows)
    print(f"pydantic / ours: at least {min(row['pydantic'] / row['ours'] for row in rows.values()):.2f}\n")
    print_table("1 of 2,500 drifted", {"entries": drifted()})


def drifted() -> dict[str, float]:
    entries = [entry(number) for number in range(2500)]
    clean = json.dumps({"entries": entries}).encode()
    entries[1250]["start_time"] = "2014-12-11 09:30:00"
    odd = json.dumps({"entries": entries}).encode()
    candidates = {"clean": lambda: decode_items(TimeEntry, clean), "drifted": lambda: decode_items(TimeEntry, odd)}
    return compare(candidates, ROUNDS, "clean")


def entry(number: int) -> dict[str, Any]:
    return {
        "id": 15200864 + number,
        "task_id": 241184 + number % 50,
        "user_id": 1563,
        "start_time": "2014-12-11T09:30:00Z",
        "end_time": "2014-12-11T10:15:00Z",
        "description": f"Talked to Susan about {number}",
        "added_manually": True,
        "invoice_item_id": None,
        "billed": False,
        "is_bulk": False,
        "project_id": 28934,
        "created_on": "2014-12-12T14:42:49Z",
        "updated_on": "2014-12-12T14:42:49Z",
        "duration": 2700,
    }


def estimate(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "client_id": 10874,
        "template_id": None,
        "number": f"#EST-20130729-{number}",
        "status": "draft",
        "currency": "USD",
        "bill_to": "AT&T Inc.\n809 Nueces Bay Blvd,\nDallas, Texas 78469\nUS",
        "company_info": "Dunder Mifflin\nAcademy St\nScranton, PA 18504",
        "footer": "",
        "date": "2013-07-29",
        "subtotal": 9150,
        "total": 9424.5,
        "tax": 3,
        "tax2": 0,
        "tax_amount": 274.5,
        "tax2_amount": 0,
        "tax_on_tax": True,
        "tax_text": "V.A.T.",
        "tax2_text": "Tax2",
        "title": "INVOICE",
        "language": "",
        "invoice_id": None,
        "notes": "",
        "created_on": "2013-07-29T13:35:56Z",
        "updated_on": "2014-11-19T15:40:12Z",
        "download_token": "Ey5kC8A/GYbD8nu47EOzQJY1TbKGU7kAPcwkc9dU64z1Bsmbvyjlb4F7XNzPesEitpqXywBBNSSEWPApkl3BVw==",
        "permalink": f"https://app.example.com/api/estimates/{number}/?token=r2YkY3xCb1dH5UMXGvLrPo0&format=html",
        "estimateitems": [line(number * 10 + place, number, place) for place in range(10)],
    }


def line(number: int, estimate_id: int, place: int) -> dict[str, Any]:
    return {
        "id": number,
        "estimate_id": estimate_id,
        "item": "Mobile version",
        "description": "coding, design etc",
        "price_unit": 30.25,
        "quantity": 24,
        "apply_tax": True,
        "seq": place,
        "created_on": "2013-07-29T13:39:16Z",
        "updated_on": "2014-07-23T14:22:05Z",
    }


def report(count: int) -> dict[str, Any]:
    items = [
        {
            "type": ("project", "task", "entry")[number % 3],
            "title": f"Understanding Paymo {number}",
            "time": 3600 + number,
            "pct": round(number % 100 / 7, 2),
            "level": number % 3 + 1,
            "project_id": 397706,
            "task_id": number,
            "entry_id": number * 3,
        }
        for number in range(count)
    ]
    return {
        "id": 115376,
        "name": "Time spent",
        "type": "static",
        "date_interval": "all_time",
        "projects": "all_active",
        "include": {"projects": True, "tasks": True},
        "content": {"items": items},
    }


def sparse(found: dict[str, Any]) -> dict[str, Any]:
    """Every second key, and whatever holds other objects."""
    return {name: value for place, (name, value) in enumerate(found.items()) if place % 2 == 0 or holds_objects(value)}


def holds_objects(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def with_unknown(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "new_this_month": 7, "also_new": {"rate": 1.5}}


def deeply(value: Any, reshape: Any) -> Any:
    if isinstance(value, list):
        return [deeply(element, reshape) for element in value]
    if isinstance(value, dict):
        return reshape({name: deeply(element, reshape) for name, element in value.items()})
    return value


def rivals(model: type[Model], key: str, body: bytes, *, keeps_unknown: bool) -> dict[str, Any]:
    name = model.__name__
    struct = msgspec.json.Decoder(module_of("struct", name, key).Page)
    dataclass_page = module_of("dataclass", name, key).Page
    pydantic_page = module_of("pydantic allow" if keeps_unknown else "pydantic", name, key).Page
    attrs_module = module_of("attrs", name, key)
    return {
        "Struct": lambda: struct.decode(body),
        "ours": lambda: decode_items(model, body),
        "mashumaro": lambda: dataclass_page.from_json(body),
        "pydantic": lambda: pydantic_page.model_validate_json(body),
        "cattrs": lambda: attrs_module.converter.loads(body, attrs_module.Page),
    }


HEAD = """
from __future__ import annotations
from datetime import date as Day, datetime
from decimal import Decimal
from typing import Any, Optional, Union
from paymo_async.models.enums import *
"""
CATTRS_TAIL = """
converter = make_converter(detailed_validation=False)
converter.register_structure_hook(Decimal, lambda value, _: Decimal(str(value)))
for union in (Union[list[int], str], Union[datetime, int], Union[int, bool], Union[bool, str]):
    converter.register_structure_hook(union, lambda value, _: value)
"""
STYLES = {
    "struct": (
        "from msgspec import Struct, UNSET, UnsetType",
        "class {}(Struct):",
        "Union[{}, None, UnsetType] = UNSET",
        "",
    ),
    "dataclass": (
        "from dataclasses import dataclass\nfrom mashumaro.mixins.orjson import DataClassORJSONMixin",
        "@dataclass\nclass {}(DataClassORJSONMixin):",
        "Optional[{}] = None",
        "",
    ),
    "pydantic": (
        "from pydantic import BaseModel",
        "class {}(BaseModel):",
        "Optional[{}] = None",
        "Page.model_rebuild()",
    ),
    "pydantic allow": (
        "from pydantic import BaseModel",
        "class {}(BaseModel, extra='allow'):",
        "Optional[{}] = None",
        "Page.model_rebuild()",
    ),
    "attrs": (
        "import attrs\nfrom cattrs.preconf.orjson import make_converter",
        "@attrs.define\nclass {}:",
        "Optional[{}] = None",
        CATTRS_TAIL,
    ),
}


def module_of(style: str, model: str, key: str) -> Any:
    """A module with the classes of one library, written out from our declarations; `Page` is the envelope."""
    name = f"rivals_{style}_{model}".replace(" ", "_")
    if name not in sys.modules:
        made = sys.modules[name] = types.ModuleType(name)
        imports, head, optional, tail = STYLES[style]
        text = [HEAD, imports]
        for cls in reachable(getattr(sys.modules["paymo_async.models"], model)):
            text += [head.format(cls.__name__), *fields(cls, optional)]
        text += [head.format("Page"), f"    {key}: list[{model}]", tail]
        exec(compile("\n".join(text), name, "exec"), made.__dict__)
    return sys.modules[name]


def reachable(model: type[Model]) -> list[type[Model]]:
    found = [model]
    for cls in found:
        for member in declaration(cls).members:
            target = member.target if isinstance(member, Include) else member.model
            if target is not None and target not in found:
                found.append(target)
    return found


def fields(cls: type[Model], optional: str) -> list[str]:
    found = declaration(cls)
    lines = []
    for member in found.members:
        if isinstance(member, Include):
            target = member.target.__name__
            annotation = f"list[{target}]" if member.many else target
        elif member.wire in found.includes:
            continue
        else:
            annotation = f"Union[{', '.join(type_text(found_type) for found_type in member.types)}]"
        lines.append(f"    {member.wire}: {optional.format(annotation)}")
    return lines


def type_text(found: Any) -> str:
    if typing.get_origin(found) is not None:
        return f"{typing.get_origin(found).__name__}[{', '.join(type_text(arg) for arg in typing.get_args(found))}]"
    if isinstance(found, type) and issubclass(found, enum.Enum):
        return found.__name__
    return {"date": "Day"}.get(getattr(found, "__name__", ""), getattr(found, "__name__", "Any"))


if __name__ == "__main__":
    main()
