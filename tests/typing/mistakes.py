"""What checkers must refuse: every line that ends in `# wrong`, and no other; see tests/unit/test_typing.py."""

from __future__ import annotations

from paymo_async import PaymoClient
from paymo_async.models import EstimateTemplateGallery, Project, Session, Task, Thread


def attributes_that_no_model_has(task: Task) -> None:
    Task(nam="x")  # wrong
    Task(name=12)  # wrong
    Task("Logo")  # wrong
    print(task.nam)  # wrong
    print(task.project.cleint)  # wrong
    task.entries.start_time  # wrong # noqa: B018  # a list has none


async def resources_that_do_not_exist(paymo: PaymoClient) -> None:
    await paymo.project.get(1)  # wrong


async def operations_that_the_service_does_not_have(paymo: PaymoClient) -> None:
    paymo.company.list  # wrong # noqa: B018
    paymo.company.create  # wrong # noqa: B018
    paymo.company.delete  # wrong # noqa: B018
    paymo.estimatetemplatesgallery.create  # wrong # noqa: B018
    paymo.invoicetemplatesgallery.delete  # wrong # noqa: B018
    paymo.sessions.update  # wrong # noqa: B018
    paymo.threads.create  # wrong # noqa: B018
    paymo.statsreports.get  # wrong # noqa: B018
    paymo.tasks.download  # wrong # noqa: B018
    await paymo.sessions.create(Session())  # wrong


async def objects_of_another_model(paymo: PaymoClient, gallery: EstimateTemplateGallery, thread: Thread) -> None:
    await paymo.tasks.create(Project(name="x"))  # wrong
    await paymo.estimatetemplates.create(gallery)  # wrong
    await paymo.comments.update(1, thread)  # wrong
    await paymo.projects.get(1, incldue="client")  # wrong
    await paymo.tasks.get(1.5)  # wrong
