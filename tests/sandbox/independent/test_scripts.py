"""Scripts in other languages, with nothing but what these languages bring along."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent


def test_node(box, run, image):
    assert json.loads(run("node", HERE / "fetch.mjs")) == {
        "me": box.email,
        "task": [201, "Löwe", True],
        "entry": 3600,
        "found": [{"duration": 3600}],
        "form": [23130],
        "file": "Löwe.png",
        "session": 2,
        "pdf": "%PDF-",
        "deleted": 200,
        "gone": {"message": "Not found"},
    }


def test_php(box, run, image):
    assert json.loads(run("php", HERE / "streams.php")) == {
        "me": box.email,
        "form": [201, 222, 2],
        "json": [201, 222],
        "report": ["user", "total"],
        "xml": "Café",
        "image": True,
        "entries": 2,
        "deleted": 404,
    }


def test_wget(box, run):
    """It sends its credentials only after a 401, and is used without a word on what it accepts."""
    user = ("--user", box.api_key, "--password", "x", "--no-proxy")
    assert json.loads(run("wget", "-q", "-O", "-", *user, box.url + "me"))["users"][0]["email"] == box.email
    form = json.loads(run("wget", "-q", "-O", "-", *user, "--post-data", "name=By+wget", box.url + "clients"))
    assert form["clients"][0]["name"] == "By wget"
