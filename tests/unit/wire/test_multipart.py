"""Forms around a file: framing, what a form can hold, names that cannot break out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from paymo_async.errors import InvalidRequest
from paymo_async.wire.multipart import form_fields, frame


def test_a_form_holds_its_fields_and_then_the_file():
    made = frame("B", "file", "ü.txt", "text/plain", {"name": "Ü\r\nx"})
    assert made.content_type == "multipart/form-data; boundary=B"
    assert (made.head + b"content" + made.tail).decode() == (
        '--B\r\nContent-Disposition: form-data; name="name"\r\n\r\nÜ\r\nx\r\n'
        '--B\r\nContent-Disposition: form-data; name="file"; filename="ü.txt"\r\nContent-Type: text/plain\r\n\r\n'
        "content\r\n--B--\r\n"
    )
    assert made.length(7) == len(made.head + b"content" + made.tail)


def test_no_name_ends_its_header_early():
    made = frame("B", "file", 'a"\r\nX-Evil: 1', "text/plain")
    assert b'filename="a%22%0D%0AX-Evil: 1"\r\n' in made.head


def test_values_are_written_as_a_form_has_them():
    given = {"a": 1, "b": True, "c": False, "d": Decimal("1E+2"), "e": None, "users": [1, 2], "none": [], "f": "x"}
    assert list(form_fields(given)) == [
        ("a", "1"), ("b", "true"), ("c", "false"), ("d", "100"), ("users[]", "1"), ("users[]", "2"), ("f", "x"),
    ]  # fmt: skip


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], [[1]]])
def test_what_no_form_can_hold_is_refused(value: object):
    with pytest.raises(InvalidRequest, match="'items' cannot go along with a file"):
        list(form_fields({"items": value}))


def test_a_text_that_is_no_text_is_refused():
    with pytest.raises(InvalidRequest, match="cannot hold"):
        frame("B", "file", "\ud800", "text/plain")
