"""Conditions as values: what `F` gives, what is refused at once, and what the operators say that do not exist."""

from __future__ import annotations

import copy
import operator
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum

import msgspec
import pytest

from paymo_async.errors import QueryError
from paymo_async.query import Condition, F, Where

NOON = datetime(2020, 3, 11, 19, 20, 41, tzinfo=UTC)  # Unix timestamp 1583954441


class Color(Enum):
    RED = "red"


class Indexable:
    """A whole number of another library, as numpy's are."""

    def __index__(self) -> int:
        return 7


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (F.id == 12, "id=12"),
        (F.id != 12, "id!=12"),
        (F.duration > 60, "duration>60"),
        (F.duration >= 60, "duration>=60"),
        (F.duration < 60, "duration<60"),
        (F.duration <= 60, "duration<=60"),
        (F.name.like("Log%"), 'name like "Log%"'),
        (F.name.not_like("Log%"), 'name not like "Log%"'),
        (F.id.in_([3, 1, 3, 2]), "id in (3,1,2)"),
        (F.id.not_in(range(3)), "id not in (0,1,2)"),
        (F.id.in_({30, 4, 100}), "id in (4,30,100)"),
        (F.id.in_(i for i in (1, 2)), "id in (1,2)"),
        (F.end_time == None, "end_time=null"),  # noqa: E711  # what the test is about
        (F.active == True, "active=true"),  # noqa: E712
        (F.active != False, "active!=false"),  # noqa: E712
        (F.projects.active == True, "projects.active=true"),  # noqa: E712
        (F["weird_name"] == 1, "weird_name=1"),
        (F.projects["like"] == 1, "projects.like=1"),
        (F.raw("new_field") == 1, "new_field=1"),
        (F.raw("news").field == 1, "news.field=1"),
        (F.name == "rock and roll", 'name="rock and roll"'),
        (F.color == Color.RED, 'color="red"'),
        (F.price == Decimal("9.50"), "price=9.50"),
        (F.price == Decimal("1E+3"), "price=1000"),
        (F.price == 0.1, "price=0.1"),
        (F.price > 1e-7, "price>0.0000001"),
        (F.id == Indexable(), "id=7"),
        (F.due_date == date(2015, 1, 17), 'due_date="2015-01-17"'),
        (F.created_on >= NOON, "created_on>=1583954441"),
        (F.users == "anyone", 'users="anyone"'),
        (F.users != "anyone", 'users<>"anyone"'),
        (F.users.in_(["anyone", 12]), 'users in ("anyone",12)'),
    ],
)
def test_a_comparison_reads_as_the_service_writes_it(condition: Condition, text: str):
    assert condition.text == text
    assert repr(condition) == f"Condition({text!r})"


def test_a_set_without_an_order_is_taken_as_it_comes():
    assert set((F.users.in_({"anyone", 12})).items("refuse")) == {'"anyone"', "12"}


def test_the_value_may_stand_first():
    assert operator.le(NOON, F.created_on) == (F.created_on >= NOON)
    assert operator.gt(60, F.duration) == (F.duration < 60)


def test_a_moment_is_the_same_in_every_zone():
    there = NOON.astimezone(timezone(timedelta(hours=-8)))
    assert (F.created_on == there).text == (F.created_on == NOON).text


@pytest.mark.parametrize(
    ("condition", "seconds"),
    [
        (F.at >= NOON + timedelta(microseconds=1), 1583954442),
        (F.at < NOON + timedelta(microseconds=1), 1583954442),
        (F.at > NOON + timedelta(microseconds=1), 1583954441),
        (F.at <= NOON + timedelta(microseconds=1), 1583954441),
        (F.at <= datetime(1969, 12, 31, 23, 59, 58, 500000, tzinfo=UTC), -2),
    ],
)
def test_a_fraction_of_a_second_is_rounded_to_the_side_that_keeps_the_answer(condition: Condition, seconds: int):
    assert condition.text.endswith(str(seconds))


@pytest.mark.parametrize("compare", [F.at.__eq__, F.at.__ne__, lambda at: F.at.in_([at])])
def test_a_fraction_that_can_never_be_equal_is_refused(compare):
    with pytest.raises(QueryError, match=r"whole seconds.*replace\(microsecond=0\)"):
        compare(NOON + timedelta(microseconds=1))


