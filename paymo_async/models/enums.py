"""Open enums: known values have names, unknown ones are kept as they came.

An unknown value equals its text (or number) and has it as `.value`; it is never an error.
"""

from __future__ import annotations

from paymo_async.models.openenum import OpenIntEnum, OpenStrEnum

__all__ = [
    "AccountType",
    "CurrencyPosition",
    "DateFormat",
    "DateInterval",
    "EstimateStatus",
    "HourlyBillingMode",
    "InvoiceStatus",
    "Priority",
    "RecurringFrequency",
    "ReportItemType",
    "ReportType",
    "StatusAction",
    "TaskFrequency",
    "TimeFormat",
    "UserType",
]


class AccountType(OpenStrEnum):
    """Whether the account pays."""

    FREE = "free"
    COMMERCIAL = "commercial"


class CurrencyPosition(OpenStrEnum):
    """On which side of an amount its currency stands."""

    LEFT = "left"
    RIGHT = "right"


class DateFormat(OpenStrEnum):
    """How the service shows a date, in PHP's letters."""

    YEAR_FIRST = "Y-m-d"
    DAY_FIRST = "d/m/Y"
    MONTH_FIRST = "m/d/Y"
    DOTTED = "d.m.Y"


class TimeFormat(OpenStrEnum):
    """How the service shows a time of day, in PHP's letters."""

    HOURS_24 = "H:i"
    HOURS_12 = "h:i a"


class DateInterval(OpenStrEnum):
    """The days of a report, counted from when it is made (or read, where it is live)."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"
    LAST_YEAR = "last_year"
    ALL_TIME = "all_time"


class EstimateStatus(OpenStrEnum):
    """Where an estimate stands."""

    DRAFT = "draft"
    SENT = "sent"
    VIEWED = "viewed"
    ACCEPTED = "accepted"
    INVOICED = "invoiced"
    VOID = "void"


class InvoiceStatus(OpenStrEnum):
    """Where an invoice stands. Payments make it paid, or viewed again."""

    DRAFT = "draft"
    SENT = "sent"
    VIEWED = "viewed"
    PAID = "paid"
    VOID = "void"


class HourlyBillingMode(OpenStrEnum):
    """Whose hourly price a project is billed at."""

    TASK = "task"
    PROJECT = "project"
    COMPANY = "company"


class Priority(OpenIntEnum):
    """How urgent a task is; 50 unless given."""

    LOW = 25
    NORMAL = 50
    HIGH = 75
    CRITICAL = 100


class RecurringFrequency(OpenStrEnum):
    """How often an invoice is made."""

    WEEKLY = "w"
    EVERY_2_WEEKS = "2w"
    EVERY_3_WEEKS = "3w"
    EVERY_4_WEEKS = "4w"
    MONTHLY = "m"
    EVERY_2_MONTHS = "2m"
    EVERY_3_MONTHS = "3m"
    EVERY_6_MONTHS = "6m"
    YEARLY = "y"


class TaskFrequency(OpenStrEnum):
    """In what a recurring task's `interval` counts."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class ReportType(OpenStrEnum):
    """static keeps its rows, live computes them anew at each reading, temp is answered and not stored."""

    STATIC = "static"
    LIVE = "live"
    TEMP = "temp"


class ReportItemType(OpenStrEnum):
    """What a row of a report stands for."""

    DAY = "day"
    CLIENT = "client"
    USER = "user"
    PROJECT = "project"
    TASKLIST = "tasklist"
    TASK = "task"
    BILLED = "billed"
    ENTRY = "entry"
    TOTAL = "total"


class StatusAction(OpenStrEnum):
    """Which of a workflow's fixed statuses this is; empty for an ordinary one."""

    BACKLOG = "backlog"
    COMPLETE = "complete"
    NONE = ""


class UserType(OpenStrEnum):
    """What a user may do."""

    ADMIN = "Admin"
    EMPLOYEE = "Employee"
    GUEST = "Guest"
