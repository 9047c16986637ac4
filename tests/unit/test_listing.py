"""The streaming paginator against a service in memory: completeness, requests, dedupe, guards, resume, the 2500 cut."""

from __future__ import annotations

import asyncio
import gc
import random

import pytest
from fake_service import FakeService
from hypothesis import given, settings
from hypothesis import strategies as st

from paymo_async.errors import DecodeError, InvalidRequest, PagingError, ServerError, TruncatedError
from paymo_async.models.clients import Client
from paymo_async.models.estimates import Estimate
from paymo_async.models.projects import Project
from paymo_async.query import F
from paymo_async.resources.clients import Clients
from paymo_async.resources.entries import TimeEntries
from paymo_async.resources.estimates import Estimates
from paymo_async.resources.projects import Projects


def rows(n: int, first: int = 1, **fields: object) -> list[dict]:
    return [{"id": first + i, **fields} for i in range(n)]


def clients(service: FakeService, **settings) -> Clients:
    return Clients(service.account(**settings))


def estimates_with_lines(*lines: int) -> FakeService:
    estimates, items = [], []
    for index, count in enumerate(lines, 1):
        estimates.append({"id": index})
        items += [{"id": len(items) + 1 + i, "estimate_id": index, "item": "x"} for i in range(count)]
    return FakeService(estimates=estimates, estimateitems=items)


@pytest.mark.parametrize(
    ("n", "requests"), [(0, 1), (1, 1), (2499, 1), (2500, 2), (2501, 2), (4999, 2), (5000, 3), (10_000, 5)]
)
async def test_await_gives_all_objects_in_the_fewest_pages(n: int, requests: int):
    service = FakeService(clients=rows(n))
    found = await clients(service).list()
    assert [client.id for client in found] == list(range(1, n + 1))
    assert len(service.requests) == requests


async def test_nothing_is_asked_for_before_a_listing_is_used():
    service = FakeService(clients=rows(3))
    listing = clients(service).list(active=True)
    assert "active=true" in repr(listing)
    assert service.requests == []


async def test_streaming_gives_the_same_objects_one_by_one():
    service = FakeService(clients=rows(25))
    ids = [client.id async for client in clients(service).list(page_size=10)]
    assert ids == list(range(1, 26))
    assert [(r.page, r.size) for r in service.requests] == [(0, 10), (1, 10), (2, 10)]


async def test_pages_come_with_numbers_and_checkpoints():
    service = FakeService(clients=rows(25))
    pages = [page async for page in clients(service).list(page_size=10).pages()]
    assert [(page.number, len(page.items)) for page in pages] == [(0, 10), (1, 10), (2, 5)]
    resumed = await clients(service).list(page_size=10, resume=pages[0].checkpoint)
    assert [client.id for client in resumed] == list(range(11, 26))


async def test_a_listing_can_be_used_again():
    service = FakeService(clients=rows(3))
    listing = clients(service).list()
    assert await listing == await listing
    assert len(service.requests) == 2


async def test_first_asks_for_one():
    service = FakeService(clients=rows(30))
    assert (await clients(service).list().first()).id == 1
    assert service.requests[0].size == 1
    assert await clients(FakeService(clients=[])).list().first() is None


@pytest.mark.parametrize(
    ("limit", "expected", "requests"), [(0, 0, 0), (3, 3, 1), (10, 10, 1), (12, 12, 2), (99, 25, 3)]
)
async def test_limit_ends_the_listing_and_asks_for_no_more(limit: int, expected: int, requests: int):
    service = FakeService(clients=rows(25))
    found = await clients(service).list(page_size=10).limit(limit)
    assert (len(found), len(service.requests)) == (expected, requests)


async def test_the_lower_of_two_limits_holds_and_a_negative_one_is_refused():
    listing = clients(FakeService(clients=rows(25))).list()
    assert len(await listing.limit(3).limit(9)) == 3
    assert len(await listing.limit(9).limit(3)) == 3
    with pytest.raises(InvalidRequest, match="limit"):
        listing.limit(-1)


