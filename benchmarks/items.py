"""Streaming the rows of one long report: ours against ijson, side by side.

    python benchmarks/items.py

The body is a report of 50,000 rows (7 MB), which arrives in chunks of 64 KiB. ijson runs on its fastest backend
(yajl2_c) and makes dicts, with Decimals (its default) and with floats. Ours cuts batches of raw JSON, cuts and decodes
them to dicts with msgspec, and, as the client does, to `ReportItem` models with exact Decimals. Every candidate visits
each row once and keeps none. Numbers are throughput as a multiple of ijson's default: more is faster. Below it, how
much of the body had arrived when the first item came, and the largest piece of the body held.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator

import ijson.backends.yajl2_c as ijson
import msgspec
from _rounds import compare, print_table

from paymo_async.models import ReportItem
from paymo_async.wire.items import ItemSplitter, ItemStream

ROWS = 50_000
CHUNK = 65_536
PATH = ("reports", 0, "content", "items")
IJSON_PATH = "reports.item.content.items.item"


def main() -> None:
    body = long_report(ROWS)
    ratios = compare(
        {
            "ijson": lambda: visit(ijson.items(io.BytesIO(body), IJSON_PATH, buf_size=CHUNK)),
            "ijson, floats": lambda: visit(ijson.items(io.BytesIO(body), IJSON_PATH, buf_size=CHUNK, use_float=True)),
            "ours, raw": lambda: visit(raw_batches(body)),
            "ours, dicts": lambda: visit(dicts(body)),
            "ours, models": lambda: visit(models(body)),
        },
        rounds=11,
        baseline="ijson",
    )
    print_table(f"throughput, {len(body) / 1e6:.1f} MB", {name: {"x ijson": 1 / r} for name, r in ratios.items()})
    arrived, held = first_item(body)
    print(f"first item after {arrived:.1%} of the body; at most {held / 1024:.0f} KiB of it held")


def long_report(rows: int) -> bytes:
    items = [
        {
            "type": "entry",
            "title": f'Talked to "Susan" {{{number}}}',
            "time": 3600 + number,
            "pct": round(number % 100 / 7, 2),
            "level": 4,
            "project_id": 397706,
            "task_id": number,
            "entry_id": number * 3,
        }
        for number in range(rows)
    ]
    report = {"id": 115376, "name": "Time", "content": {"items": items}, "shared": False}
    return json.dumps({"reports": [report]}, separators=(",", ":")).encode()


def chunks(body: bytes) -> Iterator[bytes]:
    return (body[start : start + CHUNK] for start in range(0, len(body), CHUNK))


def raw_batches(body: bytes) -> Iterator[bytes]:
    splitter = ItemSplitter(PATH)
    for chunk in chunks(body):
        yield from splitter.feed(chunk)
    splitter.close()


def dicts(body: bytes) -> Iterator[object]:
    return itertools.chain.from_iterable(map(msgspec.json.decode, raw_batches(body)))


def models(body: bytes) -> Iterator[object]:
    return itertools.chain.from_iterable(model_batches(body))


def model_batches(body: bytes) -> Iterator[list[ReportItem]]:
    stream = ItemStream(ReportItem, PATH)
    for chunk in chunks(body):
        yield stream.feed(chunk).items
    stream.close()


def visit(items: Iterator[object]) -> None:
    for _ in items:
        pass


def first_item(body: bytes) -> tuple[float, int]:
    """The share of the body that had come with the first item, and the most bytes ever held."""
    stream = ItemStream(ReportItem, PATH)
    arrived, first, held = 0, 0, 0
    for chunk in chunks(body):
        arrived += len(chunk)
        if stream.feed(chunk).items and not first:
            first = arrived
        held = max(held, stream.held + len(chunk))
    return first / len(body), held


if __name__ == "__main__":
    main()
