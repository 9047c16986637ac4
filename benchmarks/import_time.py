"""What `import paymo_async`, and making a client, cost above the dependencies that it needs anyway.

    python benchmarks/import_time.py

Each in fresh interpreters, alternated, medians. Baseline: `import aiohttp, attrs, cattrs, tenacity`. Target: at most
20 ms above it, and no optional package loaded.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

BASE = "import aiohttp, attrs, cattrs, tenacity"
CASES = {
    "dependencies": BASE,
    "import paymo_async": f"{BASE}; import paymo_async",
    "and PaymoClient": f"{BASE}; from paymo_async import PaymoClient; PaymoClient('k')",
}
OPTIONAL = ("typer", "rich", "matplotlib", "redis", "fpdf", "xlsxwriter", "opentelemetry", "sqlalchemy")
ROUNDS = 15


def seconds(statement: str) -> float:
    code = f"import time; began = time.perf_counter(); {statement}; print(time.perf_counter() - began)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, statement in CASES.items():
            times[name].append(seconds(statement))
    base = statistics.median(times["dependencies"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(
            f"{name:24}{median * 1000:8.1f} ms   {(median - base) * 1000:+7.1f} ms   {median / base:5.2f} of baseline"
        )
    code = f"{CASES['and PaymoClient']}; import sys; print([name for name in {OPTIONAL!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    print(f"optional packages loaded: {loaded}")
    above = statistics.median(times["import paymo_async"]) - base
    print(f"target: at most 20 ms above; {above * 1000:.1f} ms")
    sys.exit(0 if above <= 0.020 and loaded == "[]" else 1)


if __name__ == "__main__":
    main()
