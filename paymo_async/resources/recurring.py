"""Profiles by which the service makes invoices and tasks again and again."""

from __future__ import annotations

from paymo_async.models.recurring import RecurringProfile, RecurringProfileItem, TaskRecurringProfile
from paymo_async.resources.base import Standard

__all__ = ["RecurringProfileItems", "RecurringProfiles", "TaskRecurringProfiles"]


class RecurringProfiles(Standard[RecurringProfile]):
    """Profiles for invoices, made daily at 09:00 UTC."""

    model = RecurringProfile


class RecurringProfileItems(Standard[RecurringProfileItem]):
    """Lines of the invoices that a profile makes."""

    model = RecurringProfileItem


class TaskRecurringProfiles(Standard[TaskRecurringProfile]):
    """Profiles for tasks."""

    model = TaskRecurringProfile
