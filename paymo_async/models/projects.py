"""Projects, their statuses and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, include, read_only, resource, unselectable, write_only

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from paymo_async.models.clients import Client
    from paymo_async.models.comments import Discussion
    from paymo_async.models.enums import HourlyBillingMode
    from paymo_async.models.files import File
    from paymo_async.models.invoices import InvoiceItem
    from paymo_async.models.tasks import Task, Tasklist
    from paymo_async.models.users import User
    from paymo_async.models.workflows import Workflow

__all__ = ["Milestone", "Project", "ProjectStatus"]


@resource("projects", requires=("name",))
class Project(Model):
    """A project of a client.

    Billing: time and materials (`billable`, `price_per_hour`, `hourly_billing_mode`), flat rate (`flat_billing`,
    `price`), or not billable. Changing `workflow_id` resets the statuses of its tasks.
    """

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    code: str | None = UNSET
    task_code_increment: int = read_only()
    description: str | None = UNSET
    client_id: int | None = UNSET
    """Without it, the service makes a sample client."""
    status_id: int | None = UNSET
    active: bool = UNSET
    color: str | None = UNSET
    """As `#68BE5E`."""
    users: list[int] = UNSET
    """Ids; the whole list, not a change to it."""
    managers: list[int] = UNSET
    """Ids; the whole list, not a change to it."""
    billable: bool = UNSET
    flat_billing: bool = UNSET
    price_per_hour: Decimal | None = UNSET
    """In the client's currency."""
    price: Decimal | None = UNSET
    """Of a flat rate project."""
    estimated_price: Decimal | None = UNSET
    hourly_billing_mode: HourlyBillingMode | None = UNSET
    """Whose price counts; null for none."""
    budget_hours: Decimal | None = UNSET
    """Hours."""
    adjustable_hours: bool = UNSET
    invoiced: bool = UNSET
    invoice_item_id: int | None = UNSET
    workflow_id: int | None = UNSET
    """Changing it resets the statuses of the tasks."""
    billing_type: str | None = read_only()
    template_id: int = write_only()
    """Adds the task lists and tasks of that project template."""
    tasklists_order: list[int] = write_only()
    """Ids of the task lists, in the new order."""

    client: Client | None = include()
    projectstatus: ProjectStatus | None = include()
    tasklists: list[Tasklist] = include()
    tasks: list[Task] = include()
    milestones: list[Milestone] = include()
    discussions: list[Discussion] = include()
    files: list[File] = include()
    invoiceitem: InvoiceItem | None = include()
    workflow: Workflow | None = include()


@resource("projectstatuses", requires=("name",))
class ProjectStatus(Model):
    """A status that projects can have."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    active: bool = UNSET
    seq: int | None = UNSET
    readonly: bool = read_only()
    """Whether it is one of the service's own."""

    project: Project | None = include()


@resource("milestones", requires=("name", "project_id", "due_date"))
class Milestone(Model):
    """A date by which task lists of a project are to be done."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    project_id: int = UNSET
    user_id: int | None = UNSET
    due_date: date = UNSET
    send_reminder: int | None = UNSET
    """Hours before the due date."""
    reminder_sent: bool = read_only()
    complete: bool = UNSET
    linked_tasklists: list[int] = unselectable()
    """Ids of the task lists; the whole list, not a change to it."""

    project: Project = include()
    user: User | None = include()
    tasklists: list[Tasklist] = include()
