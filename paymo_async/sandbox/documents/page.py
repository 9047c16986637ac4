"""A document as a page of HTML for anyone who has its link; everything in it is escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from paymo_async.sandbox.documents.sheets import WEIGHTY, Column, Kind, Row, Sheet

__all__ = ["to_html"]


def to_html(sheet: Sheet) -> bytes:
    """The page. The template's CSS comes last, so that it can change how anything looks."""
    name = escape(" ".join(part for part in (sheet.title, sheet.number) if part))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="robots" content="noindex"><title>{name}</title>'
        f"<style>{_CSS}</style><style>{sheet.css.replace('<', '')}</style></head><body>"
        f'{_links(sheet)}<main id="document">{"".join(_parts(sheet))}</main></body></html>\n'
    ).encode(errors="replace")


def _links(sheet: Sheet) -> str:
    anchors = "".join(f'<a href="{escape(link)}">{escape(kind)}</a>' for kind, link in sheet.links)
    return f'<nav id="links">{anchors}</nav>' if anchors else ""


def _parts(sheet: Sheet) -> Iterator[str]:
    badge = f'<span id="status" class="{escape(sheet.status)}">{escape(sheet.status)}</span>' if sheet.status else ""
    number = f'<p id="number">{escape(sheet.number)}</p>' if sheet.number else ""
    yield f'<header><div><h1 id="invoice-title">{escape(sheet.title)}</h1>{number}</div>{badge}</header>'
    sides = "".join(f"<section><h2>{escape(name)}</h2><p>{escape(text)}</p></section>" for name, text in sheet.sides)
    if sides:
        yield f'<div id="sides">{sides}</div>'
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in sheet.facts)
    if facts:
        yield f'<dl id="facts">{facts}</dl>'
    head = "".join(f'<th class="{column.kind.value}">{escape(column.title)}</th>' for column in sheet.columns)
    yield f'<table id="lines"><thead><tr>{head}</tr></thead><tbody>'
    yield from (_row(sheet, row) for row in sheet.rows)
    yield "</tbody></table>"
    weights = {True: ' class="weighty"', False: ""}
    sums = "".join(
        f"<tr{weights[name in WEIGHTY]}><th>{escape(name)}</th><td>{escape(text)}</td></tr>"
        for name, text in sheet.sums
    )
    if sums:
        yield f'<table id="sums">{sums}</table>'
    for name, text in (("notes", sheet.notes), ("footer", sheet.footer)):
        if text:
            yield f'<p id="{name}">{escape(text)}</p>'


def _row(sheet: Sheet, row: Row) -> str:
    first, *rest = zip(sheet.columns, row.cells, strict=True)
    note = f"<small>{escape(row.note)}</small>" if row.note else ""
    title = f'<td class="text">{escape(sheet.cell(*first))}{note}</td>'
    cells = "".join(_cell(sheet, column, value) for column, value in rest)
    return f'<tr class="level-{min(row.level, 6)}">{title}{cells}</tr>'


def _cell(sheet: Sheet, column: Column, value: object) -> str:
    kind = "kind" if column.kind is Kind.TEXT else column.kind.value
    return f'<td class="{kind}">{escape(sheet.cell(column, value))}</td>'


_CSS: Final = """
:root { --ink: #22303c; --soft: #6b7a88; --line: #e3e8ec; --accent: #2f7d5b; }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: #f1f4f6; color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
#links { max-width: 52rem; margin: 0 auto .75rem; text-align: right; }
#links a { margin-left: .5rem; padding: .3rem .8rem; border-radius: 1rem; background: #fff; color: var(--accent);
  text-decoration: none; box-shadow: 0 1px 2px #0002; }
main { max-width: 52rem; margin: 0 auto; padding: 3rem; background: #fff; border-radius: .5rem;
  box-shadow: 0 1px 3px #0002, 0 8px 24px #0000000d; }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 1rem; margin-bottom: 2rem; }
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; overflow-wrap: anywhere; }
#number { margin: .25rem 0 0; color: var(--soft); }
#status { padding: .2rem .8rem; border-radius: 1rem; background: #e8edf1; font-size: .85rem; text-transform: uppercase;
  letter-spacing: .05em; }
#status.paid, #status.accepted, #status.invoiced { background: #dff2e6; color: #1d6b43; }
#status.overdue, #status.void { background: #fbe3e1; color: #9c2b22; }
#sides { display: flex; flex-wrap: wrap; gap: 2rem; margin-bottom: 2rem; }
#sides section { flex: 1 1 14rem; }
h2, dt { margin: 0 0 .25rem; font-size: .75rem; font-weight: 600; text-transform: uppercase; letter-spacing: .06em;
  color: var(--soft); }
#sides p, #notes, #footer { margin: 0; white-space: pre-line; overflow-wrap: anywhere; }
#facts { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 0 0 2rem; }
dd { margin: 0; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
#lines th { padding: .5rem .6rem; border-bottom: 2px solid var(--ink); font-size: .8rem; text-align: right; }
#lines td { padding: .55rem .6rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top;
  white-space: nowrap; }
#lines td.text, #lines th.text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
#lines td.kind { text-align: left; color: var(--soft); }
#lines small { display: block; color: var(--soft); white-space: pre-line; }
#lines .level-2 td.text { padding-left: 2rem; }
#lines .level-3 td.text { padding-left: 3.4rem; }
#lines .level-4 td.text { padding-left: 4.8rem; }
#lines .level-5 td.text, #lines .level-6 td.text { padding-left: 6.2rem; }
#lines .level-0 td { border-top: 2px solid var(--ink); border-bottom: 0; font-weight: 700; }
#sums { width: auto; min-width: 20rem; margin: 1.5rem 0 0 auto; }
#sums th { padding: .3rem .6rem; font-weight: 400; text-align: left; color: var(--soft); }
#sums td { padding: .3rem .6rem; text-align: right; white-space: nowrap; }
#sums .weighty > * { border-top: 2px solid var(--ink); font-weight: 700; color: var(--ink); }
#notes { margin-top: 2rem; padding: 1rem; border-left: 3px solid var(--accent); background: #f7f9fa; }
#footer { margin-top: 2rem; font-size: .85rem; color: var(--soft); }
@media print { body { padding: 0; background: #fff; } main { box-shadow: none; } #links { display: none; } }
"""
