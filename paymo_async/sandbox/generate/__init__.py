"""A believable agency of any size, the same for the same seed number.

Everything happens within the year before `LAST_DAY`, so that the objects do not depend on when they are made. Each part
has a source of random numbers of its own: more invoices do not change the tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paymo_async.sandbox.generate.agency import LAST_DAY, Agency, Size
from paymo_async.sandbox.generate.billing import Books
from paymo_async.sandbox.generate.people import clients, contacts, users
from paymo_async.sandbox.generate.tracking import entry_rows, reports
from paymo_async.sandbox.generate.work import discuss, make_projects, make_tasks, milestones, tasklists
from paymo_async.sandbox.rules.plan import recount, recount_billing
from paymo_async.sandbox.rules.work import assign

if TYPE_CHECKING:
    from paymo_async.sandbox.account import Account

__all__ = ["DEMO", "FETCH", "LARGE", "LAST_DAY", "Size", "generate"]

DEMO: Final = Size(invoices=500)
FETCH: Final = Size(users=8, clients=20, projects=40, tasks=400, entries=4_000, estimates=640, reports=44)
LARGE: Final = Size(
    users=40, clients=200, projects=600, tasks=12_000, entries=1_000_000, estimates=1_000, invoices=1_000
)


def generate(account: Account, size: Size, number: int) -> None:
    """Fills an account that has an owner with id 1, within the caller's transaction."""
    agency = Agency(account, size, number)
    for path, objects in (
        ("users", users(agency)),
        ("clients", clients(agency)),
        ("clientcontacts", contacts(agency)),
        ("projects", make_projects(agency)),
        ("milestones", milestones(agency)),
        ("tasklists", tasklists(agency)),
        ("tasks", make_tasks(agency)),
    ):
        agency.store(path, objects)
    discuss(agency)
    books = Books(agency)
    account.store.bulk_rows(account.tables["entries"], entry_rows(agency, books))
    books.close()
    assign(account, range(1, size.users + 1))
    agency.store("reports", reports(agency))
    recount(account, "users", "projects")
    recount_billing(account)
