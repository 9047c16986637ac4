"""Progress on stderr: a live picture on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from paymo_async.cli.board import Board, rate

__all__ = ["show_progress"]

_FRAME: Final = 0.1  # seconds between two pictures
_LINE: Final = 5.0  # seconds between two lines


@contextmanager
def show_progress(board: Board, console: Console, *, line_every: float = _LINE) -> Generator[None]:
    """Shows how far the job is while the block runs, within an event loop.

    line_every: seconds, where the console is no terminal.
    """
    if not console.is_terminal:

        def say() -> None:
            console.print(board.line(), markup=False, highlight=False, soft_wrap=True)

        with _ticking(say, line_every):
            yield
        say()
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def draw() -> None:
            live.update(_picture(board), refresh=True)

        draw()
        with _ticking(draw, _FRAME):
            yield


@contextmanager
def _ticking(tick: Callable[[], None], every: float) -> Generator[None]:
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def again() -> None:
        nonlocal timer
        timer = loop.call_later(every, again)
        tick()

    timer = loop.call_later(every, again)
    try:
        yield
    finally:
        timer.cancel()


def _picture(board: Board) -> RenderableType:
    stages = Table.grid(padding=(0, 2))
    stages.add_column(min_width=9)
    stages.add_column(width=32)
    stages.add_column(justify="right", min_width=9)
    stages.add_column()
    for stage in board.stages:
        finished = stage.total is not None and stage.done >= stage.total
        bar = ProgressBar(
            total=stage.total if stage.total != 0 else 1,
            completed=stage.done if stage.total != 0 else 1,
            width=32,
            pulse=stage.total is None,
        )
        note = Text()
        if stage.kept:
            note.append(f"{stage.kept} unchanged  ", style="dim")
        if stage.failed:
            note.append(f"{stage.failed} failed", style="red")
        done = f"{stage.done}" if stage.total is None else f"{stage.done}/{stage.total}"
        stages.add_row(stage.name, bar, Text(done, style="green" if finished else ""), note)
    return Group(stages, _state(board))


def _state(board: Board) -> Text:
    window = board.window()
    text = Text(style="dim")
    text.append(f"{board.seconds:5.1f} s  ")
    text.append(f"{board.requests()} requests, {window.waiting} waiting  ")
    text.append(f"{rate(window)}, {window.free} free  ")
    if rejected := board.rejections():
        text.append(f"{rejected} rejected (429)  ", style="not dim yellow")
    text.append(f"{board.errors} errors", style="not dim red" if board.errors else "")
    return text
