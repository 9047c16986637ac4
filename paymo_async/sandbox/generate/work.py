"""The projects of a generated agency: task lists, milestones, tasks, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from paymo_async.sandbox.generate.agency import Agency, Chance
from paymo_async.sandbox.generate.words import (
    COLORS,
    COMMENTS,
    KINDS,
    MILESTONES,
    PHASES,
    THINGS,
    TOPICS,
    VERBS,
)

__all__ = ["discuss", "make_projects", "make_tasks", "milestones", "tasklists"]


def make_projects(agency: Agency) -> Iterator[dict[str, Any]]:
    """Projects by the hour, at a flat rate, and not billable. A third, and always the first, ran before the year."""
    chance, size = agency.chance("projects"), agency.size
    for key in range(1, size.projects + 1):
        start = agency.day(0 if key == 1 else chance.randint(-120, 250))
        kind = chance.pick(KINDS)
        team = sorted(chance.sample(range(1, size.users + 1), min(4, size.users)))
        billing = chance.random()
        project = {
            "id": key,
            "name": f"{kind} {start[:7]} no. {key}",
            "code": f"{kind[0]}{key}",
            "client_id": chance.randint(1, max(1, size.clients)),
            "status_id": 1 + key % 2,
            "active": key % 7 != 0,
            "color": chance.pick(COLORS),
            "users": team,
            "managers": team[:1],
            "billable": billing < 0.85,
            "flat_billing": billing < 0.2,
            "price": 500 * chance.randint(2, 40) if billing < 0.2 else None,
            "price_per_hour": Decimal(chance.randint(60, 240)) / 2,
            "hourly_billing_mode": "project" if 0.2 <= billing < 0.85 else None,
            "budget_hours": chance.pick((None, 40, 80, 120, 200)),
            "workflow_id": 1,
            "task_code_increment": size.tasks // max(1, size.projects) + 1,
        }
        made = agency.full("projects", project, f"{start}T09:{chance.randint(0, 59):02}:00Z")
        agency.projects.append(made)
        yield made


def milestones(agency: Agency) -> Iterator[dict[str, Any]]:
    """Dates on a project's way; one task list leads to each."""
    chance = agency.chance("milestones")
    for project in agency.projects:
        due = date.fromisoformat(project["created_on"][:10])
        for seq, name in enumerate(MILESTONES, start=1):
            due += timedelta(days=chance.randint(14, 60))
            milestone = {
                "id": _milestone_id(project["id"], seq),
                "name": name,
                "project_id": project["id"],
                "user_id": project["managers"][0],
                "due_date": due.isoformat(),
                "complete": due.isoformat() < agency.days[-1],
                "send_reminder": 24,
                "reminder_sent": due.isoformat() < agency.days[-1],
                "linked_tasklists": [_list_id(project["id"], seq)],
            }
            yield agency.full("milestones", milestone, project["created_on"])


def tasklists(agency: Agency) -> Iterator[dict[str, Any]]:
    """A task list for each phase of a project."""
    for project in agency.projects:
        for seq, name in enumerate(PHASES, start=1):
            tasklist = {"id": _list_id(project["id"], seq), "name": name, "project_id": project["id"], "seq": seq}
            milestone = _milestone_id(project["id"], seq) if seq <= len(MILESTONES) else None
            yield agency.full("tasklists", {**tasklist, "milestone_id": milestone}, project["created_on"])


def make_tasks(agency: Agency) -> Iterator[dict[str, Any]]:
    """Tasks, dealt out to the projects in turn."""
    chance = agency.chance("tasks")
    for key in range(1, agency.size.tasks + 1):
        project = agency.projects[key % len(agency.projects)]
        complete = chance.random() < 0.6
        start = date.fromisoformat(project["created_on"][:10])
        due = (start + timedelta(days=chance.randint(5, 100))).isoformat()
        task = {
            "id": key,
            "name": f"{chance.pick(VERBS)} {chance.pick(THINGS)}",
            "code": f"{project['code']}-{key // len(agency.projects) + 1}",
            "project_id": project["id"],
            "tasklist_id": _list_id(project["id"], chance.randint(1, len(PHASES))),
            "seq": key,
            "user_id": project["managers"][0],
            "users": project["users"][: chance.randint(0, 3)],
            "complete": complete,
            "status_id": 3 if complete else chance.randint(1, 2),
            "billable": project["billable"],
            "priority": chance.pick((25, 50, 50, 50, 75, 100)),
            "due_date": due if chance.random() < 0.7 else None,
            "completed_on": f"{min(due, agency.days[-1])}T16:{key % 60:02}:00Z" if complete else None,
            "completed_by": project["managers"][0] if complete else None,
            "progress_status": {"progress": 100 if complete else 0},
        }
        made = agency.full("tasks", task, project["created_on"])
        agency.tasks.append(made)
        yield made


def discuss(agency: Agency) -> None:
    """Stores what is said: a discussion for every other project, comments on these and on one task of 25."""
    talk = _Talk(agency)
    for project in agency.projects[::2]:
        talk.discuss(project)
    for task in agency.tasks[::25]:
        key = int(task["project_id"])
        talk.comment({"task_id": task["id"]}, agency.projects[key - 1])
    for path, objects in (("discussions", talk.discussions), ("threads", talk.threads), ("comments", talk.comments)):
        agency.store(path, objects)


class _Talk:
    """Discussions, threads and comments as they are made."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.chance: Chance = agency.chance("talk")
        self.discussions: list[dict[str, Any]] = []
        self.threads: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []

    def discuss(self, project: dict[str, Any]) -> None:
        key = len(self.discussions) + 1
        discussion = {"id": key, "name": self.chance.pick(TOPICS), "description": "", "project_id": project["id"]}
        number = self.comment({"discussion_id": key}, project)
        more = {"user_id": project["managers"][0], "comments_count": number}
        self.discussions.append(self.agency.full("discussions", {**discussion, **more}, project["created_on"]))

    def comment(self, on: dict[str, int], project: dict[str, Any]) -> int:
        """Comments on something, in their thread; returns how many."""
        agency, chance = self.agency, self.chance
        thread = {"id": len(self.threads) + 1, "project_id": project["id"], **on}
        self.threads.append(agency.full("threads", thread, project["created_on"]))
        number, place = chance.randint(1, 3), agency.started(project)
        for _ in range(number):
            place += chance.randint(0, 9)
            comment = {
                "id": len(self.comments) + 1,
                "thread_id": thread["id"],
                "user_id": chance.pick(project["users"]),
            }
            more = {"content": chance.pick(COMMENTS), **on}
            moment = f"{agency.day(place)}T{chance.randint(8, 17):02}:{chance.randint(0, 59):02}:00Z"
            self.comments.append(agency.full("comments", {**comment, **more}, moment))
        return number


def _list_id(project: int, phase: int) -> int:
    return (project - 1) * len(PHASES) + phase


def _milestone_id(project: int, seq: int) -> int:
    return (project - 1) * len(MILESTONES) + seq
