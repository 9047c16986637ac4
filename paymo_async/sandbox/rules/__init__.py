"""The rules of single resources (BEHAVIOUR.md, Rules of single resources), by path."""

from __future__ import annotations

from collections.abc import Mapping

from paymo_async.sandbox.rules.base import Rule
from paymo_async.sandbox.rules.billing import LineRule
from paymo_async.sandbox.rules.doctemplates import DocumentTemplateRule, ReadOnly
from paymo_async.sandbox.rules.estimates import ESTIMATES, EstimateRule
from paymo_async.sandbox.rules.expenses import ExpenseRule
from paymo_async.sandbox.rules.files import CommentRule, DiscussionRule, FileRule, ThreadRule
from paymo_async.sandbox.rules.hooks import HookRule
from paymo_async.sandbox.rules.invoices import InvoiceLineRule, InvoiceRule, PaymentRule
from paymo_async.sandbox.rules.leave import DaysExceptionRule, LeaveTypeRule, StatsReportRule
from paymo_async.sandbox.rules.people import ClientRule, CompanyRule, ContactRule, SessionRule, UserRule
from paymo_async.sandbox.rules.planning import BookingRule
from paymo_async.sandbox.rules.recurring import PROFILES, RecurringRule
from paymo_async.sandbox.rules.recurringtasks import TaskProfileRule
from paymo_async.sandbox.rules.reports import ReportRule
from paymo_async.sandbox.rules.tasks import AssignmentRule, SubtaskRule, TaskRule
from paymo_async.sandbox.rules.templates import ProjectTemplateRule, TemplateTasklistRule, TemplateTaskRule
from paymo_async.sandbox.rules.tracking import EntryRule
from paymo_async.sandbox.rules.work import MilestoneRule, ProjectRule, TasklistRule
from paymo_async.sandbox.rules.workflows import ProjectStatusRule, WorkflowRule, WorkflowStatusRule

__all__ = ["rules"]


def rules() -> Mapping[str, Rule]:
    """The rules by path; a resource that is not in it is a plain table."""
    return {
        "clients": ClientRule(),
        "clientcontacts": ContactRule(),
        "users": UserRule(),
        "company": CompanyRule(),
        "sessions": SessionRule(),
        "projects": ProjectRule(),
        "projectstatuses": ProjectStatusRule(),
        "projecttemplates": ProjectTemplateRule(),
        "projecttemplatestasklists": TemplateTasklistRule(),
        "projecttemplatestasks": TemplateTaskRule(),
        "workflows": WorkflowRule(),
        "workflowstatuses": WorkflowStatusRule(),
        "milestones": MilestoneRule(),
        "tasklists": TasklistRule(),
        "tasks": TaskRule(),
        "subtasks": SubtaskRule(),
        "userstasks": AssignmentRule(),
        "taskrecurringprofiles": TaskProfileRule(),
        "bookings": BookingRule(),
        "entries": EntryRule(),
        "estimates": EstimateRule(),
        "estimateitems": LineRule(ESTIMATES),
        "invoices": InvoiceRule(),
        "invoiceitems": InvoiceLineRule(),
        "invoicepayments": PaymentRule(),
        "recurringprofiles": RecurringRule(),
        "recurringprofileitems": LineRule(PROFILES),
        "companiesdaysexceptions": DaysExceptionRule(),
        "usersdaysexceptions": DaysExceptionRule(),
        "leavetypes": LeaveTypeRule(),
        "statsreports": StatsReportRule(),
        "discussions": DiscussionRule(),
        "files": FileRule(),
        "comments": CommentRule(),
        "threads": ThreadRule(),
        "reports": ReportRule(),
        "hooks": HookRule(),
        "expenses": ExpenseRule(),
        "estimatetemplates": DocumentTemplateRule("estimatetemplates", "default_estimate_template", "ESTIMATE"),
        "invoicetemplates": DocumentTemplateRule("invoicetemplates", "default_invoice_template", "INVOICE"),
        "estimatetemplatesgallery": ReadOnly(),
        "invoicetemplatesgallery": ReadOnly(),
    }