def test_an_interval_is_written_as_two_iso_texts_and_widened_to_whole_seconds():
    start, end = NOON + timedelta(microseconds=5), NOON + timedelta(hours=1, microseconds=5)
    assert F.time_interval.in_((start, end)).text == 'time_interval in ("2020-03-11T19:20:41Z","2020-03-11T20:20:42Z")'
    assert F.time_interval.in_((NOON, NOON)).items("refuse") == ['"2020-03-11T19:20:41Z"'] * 2
    assert F.date_interval.in_((date(2016, 12, 1), date(2016, 12, 1))).text == (
        'date_interval in ("2016-12-01","2016-12-01")'
    )


def test_an_interval_takes_iso_texts_and_brings_them_to_utc():
    texts = ("2014-12-01T01:00:00+01:00", "2015-01-01T00:00:00Z")
    assert F.time_interval.in_(texts).text == 'time_interval in ("2014-12-01T00:00:00Z","2015-01-01T00:00:00Z")'


def test_an_interval_may_end_at_the_end_of_time():
    forever = datetime.max.replace(tzinfo=UTC)
    assert F.time_interval.in_((NOON, forever)).text.endswith('"9999-12-31T23:59:59Z")')


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: F.time_interval.in_([NOON]), "takes a pair"),
        (lambda: F.time_interval.in_([]), "takes a pair"),
        (lambda: F.time_interval.in_([NOON, NOON - timedelta(days=1)]), "before it starts"),
        (lambda: F.time_interval.in_([date(2020, 1, 1), NOON]), "takes datetimes.*time zone"),
        (lambda: F.time_interval.in_(["2020-01-01", NOON]), "takes datetimes.*time zone"),
        (lambda: F.time_interval.in_(["soon", NOON]), "no ISO text"),
        (lambda: F.time_interval.in_(["2020-01-01T00:00:00", NOON]), "naive"),
        (lambda: F.time_interval.in_([1583954441, NOON]), "aware datetimes, not 1583954441"),
        (
            lambda: F.time_interval.in_([NOON, datetime.max.replace(tzinfo=timezone(timedelta(hours=-8)))]),
            "out of range",
        ),
        (lambda: F.date_interval.in_([NOON, NOON]), "takes dates, not the datetime"),
        (lambda: F.date_interval.in_([date(2020, 1, 1), "soon"]), "no ISO text"),
    ],
)
def test_what_is_no_interval_is_refused(make, told: str):
    with pytest.raises(QueryError, match=told):
        make()


