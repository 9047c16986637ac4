"""Answers as JSON or XML by the Accept header, and with drifted types."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.sandbox.answers import Answer, drifted, to_xml, worded, xml_type
from paymo_async.sandbox.xmlbodies import read_xml

TEXT = "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", None),
        ("*/*", None),
        ("*", None),
        ("application/json", None),
        ("application/*", None),
        ("image/png", None),
        ("application/xml", "application/xml"),
        ("APPLICATION/XML", "application/xml"),
        ("text/xml", TEXT),
        ("text/xml;charset=utf-8", TEXT),
        ("text/*", TEXT),
        ("text/xml, */*", None),
        ("text/xml, */*;q=0.1", TEXT),
        ("application/xml;q=0.9, text/xml", TEXT),
        ("application/json, text/xml", None),
        ("text/xml, application/json", None),
        ("application/json;q=0.5, text/xml;q=0.6", TEXT),
        ("application/json; q=0.60, text/xml; q=0.5", None),
        ("application/json;q=0, application/*", "application/xml"),
        ("application/json;q=0, */*;q=0.1", "application/xml"),
        ("text/xml;q=0", None),
        ("text/xml;q=high", TEXT),
        ("text/xml;level=1;q=.5, application/json;q=.4", TEXT),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", None),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", None),
        (",;,q=1", None),
    ],
)
def test_xml_comes_where_it_is_liked_better_than_json(accept, wanted):
    assert xml_type(accept) == wanted


@given(st.text())
def test_no_accept_header_is_an_error(accept):
    assert xml_type(accept) in (None, "application/xml", TEXT)


def test_only_json_is_worded():
    page, empty = Answer(200, b"<html>", "text/html"), Answer(200)
    assert worded(page, "text/xml") is page
    assert worded(empty, "text/xml") is empty
    error = worded(Answer(404, b'{"message":"Not found"}', headers={"X-A": "b"}), "text/xml")
    assert (error.status, error.content_type, error.headers) == (404, TEXT, {"X-A": "b"})
    assert error.body == b'<?xml version="1.0" encoding="UTF-8"?>\n<response><message>Not found</message></response>'


def test_xml_holds_lists_nulls_booleans_and_exact_numbers():
    body = (
        b'{"tasks":[{"id":1,"name":"A & <b>","price":12.50,"billable":true,"users":[1,2],"due_date":null,"tags":[]}]}'
    )
    assert to_xml(body).partition(b"\n")[2].decode() == (
        "<response><tasks><item><id>1</id><name>A &amp; &lt;b&gt;</name><price>12.50</price><billable>true</billable>"
        "<users><item>1</item><item>2</item></users><due_date/><tags></tags></item></tasks></response>"
    )


@pytest.mark.parametrize(
    ("name", "tag"), [(":estimatetemplates", "estimatetemplates"), ("a b", "_a_b"), ("1", "_1"), ("", "_"), ("<", "__")]
)
def test_a_name_that_xml_does_not_allow_is_written_otherwise(name, tag):
    root = ET.fromstring(to_xml(msgspec.json.encode({name: []})))
    assert [child.tag for child in root] == [tag]


names = st.sampled_from(["name", "users", "items", "x_1"])
values = st.recursive(
    st.text(min_size=1).map(lambda text: text.replace("\x00", "")).filter(str.strip),
    lambda inner: st.dictionaries(names, inner, min_size=2),
    max_leaves=10,
)


@given(st.dictionaries(names.filter(lambda name: name != "users"), values))
def test_what_is_answered_in_xml_can_be_sent_back(given):
    body = to_xml(msgspec.json.encode(given)).replace(b"response>", b"request>").replace(b"<response/>", b"<request/>")
    sent = read_xml(body, None, ())
    assert sent == msgspec.json.decode(msgspec.json.encode(_without_control(given)))


def _without_control(value):
    if isinstance(value, dict):
        return {name: _without_control(item) for name, item in value.items()}
    return "".join(letter if letter in "\t\n\r" or letter >= " " else "�" for letter in value).translate(
        {0xFFFE: "�", 0xFFFF: "�"}
    )


@given(st.dictionaries(st.text(), st.text()))
def test_xml_is_well_formed_whatever_an_object_holds(given):
    assert ET.fromstring(to_xml(msgspec.json.encode({"options": given}))).tag == "response"


def test_types_drift_the_same_way_each_time():
    body = (
        b'{"files":[{"id":5,"size":12.50,"image":true,"created_on":"x","updated_on":"y","task":{"id":7},"tags":[1]}]}'
    )
    assert drifted(body) == drifted(body)
    assert msgspec.json.decode(drifted(body)) == {
        "files": [
            {
                "id": "5",
                "size": "12.50",
                "image": True,
                "created_on": None,
                "task": {"id": "7", "new_this_month": {"beta": "1"}},
                "tags": ["1"],
                "new_this_month": {"beta": "1"},
            }
        ]
    }
    assert msgspec.json.decode(drifted(b'{"message":"No"}')) == {"message": "No"}
    assert msgspec.json.decode(drifted(b'{"company":{"id":1}}'))["company"]["id"] == "1"
