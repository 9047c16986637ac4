"""The company: the account's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from paymo_async.models.enums import AccountType, CurrencyPosition, DateFormat, TimeFormat

__all__ = ["Company"]


@resource("company", singleton=True)
class Company(Model):
    """The account's company: one object at `/company`, read and updated only.

    The service sends most settings as text (`"30"`, `"1"`, `""` for unset); they are read as the types declared here.
    """

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    address: str | None = UNSET
    phone: str | None = UNSET
    email: str | None = UNSET
    url: str | None = UNSET
    fiscal_information: str | None = UNSET
    country: str | None = UNSET
    image: str | None = read_only()
    image_thumb_large: str | None = read_only()
    image_thumb_medium: str | None = read_only()
    image_thumb_small: str | None = read_only()
    timezone: str | None = UNSET
    default_currency: str | None = UNSET
    default_price_per_hour: Decimal | None = UNSET
    """In the default currency."""
    apply_tax_to_expenses: bool | None = UNSET
    tax_on_tax: bool | None = UNSET
    currency_position: CurrencyPosition | None = UNSET
    next_invoice_number: str | None = UNSET
    next_estimate_number: str | None = UNSET
    online_payments: bool | str | None = UNSET
    date_format: DateFormat | None = UNSET
    time_format: TimeFormat | None = UNSET
    decimal_sep: str | None = UNSET
    thousands_sep: str | None = UNSET
    week_start: int | None = UNSET
    """Day of the week, 0 for Sunday."""
    workday_start: str | None = UNSET
    """Time of day, as text: `09:00`."""
    working_days: str | None = UNSET
    """Days of the week, 0 for Sunday: `1,2,3,4,5`."""
    account_type: AccountType = read_only()
    max_users: int | None = read_only()
    current_users: int = read_only()
    max_projects: int | None = read_only()
    """Null where the plan sets no limit; so for the other limits."""
    current_projects: int = read_only()
    max_invoices: int | None = read_only()
    current_invoices: int = read_only()
    company_size: str | None = read_only()
    due_interval: int | None = read_only()
    """Days from an invoice's date to its due date."""
    estimate_format: str | None = read_only()
    """As `#EST-[yyyy][mm][dd]-[i]`."""
    footer_unit_measure: str | None = read_only()
    hide_tax_field: bool | None = read_only()
    invoice_format: str | None = read_only()
    """As `#INV-[yyyy][mm][dd]-[i]`."""
    invoice_page_footer: str | None = read_only()
    invoice_page_footer_height: str | None = read_only()
    invoice_page_margin_width: str | None = read_only()
    language: str | None = read_only()
    margin_unit_measure: str | None = read_only()
    op_authorize_login: str | None = read_only(secret=True)
    op_payflowpro_partner: str | None = read_only(secret=True)
    op_payflowpro_user: str | None = read_only(secret=True)
    op_payflowpro_vendor: str | None = read_only(secret=True)
    op_paypal_email: str | None = read_only(secret=True)
    op_stripe_publishable_key: str | None = read_only(secret=True)
    op_stripe_secret_key: str | None = read_only(secret=True)
    pdf_format_size: str | None = read_only()
    workday_end: str | None = read_only()
    new_invoice_email_subj_tpl: str | None = read_only()
    new_invoice_email_body_tpl: str | None = read_only()
    new_estimate_email_subj_tpl: str | None = read_only()
    new_estimate_email_body_tpl: str | None = read_only()
    new_paymentreminder_email_subj_tpl: str | None = read_only()
    new_paymentreminder_email_body_tpl: str | None = read_only()
    invoice_bill_to_fields: str | None = read_only()
    default_invoice_footer: str | None = read_only()
    default_estimate_footer: str | None = read_only()
    custom_smtp_auth_type: str | None = read_only()
    custom_smtp_port: int | None = read_only()
    op_authorize_accepted_cc_amex: bool | None = read_only()
    op_authorize_accepted_cc_diners: bool | None = read_only()
    op_authorize_accepted_cc_discover: bool | None = read_only()
    op_authorize_accepted_cc_jcb: bool | None = read_only()
    op_authorize_accepted_cc_mastercard: bool | None = read_only()
    op_authorize_accepted_cc_visa: bool | None = read_only()
    show_delivery_date: bool | None = read_only()
    custom_domain: str | None = read_only()
    active: bool | None = read_only()
    trial_ends_on: datetime | None = read_only()
    default_invoice_template: int | None = read_only()
    default_estimate_template: int | None = read_only()
    max_estimates: int | None = read_only()
    max_recurring_profiles: int | None = read_only()
    max_expenses: int | None = read_only()
    current_estimates: int | None = read_only()
    current_recurring_profiles: int | None = read_only()
    current_expenses: int | None = read_only()
    default_tax: Decimal | None = UNSET
    """Percent."""
    default_tax2: Decimal | None = UNSET
    """Percent."""
    default_tax_text: str | None = UNSET
    default_tax2_text: str | None = UNSET
    payment_reminder_1: int | None = UNSET
    """Days; so for the other reminders."""
    payment_reminder_2: int | None = UNSET
    payment_reminder_3: int | None = UNSET
    remove_paymo_branding: bool | None = UNSET
