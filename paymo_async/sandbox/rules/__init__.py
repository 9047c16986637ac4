"""The rules of single resources (BEHAVIOUR.md, Rules of single resources), by path."""

from __future__ import annotations

from collections.abc import Mapping

from paymo_async.sandbox.rules.base import Rule
from paymo_async.sandbox.rules.billing import ESTIMATES, PROFILES, DocumentRule, LineRule, NumberedRule
from paymo_async.sandbox.rules.files import CommentRule, FileRule, ThreadRule
from paymo_async.sandbox.rules.invoices import InvoiceLineRule, InvoiceRule, PaymentRule
from paymo_async.sandbox.rules.people import ClientRule, CompanyRule, SessionRule, UserRule
from paymo_async.sandbox.rules.reports import ReportRule
from paymo_async.sandbox.rules.tracking import EntryRule
from paymo_async.sandbox.rules.work import ProjectRule, TasklistRule, TaskRule

__all__ = ["ReadOnly", "rules"]


class ReadOnly(Rule):
    """A resource that can only be read (the galleries)."""

    verbs: frozenset[str] = frozenset()


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
        "estimates": NumberedRule(LineRule(ESTIMATES)),
        "estimateitems": LineRule(ESTIMATES),
        "invoices": InvoiceRule(),
        "invoiceitems": InvoiceLineRule(),
        "invoicepayments": PaymentRule(InvoiceLineRule()),
        "recurringprofiles": DocumentRule(LineRule(PROFILES)),
        "recurringprofileitems": LineRule(PROFILES),
        "files": FileRule(),
        "comments": CommentRule(),
        "threads": ThreadRule(),
        "reports": ReportRule(),
        "estimatetemplatesgallery": ReadOnly(),
        "invoicetemplatesgallery": ReadOnly(),
    }
