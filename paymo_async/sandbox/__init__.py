"""An embedded Paymo for tests: real sockets, the service's rules and quirks, faults on demand.

    async with Sandbox(seed="documented", rate_limit=(5, 5.0)) as box:
        ...  # requests to box.url with box.api_key

PDF and Excel documents need the `sandbox` extra; nothing else here does.

Where things are, each layer above the ones that it uses; only the first and the webhooks do I/O beside SQLite:

    on a socket     server (the `Sandbox`), options, thread (for programs without an event loop), serving (a request to
                    an answer), writing (an answer to the socket), cors, control (`/_sandbox/`, and the page at `/`),
                    traffic (what was asked and told), clock
    what goes wrong faults, changing (lists that change while they are read), ratelimit
    the API         api (a request to an answer), auth, bodies, xmlbodies and untyped (what a request sends), include,
                    where (the query language to SQL), answers (envelopes, refusals, XML), documents (PDF, XLSX, HTML)
    the account     account (create, update, delete, with the rules), rules (one module for each family of resources,
                    `rules/__init__.py` says which), reporting and tracked (the content of reports), assets (uploads),
                    links (permalinks follow the server), filters (what rules ask the store)
    the store       store (SQLite), schema (tables read off the client's declarations), values (JSON, and what an
                    attribute takes)
    webhooks        webhooks (of one sandbox), notify (who is told what), courier (deliveries)
    what is in it   seed and documented (what the documentation shows), generate (agencies of any size), gallery
                    (templates)
    for pytest      fixtures
"""

from __future__ import annotations

from paymo_async.sandbox.clock import Clock
from paymo_async.sandbox.faults import Fault
from paymo_async.sandbox.generate import Size
from paymo_async.sandbox.ratelimit import RateModel
from paymo_async.sandbox.server import Sandbox, Snapshot
from paymo_async.sandbox.traffic import Delivery, Seen

__all__ = ["Clock", "Delivery", "Fault", "RateModel", "Sandbox", "Seen", "Size", "Snapshot"]
