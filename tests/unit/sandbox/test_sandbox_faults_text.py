"""Faults as text and as JSON, both ways."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from paymo_async.sandbox.faults import EFFECTS, Fault

numbers = st.integers(1, 10**6)
faults = st.builds(
    Fault,
    st.sampled_from(EFFECTS),
    st.text() | st.sampled_from(["reports/*", "estimates", "a b", "it's", 'say "no"', "", "\\"]),
    st.sampled_from(["*", "GET", "post"]),
    call=st.none()
    | numbers
    | st.sets(numbers, min_size=1, max_size=5)
    | st.builds(lambda start, more: range(start, start + more), numbers, st.integers(1, 10**9))
    | st.builds(lambda start, step: range(start, start + 50, step), numbers, st.integers(1, 10)),
    times=st.none() | st.integers(0, 10**6),
    probability=st.floats(0, 1),
    seconds=st.floats(0, 1e9),
    seed=st.integers(-(10**9), 10**9),
)


@given(faults)
@example(Fault("500", "reports/*", call={3}))
def test_a_fault_comes_back_from_its_text_and_from_json(fault):
    assert Fault.parse(str(fault)) == fault
    assert Fault.from_dict(json.loads(json.dumps(fault.to_dict()))) == fault


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("500"), "500"),
        (Fault("500", "estimates", call=3), "500 path=estimates call=3"),
        (Fault("latency", "reports/*", seconds=0.2), "latency path=reports/* seconds=0.2"),
        (Fault("502", method="post", call={7, 2, 4}, seed=9), "502 method=POST call=2,4,7 seed=9"),
        (Fault("429", call=range(10, 21), times=2), "429 call=10-20 times=2"),
        (Fault("reset", call=range(3, 4), probability=0.5), "reset call=3 probability=0.5"),
        (Fault("drift", "two words"), "drift path='two words'"),
    ],
)
def test_a_text_tells_what_differs_from_the_defaults(fault, text):
    assert str(fault) == text
    assert Fault.parse(text) == fault


def test_the_parts_come_in_any_order_and_quoted_as_in_a_shell():
    assert Fault.parse(""" 500  times=2 path="reports/*"  'call=3' """) == Fault("500", "reports/*", call=3, times=2)


def test_a_dict_holds_all_parts_and_may_lack_all_but_the_effect():
    whole = {
        "effect": "500",
        "path": "*",
        "method": "*",
        "call": (2, 4),
        "times": None,
        "probability": 1.0,
        "seconds": 1.0,
        "seed": 1,
    }
    assert Fault("500", call=[4, 2]).to_dict() == whole
    assert Fault.from_dict({"effect": 500, "call": [4, 2]}) == Fault("500", call=(2, 4))
    assert Fault.from_dict({"effect": "500", "call": "2-4", "times": "1"}) == Fault("500", call=range(2, 5), times=1)


def test_how_often_it_acted_is_not_part_of_the_rule():
    fault = Fault("500")
    assert fault.strikes("GET", "me")
    assert Fault.parse(str(fault)).acted == Fault.from_dict(fault.to_dict()).seen == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a fault begins with its effect; known are 429, 500"),
        ("boom", "unknown effect 'boom'; known are 429, 500"),
        ("500 estimates", "'estimates' is no part of a fault; parts are NAME=VALUE"),
        ("500 paths=estimates", "unknown part 'paths'; known are effect, path, method"),
        ("500 call=1 call=2", "call: is given twice"),
        ("500 effect=502", "effect: is given twice"),
        ("500 call=x", "call: 'x' is no whole number"),
        ("500 call=1,x", "call: 'x' is no whole number"),
        ("500 call=5-3", "call: there must be a number in it"),
        ("500 call=0", "call: requests are counted from 1"),
        ("500 times=1.5", "times: '1.5' is no whole number"),
        ("500 times=-1", "times: -1 is less than none"),
        ("500 probability=2", "probability: 2.0 is not between 0 and 1"),
        ("500 probability=nan", "probability: nan is not between 0 and 1"),
        ("latency seconds=", "seconds: '' is no number"),
        ("latency seconds=-1", "seconds: -1.0 is no time to wait"),
        ("latency seconds=inf", "seconds: inf is no time to wait"),
        ("500 path='a", "No closing quotation"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Fault.parse(text)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "effect: is missing"),
        ({"effect": None}, "effect: is missing"),
        ({"effect": ["500"]}, "effect: ['500'] is no text"),
        ({"effect": "500", "seconds": "soon"}, "seconds: 'soon' is no number"),
        ({"effect": "500", "seconds": True}, "seconds: True is no number"),
        ({"effect": "500", "seconds": []}, "seconds: [] is no number"),
        ({"effect": "500", "times": True}, "times: True is no whole number"),
        ({"effect": "500", "call": []}, "call: there must be a number in it"),
        ({"effect": "500", "call": {}}, "call: {} is no whole number"),
        ({"effect": "500", "path": {}}, "path: {} is no text"),
        ({"effect": "500", "seen": 3}, "unknown part 'seen'"),
    ],
)
def test_what_is_wrong_in_json_is_named(given, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Fault.from_dict(given)
