"""Lists that change while they are read, without a socket."""

from __future__ import annotations

import msgspec
import pytest

from paymo_async.sandbox.answers import Answer
from paymo_async.sandbox.api import Request
from paymo_async.sandbox.changing import Changing


def get(path: str, **query: str) -> Request:
    return Request("GET", path, query, {})


def numbers(answer: Answer) -> list[int]:
    return msgspec.json.decode(answer.body)["tasks"]


class Pages:
    """Answers pages of a list of numbers, and counts how often it was asked."""

    def __init__(self, *numbers: int) -> None:
        self.numbers = list(numbers)
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Answer:
        page, size = int(request.query.get("page", "0")), int(request.query.get("page_size", "100"))
        self.asked.append(f"{request.method} {request.path} {page}")
        shown = self.numbers[page * size : page * size + size]
        return Answer(200, msgspec.json.encode({"tasks": shown}), headers={"X-A": str(len(self.asked))})


def test_without_a_fault_each_request_is_asked_once():
    pages = Pages(1, 2)
    changing = Changing(pages)
    assert numbers(changing.answer(get("tasks"), (), remember=False)) == [1, 2]
    assert pages.asked == ["GET tasks 0"]


def test_a_page_repeats_and_a_moved_object_pushes_another_away():
    changing = Changing(Pages(1, 2, 3, 4, 5))
    second = get("tasks", page="1", page_size="2")
    assert numbers(changing.answer(second, ("repeat-page",), remember=False)) == [1, 2]
    assert numbers(changing.answer(second, ("moved-object",), remember=False)) == [2, 3]


@pytest.mark.parametrize("page", ["0", "-1", "x", ""])
def test_there_is_no_page_before_the_first_and_before_none(page):
    pages = Pages(1, 2, 3)
    pages_of = {"page": page} if page.isdecimal() else {}
    for effect in ("repeat-page", "moved-object"):
        answer = Changing(lambda request: pages(request._replace(query=pages_of))).answer(
            get("tasks", page=page), (effect,), remember=False
        )
        assert numbers(answer) == [1, 2, 3]
    assert len(pages.asked) == 2


@pytest.mark.parametrize("answer", [Answer(404, b'{"message":"x"}'), Answer(200, b"%PDF-", "application/pdf")])
def test_what_is_no_list_does_not_move(answer):
    assert Changing(lambda _: answer).answer(get("tasks", page="1"), ("moved-object",), remember=False) is answer


def test_a_stale_answer_is_what_was_true_one_question_ago():
    pages = Pages(1)
    changing = Changing(pages)
    seen = []
    for number in (2, 3, 4):
        answer = changing.answer(get("tasks"), ("stale-page",), remember=True)
        answer.headers["X-A"] = "changed by who wrote it"
        seen.append(numbers(answer))
        pages.numbers.append(number)
    assert seen == [[1], [1], [1, 2]]
    changing.forget()
    assert numbers(changing.answer(get("tasks"), ("stale-page",), remember=True)) == [1, 2, 3, 4]


def test_a_write_is_never_stale():
    pages = Pages(1)
    changing = Changing(pages)
    for _ in range(2):
        changing.answer(Request("PUT", "tasks/1", {}, {}), ("stale-page",), remember=True)
    assert len(pages.asked) == 2


def test_of_many_questions_the_last_thousand_are_remembered():
    pages = Pages(1)
    changing = Changing(pages)
    for number in range(1001):
        changing.answer(get(f"tasks/{number}"), (), remember=True)
    pages.numbers = [2]
    assert numbers(changing.answer(get("tasks/0"), ("stale-page",), remember=True)) == [2]
    assert numbers(changing.answer(get("tasks/1000"), ("stale-page",), remember=True)) == [1]


def test_what_is_remembered_is_bounded_by_its_bytes_and_the_oldest_goes_first():
    bodies = {"tasks": 400, "clients": 400, "projects": 1200}
    seen: list[int] = []

    def ask(request: Request) -> Answer:
        seen.append(len(seen))
        return Answer(200, b"x" * bodies[request.path], headers={"X-A": str(len(seen))})

    changing = Changing(ask, most=1000)

    def stale(path: str) -> str:
        return changing.answer(get(path), ("stale-page",), remember=True).headers["X-A"]

    assert [stale("tasks"), stale("clients"), stale("tasks"), stale("clients")] == ["1", "2", "1", "2"]
    assert stale("projects") == "5", "it is larger than all that may be kept, and what was kept is forgotten"
    assert [stale("projects"), stale("tasks")] == ["6", "7"]
    bodies["tasks"] = 900
    assert [stale("tasks"), stale("tasks")] == ["7", "8"]
    assert [stale("clients"), stale("tasks")] == ["10", "11"], "one that grew leaves no room for another"