async def test_repeated_ids_are_dropped_within_and_across_pages():
    service = FakeService(clients=[*rows(10), *rows(10, first=6), *rows(1, first=50)])
    ids = [client.id async for client in clients(service).list(page_size=10)]
    assert sorted(ids) == [*range(1, 16), 50]


async def test_a_full_page_that_repeats_wholly_ends_with_an_error():
    service = FakeService(clients=rows(30))
    service.before = lambda request: setattr(request, "page", 0)
    with pytest.raises(PagingError, match="repeats") as caught:
        await clients(service).list(page_size=10)
    assert caught.value.page == 1
    assert len(service.requests) == 2


async def test_pages_without_ids_that_repeat_wholly_end_with_an_error_too():
    service = FakeService(clients=[{"name": "x"}] * 30)
    with pytest.raises(PagingError):
        await clients(service).list(page_size=10)
    different = FakeService(clients=[{"name": str(i)} for i in range(30)])
    assert len(await clients(different).list(page_size=10)) == 30


async def test_an_answer_that_ignores_paging_is_taken_whole():
    service = FakeService(clients=rows(40))
    service.pages = False
    assert len(await clients(service).list(page_size=10)) == 40
    assert len(service.requests) == 1


async def test_an_unpaged_answer_of_2500_may_be_cut_and_is_an_error():
    service = FakeService(clients=rows(3000))
    service.pages = False
    with pytest.raises(TruncatedError, match="unpaged with 2500"):
        await clients(service).list(page_size=10)


async def test_a_failing_page_is_an_error_and_never_an_empty_list():
    service = FakeService(clients=rows(30))

    def fail(request) -> None:
        if len(service.requests) == 2:
            raise ServerError("broken", status=500)

    service.before = fail
    stream = clients(service).list(page_size=10).stream()
    assert [(await anext(stream)).id for _ in range(10)] == list(range(1, 11))
    with pytest.raises(ServerError):
        await anext(stream)
    # The place is kept: the same stream goes on, and so does another one from its checkpoint.
    resumed = await clients(service).list(page_size=10, resume=stream.checkpoint())
    assert [client.id for client in resumed] == list(range(11, 31))
    assert (await anext(stream)).id == 11


async def test_a_cancelled_fetch_leaves_the_stream_where_it_was():
    service = FakeService(clients=rows(30))
    send = service.send
    blocked = asyncio.Event()

    async def slow(request, options):
        if len(service.requests) == 1:
            await blocked.wait()
        return await send(request, options)

    service.send = slow
    stream = clients(service).list(page_size=10).stream()
    for _ in range(10):
        await anext(stream)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    blocked.set()
    assert [client.id async for client in stream] == list(range(11, 31))


@settings(max_examples=40, deadline=None)
@given(
    total=st.integers(0, 60),
    size=st.integers(1, 12),
    stops=st.lists(st.integers(0, 9), max_size=6),
    prefetch=st.integers(0, 1),
)
def test_stopped_and_resumed_anywhere_nothing_is_lost_or_repeated(total, size, stops, prefetch):
    async def main() -> None:
        service = FakeService(clients=rows(total))
        ids: list[int] = []
        checkpoint: str | None = None
        for take in [*stops, 10**6]:
            stream = clients(service).list(page_size=size, prefetch=prefetch, resume=checkpoint).stream()
            async with stream:
                for _ in range(take):
                    item = await anext(stream, None)
                    if item is None:
                        break
                    ids.append(item.id)
                checkpoint = stream.checkpoint()
        assert ids == list(range(1, total + 1))

    asyncio.run(main())


async def test_a_checkpoint_of_another_listing_is_refused_and_so_is_nonsense():
    service = FakeService(clients=rows(3))
    checkpoint = clients(service).list(active=True).stream().checkpoint()
    with pytest.raises(InvalidRequest, match="another listing"):
        clients(service).list(active=False, resume=checkpoint)
    with pytest.raises(InvalidRequest, match="not a checkpoint"):
        clients(service).list(resume="{}")


async def test_prefetch_has_the_next_page_under_way_while_this_one_is_worked_on():
    service = FakeService(clients=rows(30))
    stream = clients(service).list(page_size=10, prefetch=1).stream()
    await anext(stream)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(service.requests) == 2
    assert len([client async for client in stream]) == 29
    assert len(service.requests) == 4  # the fourth, empty page is how the end is known


