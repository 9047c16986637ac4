"""Leave planning, which the service's documentation does not hold."""

from __future__ import annotations

from paymo_async.models.leave import CompanyDayException, LeaveType, StatsReport, UserDayException
from paymo_async.resources.base import Creates, Standard

__all__ = ["CompanyDayExceptions", "LeaveTypes", "StatsReports", "UserDayExceptions"]


class CompanyDayExceptions(Standard[CompanyDayException]):
    """Days on which the whole company works differently.

    Unconfirmed: proposed by the service's staff, and never in its documentation (BEHAVIOUR.md, Leave planning).
    """

    model = CompanyDayException


class UserDayExceptions(Standard[UserDayException]):
    """Days on which one user works differently; a list must be filtered.

    Unconfirmed: proposed by the service's staff, and never in its documentation (BEHAVIOUR.md, Leave planning).
    """

    model = UserDayException


class LeaveTypes(Standard[LeaveType]):
    """Kinds of leave.

    Unconfirmed: proposed by the service's staff, and never in its documentation (BEHAVIOUR.md, Leave planning).
    """

    model = LeaveType


class StatsReports(Creates[StatsReport]):
    """Statistics of leave and working days, computed by a create.

    Unconfirmed: proposed by the service's staff, and never in its documentation (BEHAVIOUR.md, Leave planning).
    """

    model = StatsReport
