"""What is a rule of estimates alone.

An invoice made with `estimate_id` sets its estimate to `invoiced`. Guessed: any other change of status is allowed by
hand; of several invoices the newest counts; when the last one goes, an `invoiced` estimate is `accepted` again.
"""

from __future__ import annotations

from paymo_async.sandbox.rules.billing import Billing, LineRule
from paymo_async.sandbox.rules.numbering import NumberedRule

__all__ = ["ESTIMATES", "EstimateRule"]

ESTIMATES = Billing(
    "estimates",
    "estimateitems",
    "estimate_id",
    "ESTIMATE",
    templates="estimatetemplates",
    footer="default_estimate_footer",
    format="estimate_format",
    next_number="next_estimate_number",
)


class EstimateRule(NumberedRule):
    """Estimates."""

    def __init__(self) -> None:
        super().__init__(LineRule(ESTIMATES))
