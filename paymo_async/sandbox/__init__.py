"""An embedded Paymo for tests: real sockets, the service's rules and quirks, faults on demand.

    async with Sandbox(seed="documented", rate_limit=(5, 5.0)) as box:
        ...  # requests to box.url with box.api_key

PDF and Excel documents need the `sandbox` extra; nothing else here does.
"""

from __future__ import annotations

from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.faults import Fault
from paymo_async.sandbox.generate import Size
from paymo_async.sandbox.ratelimit import RateModel
from paymo_async.sandbox.server import Sandbox, Snapshot
from paymo_async.sandbox.traffic import Delivery, Seen

__all__ = ["Clock", "Delivery", "Fault", "RateModel", "Sandbox", "Seen", "Size", "Snapshot"]
