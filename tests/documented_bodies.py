"""The documented bodies (examples.json of ../shared/paymo-api), and which resource each belongs to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

__all__ = ["EXAMPLES", "needs_examples", "path_of"]

_FILE = Path(__file__).resolve().parents[2] / "shared" / "paymo-api" / "examples.json"
EXAMPLES: list[dict[str, Any]] = json.loads(_FILE.read_text()) if _FILE.exists() else []
needs_examples = pytest.mark.skipif(not EXAMPLES, reason="shared/paymo-api/examples.json is not beside this checkout")

# Sections that are called otherwise than the path, and examples that stand in another resource's section.
_SECTIONS = {"invoice_recurring_profiles": "recurringprofiles", "webhooks": "hooks"}
_MISPLACED = {
    ("expenses", "Invoicing an expense"): "invoices",
    ("project_templates", "Adding tasks"): "projecttemplatestasks",
    ("project_templates", "Updating a task list from a project template"): "projecttemplatestasklists",
    ("tasklists", "Changing the order of task lists"): "projects",
    ("subtasks", "Changing the order of subtasks"): "tasks",
}


def path_of(example: dict[str, Any]) -> str:
    """The path of the resource that an example is about."""
    section = example["section"]
    return _MISPLACED.get((section, example["heading"])) or _SECTIONS.get(section) or section.replace("_", "")
