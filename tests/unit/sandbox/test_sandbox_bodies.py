"""Request bodies of all content types become one dict."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.sandbox.assets import Upload
from paymo_async.sandbox.bodies import read_body
from paymo_async.sandbox.schema import schema
from paymo_async.sandbox.untyped import from_texts, list_names
from paymo_async.sandbox.values import Problem

FORM = "application/x-www-form-urlencoded"
LISTS = list_names(schema())


def fields(content_type: str, body: bytes | str) -> dict[str, object]:
    return read_body(content_type, body.encode() if isinstance(body, str) else body, LISTS).fields


def refusal(content_type: str, body: bytes) -> tuple[int, str]:
    with pytest.raises(Problem) as refused:
        read_body(content_type, body, LISTS)
    return refused.value.status, refused.value.message


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "text/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json; charset=""',
    ],
)
def test_json_keeps_types_and_exact_numbers(content_type):
    read = read_body(content_type, b' {"name": "Logo", "price": 12.50, "users": [1], "notes": null} ')
    assert read == ({"name": "Logo", "price": Decimal("12.50"), "users": [1], "notes": None}, {}, True)


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("application/json", "utf-8-sig"),
        ("application/json; charset=utf-8", "utf-8-sig"),
        ("application/json", "utf-16"),
        ("application/json; charset=iso-8859-1", "latin-1"),
        ("application/json; charset=windows-1252", "cp1252"),
    ],
)
def test_json_comes_in_other_encodings_and_with_a_mark(content_type, encoding):
    assert fields(content_type, '{"name": "Café"}'.encode(encoding)) == {"name": "Café"}


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/xml", FORM, "multipart/form-data; boundary=x", "text/plain", ""]
)
@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_an_empty_body_is_an_empty_object_of_any_type(content_type, body):
    assert read_body(content_type, body) == ({}, {}, True)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("name=Caf%C3%a9+noir&notes=", {"name": "Café noir", "notes": ""}),
        ("name=Café", {"name": "Café"}),
        ("users[]=1&users[]=2", {"users": ["1", "2"]}),
        ("users%5B%5D=1&users%5b%5d=2", {"users": ["1", "2"]}),
        ("users[1]=b&users[0]=a&users[10]=c", {"users": ["a", "b", "c"]}),
        ("users[]=", {"users": []}),
        ("users=1,2", {"users": "1,2"}),
        ("name=a&name=b", {"name": "b"}),
        ("include[days]=1&include[users]=0", {"include": {"days": "1", "users": "0"}}),
        (
            "items[0][item]=Logo&items[0][entries][]=7&items[1][item]=Site",
            {"items": [{"item": "Logo", "entries": ["7"]}, {"item": "Site"}]},
        ),
        ("items[][item]=Logo&items[][item]=Site", {"items": [{"item": "Logo"}, {"item": "Site"}]}),
        ("a[b=1&[c]=2&d[[e]]=3", {"a[b": "1", "[c]": "2", "d[[e]]": "3"}),
    ],
)
def test_forms_say_lists_and_objects_with_brackets(body, wanted):
    assert read_body(FORM, body.encode()) == (wanted, {}, False)


def test_a_form_has_a_charset():
    assert fields(FORM + "; charset=iso-8859-1", b"name=Caf%E9") == {"name": "Café"}


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        ("<name>Café &amp; Co</name><notes/>", {"name": "Café & Co", "notes": ""}),
        ("<name><![CDATA[<b>Hi</b>]]></name>", {"name": "<b>Hi</b>"}),
        ("<users><item>1</item></users>", {"users": ["1"]}),
        ("<users><id>1</id><id>2</id></users>", {"users": ["1", "2"]}),
        ("<users>1</users><users>2</users>", {"users": ["1", "2"]}),
        ('<things type="array"><thing>1</thing></things>', {"things": ["1"]}),
        ('<things type="array"/>', {"things": []}),
        ('<due_date nil="true"/><end xsi:nil="true"/>', {"due_date": None, "end": None}),
        ("<include><days>true</days></include>", {"include": {"days": "true"}}),
        ("<extra><order><item>days</item></order></extra>", {"extra": {"order": ["days"]}}),
        ("\n <items>\n <item>\n <item>Logo</item>\n </item>\n </items>\n", {"items": [{"item": "Logo"}]}),
        (
            "<items><item><item>Logo</item><entries><id>7</id></entries></item><item><item>Site</item></item></items>",
            {"items": [{"item": "Logo", "entries": ["7"]}, {"item": "Site"}]},
        ),
    ],
)
@pytest.mark.parametrize("content_type", ["text/xml", "application/xml; charset=utf-8"])
def test_xml_says_the_same_in_elements(content_type, inside, wanted):
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a note -->\n<request>{inside}</request>'
    assert read_body(content_type, body.encode(), LISTS) == (wanted, {}, False)


@pytest.mark.parametrize(
    ("content_type", "declared", "encoding"),
    [
        ("text/xml", ' encoding="iso-8859-1"', "latin-1"),
        ("text/xml", ' encoding="windows-1252"', "cp1252"),
        ("text/xml", ' encoding="utf-16"', "utf-16"),
        ("text/xml", "", "utf-16"),
        ("text/xml", "", "utf-8-sig"),
        ("text/xml; charset=iso-8859-1", ' encoding="utf-8"', "latin-1"),
    ],
)
def test_xml_tells_its_encoding_or_the_header_does(content_type, declared, encoding):
    body = f'<?xml version="1.0"{declared}?><request><name>Café</name></request>'
    assert fields(content_type, body.encode(encoding)) == {"name": "Café"}


BOMB = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><request><name>&c;</name></request>'


@pytest.mark.parametrize(
    "body",
    [
        BOMB.encode(),
        BOMB.encode("utf-16"),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><request/>',
        b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1/">%x;]><request/>',
    ],
)
def test_document_types_are_refused_in_any_encoding(body):
    assert refusal("text/xml", body) == (400, "Invalid XML in request body: document types are not allowed")


def multipart(*parts: str, boundary: str = "AaB", ending: str = "--\r\n") -> bytes:
    return ("".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}{ending}").encode()


def test_multipart_holds_fields_and_files():
    body = multipart(
        'Content-Disposition: form-data; name="name"\r\n\r\nCafé',
        'Content-Disposition: form-data; name="users[]"\r\n\r\n1',
        "content-disposition: form-data; name=notes\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
        'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: image/png\r\n\r\nx\r\n--Aa\r\n',
    )
    for header in ("multipart/form-data; boundary=AaB", 'Multipart/Form-Data; charset=utf-8; boundary="AaB"'):
        assert read_body(header, body) == (
            {"name": "Café", "users": ["1"], "notes": ""},
            {"file": Upload("a.txt", "image/png", b"x\r\n--Aa\r\n")},
            False,
        )


@pytest.mark.parametrize(
    ("said", "filename"),
    [
        ('filename="naïve.png"', "naïve.png"),
        ("filename=plain.png", "plain.png"),
        ("filename*=utf-8''na%C3%AFve.png", "naïve.png"),
        ('filename="a %22b%22.png"', 'a "b".png'),
        (r'filename="a \"b\".png"', 'a "b".png'),
        ('filename="a;b.png"', "a;b.png"),
        (r'filename="C:\\dir\\x.png"', "x.png"),
        ('filename="../../x.png"', "x.png"),
        ('filename=""', ""),
    ],
)
def test_a_files_name_comes_in_many_writings(said, filename):
    body = multipart(f'Content-Disposition: form-data; name="file"; {said}\r\n\r\nx')
    upload = read_body("multipart/form-data; boundary=AaB", body).uploads["file"]
    assert upload == Upload(filename, "text/plain", b"x")


FORM_PART = 'Content-Disposition: form-data; name="a"\r\n\r\nb'


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        ("application/json", b"{", (400, "Decoding failed: Syntax error")),
        ("application/json", b"\xff", (400, "Decoding failed: Syntax error")),
        ("application/json", b'{"a":' * 100_000, (400, "Decoding failed: Syntax error")),
        ("application/json", b"[" * 100_000, (400, "Decoding failed: Syntax error")),
        ("application/json", b'{"a":NaN}', (400, "Decoding failed: Syntax error")),
        ("application/json; charset=utf-16", b"{}x", (400, "Decoding failed: Syntax error")),
        ("application/json", b"[]", (400, "The request body must be an object")),
        ("application/json; charset=klingon", b"{}", (415, "Unsupported charset: klingon")),
        ("application/json; charset=hex", b"{}", (415, "Unsupported charset: hex")),
        ("text/plain", b"name=x", (415, "Unsupported content type: text/plain")),
        ("application/octet-stream", b"{}", (415, "Unsupported content type: application/octet-stream")),
        ("nonsense", b"{}", (415, "Unsupported content type: nonsense")),
        (FORM, b"a=%FF", (400, "Invalid form in request body")),
        (FORM, b"&".join([b"a=1"] * 10_001), (400, "Invalid form in request body")),
        (FORM, b"a=1&a[b]=2", (400, "Invalid value for `a[b]`")),
        (FORM, b"a" + b"[b]" * 1000 + b"=1", (400, "Invalid value for `a`")),
        ("text/xml", b"<request>", (400, "Invalid XML in request body")),
        ("text/xml", b"name=x", (400, "Invalid XML in request body")),
        ("text/xml", b"<a>" * 100_000, (400, "Parameters must be inside <request>")),
        ("text/xml", b"<request>" + b"<a>" * 100_000, (400, "Invalid XML in request body")),
        ("text/xml", b'<?xml version="1.0" encoding="klingon"?><request/>', (400, "Invalid XML in request body")),
        ("text/xml", b"<name>x</name>", (400, "Parameters must be inside <request>")),
        ("multipart/form-data", multipart(FORM_PART), (400, "Invalid multipart body")),
        ("multipart/form-data; boundary=Other", multipart(FORM_PART), (400, "Invalid multipart body")),
        ("multipart/form-data; boundary=AaB", multipart(FORM_PART, ending=""), (400, "Invalid multipart body")),
        ("multipart/form-data; boundary=AaB", multipart(FORM_PART)[:40], (400, "Invalid multipart body")),
        ("multipart/form-data; boundary=AaB", multipart("no head"), (400, "Invalid multipart body")),
        ("multipart/form-data; boundary=AaB", multipart("X: y\r\n\r\nb"), (400, "Invalid multipart body")),
        (
            "multipart/form-data; boundary=AaB",
            multipart(FORM_PART).replace(b"b\r", b"\xff\r"),
            (400, "Invalid multipart body"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_message(content_type, body, said):
    assert refusal(content_type, body) == said


@given(
    st.sampled_from(["", "application/json", "text/xml", FORM, "multipart/form-data; boundary=AaB"])
    | st.text(max_size=40).map("application/json; charset={}".format)
    | st.text(max_size=40),
    st.binary()
    | st.text(alphabet='<>/request&;![]="\\x00{}:,%a', max_size=60).map(str.encode)
    | st.just(multipart(FORM_PART)),
)
def test_whatever_comes_is_read_or_refused(content_type, body):
    with contextlib.suppress(Problem):
        assert isinstance(fields(content_type, body), dict)


def test_texts_mean_what_json_would_have_said():
    tables = schema()
    empty = {"due_date": "", "budget_hours": "", "tasklist_id": "", "name": "", "users": "", "billable": ""}
    assert from_texts(tables["tasks"], empty) == {
        "due_date": None,
        "budget_hours": None,
        "tasklist_id": None,
        "name": "",
        "users": "",
        "billable": "",
    }
    report = {
        "name": "12",
        "users": ["1", "2"],
        "projects": "all",
        "start_date": "1417392000",
        "include": {"days": "1", "users": "0", "tasks": "true", "clients": "false"},
        "extra": {"rounding_step": "15", "order": ["days", "users"], "more": None},
        "unknown": "1",
    }
    assert from_texts(tables["reports"], report) == {
        "name": "12",
        "users": [1, 2],
        "projects": "all",
        "start_date": 1417392000,
        "include": {"days": 1, "users": 0, "tasks": True, "clients": False},
        "extra": {"rounding_step": 15, "order": ["days", "users"], "more": None},
        "unknown": "1",
    }
