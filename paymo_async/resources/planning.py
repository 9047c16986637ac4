"""Bookings: who is planned for what."""

from __future__ import annotations

from paymo_async.models.planning import Booking
from paymo_async.resources.base import Standard

__all__ = ["Bookings"]


class Bookings(Standard[Booking]):
    """Bookings; a list must be filtered, by a parent or by dates."""

    model = Booking
