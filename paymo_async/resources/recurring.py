"""Profiles by which the service makes invoices and tasks again and again."""

from __future__ import annotations

from typing import ClassVar

from paymo_async.models.recurring import RecurringProfile, RecurringProfileItem, TaskRecurringProfile
from paymo_async.resources.base import Standard
from paymo_async.resources.documents import HasLines

__all__ = ["RecurringProfileItems", "RecurringProfiles", "TaskRecurringProfiles"]


class RecurringProfiles(HasLines[RecurringProfile, RecurringProfileItem], Standard[RecurringProfile]):
    """Profiles for invoices, made daily at 09:00 UTC. Lines are sent as `items`, always the whole set."""

    model = RecurringProfile
    lines: ClassVar[str] = "recurringprofileitems"


class RecurringProfileItems(Standard[RecurringProfileItem]):
    """Lines of the invoices that a profile makes."""

    model = RecurringProfileItem


class TaskRecurringProfiles(Standard[TaskRecurringProfile]):
    """Profiles for tasks."""

    model = TaskRecurringProfile
