"""What people do with projects and tasks: archive, order, assign, complete, move, copy from a template."""

from __future__ import annotations

import pytest

from paymo_async import DecodeError, InvalidRequest, NotFound, PaymoClient, Project, RetryPolicy, Task, User
from paymo_async.models import (
    Milestone,
    Priority,
    ProjectTemplate,
    ProjectTemplateTask,
    ProjectTemplateTasklist,
    Subtask,
)
from paymo_async.sandbox import Sandbox

PROJECT = 397706
TASK = 2093082
QUICK = RetryPolicy(base=0.001, cap=0.002)


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url, retry=QUICK) as client:
        yield client


def written(box: Sandbox) -> int:
    """How many requests were no reads."""
    return sum(request.method != "GET" for request in box.requests)


@pytest.mark.parametrize("path", ["projects", "clients", "users"])
async def test_what_is_archived_is_kept_and_can_be_brought_back(paymo: PaymoClient, path: str):
    resource = getattr(paymo, path)
    one = await resource.list().first()
    assert (await resource.archive(one.id)).active is False
    assert (await resource.get(one.id)).name == one.name
    assert (await resource.activate(one.id)).active is True


async def test_users_are_added_and_taken_from_the_whole_list(paymo: PaymoClient):
    first, second = [await paymo.users.create(User(email=f"u{n}@example.com")) for n in range(2)]
    project = await paymo.projects.get(PROJECT)
    more = await paymo.projects.assign(PROJECT, first.id, second.id)
    assert more.users == [*project.users, first.id, second.id]
    less = await paymo.projects.unassign(PROJECT, first.id)
    assert less.users == [*project.users, second.id]
    managed = await paymo.projects.add_managers(PROJECT, second.id)
    assert managed.managers == [*project.managers, second.id]
    assert (await paymo.projects.remove_managers(PROJECT, second.id)).managers == project.managers
    assert managed.users == less.users


async def test_nothing_is_written_where_nothing_changes(paymo: PaymoClient, box: Sandbox):
    owner = (await paymo.me()).id
    project = await paymo.projects.get(PROJECT)
    assert await paymo.projects.assign(PROJECT, owner, owner) == project
    assert await paymo.tasks.unassign(TASK, 4711) == await paymo.tasks.get(TASK)
    assert written(box) == 0


async def test_tasks_take_users_one_by_one_and_at_the_same_time(paymo: PaymoClient):
    owner, other = [user.id async for user in paymo.users.list()]
    await paymo.tasks.update(TASK, Task(users=[]))
    await paymo.gather(paymo.tasks.assign(TASK, owner), paymo.tasks.assign(TASK, other))
    assert sorted((await paymo.tasks.get(TASK)).users) == sorted([owner, other])
    assert (await paymo.tasks.unassign(TASK, owner)).users == [other]


async def test_a_change_of_a_list_that_did_not_come_is_refused_and_wipes_nothing(paymo: PaymoClient, box: Sandbox):
    values = box.account.get("tasks", TASK)
    del values["users"]
    box.account.store.put(box.account.tables["tasks"], values)
    with pytest.raises(DecodeError, match="came without users"):
        await paymo.tasks.assign(TASK, 1)
    with pytest.raises(InvalidRequest, match="at least one"):
        await paymo.tasks.assign(TASK)
    with pytest.raises(InvalidRequest, match="integer"):
        await paymo.tasks.assign(TASK, "12")  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await paymo.tasks.assign(1, 1)
    assert written(box) == 0


async def test_task_lists_are_reordered_and_those_not_named_follow(paymo: PaymoClient, box: Sandbox):
    lists = await paymo.tasklists.list(project_id=PROJECT)
    ids = [one.id for one in sorted(lists, key=lambda one: one.seq)]
    await paymo.projects.reorder_tasklists(PROJECT, [ids[-1]])
    after = sorted(await paymo.tasklists.list(project_id=PROJECT), key=lambda one: one.seq)
    assert [one.id for one in after] == [ids[-1], *ids[:-1]]
    before = written(box)
    with pytest.raises(InvalidRequest, match="no tasklists with id 4711"):
        await paymo.projects.reorder_tasklists(PROJECT, [ids[0], 4711])
    with pytest.raises(InvalidRequest, match="new order"):
        await paymo.projects.reorder_tasklists(PROJECT, [])
    assert written(box) == before


async def test_a_part_of_a_lists_tasks_is_reordered_with_one_request(paymo: PaymoClient, box: Sandbox):
    tasklist = (await paymo.tasks.get(TASK)).tasklist_id
    for name in ("A", "B"):
        await paymo.tasks.create(Task(name=name, tasklist_id=tasklist))
    tasks = sorted(await paymo.tasks.list(tasklist_id=tasklist), key=lambda one: one.seq)
    before = len(box.requests)
    await paymo.tasklists.reorder_tasks(tasklist, [tasks[-1].id])
    assert len(box.requests) == before + 1
    after = sorted(await paymo.tasks.list(tasklist_id=tasklist), key=lambda one: one.seq)
    assert [one.id for one in after] == [tasks[-1].id, *(one.id for one in tasks[:-1])]
    with pytest.raises(InvalidRequest, match="twice"):
        await paymo.tasklists.reorder_tasks(tasklist, [TASK, TASK])


