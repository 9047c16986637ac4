"""What a sandbox takes as an option, what it refuses, and how it shows itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from paymo_async.sandbox import Clock, Delivery, Fault, RateModel, Sandbox, Seen, Snapshot
from paymo_async.sandbox.options import read_clock, read_faults, read_lacks, read_limit, read_state

MOMENT = datetime(2026, 1, 31, 8, 59, tzinfo=UTC)


def test_a_rate_limit_may_be_a_tuple():
    assert read_limit((5, 1.5)) == RateModel(5, 1.5)
    assert read_limit((5, 5, "leaky")) == RateModel(5, 5, "leaky")
    assert read_limit(RateModel(2, 60)) == RateModel(2, 60)
    assert read_limit(None) is None


def test_faults_may_be_texts_and_one_needs_no_list():
    fault = Fault("502", "clients*", times=2)
    assert read_faults("502 path=clients* times=2") == read_faults(["502 path=clients* times=2"]) == [fault]
    assert read_faults(fault) == [fault]


@pytest.mark.parametrize("given", [MOMENT, "2026-01-31T08:59:00Z", "2026-01-31T08:59:00", "2026-01-31T09:59:00+01:00"])
def test_a_moment_is_a_clock_that_stands_still(given):
    clock = read_clock(given)
    assert (clock.now, clock.frozen) == (MOMENT, True)


def test_a_clock_may_be_one_or_what_one_follows():
    clock = Clock()
    assert read_clock(clock) is clock
    assert read_clock(lambda: 60.0)() == 60.0


def test_a_state_may_be_a_text_and_a_resource_needs_no_list():
    assert read_state("account.db") == Path("account.db")
    assert read_lacks("invoices") == {"invoices"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"rate_limit": 5}, r"rate_limit: is requests and seconds, as \(5, 5.0\)"),
        ({"rate_limit": (5,)}, "rate_limit: is requests and seconds"),
        ({"rate_limit": (0, 5)}, "rate_limit: is requests and seconds"),
        ({"rate_limit": (5, 0)}, "rate_limit: is requests and seconds"),
        ({"rate_limit": (2.5, 5)}, "rate_limit: is requests and seconds"),
        ({"rate_limit": ("5", 5)}, "rate_limit: is requests and seconds"),
        ({"rate_limit": (5, 5, "leeky")}, "unknown model 'leeky'; known are sliding, window, clock, leaky"),
        ({"faults": ["500 pth=x"]}, "unknown part 'pth'"),
        ({"faults": [500]}, "faults: a fault is a Fault or its text"),
        ({"clock": "yesterday"}, "clock: 'yesterday' does not read like 2026-01-31T08:59:00Z"),
        ({"clock": datetime(2026, 1, 31)}, "has no time zone"),  # noqa: DTZ001  # what is refused
        ({"clock": 5.0}, "clock: is a moment"),
        ({"port": 70000}, "port: is a number from 0 to 65535"),
        ({"port": "8086"}, "port: is a number from 0 to 65535"),
        ({"cut": 0}, "cut: is a number from 1, or None"),
        ({"plan": {"users": 2}}, "plan: unknown limit 'users'; known are max_"),
        ({"lacks": ["invoises"]}, "lacks: 'invoises' is no resource; did you mean 'invoices'"),
        ({"lacks": ["7"]}, "lacks: '7' is no resource$"),
    ],
)
def test_an_option_that_cannot_be_meant_is_refused_with_what_it_takes(options, said):
    with pytest.raises((TypeError, ValueError), match=said):
        Sandbox(**options)


def test_reprs_are_short_and_tell_what_it_is():
    box = Sandbox(faults="502 path=clients* times=2")
    assert repr(box) == "<Sandbox, not running>"
    assert repr(box.faults) == "Faults(['502 path=clients* times=2'])"
    assert repr([*box.faults]) == "[<Fault 502 path=clients* times=2, acted 0 of 0>]"
    assert repr(Seen("GET", "me", "include=id", 200, number=3)) == "<Seen 3: GET me?include=id 200>"
    assert repr(Seen("POST", "clients", status=201, number=4)) == "<Seen 4: POST clients 201>"
    assert repr(Snapshot(b"1234", {"a-key": 1})) == "<Snapshot of 4 bytes>"


def test_the_repr_of_a_delivery_has_no_body_and_no_signature():
    sent = Delivery(1, "model.insert.Task", "http://localhost/", b"secret", {"X-Paymo-Signature": "secret"}, status=200)
    assert repr(sent) == "<Delivery 0: model.insert.Task to http://localhost/ 200>"
