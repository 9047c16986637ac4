"""Which requests a fault strikes."""

from __future__ import annotations

import pytest

from paymo_async.sandbox.faults import EFFECTS, Fault, Faults


def struck(fault: Fault, number: int, method: str = "GET", path: str = "reports/1") -> list[int]:
    return [place for place in range(1, number + 1) if fault.strikes(method, path)]


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault("500"), [1, 2, 3, 4, 5, 6]),
        (Fault("500", call=3), [3]),
        (Fault("500", call=range(2, 4)), [2, 3]),
        (Fault("500", times=2), [1, 2]),
        (Fault("500", call={2, 4, 6}, times=2), [2, 4]),
        (Fault("500", "reports"), []),
        (Fault("500", "reports/*"), [1, 2, 3, 4, 5, 6]),
        (Fault("500", "*", "POST"), []),
        (Fault("500", method="GET", probability=0.0), []),
    ],
)
def test_a_fault_strikes_by_path_method_and_number(fault, wanted):
    assert struck(fault, 6) == wanted
    assert fault.acted == len(wanted)


def test_chance_repeats_itself():
    first, again, other = (Fault("500", probability=0.5, seed=seed) for seed in (1, 1, 2))
    assert struck(first, 40) == struck(again, 40) != struck(other, 40)
    assert 5 < first.acted < 35


def test_only_matching_requests_are_counted():
    fault = Fault("500", "reports", call=2)
    assert not fault.strikes("GET", "reports")
    assert not fault.strikes("GET", "estimates")
    assert fault.strikes("GET", "reports")


def test_an_unknown_effect_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown effect 'boom'; known are 429, 500"):
        Fault("boom")  # type: ignore[arg-type]  # that is the point


def test_faults_are_added_removed_and_cleared():
    faults = Faults([Fault("latency")])
    five = faults.add("500", path="clients", method="GET", call=1, times=1, seconds=2.0)
    whole = faults.add(Fault("502"))
    assert (len(faults), list(faults)[1:]) == (3, [five, whole])
    assert list(faults.striking("GET", "clients")) == ["latency", "500", "502"]
    faults.remove(whole)
    assert list(faults.striking("GET", "clients")) == ["latency"]
    faults.clear()
    assert not faults.striking("GET", "clients")


def test_the_first_of_two_with_one_effect_wins():
    faults = Faults([Fault("latency", seconds=1), Fault("latency", seconds=2)])
    assert faults.striking("GET", "me")["latency"].seconds == 1


def test_all_effects_can_be_made():
    assert {Fault(effect).effect for effect in EFFECTS} == set(EFFECTS)


def test_a_fault_concerns_requests_on_which_it_does_not_act_now():
    faults = Faults([Fault("stale-page", "tasks*", "get", call=9)])
    assert faults.concerning("stale-page", "GET", "tasks/1")
    assert not faults.concerning("stale-page", "POST", "tasks/1")
    assert not faults.concerning("stale-page", "GET", "clients")
    assert not faults.concerning("drift", "GET", "tasks")
    assert not next(iter(faults)).seen


def test_methods_are_told_in_any_case():
    assert Fault("500", method="post").strikes("POST", "tasks")


def test_an_added_fault_has_its_own_seed():
    by_seed = [struck(Faults().add("500", probability=0.5, seed=seed), 40) for seed in (1, 2)]
    assert by_seed[0] == struck(Fault("500", probability=0.5), 40) != by_seed[1]


@pytest.mark.parametrize("wrong", [{"times": -1}, {"probability": 1.1}, {"seconds": -0.1}, {"call": 0}, {"call": []}])
def test_numbers_that_make_no_sense_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Fault("500", **wrong)
