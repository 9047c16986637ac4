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