def test_the_presets_of_the_reports_are_a_plain_list():
    assert F.date_interval.in_(["today", "this_week"]).text == 'date_interval in ("today","this_week")'


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: F.at >= datetime(2020, 1, 1), "naive datetime.*tzinfo=UTC"),  # noqa: DTZ001  # what is refused
        (lambda: F.price == float("nan"), "nan"),
        (lambda: F.price == Decimal("Infinity"), "Infinity"),
        (lambda: F.price == Decimal("1E+400000"), "30 digits"),
        (lambda: F.price == Decimal("1E-400000"), "smaller than any"),
        (lambda: F.id == 10**5000, "30 digits"),
        (lambda: F.id == [1, 2], r"\.in_\(values\)"),
        (lambda: F.id == msgspec.UNSET, "UNSET"),
        (lambda: F.id == F.user_id, "values only"),
        (lambda: F.id == object(), "a object"),
        (lambda: F.id == type("Task", (), {"id": 1})(), "give its id"),
        (lambda: F.at > None, "no order"),
        (lambda: F.active > False, "no order"),
        (lambda: F.name.like(12), "takes a text"),
        (lambda: F.id.in_("12"), "takes a list of values, not a str"),
        (lambda: F.id.in_({1: 2}), "takes a list of values, not a dict"),
        (lambda: F.id.not_in(12), "takes a list of values, not a int"),
        (lambda: F.id.in_([1, None]), "== None"),
        (lambda: F.name == "a\nb", "control characters"),
        (lambda: F.name == "a\x7fb", "control characters"),
        (lambda: F.name == "\ud800", "surrogates"),
        (lambda: F["a b"], "not a name"),
        (lambda: F.raw("id=1 and x"), "not a name"),
        (lambda: F["a..b"], "not a name"),
        (lambda: F[""], "not a name"),
        (lambda: 12 in F.id, r"F\.id\.in_\(values\)"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(make, told: str):
    with pytest.raises(QueryError, match=told):
        make()


@pytest.mark.parametrize(("text", "found"), [('12" vinyl', "a double quote"), ("C:\\temp", "a backslash")])
def test_a_text_that_cannot_be_quoted_is_refused_when_it_is_sent(text: str, found: str):
    condition = F.name == text
    with pytest.raises(QueryError, match=f"holds {found}.*like"):
        condition.text  # noqa: B018  # the property raises
    assert "name=" in repr(condition)


def test_a_proven_way_to_escape_can_be_set():
    assert (F.name == 'a"b\\c').written("backslash") == r'name="a\"b\\c"'
    assert (F.name == 'a"b\\c').written("double") == 'name="a""b\\c"'


def test_conditions_join_with_an_ampersand_in_order():
    where = (F.a == 1) & (F.b > 2) & (F.c == 3)
    assert isinstance(where, Where)
    assert where.text == "a=1 and b>2 and c=3"
    assert ((F.a == 1) & ((F.b > 2) & (F.c == 3))) == where
    assert repr(where) == "Where('a=1 and b>2 and c=3')"


def test_values_that_read_the_same_are_equal_and_others_are_not():
    assert (F.a == 1) == (F.a == 1)
    assert (F.a == 1) != (F.a == True)  # noqa: E712
    assert (F.a == 1) != "a=1"
    assert len({F.a == 1, F.a == 1, F.a == 2}) == 2
    assert len({(F.a == 1) & (F.b == 2), (F.a == 1) & (F.b == 2)}) == 1
    assert Where((F.a == 1,)) != Where((F.a == 1,), "double")
    assert Where() != ""
    assert F.a.in_([]) == F.a.in_([])


@pytest.mark.parametrize("value", [F.a.in_([1, 2]), (F.a == 1) & (F.b == date(2020, 1, 1)), Where(("a=1",))])
def test_conditions_survive_pickle_and_copy(value: object):
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value


def test_there_is_no_or_and_the_error_offers_what_there_is():
    with pytest.raises(QueryError, match=r"F\.a\.in_\(\[\.\.\.\]\)"):
        (F.a == 1) | (F.a == 2)
    for make in (lambda: (F.a == 1) | (F.b == 2), lambda: (F.a > 1) | (F.a == 2), lambda: Where() | (F.a == 1)):
        with pytest.raises(QueryError, match="two lists"):
            make()


@pytest.mark.parametrize(
    ("condition", "negated"),
    [
        (F.a == 1, "F.a != ..."),
        (F.a != 1, "F.a == ..."),
        (F.a < 1, "F.a >= ..."),
        (F.a.like("x"), "F.a.not_like(...)"),
        (F.a.not_in([1]), "F.a.in_(...)"),
    ],
)
def test_there_is_no_not_and_the_error_offers_the_negated_operator(condition: Condition, negated: str):
    with pytest.raises(QueryError) as caught:
        _ = ~condition
    assert negated in str(caught.value)


def test_several_conditions_cannot_be_negated_at_once():
    with pytest.raises(QueryError, match="single one"):
        ~((F.a == 1) & (F.b == 2))


def test_the_word_and_is_caught_since_it_would_drop_a_condition():
    for make in (lambda: F.a == 1 and F.b == 2, lambda: 1 < F.a < 5, lambda: not Where()):
        with pytest.raises(QueryError, match="join conditions with &"):
            make()


def test_only_conditions_can_be_joined():
    with pytest.raises(TypeError):
        (F.a == 1) & "b=2"  # type: ignore[operator]  # what is refused


def test_names_show_how_they_are_written():
    assert [repr(F), repr(F.a.b), repr(F.raw("a")), str(F.a.b)] == ["F", "F.a.b", "F.raw('a')", "a.b"]
    with pytest.raises(AttributeError, match=r'F\["_x"\]'):
        F._x  # noqa: B018
    with pytest.raises(AttributeError, match=r'F.a\["_x"\]'):
        F.a._x  # noqa: B018
    assert F.a["_x"].like("b").text == 'a._x like "b"'


def test_no_values_match_nothing_and_none_excluded_match_all():
    never = F.id.in_([]) & (F.active == True)  # noqa: E712
    assert never.is_never
    assert not never.is_empty
    assert repr(never) == "Where('id in () and active=true')"
    with pytest.raises(QueryError, match="nothing can match"):
        never.text  # noqa: B018
    everything = Where((F.id.not_in([]),))
    assert everything.is_empty
    assert everything.text == ""
    assert not Where((F.a == 1,)).is_empty


def test_conditions_on_included_objects_become_conditions_on_a_list_of_them():
    where = (F.active == True) & (F.projects.billable == True) & F.projects.tasks.id.in_([1])  # noqa: E712
    assert where.under("projects").text == "billable=true and tasks.id in (1)"
    assert where.under("projects.tasks").text == "id in (1)"
    assert where.under("invoices").text == ""


def test_a_text_cannot_be_taken_apart():
    where = Where(("active=true and projects.billable=true",))
    with pytest.raises(QueryError, match=r"F\.projects\."):
        where.under("projects")
    assert where.under("invoices").is_empty
