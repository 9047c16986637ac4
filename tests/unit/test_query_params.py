"""The query string, and the checks that need no declaration."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.errors import QueryError
from paymo_async.query import F, Where, build_include, build_where, encode_params


def test_the_order_is_fixed_and_only_what_must_be_is_encoded():
    where = F.id.in_([1, 2]) & (F.name == "Ä & b")
    text = encode_params(
        where,
        build_include(None, "client,tasklists.tasks"),
        page=0,
        page_size=100,
        partial_include="a(b)",
        extra={"format": "pdf", "shared": True},
    )
    assert text == (
        "where=id%20in%20(1,2)%20and%20name%3D%22%C3%84%20%26%20b%22&include=client,tasklists.tasks"
        "&partial_include=a(b)&page=0&page_size=100&format=pdf&shared=true"
    )


def test_nothing_asked_is_an_empty_text():
    assert encode_params() == encode_params(Where(), build_include(None, None), extra={"x": ""}) == ""


@given(text=st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_every_text_comes_back_from_a_form_decoder(text: str):
    sent = encode_params(build_where(None, text, {}), extra={"x": text})
    received = dict(parse_qsl(sent, keep_blank_values=True))
    assert received.get("x", "") == text
    assert received.get("where", "") == text.strip()


@pytest.mark.parametrize(
    ("given_", "told"),
    [
        ({"page": 0}, "go together"),
        ({"page_size": 10}, "go together"),
        ({"page": -1, "page_size": 10}, "page is at least 0"),
        ({"page": 0, "page_size": 0}, "page_size is at least 1"),
        ({"page": 0, "page_size": -5}, "page_size is at least 1"),
        ({"page": True, "page_size": 10}, "whole number"),
        ({"page": 0, "page_size": "10"}, "whole number"),
        ({"extra": {"where": "a=1"}}, "argument of its own"),
        ({"extra": {"format": "p\ndf"}}, "control characters"),
        ({"partial_include": "a\x00"}, "control characters"),
    ],
)
def test_parameters_that_cannot_be_right_are_refused(given_: dict, told: str):
    with pytest.raises(QueryError, match=told):
        encode_params(**given_)


def test_without_a_declaration_nothing_is_checked():
    where = build_where(None, F.anything.at.all == 1, {"other": [2]})
    assert where.text == "anything.at.all=1 and other in (2)"


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_where_asks_for_everything(blank: str | None):
    assert build_where(None, blank, {}) == Where()


def test_a_text_is_sent_as_it_is_and_joined_with_the_keywords():
    assert build_where(None, ' active=true and name="x" ', {"id": 1}).text == 'active=true and name="x" and id=1'


@pytest.mark.parametrize(("where", "told"), [("a=1\nb", "control characters"), (12, "conditions made with F")])
def test_a_where_of_another_kind_is_refused(where, told: str):
    with pytest.raises(QueryError, match=told):
        build_where(None, where, {})


def test_the_setting_of_escape_reaches_the_text():
    where = build_where(None, F.name == 'a"b', {}, escape="double")
    assert where.text == 'name="a""b"'
    assert build_where(None, where & (F.id == 1), {}).text == 'name="a""b" and id=1'
    assert build_where(None, Where() & where, {}).escape == "double"
