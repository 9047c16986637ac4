"""The sandbox's overview of its modules, and the words on its console page, are whole."""

from pathlib import Path

from paymo_async import sandbox
from paymo_async.sandbox.faults import EFFECTS

FOLDER = Path(sandbox.__file__).parent


def test_the_overview_names_every_module():
    modules = {file.stem for file in FOLDER.glob("*.py")} | {file.parent.name for file in FOLDER.glob("*/__init__.py")}
    words = set((sandbox.__doc__ or "").replace(",", " ").replace(")", " ").split())
    assert modules - words == {"__init__"}


def test_the_console_page_has_a_switch_for_every_fault():
    page = (FOLDER / "console" / "console.js").read_text()
    assert [effect for effect in EFFECTS if f'"{effect}": "' not in page] == []
