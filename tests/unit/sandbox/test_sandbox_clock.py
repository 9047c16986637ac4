from datetime import UTC, datetime

import pytest

from paymo_async.sandbox.clock import Clock

NINE = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)


class Source:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_it_follows_its_source_until_it_is_frozen():
    source = Source()
    clock = Clock(source=source)
    source.now += 5
    assert clock() == 1_005
    clock.freeze()
    source.now += 5
    assert (clock(), clock.frozen) == (1_005, True)
    clock.resume()
    source.now += 5
    assert (clock(), clock.frozen) == (1_010, False)


def test_it_begins_frozen_where_a_start_is_given():
    clock = Clock(NINE)
    assert (clock.now, clock.frozen) == (NINE, True)
    clock.move(hours=1)
    assert repr(clock) == "Clock(2026-01-31T10:00:00Z, frozen)"


def test_it_moves_while_it_runs_and_goes_back_to_its_source():
    source = Source()
    clock = Clock(source=source)
    clock.set(NINE)
    source.now += 60
    clock.move(days=1, minutes=-1)
    assert clock.now == datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
    clock.reset()
    assert clock() == source.now


def test_a_naive_moment_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="no time zone: give an aware datetime"):
        Clock().set(datetime(2026, 1, 1))  # noqa: DTZ001  # that is the point


def test_its_listeners_hear_of_each_move():
    heard: list[datetime] = []
    clock = Clock(NINE)
    clock.listeners.add(lambda: heard.append(clock.now))
    clock.move(seconds=1)
    clock.set(NINE)
    clock.resume()
    clock.resume()
    assert [moment.replace(microsecond=0, second=0) for moment in heard] == [NINE, NINE, NINE]