async def test_subtasks_are_reordered_and_completed(paymo: PaymoClient):
    made = [await paymo.subtasks.create(Subtask(name=name, task_id=TASK)) for name in "abc"]
    await paymo.tasks.reorder_subtasks(TASK, [made[2].id, made[0].id])
    after = sorted(await paymo.subtasks.list(task_id=TASK), key=lambda one: one.seq)
    assert "".join(one.name for one in after) == "cab"
    assert (await paymo.subtasks.complete(made[0].id)).complete is True
    assert (await paymo.subtasks.reopen(made[0].id)).complete is False


async def test_completing_a_task_moves_its_status_and_reopening_moves_it_back(paymo: PaymoClient):
    statuses = {one.name: one.id async for one in paymo.workflowstatuses.list()}
    await paymo.projects.update(PROJECT, Project(workflow_id=1))
    done = await paymo.tasks.complete(TASK)
    assert (done.complete, done.status_id) == (True, statuses["Complete"])
    open_again = await paymo.tasks.reopen(TASK)
    assert (open_again.complete, open_again.status_id) == (False, statuses["Backlog"])


async def test_a_status_is_set_by_id_or_by_the_name_it_has_in_the_workflow(paymo: PaymoClient, box: Sandbox):
    statuses = {one.name: one.id async for one in paymo.workflowstatuses.list()}
    await paymo.projects.update(PROJECT, Project(workflow_id=1))
    name = next(one for one in statuses if one not in ("Backlog", "Complete"))
    before = len(box.requests)
    assert (await paymo.tasks.set_status(TASK, statuses[name])).status_id == statuses[name]
    assert len(box.requests) == before + 1
    assert (await paymo.tasks.set_status(TASK, "complete ")).complete is True
    assert (await paymo.tasks.set_status(TASK, name.upper())).complete is False
    with pytest.raises(InvalidRequest, match=r"has no status 'Nowhere'; it has .*'Backlog'"):
        await paymo.tasks.set_status(TASK, "Nowhere")


async def test_a_task_without_a_workflow_has_no_status_by_name(paymo: PaymoClient, box: Sandbox):
    project = box.account.get("projects", PROJECT)
    box.account.store.put(box.account.tables["projects"], {**project, "workflow_id": None})
    with pytest.raises(InvalidRequest, match="it has none"):
        await paymo.tasks.set_status(TASK, "Complete")


async def test_priorities_are_the_four_that_the_service_has(paymo: PaymoClient):
    assert (await paymo.tasks.set_priority(TASK, Priority.CRITICAL)).priority is Priority.CRITICAL
    assert (await paymo.tasks.set_priority(TASK, 25)).priority is Priority.LOW
    with pytest.raises(InvalidRequest, match="25, 50, 75, 100"):
        await paymo.tasks.set_priority(TASK, 30)


async def test_a_milestone_is_completed(paymo: PaymoClient):
    made = await paymo.milestones.create(
        Milestone.from_dict({"name": "M", "project_id": PROJECT, "due_date": "2030-01-31"})
    )
    assert (await paymo.milestones.complete(made.id)).complete is True
    assert (await paymo.milestones.reopen(made.id)).complete is False


@pytest.fixture
async def template(paymo: PaymoClient) -> int:
    made = await paymo.projecttemplates.create(ProjectTemplate(name="Website"))
    for name in ("Design", "Build"):
        part = await paymo.projecttemplatestasklists.create(ProjectTemplateTasklist(name=name, template_id=made.id))
        await paymo.projecttemplatestasks.create(ProjectTemplateTask(name=f"{name} it", tasklist_id=part.id))
    return made.id


async def test_a_template_adds_its_lists_and_tasks(paymo: PaymoClient, template: int):
    before = {one.id async for one in paymo.tasklists.list(project_id=PROJECT)}
    await paymo.projects.apply_template(PROJECT, template)
    project = await paymo.projects.get(PROJECT, include="tasklists.tasks")
    added = [one for one in project.tasklists if one.id not in before]
    assert [(one.name, [task.name for task in one.tasks]) for one in added] == [
        ("Design", ["Design it"]),
        ("Build", ["Build it"]),
    ]


async def test_a_new_project_has_its_templates_lists(paymo: PaymoClient, template: int):
    made = await paymo.projects.create(Project(name="New", template_id=template))
    assert len(await paymo.tasks.list(project_id=made.id)) == 2


async def test_a_template_is_never_applied_twice_by_a_repeat(paymo: PaymoClient, box: Sandbox, template: int):
    before = len(await paymo.tasklists.list(project_id=PROJECT))
    box.faults.add("reset-after", path=f"projects/{PROJECT}", times=1)
    with pytest.raises(ConnectionError):
        await paymo.projects.apply_template(PROJECT, template)
    assert len(await paymo.tasklists.list(project_id=PROJECT)) == before + 2
