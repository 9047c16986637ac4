"""The command line: what can be typed, checked before anything runs."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from paymo_async._version import __version__
from paymo_async.cli import arguments
from paymo_async.cli.exits import Exit
from paymo_async.cli.rows import KINDS, Kind

__all__ = ["run"]

_app = typer.Typer(
    name="paymo-async",
    no_args_is_help=True,
    rich_markup_mode=None,  # its tables leave no room for words in a terminal of usual width
    pretty_exceptions_enable=False,  # they would print local variables, credentials among them
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run(arguments: list[str]) -> int:
    """Runs the command with these arguments, and returns its exit code."""
    code: object = Exit.OK
    try:
        _app(arguments, prog_name="paymo-async", obj=arguments)
    except SystemExit as end:
        code = end.code
    return code if isinstance(code, int) else Exit.OK


class _Chart(enum.StrEnum):
    PNG = "png"
    SVG = "svg"
    NONE = "none"


class _Format(enum.StrEnum):
    TABLE = "table"
    JSON = "json"


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"paymo-async {__version__}")
        raise typer.Exit


def _kinds(given: list[str]) -> list[str]:
    for kind in given:
        if kind not in KINDS:
            raise arguments.unknown(kind, KINDS, "cannot be fetched")
    return given


def _lacks(given: list[str]) -> list[str]:
    from paymo_async.client import RESOURCES

    for path in given:
        if path not in RESOURCES:
            raise arguments.unknown(path, tuple(RESOURCES), "is no resource")
    return given


def _checked(read: Callable[[str], object]) -> Callable[[str | None], str | None]:
    """Reads a text only to refuse it while the command line is read."""

    def check(text: str | None) -> str | None:
        if text is not None:
            read(text)
        return text

    return check


def _all_checked(read: Callable[[list[str]], object]) -> Callable[[list[str]], list[str]]:
    def check(texts: list[str]) -> list[str]:
        read(texts)
        return texts

    return check


def _paragraphs(text: str) -> str:
    """Help with one line for each paragraph, so that the terminal's width breaks it and not the source's."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


_HELP: Final = _paragraphs("""An async client for the Paymo API, on the command line.

Credentials come from the environment only, since others on a machine can see a command's arguments:
PAYMO_API_KEY, and PAYMO_BASE_URL where the API is not at its usual place.

Exit codes: 0 all done, 1 something failed (listed), 2 wrong usage, 3 credentials missing or refused, 130 interrupted.
""")
_FETCH_HELP: Final = _paragraphs("""Bring a folder up to date with the account's reports and estimates.

Into the folder go KIND.jsonl (an object a line), KIND.csv (a row for each report item or estimate line), with
--pdf a PDF each below pdf/, and a chart of tracked time per project. Secrets (links and tokens that open a
document for anyone) are left out.

Run it again and only what is new, changed or missing is fetched; what was deleted in Paymo is removed here too. A live
report is fetched each time, since what it shows changes without it. Ctrl-C at any moment keeps what came so far, in
whole files; the same command goes on from there.

Needs PAYMO_API_KEY in the environment; --sandbox needs no account.
""")
_SANDBOX_HELP: Final = _paragraphs("""Run an embedded Paymo on this machine until Ctrl-C, for tests in any language.

Stdout has the two lines that another program needs in its environment; they come when it is ready. What is made in the
sandbox ends with it, unless --state names a file. The page at / shows it at work, and /_sandbox/ is for
programs: reset, seed, snapshots, clock, faults, requests seen.

A fault is an effect and where it acts: --faults "500 path=estimates times=2", --faults "latency seconds=0.2
probability=0.1". Parts: path, method, call, times, probability, seconds, seed. Effects: 401, 403, 429, 500, 502, 503,
latency, reset, reset-after, cut-body, long-length, short-length, stalled-body, slow-body, wrong-type, drift, odd-key,
repeat-page, stale-page, moved-object.
""")


@_app.callback(help=_HELP)
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """What holds for all commands."""


@_app.command("fetch", help=_FETCH_HELP, no_args_is_help=True)
def _fetch(
    context: typer.Context,
    kinds: Annotated[
        list[str],
        typer.Argument(help=f"What to fetch: {', '.join(KINDS)}.", metavar="KIND", callback=_kinds),
    ],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", file_okay=False, help="The folder; made where it is missing.")
    ],
    pdf: Annotated[bool, typer.Option("--pdf", help="A PDF of each object too: one request each.")] = False,
    chart: Annotated[
        _Chart | None,
        typer.Option(
            "--chart", help="Format of the chart; none leaves it out.", show_default="png, if matplotlib is installed"
        ),
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Fetch from an embedded Paymo with made-up data; no account is needed.")
    ] = False,
    sandbox_rate: Annotated[
        str | None,
        typer.Option(
            "--sandbox-rate",
            metavar="L/W",
            callback=_checked(arguments.rate),
            help="The sandbox's limit: L requests in W seconds.",
            show_default="5/1, or 50/1 with --pdf",
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            metavar="N",
            min=1,
            help="Reports, and PDFs, under way at once.",
            show_default="as many as the rate limit can use",
        ),
    ] = None,
    trust_updated_on: Annotated[
        bool,
        typer.Option(
            "--trust-updated-on",
            help="Keep a live report too while its own settings did not change. --sandbox does, as its data is fixed.",
        ),
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Believe nothing that is in the folder, and fetch everything again.")
    ] = False,
    format: Annotated[_Format, typer.Option("--format", help="Of the summary on stdout.")] = _Format.TABLE,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    from paymo_async.cli.fetch import FetchOptions, command_line, fetch
    from paymo_async.cli.job import JobOptions

    wanted: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind in kinds)
    options = FetchOptions(
        job=JobOptions(
            kinds=wanted,
            pdf=pdf,
            concurrency=concurrency,
            trust_updated_on=trust_updated_on or sandbox,
        ),
        into=into,
        chart=None if chart is None else chart.value,
        sandbox=sandbox,
        sandbox_rate=None if sandbox_rate is None else arguments.rate(sandbox_rate),
        full=full,
        quiet=quiet,
        json=format is _Format.JSON,
        command=command_line(context.obj),
    )
    raise typer.Exit(int(fetch(options)))


