"""What happens to others when an object is deleted: some go along, some forget it, the rest keeps a dead reference.

That a client takes its projects, tasks and time along, and a task its time, is the service's (BEHAVIOUR.md, Rules of
single resources); the rest is guessed: what cannot be without an object goes with it, what can be without forgets it.
Time, comments and reports of a deleted user stay and keep the user's id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["CASCADES", "RELEASES", "UNMARKS"]

References = Mapping[str, tuple[tuple[str, str], ...]]

CASCADES: Final[References] = {
    "clients": (
        ("projects", "client_id"),
        ("clientcontacts", "client_id"),
        ("invoices", "client_id"),
        ("estimates", "client_id"),
        ("recurringprofiles", "client_id"),
        ("expenses", "client_id"),
    ),
    "projects": (
        ("tasks", "project_id"),
        ("tasklists", "project_id"),
        ("milestones", "project_id"),
        ("discussions", "project_id"),
        ("files", "project_id"),
        ("taskrecurringprofiles", "project_id"),
    ),
    "tasklists": (("tasks", "tasklist_id"),),
    "tasks": (
        ("entries", "task_id"),
        ("subtasks", "task_id"),
        ("userstasks", "task_id"),
        ("threads", "task_id"),
        ("files", "task_id"),
    ),
    "userstasks": (("bookings", "user_task_id"),),
    "discussions": (("threads", "discussion_id"), ("files", "discussion_id")),
    "files": (("threads", "file_id"),),
    "threads": (("comments", "thread_id"),),
    "comments": (("files", "comment_id"),),
    "users": (("sessions", "user_id"), ("userstasks", "user_id"), ("usersdaysexceptions", "user_id")),
    "estimates": (("estimateitems", "estimate_id"),),
    "invoices": (("invoiceitems", "invoice_id"), ("invoicepayments", "invoice_id")),
    "recurringprofiles": (("recurringprofileitems", "recurring_profile_id"),),
    "workflows": (("workflowstatuses", "workflow_id"),),
    "projecttemplates": (("projecttemplatestasklists", "template_id"),),
    "projecttemplatestasklists": (("projecttemplatestasks", "tasklist_id"),),
}
"""What goes along with a deleted object: its path, then the resources and their foreign keys."""

RELEASES: Final[References] = {
    "projects": (("projecttemplates", "project_id"), ("expenses", "project_id")),
    "tasklists": (("taskrecurringprofiles", "tasklist_id"),),
    "tasks": (("taskrecurringprofiles", "task_id"),),
    "taskrecurringprofiles": (("tasks", "recurring_profile_id"),),
    "milestones": (("tasklists", "milestone_id"), ("projecttemplatestasklists", "milestone_id")),
    "users": (
        ("milestones", "user_id"),
        ("tasks", "user_id"),
        ("tasks", "completed_by"),
        ("subtasks", "user_id"),
        ("subtasks", "completed_by"),
        ("files", "user_id"),
        ("discussions", "user_id"),
        ("taskrecurringprofiles", "user_id"),
    ),
    "estimates": (("invoices", "estimate_id"),),
    "estimatetemplates": (("estimates", "template_id"),),
    "invoices": (("estimates", "invoice_id"),),
    "invoiceitems": (("entries", "invoice_item_id"), ("expenses", "invoice_item_id")),
    "invoicetemplates": (("invoices", "template_id"), ("recurringprofiles", "template_id")),
    "expenses": (("invoiceitems", "expense_id"),),
    "leavetypes": (("companiesdaysexceptions", "leave_type_id"), ("usersdaysexceptions", "leave_type_id")),
}
"""What forgets a deleted object: its path, then the resources and the foreign keys that become null."""

UNMARKS: Final[Mapping[tuple[str, str], Mapping[str, tuple[Any, Any]]]] = {
    ("entries", "invoice_item_id"): {"billed": (True, False)},
    ("expenses", "invoice_item_id"): {"invoiced": (True, False)},
    ("estimates", "invoice_id"): {"status": ("invoiced", "accepted")},
}
"""What else changes in an object that forgets another: by its path and the foreign key that becomes null.

Each attribute with the mark that goes and what it becomes; one that holds anything else (a void estimate) stays.
"""
