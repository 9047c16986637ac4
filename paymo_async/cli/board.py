"""How far a job is, as numbers: what the progress display shows and the summary does not have to know."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

__all__ = ["Board", "Stage", "Window", "amount", "rate"]


@attrs.define
class Stage:
    """One stage of the work. total: None while it is not known. kept: of `done`, were here already."""

    name: str
    total: int | None = None
    done: int = 0
    failed: int = 0
    kept: int = 0


@attrs.frozen
class Window:
    """The rate limit: `limit` calls in `period` seconds, of which `free` could be sent now; calls in line for it."""

    limit: int
    period: float
    free: int
    waiting: int


@attrs.define
class Board:
    """Everything that is shown while a job runs.

    window, requests, rejections: asked each time the display is drawn. clock: seconds, monotonic.
    """

    window: Callable[[], Window]
    requests: Callable[[], int]
    rejections: Callable[[], int]
    clock: Callable[[], float] = time.monotonic
    stages: list[Stage] = attrs.field(factory=list[Stage])
    errors: int = 0
    started: float = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.started = self.clock()

    def stage(self, name: str, total: int | None = None) -> Stage:
        """Begins a stage."""
        made = Stage(name, total)
        self.stages.append(made)
        return made

    @property
    def seconds(self) -> float:
        """Since the job began."""
        return self.clock() - self.started

    def line(self) -> str:
        """All of it in one line of text."""
        stages = ", ".join(f"{one.name} {amount(one)}" for one in self.stages) or "starting"
        window = self.window()
        text = f"{self.seconds:.0f} s: {stages}; {self.requests()} requests, {rate(window)}, {window.waiting} waiting"
        if rejected := self.rejections():
            text += f", {rejected} rejected (429)"
        return text + (f", {self.errors} errors" if self.errors else "")


def amount(stage: Stage) -> str:
    """Done of total, and what failed."""
    text = f"{stage.done}" if stage.total is None else f"{stage.done}/{stage.total}"
    return text + (f" ({stage.failed} failed)" if stage.failed else "")


def rate(window: Window) -> str:
    """The rate limit in words."""
    return f"limit {window.limit} per {window.period:g} s"
