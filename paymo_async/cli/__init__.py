"""The `paymo-async` command.

typer and rich come with the extra `cli`, matplotlib with `plot`, and what the sandbox's documents need with `sandbox`;
each is imported when it is first needed, and where it is missing the command says which extra brings it.
"""

from __future__ import annotations

import sys

from paymo_async.cli.exits import Exit, missing_extra

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Runs the command with these arguments (else the process's own) and ends the process with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        from paymo_async.cli.app import run

        code = run(given)
    except ModuleNotFoundError as error:
        advice = missing_extra(error)
        if advice is None:
            raise
        sys.stderr.write(f"paymo-async: {advice}\n")
        code = Exit.USAGE
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        code = Exit.INTERRUPTED
    sys.exit(int(code))
