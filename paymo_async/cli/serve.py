"""`paymo-async sandbox`: the embedded Paymo as a process of its own, for as long as it is needed."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress

from paymo_async.cli.exits import Exit
from paymo_async.sandbox import RateModel, Sandbox

__all__ = ["serve"]


async def serve(*, port: int, seed: str, rate_limit: tuple[int, float] | None) -> Exit:
    """Serves until SIGINT or SIGTERM. Stdout has the environment to use it with, in the shell's own words."""
    box = Sandbox(seed=seed, port=port, rate_limit=RateModel(*rate_limit) if rate_limit else None)
    try:
        await box.__aenter__()
    except ValueError as error:  # an unknown seed
        sys.stderr.write(f"paymo-async: {error}\n")
        return Exit.USAGE
    except OSError as error:  # the port is taken
        sys.stderr.write(f"paymo-async: {error}\n")
        return Exit.FAILED
    try:
        sys.stdout.write(f"export PAYMO_BASE_URL={box.url}\nexport PAYMO_API_KEY={box.api_key}\n")
        sys.stdout.flush()
        sys.stderr.write("The sandbox is running. Ctrl-C ends it, and what was made in it is gone.\n")
        await _until_told()
    finally:
        await box.__aexit__(None, None, None)
    return Exit.OK


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows: Ctrl-C cancels the wait instead
            loop.add_signal_handler(one, told.set)
    await told.wait()
