"""`python -m paymo_async` is the `paymo-async` command."""

from __future__ import annotations

from paymo_async.cli import main

if __name__ == "__main__":
    main()