async def test_leaving_a_prefetching_loop_cancels_the_page_under_way():
    service = FakeService(clients=rows(30))
    send, cancelled = service.send, []

    async def slow(request, options):
        if len(service.requests) == 1:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                cancelled.append(request)
                raise
        return await send(request, options)

    service.send = slow
    async for _ in clients(service).list(page_size=10, prefetch=1):
        await asyncio.sleep(0)
        break
    gc.collect()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(cancelled) == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_limited_prefetch_does_not_ask_past_the_limit():
    service = FakeService(clients=rows(30))
    assert len(await clients(service).list(page_size=10, prefetch=1).limit(10)) == 10
    assert len(service.requests) == 1


async def test_long_in_lists_become_several_short_requests():
    service = FakeService(clients=rows(4000, first=10_000_000))
    ids = [row["id"] for row in service.tables["clients"]]
    found = await clients(service).list(where=F.id.in_(ids))
    assert {client.id for client in found} == set(ids)
    assert all(len(request.url) <= 6_000 for request in service.requests)
    assert len(service.requests) == -(-4000 * 9 // 5_900)


async def test_a_list_of_ids_ends_when_all_have_come():
    service = FakeService(clients=rows(50))
    assert len(await clients(service).list(id=[1, 2, 3], page_size=3)) == 3
    assert len(await clients(service).list(id=7, page_size=1)) == 1
    assert len(service.requests) == 2


async def test_no_values_match_nothing_without_a_request():
    service = FakeService(clients=rows(50))
    assert await clients(service).list(id=[]) == []
    assert service.requests == []


async def test_checkpoints_hold_across_the_parts_of_a_split_filter():
    service = FakeService(clients=rows(1500, first=10_000_000))
    ids = [row["id"] for row in service.tables["clients"]]
    stream = clients(service).list(id=ids).stream()
    taken = [(await anext(stream)).id for _ in range(1000)]
    rest = await clients(service).list(id=ids, resume=stream.checkpoint())
    assert sorted([*taken, *(client.id for client in rest)]) == ids


# -- the cut at 2500 --------------------------------------------------------------------------------------------------


async def test_estimates_with_ten_lines_come_whole_in_three_requests():
    service = estimates_with_lines(*[10] * 500)
    found = await Estimates(service.account()).list(include="estimateitems")
    assert [len(estimate.estimateitems) for estimate in found] == [10] * 500
    assert len(service.requests) == 3


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 3, 40, 400, 2499, 2500, 2501]), max_size=7), st.integers(0, 2**32))
def test_whatever_the_collections_hold_nothing_is_cut(lines: list[int], seed: int):
    async def main() -> None:
        random.Random(seed).shuffle(lines)
        service = estimates_with_lines(*lines)
        found = await Estimates(service.account()).list(include="estimateitems")
        assert [len(estimate.estimateitems) for estimate in found] == lines

    asyncio.run(main())


async def test_a_cut_page_is_fetched_again_smaller():
    service = estimates_with_lines(*[30] * 300)
    found = await Estimates(service.account()).list(include="estimateitems")
    assert all(len(estimate.estimateitems) == 30 for estimate in found)
    sizes = [request.size for request in service.requests]
    assert sizes[0] == 200  # cut after 83 estimates
    assert all(size * 30 < 2500 for size in sizes[1:])
    assert len(sizes) <= 7


async def test_the_density_seen_sizes_the_next_listings_first_page():
    service = estimates_with_lines(*[30] * 300)
    account = service.account()
    await Estimates(account).list(include="estimateitems")
    service.requests.clear()
    await Estimates(account).list(include="estimateitems")
    assert service.requests[0].size == 66
    assert len(service.requests) == 5


async def test_parents_bound_the_page_exactly():
    service = FakeService(entries=rows(5000, task_id=1), tasks=rows(1))
    found = await TimeEntries(service.account()).list(include="task")
    assert len(found) == 5000
    assert all(entry.task.id == 1 for entry in found)
    assert [request.size for request in service.requests] == [2499, 2499, 2499]


