"""The rules of single resources (BEHAVIOUR.md, Rules of single resources), by path."""

from __future__ import annotations

from collections.abc import Mapping

from paymo_async.sandbox.rules.base import Rule
from paymo_async.sandbox.rules.billing import LineRule
from paymo_async.sandbox.rules.doctemplates import DocumentTemplateRule, ReadOnly
from paymo_async.sandbox.rules.estimates import ESTIMATES, EstimateRule
from paymo_async.sandbox.rules.expenses import ExpenseRule
from paymo_async.sandbox.rules.recurring import PROFILES, RecurringRule
from paymo_async.sandbox.rules.files import CommentRule, FileRule, ThreadRule
from paymo_async.sandbox.rules.invoices import InvoiceLineRule, InvoiceRule, PaymentRule
from paymo_async.sandbox.rules.people import ClientRule, CompanyRule, SessionRule, UserRule
from paymo_async.sandbox.rules.reports import ReportRule
from paymo_async.sandbox.rules.tracking import EntryRule
from paymo_async.sandbox.rules.work import ProjectRule, TasklistRule, TaskRule

__all__ = ["ReadOnly", "rules"]


def rules() -> Mapping[str, Rule]:
    """The rules by path; a resource that is not in it is a plain table."""
    return {
        "clients": ClientRule(),
        "users": UserRule(),
        "company": CompanyRule(),
        "sessions": SessionRule(),
        "projects": ProjectRule(),
        "tasklists": TasklistRule(),
        "tasks": TaskRule(),
        "entries": EntryRule(),
        "estimates": EstimateRule(),
        "estimateitems": LineRule(ESTIMATES),
        "invoices": InvoiceRule(),
        "invoiceitems": InvoiceLineRule(),
        "invoicepayments": PaymentRule(),
        "recurringprofiles": RecurringRule(),
        "recurringprofileitems": LineRule(PROFILES),
        "files": FileRule(),
        "comments": CommentRule(),
        "threads": ThreadRule(),
        "reports": ReportRule(),
        "expenses": ExpenseRule(),
        "estimatetemplates": DocumentTemplateRule("estimatetemplates", "default_estimate_template", "ESTIMATE"),
        "invoicetemplates": DocumentTemplateRule("invoicetemplates", "default_invoice_template", "INVOICE"),
        "estimatetemplatesgallery": ReadOnly(),
        "invoicetemplatesgallery": ReadOnly(),
    }
