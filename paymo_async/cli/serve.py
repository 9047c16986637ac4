"""`paymo-async sandbox`: the embedded Paymo as a process of its own, for as long as it is needed."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from paymo_async.cli.exits import Exit
from paymo_async.sandbox import Sandbox

__all__ = ["serve"]


async def serve(box: Sandbox, *, host: str = "127.0.0.1", seed: str, state: Path | None = None) -> Exit:
    """Serves until SIGINT or SIGTERM. Stdout has the environment to use it with, in the shell's own words.

    host, seed, state: what the sandbox was made with, for what is said on stderr.
    """
    kept = _is_there(state)
    if seed == "large" and not kept:
        _say("Making a million time entries, which takes most of a minute.")
    try:
        await box.__aenter__()
    except ValueError as error:  # an unknown seed
        _say(f"paymo-async: {error}")
        return Exit.USAGE
    except OSError as error:  # the port is taken, or the file cannot be used
        _say(f"paymo-async: {error.strerror or error}")
        return Exit.FAILED
    try:
        sys.stdout.write(f"export PAYMO_BASE_URL={box.url}\nexport PAYMO_API_KEY={box.api_key}\n")
        sys.stdout.flush()
        _say(_greeting(box, f"the account in {state}" if kept else f"the seed {seed!r}", state))
        if not _loopback(host):
            _say("Whoever reaches this machine can use it, and its controls.")
        await _until_told()
    finally:
        await box.__aexit__(None, None, None)
    return Exit.OK


def _greeting(box: Sandbox, contents: str, state: Path | None) -> str:
    where = urlsplit(box.url)
    end = f"What was made in it stays in {state}." if state else "What was made in it is gone then; --state keeps it."
    return "\n".join(
        (
            f"A sandbox of Paymo is running, with {contents}.",
            "",
            f"    API      {box.url}",
            f"    Key      {box.api_key} (or {box.email} with the password {box.password})",
            f"    Console  {where.scheme}://{where.netloc}/",
            "",
            f"Ctrl-C ends it. {end}",
        )
    )


def _is_there(state: Path | None) -> bool:
    return state is not None and state.exists()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _until_told() -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows: Ctrl-C cancels the wait instead
            loop.add_signal_handler(one, told.set)
    await told.wait()
