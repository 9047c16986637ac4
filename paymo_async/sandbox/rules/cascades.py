"""What goes along with a deleted object: its path, then the resources and their foreign keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["CASCADES"]

CASCADES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "clients": (("projects", "client_id"), ("clientcontacts", "client_id")),
    "projects": (
        ("tasklists", "project_id"),
        ("tasks", "project_id"),
        ("entries", "project_id"),
        ("milestones", "project_id"),
        ("discussions", "project_id"),
        ("files", "project_id"),
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
    "users": (("sessions", "user_id"),),
    "estimates": (("estimateitems", "estimate_id"),),
    "invoices": (("invoiceitems", "invoice_id"), ("invoicepayments", "invoice_id")),
    "recurringprofiles": (("recurringprofileitems", "recurring_profile_id"),),
    "workflows": (("workflowstatuses", "workflow_id"),),
    "projecttemplates": (("projecttemplatestasklists", "template_id"),),
    "projecttemplatestasklists": (("projecttemplatestasks", "tasklist_id"),),
}
