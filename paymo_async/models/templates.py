"""Templates of estimates, invoices and projects, and the service's own galleries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paymo_async.models.base import UNSET, Model, create_only, include, read_only, resource

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from paymo_async.models.estimates import Estimate
    from paymo_async.models.invoices import Invoice

__all__ = [
    "EstimateTemplate",
    "EstimateTemplateGallery",
    "InvoiceTemplate",
    "InvoiceTemplateGallery",
    "ProjectTemplate",
    "ProjectTemplateTask",
    "ProjectTemplateTasklist",
]


@resource("estimatetemplates", requires=("name",))
class EstimateTemplate(Model):
    """How estimates look: HTML and CSS of the account's own."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    title: str | None = UNSET
    html: str | None = UNSET
    css: str | None = UNSET
    is_default: bool = UNSET
    estimates_count: int = read_only()

    estimates: list[Estimate] = include()


@resource("estimatetemplatesgallery", key="estimatetemplates")
class EstimateTemplateGallery(Model):
    """A ready-made estimate template of the service; read only."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = read_only()
    title: str | None = read_only()
    html: str | None = read_only()
    css: str | None = read_only()
    image: str | None = read_only()


@resource("invoicetemplates", requires=("name",))
class InvoiceTemplate(Model):
    """How invoices look: HTML and CSS of the account's own."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    title: str | None = UNSET
    html: str | None = UNSET
    css: str | None = UNSET
    is_default: bool = UNSET
    invoices_count: int = read_only()

    invoices: list[Invoice] = include()


@resource("invoicetemplatesgallery", key="invoicetemplates")
class InvoiceTemplateGallery(Model):
    """A ready-made invoice template of the service; read only."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = read_only()
    title: str | None = read_only()
    html: str | None = read_only()
    css: str | None = read_only()
    image: str | None = read_only()


@resource("projecttemplates", key="project_templates", requires=("name",))
class ProjectTemplate(Model):
    """A template for projects: task lists with tasks."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    project_id: int | None = create_only()
    """The project to copy."""

    projecttemplatestasklists: list[ProjectTemplateTasklist] = include()
    """The name that was seen to work; `projecttemplatetasklists` is the documented one."""
    projecttemplatestasks: list[ProjectTemplateTask] = include()
    """The name that was seen to work; `projecttemplatetasks` is the documented one."""
    projecttemplatetasklists: list[ProjectTemplateTasklist] = include()
    projecttemplatetasks: list[ProjectTemplateTask] = include()


@resource("projecttemplatestasklists", key="project_templates_tasklists", requires=("name", "template_id"))
class ProjectTemplateTasklist(Model):
    """A task list of a project template."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    seq: int | None = UNSET
    template_id: int = create_only()
    milestone_id: int | None = UNSET

    projecttemplate: ProjectTemplate = include()
    projecttemplatestasks: list[ProjectTemplateTask] = include()
    """The name that was seen to work; `projecttemplatetasks` is the documented one."""
    projecttemplatetasks: list[ProjectTemplateTask] = include()


@resource("projecttemplatestasks", key="project_templates_tasks", requires=("name", "tasklist_id"))
class ProjectTemplateTask(Model):
    """A task of a project template."""

    id: int = read_only()
    created_on: datetime = read_only()
    updated_on: datetime = read_only()
    name: str = UNSET
    template_id: int = read_only()
    tasklist_id: int = UNSET
    seq: int | None = UNSET
    description: str | None = UNSET
    billable: bool = UNSET
    budget_hours: Decimal | None = UNSET
    """Hours."""
    price_per_hour: Decimal | None = UNSET
    users: list[int] = UNSET
    """Ids."""
    flat_billing: bool = UNSET
    estimated_price: Decimal | None = UNSET
    price: Decimal | None = UNSET
    duration: int | None = UNSET
    start_date_offset: int | None = UNSET

    projecttemplate: ProjectTemplate = include()
    projecttemplatetasklist: ProjectTemplateTasklist = include()
