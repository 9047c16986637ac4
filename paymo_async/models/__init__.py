"""All objects of the service, each class in the module of its noun; a class is built when it is first used.

`from paymo_async.models import Task` loads one module. `models()` and `by_path()` find resources without naming them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from paymo_async.models.base import UNSET, Declaration, Model, declaration
    from paymo_async.models.clients import Client, ClientContact
    from paymo_async.models.comments import Comment, Discussion, Thread
    from paymo_async.models.company import Company
    from paymo_async.models.entries import TimeEntry
    from paymo_async.models.enums import (
        AccountType,
        CurrencyPosition,
        DateFormat,
        DateInterval,
        EstimateStatus,
        HourlyBillingMode,
        InvoiceStatus,
        Priority,
        RecurringFrequency,
        ReportItemType,
        ReportType,
        StatusAction,
        TaskFrequency,
        TimeFormat,
        UserType,
    )
    from paymo_async.models.estimates import Estimate, EstimateItem
    from paymo_async.models.expenses import Expense
    from paymo_async.models.files import File
    from paymo_async.models.hooks import Webhook
    from paymo_async.models.invoices import Invoice, InvoiceItem, InvoicePayment
    from paymo_async.models.leave import CompanyDayException, LeaveType, StatsReport, UserDayException
    from paymo_async.models.planning import Booking
    from paymo_async.models.projects import Milestone, Project, ProjectStatus
    from paymo_async.models.recurring import RecurringProfile, RecurringProfileItem, TaskRecurringProfile
    from paymo_async.models.reports import Report, ReportContent, ReportInclude, ReportInfo, ReportItem, ReportOptions
    from paymo_async.models.sessions import Session
    from paymo_async.models.tasks import Subtask, Task, TaskAssignment, Tasklist
    from paymo_async.models.templates import (
        EstimateTemplate,
        EstimateTemplateGallery,
        InvoiceTemplate,
        InvoiceTemplateGallery,
        ProjectTemplate,
        ProjectTemplateTask,
        ProjectTemplateTasklist,
    )
    from paymo_async.models.users import User
    from paymo_async.models.workflows import Workflow, WorkflowStatus

__all__ = [
    "UNSET",
    "AccountType",
    "Booking",
    "Client",
    "ClientContact",
    "Comment",
    "Company",
    "CompanyDayException",
    "CurrencyPosition",
    "DateFormat",
    "DateInterval",
    "Declaration",
    "Discussion",
    "Estimate",
    "EstimateItem",
    "EstimateStatus",
    "EstimateTemplate",
    "EstimateTemplateGallery",
    "Expense",
    "File",
    "HourlyBillingMode",
    "Invoice",
    "InvoiceItem",
    "InvoicePayment",
    "InvoiceStatus",
    "InvoiceTemplate",
    "InvoiceTemplateGallery",
    "LeaveType",
    "Milestone",
    "Model",
    "Priority",
    "Project",
    "ProjectStatus",
    "ProjectTemplate",
    "ProjectTemplateTask",
    "ProjectTemplateTasklist",
    "RecurringFrequency",
    "RecurringProfile",
    "RecurringProfileItem",
    "Report",
    "ReportContent",
    "ReportInclude",
    "ReportInfo",
    "ReportItem",
    "ReportItemType",
    "ReportOptions",
    "ReportType",
    "Session",
    "StatsReport",
    "StatusAction",
    "Subtask",
    "Task",
    "TaskAssignment",
    "TaskFrequency",
    "TaskRecurringProfile",
    "Tasklist",
    "Thread",
    "TimeEntry",
    "TimeFormat",
    "User",
    "UserDayException",
    "UserType",
    "Webhook",
    "Workflow",
    "WorkflowStatus",
    "by_path",
    "declaration",
    "models",
]

_MODULES: Final = {
    "base": "UNSET Declaration Model declaration",
    "clients": "Client ClientContact",
    "comments": "Comment Discussion Thread",
    "company": "Company",
    "entries": "TimeEntry",
    "enums": (
        "AccountType CurrencyPosition DateFormat DateInterval EstimateStatus HourlyBillingMode InvoiceStatus "
        "Priority RecurringFrequency ReportItemType ReportType StatusAction TaskFrequency TimeFormat UserType"
    ),
    "estimates": "Estimate EstimateItem",
    "expenses": "Expense",
    "files": "File",
    "hooks": "Webhook",
    "invoices": "Invoice InvoiceItem InvoicePayment",
    "leave": "CompanyDayException LeaveType StatsReport UserDayException",
    "planning": "Booking",
    "projects": "Milestone Project ProjectStatus",
    "recurring": "RecurringProfile RecurringProfileItem TaskRecurringProfile",
    "reports": "Report ReportContent ReportInclude ReportInfo ReportItem ReportOptions",
    "sessions": "Session",
    "tasks": "Subtask Task TaskAssignment Tasklist",
    "templates": (
        "EstimateTemplate EstimateTemplateGallery InvoiceTemplate InvoiceTemplateGallery ProjectTemplate "
        "ProjectTemplateTask ProjectTemplateTasklist"
    ),
    "users": "User",
    "workflows": "Workflow WorkflowStatus",
}
_MODULE_OF: Final = {name: module for module, names in _MODULES.items() for name in names.split()}
_PATHS: Final = {
    "bookings": "Booking",
    "clientcontacts": "ClientContact",
    "clients": "Client",
    "comments": "Comment",
    "companiesdaysexceptions": "CompanyDayException",
    "company": "Company",
    "discussions": "Discussion",
    "entries": "TimeEntry",
    "estimateitems": "EstimateItem",
    "estimates": "Estimate",
    "estimatetemplates": "EstimateTemplate",
    "estimatetemplatesgallery": "EstimateTemplateGallery",
    "expenses": "Expense",
    "files": "File",
    "hooks": "Webhook",
    "invoiceitems": "InvoiceItem",
    "invoicepayments": "InvoicePayment",
    "invoices": "Invoice",
    "invoicetemplates": "InvoiceTemplate",
    "invoicetemplatesgallery": "InvoiceTemplateGallery",
    "leavetypes": "LeaveType",
    "milestones": "Milestone",
    "projects": "Project",
    "projectstatuses": "ProjectStatus",
    "projecttemplates": "ProjectTemplate",
    "projecttemplatestasklists": "ProjectTemplateTasklist",
    "projecttemplatestasks": "ProjectTemplateTask",
    "recurringprofileitems": "RecurringProfileItem",
    "recurringprofiles": "RecurringProfile",
    "reports": "Report",
    "sessions": "Session",
    "statsreports": "StatsReport",
    "subtasks": "Subtask",
    "tasklists": "Tasklist",
    "taskrecurringprofiles": "TaskRecurringProfile",
    "tasks": "Task",
    "threads": "Thread",
    "users": "User",
    "usersdaysexceptions": "UserDayException",
    "userstasks": "TaskAssignment",
    "workflows": "Workflow",
    "workflowstatuses": "WorkflowStatus",
}


def models() -> tuple[type[Model], ...]:
    """All resource classes, by path in alphabetical order; loads every module."""
    return tuple(by_path(path) for path in sorted(_PATHS))


def by_path(path: str) -> type[Model]:
    """The class of the resource at `/path`. Raises KeyError for a path that no class declares."""
    found: type[Model] = _load(_PATHS[path])
    return found


def _load(name: str) -> Any:
    value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value  # the next look-up does not come here
    return value


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return _load(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
