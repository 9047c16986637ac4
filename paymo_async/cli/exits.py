"""How the command ends: its exit codes, and what it says when something is missing."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

__all__ = ["EXTRAS", "Exit", "UsageProblem", "missing_extra"]


class Exit(enum.IntEnum):
    """Exit codes; scripts rely on them."""

    OK = 0
    FAILED = 1
    """Something could not be fetched; each is listed."""
    USAGE = 2
    CREDENTIALS = 3
    """Missing, or refused by the service."""
    INTERRUPTED = 130
    """Ctrl-C or SIGTERM; what was fetched is kept."""


class UsageProblem(Exception):
    """The command cannot do what it was asked; the text says why, and what to do."""


EXTRAS: Final[Mapping[str, str]] = {
    "typer": "cli",
    "click": "cli",
    "rich": "cli",
    "matplotlib": "plot",
    "fpdf": "sandbox",
    "xlsxwriter": "sandbox",
}
"""The extra that brings an optional package, by the package's import name."""


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """What to install, where a package of an extra is missing; None for any other module."""
    package = (error.name or "").partition(".")[0]
    extra = EXTRAS.get(package)
    if extra is None:
        return None
    return f"{package} is not installed. Install the extra that brings it: pip install 'paymo_async[{extra}]'"
