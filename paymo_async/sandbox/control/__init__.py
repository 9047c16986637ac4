"""The control API below `/_sandbox/`: what a test in any language does with the sandbox itself; and the page at `/`.

With `S=http://127.0.0.1:PORT/_sandbox` and `J='Content-Type: application/json'`:

    what it is and holds      curl $S/
    as at the start           curl -X POST $S/reset
    another seed              curl -H "$J" -d '{"seed": "demo", "number": 7}' $S/seed
    a seed of any size        curl -H "$J" -d '{"seed": {"clients": 5, "entries": 900}}' $S/seed
    keep the state            curl -X POST $S/snapshot
    keep it under a name      curl -H "$J" -d '{"name": "full"}' $S/snapshot
    what is kept              curl $S/snapshot
    as a SQLite file          curl -o account.db $S/snapshot/full
    go back to it             curl -H "$J" -d '{"id": "full"}' $S/restore
    forget it                 curl -X DELETE $S/snapshot/full
    what time it is           curl $S/clock
    another time              curl -H "$J" -d '{"set": "2026-01-31T08:59:00Z"}' $S/clock
    later                     curl -H "$J" -d '{"move": {"days": 1, "hours": 2}}' $S/clock
    stand still               curl -H "$J" -d '{"freeze": true}' $S/clock
    stand still at            curl -H "$J" -d '{"freeze": "2026-01-31T09:00:00Z"}' $S/clock
    run again                 curl -H "$J" -d '{"resume": true}' $S/clock
    the real time again       curl -H "$J" -d '{"reset": true}' $S/clock
    faults there are          curl $S/faults
    one more                  curl -H "$J" -d '{"effect": "500", "path": "estimates*", "times": 2}' $S/faults
    without one               curl -X DELETE $S/faults/1
    without any               curl -X DELETE $S/faults
    the rate limit            curl $S/rate-limit
    another                   curl -H "$J" -d '{"limit": 5, "period": 5, "model": "sliding"}' $S/rate-limit
    none                      curl -H "$J" -d '{"limit": null}' $S/rate-limit
    requests seen             curl "$S/requests?path=clients*&method=GET&status=4xx&since=0&limit=100"
    forget them               curl -X DELETE $S/requests
    webhooks delivered        curl "$S/deliveries?since=0&limit=100"
    when all are delivered    curl "$S/deliveries?wait=10"
    a key of another user     curl -H "$J" -d '{"user_id": 2}' $S/keys
    all of it as it happens   curl -N $S/events

Nothing here is limited, struck by faults or seen in the log of requests. Answers are JSON; a refusal is
`{"message": ...}` with 400 (which field, and what it takes), 403, 404, 405, 409, 413 or 415. Bodies are JSON objects
and must say so, the host must be this machine's or the one that is served on, and a page of another origin is
refused: what is open in a browser beside it cannot reach the sandbox.

A page of requests or deliveries is oldest first, those after the number `since`; `more` tells whether there is another,
after its last number. `wait` lets deliveries that are on their way arrive first, for so many seconds at most; `waiting`
tells whether some have not. The events are server-sent events: `state` (first all of it, then the parts that changed),
`requests` and `deliveries` (lists, as they come), and a comment now and then while nothing happens. Who reads too
slowly is dropped, and may come again and page on with `since`.

A new seed, a snapshot and its restoring take all the time they need, in which nothing else is served: `large` takes
most of a minute.
"""

from __future__ import annotations

from paymo_async.sandbox.control.serving import Control

__all__ = ["Control"]