@_app.command("sandbox", help=_SANDBOX_HELP)
def _sandbox(
    host: Annotated[str, typer.Option("--host", metavar="HOST", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 0,
    seed: Annotated[
        str,
        typer.Option(
            "--seed",
            metavar="SEED",
            help="What is in the account: empty, documented (the documentation's objects), demo (an agency of a year), "
            "fetch (40 reports, 600 estimates) or large (a million time entries).",
        ),
    ] = "documented",
    seed_number: Annotated[
        int, typer.Option("--seed-number", metavar="N", help="Another number makes other demo data.")
    ] = 1,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", dir_okay=False, help="Keeps the account; seeded where it is missing."),
    ] = None,
    faults: Annotated[
        list[str],
        typer.Option(
            "--faults",
            metavar="RULE",
            callback=_all_checked(arguments.faults),
            help="What goes wrong; may be repeated.",
        ),
    ] = [],  # noqa: B006  # typer copies it
    rate: Annotated[
        str | None,
        typer.Option(
            "--rate-limit",
            metavar="L/W[/MODEL]",
            callback=_checked(arguments.rate_model),
            help="L requests in W seconds, as 5/5; MODEL says how they are counted: sliding, window, clock or leaky.",
            show_default="no limit; sliding",
        ),
    ] = None,
    rate_headers: Annotated[
        bool, typer.Option("--rate-headers/--no-rate-headers", help="Whether answers tell of the limit.")
    ] = True,
    cut: Annotated[
        int, typer.Option("--cut", metavar="N", min=1, help="Objects of one type in an answer; the rest is left out.")
    ] = 2500,
    no_cut: Annotated[bool, typer.Option("--no-cut", help="Whole answers, however long.")] = False,
    shuffle: Annotated[
        int | None,
        typer.Option(
            "--shuffle",
            metavar="N",
            help="Lists come in an order that N picks, another for each query.",
            show_default="by id",
        ),
    ] = None,
    clock: Annotated[
        str | None,
        typer.Option(
            "--clock",
            metavar="MOMENT",
            callback=_checked(arguments.moment),
            help="The time stands still at this moment, as 2026-01-31T08:59:00Z.",
            show_default="the real time",
        ),
    ] = None,
    plan: Annotated[
        list[str],
        typer.Option(
            "--plan",
            metavar="NAME=N",
            callback=_all_checked(arguments.plan),
            help=f"What the plan allows, as users=2: {', '.join(arguments.PLAN_NAMES)}. May be repeated.",
        ),
    ] = [],  # noqa: B006  # typer copies it
    lacks: Annotated[
        list[str],
        typer.Option(
            "--lacks", metavar="PATH", callback=_lacks, help="A resource that the plan does not have; may be repeated."
        ),
    ] = [],  # noqa: B006  # typer copies it
    odd_keys: Annotated[
        bool,
        typer.Option("--odd-keys/--documented-keys", help="Response keys as the live service has them, or documented."),
    ] = True,
    drift: Annotated[bool, typer.Option("--drift", help="Types drift in every answer.")] = False,
    html_401: Annotated[bool, typer.Option("--html-401", help="A wrong key is answered with a CDN's HTML.")] = False,
    compress: Annotated[bool, typer.Option("--compress", help="gzip for who accepts it.")] = False,
    cors: Annotated[bool, typer.Option("--cors", help="Pages of other origins may use the API in a browser.")] = False,
    webhooks: Annotated[bool, typer.Option("--webhooks/--no-webhooks", help="Whether webhooks are delivered.")] = True,
    webhook_retries: Annotated[
        int, typer.Option("--webhook-retries", metavar="N", min=0, help="Attempts after the first.")
    ] = 0,
    webhook_text_ids: Annotated[
        bool, typer.Option("--webhook-text-ids", help="Ids of deleted objects come as texts, as was seen.")
    ] = False,
) -> None:
    from paymo_async.cli.serve import serve
    from paymo_async.sandbox import Clock, Sandbox

    box = Sandbox(
        seed=seed,
        seed_number=seed_number,
        rate_limit=None if rate is None else arguments.rate_model(rate),
        rate_headers=rate_headers,
        faults=arguments.faults(faults),
        state=state,
        host=host,
        port=port,
        cut=None if no_cut else cut,
        shuffle=shuffle,
        odd_keys=odd_keys,
        drift=drift,
        html_401=html_401,
        compress=compress,
        cors=cors,
        webhooks=webhooks,
        webhook_retries=webhook_retries,
        webhook_text_ids=webhook_text_ids,
        plan=arguments.plan(plan),
        lacks=lacks,
        clock=Clock(None if clock is None else arguments.moment(clock)),
    )
    try:
        code = asyncio.run(serve(box, host=host, seed=seed, state=state))
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = Exit.OK  # Ctrl-C is how it is meant to end
    raise typer.Exit(int(code))