async def test_one_object_with_too_many_children_is_completed_by_a_list_of_them():
    service = estimates_with_lines(2, 7000)
    whole = await Estimates(service.account()).get(2, include="estimateitems")
    assert len(whole.estimateitems) == 7000
    assert service.requests[1].path == "estimateitems"
    assert service.requests[1].where == "estimate_id=2"


async def test_completion_goes_down_the_levels():
    service = FakeService(
        projects=[{"id": 1, "client_id": 5}],
        clients=[{"id": 5, "name": "C"}],
        tasklists=rows(3, project_id=1),
        tasks=[{"id": i, "tasklist_id": i % 3 + 1} for i in range(1, 4000)],
    )
    whole = await Projects(service.account()).get(1, include="tasklists.tasks,client")
    assert sum(len(tasklist.tasks) for tasklist in whole.tasklists) == 3999
    assert whole.client.name == "C"


async def test_completion_reaches_collections_behind_a_parent():
    service = FakeService(
        projects=[{"id": 1, "client_id": 5}, *rows(3000, first=10, client_id=5)], clients=[{"id": 5, "name": "C"}]
    )
    whole = await Projects(service.account()).get(1, include="client.projects")
    assert len(whole.client.projects) == 3001


async def test_a_parent_of_another_type_is_not_asked_for_again():
    service = FakeService(
        clients=[{"id": 5, "name": "C"}, {"id": 6, "name": "D"}],
        projects=[{"id": 1, "client_id": 5}],
        tasklists=rows(2600, project_id=1),
    )
    whole = await Projects(service.account()).get(1, include="tasklists,client")
    assert len(whole.tasklists) == 2600
    assert whole.client == Client(id=5, name="C")
    assert len(service.requests) == 3  # the project, and its task lists in two pages; the client was not cut


async def test_conditions_on_children_hold_for_the_completing_list():
    service = FakeService(
        clients=[{"id": 5}], projects=[{"id": i, "client_id": 5, "active": i % 2 == 0} for i in range(1, 6001)]
    )
    found = await clients(service).list(where=F.projects.active == True, include="projects", page_size=1)  # noqa: E712
    assert [project.active for project in found[0].projects] == [True] * 3000
    assert "client_id=5 and active=true" in [request.where for request in service.requests]


async def test_a_filter_given_as_text_that_names_children_cannot_be_completed_and_says_so():
    service = FakeService(clients=[{"id": 5}], projects=rows(6000, client_id=5, active=True))
    with pytest.raises(TruncatedError, match="cannot tell what"):
        await clients(service).list(where="projects.active=true", include="projects")


async def test_truncation_raise_raises_instead():
    service = estimates_with_lines(*[30] * 300)
    with pytest.raises(TruncatedError, match="estimateitems") as caught:
        await Estimates(service.account()).list(include="estimateitems", truncation="raise")
    assert (caught.value.type, caught.value.count) == ("estimateitems", 2500)
    with pytest.raises(TruncatedError):
        await Estimates(estimates_with_lines(3000).account(truncation="raise")).get(1, include="estimateitems")


async def test_an_unknown_collection_that_may_be_cut_is_an_error():
    service = FakeService(clients=[{"id": 1, "novelties": list(range(2500))}])
    with pytest.raises(TruncatedError, match="novelties"):
        await clients(service).list(include=[F.raw("novelties")])


async def test_narrowed_listings_ask_for_ids_too_so_that_repeats_can_be_told():
    service = FakeService(clients=[{"id": i, "name": "same"} for i in range(1, 26)])
    found = await clients(service).list(include="name", page_size=10)
    assert len(found) == 25
    assert service.requests[0].include == "id,name"


# -- many by id -------------------------------------------------------------------------------------------------------


async def test_get_many_asks_for_500_estimates_with_lines_in_three_requests():
    service = estimates_with_lines(*[10] * 500)
    found = await Estimates(service.account()).get_many(range(1, 501), include="estimateitems")
    assert [estimate.id for estimate in found] == list(range(1, 501))
    assert all(len(estimate.estimateitems) == 10 for estimate in found)
    assert len(service.requests) == 3


