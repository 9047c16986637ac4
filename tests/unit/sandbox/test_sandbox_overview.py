"""The sandbox's overview of its modules is whole, and so are its console page's modules and the words on it."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

from paymo_async import sandbox
from paymo_async.sandbox.control.page import PAGES
from paymo_async.sandbox.faults import EFFECTS

FOLDER = Path(sandbox.__file__).parent
SCRIPTS = {file.name: file.read_text(encoding="utf-8") for file in (FOLDER / "console").glob("*.js")}
IMPORT = re.compile(r'^import \{ (.+) \} from "\./(.+)";$', re.MULTILINE)


def test_the_overview_names_every_module():
    modules = {file.stem for file in FOLDER.glob("*.py")} | {file.parent.name for file in FOLDER.glob("*/__init__.py")}
    words = set((sandbox.__doc__ or "").replace(",", " ").replace(")", " ").split())
    assert modules - words == {"__init__"}


def test_the_console_page_has_a_switch_for_every_fault():
    assert [effect for effect in EFFECTS if f'"{effect}": "' not in SCRIPTS["faults.js"]] == []


def test_every_file_of_the_console_page_is_served():
    assert sorted(name for name, _ in PAGES.values()) == sorted(file.name for file in (FOLDER / "console").iterdir())


def test_the_overview_of_the_console_page_names_every_script():
    words = set(re.findall(r"\w+", SCRIPTS["console.js"].partition("\nimport ")[0]))
    assert {name.removesuffix(".js") for name in SCRIPTS} - words == set()


def test_the_scripts_of_the_console_page_import_in_one_direction():
    imported = {name: {path for _, path in IMPORT.findall(text)} for name, text in SCRIPTS.items()}
    *_, last = TopologicalSorter(imported).static_order()  # refuses a circle
    assert last == "console.js"
    assert set().union(*imported.values()) == set(SCRIPTS) - {"console.js"}


def test_the_scripts_of_the_console_page_export_what_others_import():
    exported = {
        (path, name)
        for path, text in SCRIPTS.items()
        for name in re.findall(r"^export (?:async )?(?:function|const|class) ([\w$]+)", text, re.MULTILINE)
    }
    imported = {
        (path, name) for text in SCRIPTS.values() for names, path in IMPORT.findall(text) for name in names.split(", ")
    }
    assert exported == imported


def test_the_scripts_of_the_console_page_use_what_they_import():
    unused = [
        (path, name)
        for path, text in SCRIPTS.items()
        for names, _ in IMPORT.findall(text)
        for name in names.split(", ")
        if not re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", IMPORT.sub("", text))
    ]
    assert unused == []
