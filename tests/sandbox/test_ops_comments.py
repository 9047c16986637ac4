"""Comments, threads and discussions over a real socket."""

from __future__ import annotations

import pytest

from paymo_async import BadRequest, InvalidRequest, NotFound, PaymoClient
from paymo_async.models import Comment, Discussion
from paymo_async.sandbox import Sandbox

PROJECT = 397706
TASK = 2093082


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


async def test_comments_on_one_thing_stand_in_one_thread(paymo: PaymoClient):
    assert await paymo.threads.of(task_id=TASK) is None
    first = await paymo.comments.on("First", task_id=TASK)
    second = await paymo.comments.on("Second", task_id=TASK)
    thread = await paymo.threads.of(task_id=TASK)
    assert thread is not None
    assert (thread.task_id, thread.project_id) == (TASK, PROJECT)
    assert [comment.id for comment in thread.comments] == [first.id, second.id]
    third = await paymo.comments.create(Comment(content="<b>Third</b>", thread_id=thread.id))
    assert (third.task_id, third.content) == (TASK, "<b>Third</b>")
    assert first.user_id == (await paymo.me()).id


async def test_discussions_and_files_are_commented_on_too(paymo: PaymoClient):
    discussion = await paymo.discussions.create(Discussion(name="D", project_id=PROJECT))
    file = await paymo.files.upload(b"x", filename="x", project_id=PROJECT)
    said = await paymo.comments.on("Here", discussion_id=discussion.id)
    await paymo.comments.on("There", file_id=file.id)
    assert (await paymo.discussions.get(discussion.id)).comments_count == 1
    threads = [await paymo.threads.of(discussion_id=discussion.id), await paymo.threads.of(file_id=file.id)]
    assert [thread.comments[0].content for thread in threads if thread] == ["Here", "There"]
    await paymo.comments.delete(said.id)
    assert (await paymo.discussions.get(discussion.id)).comments_count == 0
    await paymo.files.delete(file.id)
    assert await paymo.threads.of(file_id=file.id) is None


async def test_a_plain_text_is_sent_as_html_that_shows_just_that(paymo: PaymoClient):
    made = await paymo.comments.on('1 < 2 & "so"\non', task_id=TASK)
    assert made.content == '1 &lt; 2 &amp; "so"<br>on'


async def test_a_comment_is_on_one_thing_that_exists(paymo: PaymoClient, box: Sandbox):
    with pytest.raises(InvalidRequest, match="Give one of task_id, discussion_id, file_id"):
        await paymo.comments.on("x")
    with pytest.raises(InvalidRequest, match="Give one of"):
        await paymo.threads.of(task_id=TASK, file_id=1)
    with pytest.raises(InvalidRequest, match="positive integer"):
        await paymo.threads.of(task_id=-1)
    assert box.requests == []
    for wrong in ({"task_id": 1}, {"discussion_id": 1}):
        with pytest.raises(BadRequest):
            await paymo.comments.on("x", **wrong)
    with pytest.raises(BadRequest):
        await paymo.comments.create(Comment(content="x", thread_id=1))


async def test_threads_cannot_be_made(call):
    assert (await call("POST", "threads", json={"task_id": TASK})).status == 405


async def test_what_is_said_on_a_task_goes_with_it(paymo: PaymoClient):
    made = await paymo.comments.on("x", task_id=TASK)
    await paymo.tasks.delete(TASK)
    with pytest.raises(NotFound):
        await paymo.comments.get(made.id)