async def test_get_many_keeps_order_and_repeats_and_names_what_is_missing():
    service = FakeService(clients=rows(5))
    outcomes = await clients(service).get_many([4, 99, 2, 4]).outcomes()
    assert [(o.item, o.ok) for o in outcomes] == [(4, True), (99, False), (2, True), (4, True)]
    assert "No object with id 99 in clients" in str(outcomes[1].error)
    assert len(service.requests) == 1


async def test_get_many_of_nothing_asks_for_nothing():
    service = FakeService()
    assert await clients(service).get_many([]) == []
    assert service.requests == []


async def test_a_resource_that_refuses_ids_is_asked_one_by_one_for_the_clients_life():
    from paymo_async.errors import BadRequest

    service = FakeService(clients=rows(5))

    def refuse(request) -> None:
        if request.where:
            message = 'Invalid condition in "where" param: id'
            raise BadRequest(message, status=400, server_message=message)

    service.before = refuse
    account = service.account()
    assert len(await Clients(account).get_many([1, 2, 3])) == 3
    assert len(service.requests) == 1 + 3
    service.requests.clear()
    outcomes = await Clients(account).get_many([1, 77]).outcomes()
    assert [o.ok for o in outcomes] == [True, False]
    assert all(not request.where for request in service.requests)


async def test_a_refusal_for_another_reason_is_the_outcome_of_each_id():
    from paymo_async.errors import BadRequest

    service = FakeService(clients=rows(5))

    def refuse(request) -> None:
        raise BadRequest("Unknown field", status=400, server_message="Unknown field or reference: `x`", field="x")

    service.before = refuse
    outcomes = await clients(service).get_many([1, 2]).outcomes()
    assert [type(o.error) for o in outcomes] == [BadRequest, BadRequest]
    assert len(service.requests) == 1


async def test_a_failed_request_is_the_outcome_of_each_id_in_it():
    service = FakeService(clients=rows(5))

    def fail(request) -> None:
        raise ServerError("broken", status=500)

    service.before = fail
    outcomes = await clients(service).get_many([1, 2]).outcomes()
    assert [type(o.error) for o in outcomes] == [ServerError, ServerError]


# -- what cannot be right ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page_size", [0, -1, 2501])
async def test_a_page_size_out_of_range_is_refused_before_any_request(page_size: int):
    with pytest.raises(InvalidRequest, match=f"page_size must be 1 to 2500, not {page_size}"):
        clients(FakeService()).list(page_size=page_size)


async def test_a_prefetch_of_many_pages_is_refused():
    with pytest.raises(InvalidRequest, match="prefetch"):
        clients(FakeService()).list(prefetch=2)


@pytest.mark.parametrize("id", [0, -4, True, None, "../me", "1/2", ""])
async def test_what_is_no_id_is_refused_before_any_request(id: object):
    service = FakeService(clients=rows(1))
    with pytest.raises(InvalidRequest, match="An id is a positive integer"):
        await clients(service).get(id)
    assert service.requests == []


async def test_an_object_that_cannot_be_read_is_loud_or_goes_to_the_hook():
    service = FakeService(estimates=[{"id": 1}, {"id": 2, "total": {"not": "money"}}, {"id": 3}])
    with pytest.raises(DecodeError) as caught:
        await Estimates(service.account()).list()
    assert (caught.value.resource, caught.value.id) == ("estimates", 2)
    told: list[DecodeError] = []
    found = await Estimates(service.account(on_undecodable=told.append)).list()
    assert [estimate.id for estimate in found] == [1, 3]
    assert [error.id for error in told] == [2]


async def test_an_unreadable_object_counts_for_the_end_of_the_listing():
    service = FakeService(estimates=[{"id": i, "total": [] if i == 3 else 1} for i in range(1, 26)])
    found = await Estimates(service.account(on_undecodable=lambda error: None)).list(page_size=10)
    assert len(found) == 24


def test_the_models_here_are_what_the_resources_say():
    assert (Clients.model, Estimates.model, Projects.model) == (Client, Estimate, Project)
