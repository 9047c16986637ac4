"""`paymo-async fetch`, from its checked options to its exit code."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import os
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
from rich.console import Console

from paymo_async.auth import ENV_API_KEY
from paymo_async.cli.board import Board, Window
from paymo_async.cli.chart import ChartFormat, draw_chart
from paymo_async.cli.exits import Exit, UsageProblem
from paymo_async.cli.folder import Folder
from paymo_async.cli.job import Job, JobOptions
from paymo_async.cli.progress import show_progress
from paymo_async.cli.summary import KindSummary, Requests, Summary, one_per_object, print_summary
from paymo_async.client import DEFAULT_BASE_URL, PaymoClient
from paymo_async.errors import InvalidRequest, MissingCredentials, Unauthorized

if TYPE_CHECKING:
    from paymo_async.transport.bucket import Limiter

__all__ = ["FetchOptions", "command_line", "fetch"]

_SANDBOX: Final = "sandbox"
# The service's own 5 per 5 s would take a minute, and with PDFs a quarter of an hour.
_SANDBOX_RATE: Final = (5, 1.0)
_SANDBOX_RATE_PDF: Final = (50, 1.0)


@attrs.frozen(kw_only=True)
class FetchOptions:
    """What the command was asked. chart: None for a PNG where matplotlib is installed; "none" for no chart.

    sandbox_rate: calls and seconds, None for what suits the job. command: how to give it again.
    """

    job: JobOptions
    into: Path
    chart: ChartFormat | str | None = None
    sandbox: bool = False
    sandbox_rate: tuple[int, float] | None = None
    full: bool = False
    quiet: bool = False
    json: bool = False
    command: str = "paymo-async fetch"


def fetch(options: FetchOptions) -> Exit:
    """Runs the job; files in the folder, progress and problems on stderr, the summary on stdout."""
    errors = Console(stderr=True)

    def say(text: str) -> None:
        _say(errors, text)

    try:
        return _Run(options, errors).all()
    except UsageProblem as problem:
        say(f"paymo-async: {problem}")
        return Exit.USAGE
    except MissingCredentials:
        say(
            f"paymo-async: no credentials. Set {ENV_API_KEY} to an API key (Paymo shows it under My Account), "
            "or try it without an account: --sandbox"
        )
        return Exit.CREDENTIALS
    except Unauthorized as error:
        say(f"paymo-async: the service refuses the API key in {ENV_API_KEY} ({error.status}).")
        return Exit.CREDENTIALS
    except InvalidRequest as error:
        say(f"paymo-async: {error}")
        return Exit.USAGE
    except (KeyboardInterrupt, asyncio.CancelledError):
        _say_how_to_go_on(errors, options)
        return Exit.INTERRUPTED
    except OSError as error:
        say(f"paymo-async: {error}")
        return Exit.FAILED


class _Run:
    """One run of the command."""

    def __init__(self, options: FetchOptions, errors: Console) -> None:
        self._options = options
        self._errors = errors
        self._folder: Folder | None = None

    def all(self) -> Exit:
        options = self._options
        chart = _chart_format(options)
        try:
            summary = asyncio.run(self._fetch())
        finally:
            # Only now do no threads write any more.
            if self._folder is not None:
                self._folder.sweep()
        if chart is not None and not summary.interrupted:
            summary = self._with_chart(summary, chart)
        if summary.interrupted and self._errors.is_terminal:
            self._say("")  # below the terminal's own ^C
        if options.json:
            sys.stdout.write(summary.to_json().decode() + "\n")
        else:
            print_summary(summary, Console(), options.into)
        sys.stdout.flush()
        if summary.interrupted:
            _say_how_to_go_on(self._errors, options)
            return Exit.INTERRUPTED
        return Exit.FAILED if summary.failures else Exit.OK

    async def _fetch(self) -> Summary:
        options = self._options
        async with AsyncExitStack() as stack:
            paymo, source = await self._connect(stack)
            folder = self._folder = Folder(options.into, source, anew=options.job.kinds if options.full else ())
            if folder.note:
                self._say(folder.note)
            board = Board(
                window=lambda: _window(paymo.limiter),
                requests=lambda: paymo.requests_sent,
                rejections=lambda: paymo.rejections,
            )
            job = Job(paymo, folder, options.job, board)
            interrupted = await self._interruptible(job, board, folder)
            return _summary(job, board, folder, options, interrupted=interrupted)

    async def _interruptible(self, job: Job, board: Board, folder: Folder) -> bool:
        """Runs the job and saves what it has, however it ends; whether it was interrupted."""
        progress = nullcontext() if self._options.quiet else show_progress(board, self._errors)
        this = asyncio.current_task()
        assert this is not None
        restore = _cancel_on_signals(this)
        try:
            with progress:
                await job.run()
        except asyncio.CancelledError:
            this.uncancel()
            return True
        finally:
            # Nothing is awaited here, so no second Ctrl-C comes in between.
            if job.has_result:
                folder.save(self._options.job.kinds)
            restore()
        return False

    async def _connect(self, stack: AsyncExitStack) -> tuple[PaymoClient, str]:
        """A client, and what names its account."""
        if not self._options.sandbox:
            key = os.environ.get(ENV_API_KEY)
            paymo = PaymoClient()
            base = os.environ.get("PAYMO_BASE_URL") or DEFAULT_BASE_URL
            fingerprint = hashlib.sha256(f"paymo-async fetch {key}".encode()).hexdigest()[:8]
            return await stack.enter_async_context(paymo), f"{base} with key #{fingerprint}"
        from paymo_async.sandbox import RateModel, Sandbox

        calls, seconds = self._options.sandbox_rate or (_SANDBOX_RATE_PDF if self._options.job.pdf else _SANDBOX_RATE)
        box = await stack.enter_async_context(Sandbox(seed="fetch", rate_limit=RateModel(calls, seconds)))
        self._say(
            f"This is the sandbox: a Paymo embedded in this command, with made-up data and a limit of {calls} requests "
            f"per {seconds:g} s."
        )
        return await stack.enter_async_context(PaymoClient(box.api_key, base_url=box.url)), _SANDBOX

    def _with_chart(self, summary: Summary, format: ChartFormat) -> Summary:
        assert self._folder is not None
        path = self._folder.path / f"tracked-time.{format}"
        if draw_chart(self._folder.holdings["reports"].objects(), path, format):
            return attrs.evolve(summary, files=[*summary.files, str(path)])
        return attrs.evolve(summary, notes=[*summary.notes, "No chart: no report holds a project's time."])

    def _say(self, text: str) -> None:
        _say(self._errors, text)


def _chart_format(options: FetchOptions) -> ChartFormat | None:
    if options.chart == "none" or "reports" not in options.job.kinds:
        return None
    installed = importlib.util.find_spec("matplotlib") is not None
    if options.chart is None:
        return "png" if installed else None
    if not installed:
        raise UsageProblem("the chart needs matplotlib: pip install 'paymo_async[plot]', or leave it out: --chart none")
    return "svg" if options.chart == "svg" else "png"


def _cancel_on_signals(task: asyncio.Task[object]) -> Callable[[], None]:
    """Ctrl-C and SIGTERM cancel this task, as often as they come; returns what undoes that."""
    loop = asyncio.get_running_loop()
    taken: list[signal.Signals] = []
    for one in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(one, task.cancel)
        except (NotImplementedError, RuntimeError, ValueError):
            continue  # Windows, or not the main thread: asyncio.run turns Ctrl-C into a cancellation by itself
        taken.append(one)

    def restore() -> None:
        for one in taken:
            loop.remove_signal_handler(one)

    return restore


def _window(limiter: Limiter) -> Window:
    state = limiter.snapshot()
    return Window(state.limit, state.period, state.free, sum(state.waiting.values()))


def _summary(job: Job, board: Board, folder: Folder, options: FetchOptions, *, interrupted: bool) -> Summary:
    made, usual = board.requests(), one_per_object(list(job.counts.values()))
    kinds: list[KindSummary] = []
    files: list[str] = []
    for kind, count in job.counts.items():
        holding = folder.holdings[kind]
        kinds.append(KindSummary.of(kind, len(holding.lines), holding.units, count))
        files += [str(path) for path in folder.files(kind) if path.exists()]
    notes: list[str] = []
    pdfs = sum(count.pdfs for count in job.counts.values())
    if pdfs:
        notes.append(f"{pdfs:,} PDFs are new in {folder.pdf_folder}.")
    return Summary(
        source=folder.source,
        interrupted=interrupted,
        seconds=round(board.seconds, 3),
        requests=Requests(made=made, one_per_object=usual, saved=max(0, usual - made), rejected=board.rejections()),
        kinds=kinds,
        failures=job.failures,
        files=files,
        notes=notes,
    )


def _say(console: Console, text: str) -> None:
    """Prints a text as it is, broken between words where a terminal is narrow."""
    console.print(text, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def _say_how_to_go_on(console: Console, options: FetchOptions) -> None:
    _say(console, f"Interrupted. What came so far is kept in {options.into}, in whole files.")
    _say(console, "To go on, run the same command again:")
    console.print(f"  {options.command}", markup=False, highlight=False, soft_wrap=True)  # to be copied


def command_line(arguments: list[str]) -> str:
    """A command as it is typed."""
    return shlex.join(["paymo-async", *arguments])
