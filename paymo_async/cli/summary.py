"""What a job says at its end, for people as text and for programs as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import msgspec

from paymo_async.cli.job import Count, Failure
from paymo_async.cli.rows import SHEETS, Kind

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["KindSummary", "Requests", "Summary", "one_per_object", "print_summary"]


@attrs.frozen(kw_only=True)
class KindSummary:
    """One kind. objects: in the folder now, with so many report items or estimate lines. The rest: see `Count`."""

    kind: Kind
    objects: int
    items: int
    fetched: int
    changed: int
    unchanged: int
    deleted: int
    pdfs: int

    @classmethod
    def of(cls, kind: Kind, objects: int, items: int, count: Count) -> KindSummary:
        """From what a job counted."""
        return cls(
            kind=kind,
            objects=objects,
            items=items,
            fetched=count.fetched,
            changed=count.changed,
            unchanged=count.kept + count.fetched - count.changed,
            deleted=count.deleted,
            pdfs=count.pdfs,
        )


@attrs.frozen(kw_only=True)
class Requests:
    """made: sent, repeats included. one_per_object: see there. saved: the difference. rejected: answered with 429."""

    made: int
    one_per_object: int
    saved: int
    rejected: int


@attrs.frozen(kw_only=True)
class Summary:
    """A whole run. source: the account's address, or "sandbox". files: written in this run, PDFs only counted."""

    source: str
    interrupted: bool
    seconds: float
    requests: Requests
    kinds: Sequence[KindSummary]
    failures: Sequence[Failure]
    files: Sequence[str]
    notes: Sequence[str] = ()

    def to_json(self) -> bytes:
        """For programs; the names are kept from version to version."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)


def one_per_object(counts: Sequence[Count]) -> int:
    """What the same would cost a client that lists each kind, then asks for each object and each PDF by itself."""
    return sum(1 + one.fetched + one.kept + one.pdfs + one.pdfs_kept for one in counts)


def print_summary(summary: Summary, console: Console, folder: Path) -> None:
    """The summary as a table and a few lines."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("")
    for name in ("objects", "holding", "fetched", "changed", "unchanged", "deleted", "PDFs"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in summary.kinds:
        numbers = (one.fetched, one.changed, one.unchanged, one.deleted, one.pdfs)
        holding = f"{one.items:,} {SHEETS[one.kind].unit}"
        table.add_row(one.kind, f"{one.objects:,}", holding, *(f"{number:,}" for number in numbers))
    console.print(table)

    def say(text: str, style: str = "") -> None:
        console.print(Text(text, style=style), soft_wrap=True, highlight=False)

    requests = summary.requests
    say("")
    say(f"{requests.made:,} requests in {summary.seconds:.1f} s, {requests.rejected} of them rejected (429).")
    say(
        f"{requests.saved:,} requests saved: a list of each kind and one request for each object and PDF "
        f"would be {requests.one_per_object:,}."
    )
    for note in summary.notes:
        say(note)
    if summary.files:
        say("")
        say(f"In {folder}:")
        for path in summary.files:
            say(f"  {path}")
    if summary.failures:
        say("")
        say(f"{len(summary.failures)} failed:", "red")
        for failure in summary.failures:
            say(f"  {_what(failure)}: {failure.error}")


def _what(failure: Failure) -> str:
    if failure.part == "list":
        return f"the list of {failure.kind}"
    thing = f"{failure.kind} {failure.id if failure.id is not None else '(id unknown)'}"
    return f"PDF of {thing}" if failure.part == "pdf" else thing
