"""Names from elsewhere as names of files, and images by their first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paymo_async.wire.filenames import HEAD, image_type, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("Übersicht 1.pdf", "Übersicht 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.dll", "x.dll"),
        ("a\x00b\n.txt", "ab.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("name. . ", "name"),
        (".htaccess", "_.htaccess"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("console.txt", "console.txt"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("a/", "file"),
        ("x" * 300 + ".pdf", "x" * 236 + ".pdf"),
        ("x." + "y" * 300, ("x." + "y" * 300)[:240]),
        ("ü" * 200, "ü" * 120),
    ],
)
def test_a_name_is_made_safe(name: str | None, safe: str):
    assert safe_name(name, "file") == safe


@given(st.text(max_size=400))
def test_no_name_leads_out_of_its_folder_or_is_too_long(name: str):
    made = safe_name(name, "file")
    assert made not in ("", ".", "..")
    assert not set(made) & set('/\\\0\n<>:"|?*')
    assert not made.startswith(".")
    assert not made.endswith((".", " "))
    assert len(made.encode()) <= 241
    assert safe_name(made, "file") == made


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"GIF88a", None),
        (b"<svg", None),
        (b"", None),
    ],
)
def test_an_image_is_known_by_its_first_bytes(head: bytes, kind: str | None):
    assert image_type(head) == kind
    assert image_type(head + bytes(HEAD)) == kind
