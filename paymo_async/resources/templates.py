"""Templates of estimates, invoices and projects."""

from __future__ import annotations

from paymo_async.models.templates import (
    EstimateTemplate,
    EstimateTemplateGallery,
    InvoiceTemplate,
    InvoiceTemplateGallery,
    ProjectTemplate,
    ProjectTemplateTask,
    ProjectTemplateTasklist,
)
from paymo_async.resources.base import Gets, Lists, Standard

__all__ = [
    "EstimateTemplateGalleries",
    "EstimateTemplates",
    "InvoiceTemplateGalleries",
    "InvoiceTemplates",
    "ProjectTemplateTasklists",
    "ProjectTemplateTasks",
    "ProjectTemplates",
]


class EstimateTemplates(Standard[EstimateTemplate]):
    """Templates of estimates."""

    model = EstimateTemplate


class EstimateTemplateGalleries(Lists[EstimateTemplateGallery], Gets[EstimateTemplateGallery]):
    """The service's own templates of estimates, to start from; they cannot be changed."""

    model = EstimateTemplateGallery


class InvoiceTemplates(Standard[InvoiceTemplate]):
    """Templates of invoices."""

    model = InvoiceTemplate


class InvoiceTemplateGalleries(Lists[InvoiceTemplateGallery], Gets[InvoiceTemplateGallery]):
    """The service's own templates of invoices, to start from; they cannot be changed."""

    model = InvoiceTemplateGallery


class ProjectTemplates(Standard[ProjectTemplate]):
    """Templates of projects; `ProjectTemplate(name=..., project_id=...)` makes one of a project."""

    model = ProjectTemplate


class ProjectTemplateTasklists(Standard[ProjectTemplateTasklist]):
    """Task lists of project templates."""

    model = ProjectTemplateTasklist


class ProjectTemplateTasks(Standard[ProjectTemplateTask]):
    """Tasks of project templates."""

    model = ProjectTemplateTask
