"""Files up and down over real sockets: sources, repeats, credentials, names, resuming."""

from __future__ import annotations

import asyncio
import io
from decimal import Decimal
from pathlib import Path

import pytest

from paymo_async import (
    ApiKey,
    Client,
    Forbidden,
    InvalidRequest,
    NotFound,
    PaymoClient,
    PaymoConnectionError,
    PaymoTimeout,
    RateLimited,
    RetryPolicy,
    ServerError,
    SessionToken,
    Task,
    Unauthorized,
)
from paymo_async.models import ClientContact, Comment, Discussion, Expense, File
from paymo_async.sandbox import Sandbox
from paymo_async.sandbox.assets import Upload
from paymo_async.sandbox.server import Sandbox as Server

PROJECT = 397706
TASK = 2093082
QUICK = RetryPolicy(base=0.001, cap=0.002)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
GIF = b"GIF89a" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
BIG = bytes(range(256)) * 4096  # 1 MiB


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url, retry=QUICK) as client:
        yield client


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / 'notes ü "x".txt'
    path.write_bytes(BIG)
    return path


async def pieces(whole: bytes, size: int = 1000):
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


class Pipe(io.RawIOBase):
    """A file that cannot be rewound."""

    name = 7

    def __init__(self, whole: bytes) -> None:
        super().__init__()
        self.whole = io.BytesIO(whole)

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return self.whole.read(size)


async def downloaded(paymo: PaymoClient, file: File, folder: Path) -> bytes:
    return (await paymo.files.download(file, folder)).read_bytes()


# -- up ---------------------------------------------------------------------------------------------------------------


async def test_a_file_goes_up_from_a_path_and_comes_down_the_same(paymo: PaymoClient, notes: Path, tmp_path: Path):
    told: list[tuple[int, int | None]] = []
    made = await paymo.files.upload(
        notes, task_id=TASK, description='what "we" said\nü', on_bytes=lambda sent, total: told.append((sent, total))
    )
    assert (made.original_filename, made.size, made.task_id) == (notes.name, len(BIG), TASK)
    assert (made.description, made.project_id, made.token) == ('what "we" said\nü', PROJECT, None)
    assert told[-1] == (len(BIG), len(BIG))
    assert [sent for sent, _ in told] == sorted({sent for sent, _ in told})
    path = await paymo.files.download(made.id, tmp_path / "down")
    assert (path.name, path.read_bytes()) == ("notes ü _x_.txt", BIG)


async def test_every_kind_of_source_arrives_whole(paymo: PaymoClient, notes: Path, tmp_path: Path):
    with notes.open("rb") as opened:
        opened.seek(100)
        named = await paymo.files.upload(opened, project_id=PROJECT)
        assert (named.original_filename, await downloaded(paymo, named, tmp_path)) == (notes.name, BIG[100:])
    for source in (BIG, io.BytesIO(BIG), pieces(BIG), Pipe(BIG), str(notes)):
        made = await paymo.files.upload(source, filename="n.bin", project_id=PROJECT)
        assert await downloaded(paymo, made, tmp_path) == BIG
        assert made.size == len(BIG)
    empty = await paymo.files.upload(b"", filename="empty", project_id=PROJECT)
    assert (empty.size, await downloaded(paymo, empty, tmp_path)) == (0, b"")


async def test_what_cannot_be_uploaded_is_refused_before_anything_is_sent(
    paymo: PaymoClient, box: Sandbox, tmp_path: Path, notes: Path
):
    for source, words in (
        (tmp_path / "none.txt", "no file"),
        (tmp_path, "no file"),
        (b"x", "give filename"),
        (Pipe(b"x"), "give filename"),
        (io.StringIO("x"), "name"),
        (12, "name"),
    ):
        with pytest.raises(InvalidRequest, match=words):
            await paymo.files.upload(source)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="binary mode"):
        await paymo.files.upload(io.StringIO("x"), filename="x")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="not 12"):
        await paymo.files.upload(12, filename="x")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="cannot be read"):
        await paymo.files.upload("a" * 300 + "/" + "b" * 5000)
    with pytest.raises(InvalidRequest, match="at most one of"):
        await paymo.files.upload(notes, task_id=TASK, project_id=PROJECT)
    with pytest.raises(InvalidRequest, match="form cannot hold"):
        await paymo.files.upload(notes, filename="\ud800.txt")
    assert box.requests == []


async def test_a_file_without_a_parent_is_attached_by_its_token_once(paymo: PaymoClient, notes: Path):
    made = await paymo.files.upload(notes)
    assert made.token
    assert made.token not in repr(made)
    comment = await paymo.comments.on("See file", task_id=TASK)
    attached = await paymo.files.attach(made, comment_id=comment.id)
    assert (attached.comment_id, attached.project_id, attached.token) == (comment.id, PROJECT, None)
    with pytest.raises(Forbidden):
        await paymo.files.attach(made, task_id=TASK)
    with pytest.raises(InvalidRequest, match="no token"):
        await paymo.files.attach(attached, task_id=TASK)
    with pytest.raises(InvalidRequest, match="one of project_id"):
        await paymo.files.attach(made)
    renamed = await paymo.files.update(made.id, File(original_filename="b.txt", description="d"))
    assert (renamed.original_filename, renamed.description) == ("b.txt", "d")


async def test_files_are_put_on_tasks_discussions_and_comments(paymo: PaymoClient, notes: Path, tmp_path: Path):
    assert (await paymo.tasks.upload_file(TASK, notes)).id == TASK
    (on_task,) = await paymo.files.list(task_id=TASK)
    assert await downloaded(paymo, on_task, tmp_path) == BIG
    comment = await paymo.comments.create_with_file(Comment(content="<p>ü</p>", task_id=TASK), notes)
    await paymo.comments.upload_file(comment.id, b"x", filename="x.txt")
    found = await paymo.comments.get(comment.id, include="files")
    assert (found.content, [file.original_filename for file in found.files]) == ("<p>ü</p>", [notes.name, "x.txt"])
    discussion = await paymo.discussions.create(Discussion(name="D", project_id=PROJECT))
    await paymo.discussions.upload_file(discussion.id, notes)
    assert len((await paymo.discussions.get(discussion.id, include="files")).files) == 1
    await paymo.comments.delete(comment.id)
    assert await paymo.files.list(comment_id=comment.id) == []


async def test_a_task_is_made_with_its_file_and_all_kinds_of_values(paymo: PaymoClient, notes: Path):
    owner = (await paymo.me()).id
    task = Task(
        name='L "q"', project_id=PROJECT, billable=False, budget_hours=Decimal("2.50"), users=[owner], due_date=None
    )
    made = await paymo.tasks.create_with_file(task, notes)
    assert (made.name, made.billable, made.budget_hours, made.users) == ('L "q"', False, Decimal("2.5"), [owner])
    with pytest.raises(InvalidRequest, match="to create a Task"):
        await paymo.tasks.create_with_file(Task(name="x"), notes)
    with pytest.raises(InvalidRequest, match="Give a Task"):
        await paymo.tasks.create_with_file(File(), notes)  # type: ignore[arg-type]


async def test_a_receipt_goes_up_and_comes_down(paymo: PaymoClient, tmp_path: Path):
    client = await paymo.clients.list().first()
    bare = await paymo.expenses.create(Expense(client_id=client.id, currency="USD", amount=Decimal(5)))
    with pytest.raises(InvalidRequest, match="no receipt"):
        await paymo.expenses.download_receipt(bare.id, tmp_path)
    with_one = await paymo.expenses.upload_receipt(bare.id, JPEG, filename="taxi.JPG")
    assert with_one.image_thumb_small
    path = await paymo.expenses.download_receipt(with_one, tmp_path)
    assert (path.name, path.read_bytes()) == (f"expense-{bare.id}.jpg", JPEG)
    new = Expense(client_id=client.id, currency="USD", amount=Decimal("7.25"))
    made = await paymo.expenses.create_with_file(new, b"no image", filename="r.txt")
    assert (made.amount, bool(made.image_thumb_small)) == (Decimal("7.25"), False)
    again = await paymo.expenses.download_receipt(made, tmp_path, name="mine.txt")
    assert (again.name, again.read_bytes()) == ("mine.txt", b"no image")


# -- repeats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["path", "bytes", "file"])
async def test_an_upload_that_was_refused_for_the_rate_limit_is_sent_again_from_its_beginning(
    paymo: PaymoClient, box: Sandbox, notes: Path, tmp_path: Path, kind: str
):
    box.faults.add("429", path="files", method="POST", times=1, seconds=0.0)
    with notes.open("rb") as opened:
        source = {"path": notes, "bytes": BIG, "file": opened}[kind]
        made = await paymo.files.upload(source, filename="n", project_id=PROJECT)
    assert await downloaded(paymo, made, tmp_path) == BIG
    assert [request.status for request in box.requests if request.path == "files"] == [429, 201]


async def test_a_source_that_is_used_up_is_not_sent_again_and_the_error_says_so(paymo: PaymoClient, box: Sandbox):
    box.faults.add("429", path="files", method="POST", times=1, seconds=0.0)
    with pytest.raises(RateLimited, match="read only once"):
        await paymo.files.upload(pieces(BIG), filename="n", project_id=PROJECT)
    assert len(box.requests) == 1


async def test_an_upload_whose_answer_is_lost_is_not_repeated(paymo: PaymoClient, box: Sandbox, notes: Path):
    box.faults.add("reset-after", path="files", method="POST", times=1)
    with pytest.raises(PaymoConnectionError):
        await paymo.files.upload(notes, project_id=PROJECT)
    assert len(await paymo.files.list()) == 1


async def test_what_goes_wrong_with_the_source_is_raised_as_it_is(paymo: PaymoClient, box: Sandbox, tmp_path: Path):
    async def broken():
        yield b"some"
        raise LookupError("the camera is gone")

    with pytest.raises(LookupError, match="camera"):
        await paymo.files.upload(broken(), filename="n", project_id=PROJECT)
    growing = tmp_path / "log.txt"
    growing.write_bytes(BIG)

    def grow(sent: int, total: int | None) -> None:
        with growing.open("ab") as log:
            log.write(b"more")

    with pytest.raises(InvalidRequest, match="changed while it was uploaded"):
        await paymo.files.upload(growing, project_id=PROJECT, on_bytes=grow)
    with pytest.raises(InvalidRequest, match="changed while it was uploaded"):
        await paymo.files.upload(growing, project_id=PROJECT, on_bytes=lambda *_: growing.write_bytes(b""))
    assert await paymo.files.list() == []


async def test_a_service_that_takes_nothing_ends_an_upload_in_time():
    stuck = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await stuck.wait()
        writer.close()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1024)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
        async with PaymoClient("k", base_url=url, timeout=0.05, retry=QUICK) as paymo:
            with pytest.raises(PaymoTimeout, match=r"Nothing of n was taken for 0\.05 seconds"):
                await paymo.files.upload(bytes(30_000_000), filename="n")
            with pytest.raises(PaymoTimeout, match="No whole answer"):
                await paymo.files.upload(b"little", filename="n")
            with pytest.raises(PaymoTimeout, match="taken"):
                await paymo.files.upload(pieces(bytes(30_000_000), 100_000), filename="n")
        stuck.set()
        await asyncio.sleep(0)


async def test_a_refused_upload_stops_being_sent(paymo: PaymoClient, notes: Path):
    with pytest.raises(NotFound):
        await paymo.tasks.upload_file(1, notes)
    server_error = pieces(BIG)
    with pytest.raises(InvalidRequest, match="one of"):
        await paymo.files.upload(server_error, filename="n", project_id=1, task_id=1)


async def test_a_session_that_ended_is_renewed_for_an_upload_that_can_be_sent_again(
    box: Sandbox, notes: Path, tmp_path: Path
):
    for source, works in ((notes, True), (pieces(BIG), False)):
        auth = SessionToken("ended", login=ApiKey(box.api_key))
        async with PaymoClient(auth=auth, base_url=box.url, retry=QUICK) as paymo:
            if works:
                made = await paymo.files.upload(source, project_id=PROJECT)
                assert await downloaded(paymo, made, tmp_path) == BIG
            else:
                with pytest.raises(Unauthorized, match="read only once"):
                    await paymo.files.upload(source, filename="n", project_id=PROJECT)


# -- images -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("image", "ending"), [(PNG, "png"), (GIF, "gif"), (JPEG, "jpeg")])
async def test_logos_and_portraits_are_images_by_their_first_bytes(
    paymo: PaymoClient, box: Sandbox, image: bytes, ending: str
):
    client = await paymo.clients.list().first()
    contact = await paymo.clientcontacts.create(ClientContact(name="C", client_id=client.id))
    user = await paymo.me()
    for resource, id in ((paymo.clients, client.id), (paymo.clientcontacts, contact.id), (paymo.users, user.id)):
        changed = await resource.upload_image(id, image)
        assert changed.image.startswith(box.account.assets.url)
        assert changed.image.endswith(f".{ending}")
        assert changed.image_thumb_large
    assert (await paymo.company.upload_image(io.BytesIO(image))).image_thumb_small
    assert (await paymo.clients.upload_image(client.id, pieces(image, 3), filename="x")).image


async def test_what_is_no_image_is_refused_before_it_is_sent(paymo: PaymoClient, box: Sandbox, tmp_path: Path):
    fake = tmp_path / "logo.png"
    fake.write_bytes(b"<svg></svg>")
    for source in (fake, b"", pieces(b"GI"), io.BytesIO(b"BM")):
        with pytest.raises(InvalidRequest, match="JPEG, PNG or GIF"):
            await paymo.company.upload_image(source)
    assert box.requests == []


async def test_an_image_that_replaces_another_is_repeated_from_its_beginning(paymo: PaymoClient, box: Sandbox):
    box.faults.add("reset-after", path="company", method="PUT", times=1)
    assert (await paymo.company.upload_image(PNG)).image
    box.faults.add("reset-after", path="company", method="PUT", times=1)
    with pytest.raises(PaymoConnectionError, match="read only once"):
        await paymo.company.upload_image(pieces(PNG))
    box.faults.add("503", path="company", method="PUT", times=1)
    with pytest.raises(ServerError, match="read only once"):
        await paymo.company.upload_image(pieces(PNG))


async def test_a_new_client_has_no_thumbnails(paymo: PaymoClient):
    assert not (await paymo.clients.create(Client(name="Plain"))).image_thumb_small


# -- down -------------------------------------------------------------------------------------------------------------


async def test_credentials_never_go_to_the_host_that_keeps_the_files(
    paymo: PaymoClient, box: Sandbox, notes: Path, tmp_path: Path
):
    made = await paymo.files.upload(notes, project_id=PROJECT)
    await paymo.files.download(made.id, tmp_path)
    client = await paymo.clients.list().first()
    new = Expense(client_id=client.id, currency="USD", amount=Decimal(1))
    await paymo.expenses.download_receipt(await paymo.expenses.create_with_file(new, notes), tmp_path)
    session = await paymo.sessions.create()
    async with PaymoClient(session_token=session.id, base_url=box.url) as other:
        await other.files.download(made.id, tmp_path)
    assert [download.credentials for download in box.downloads] == [False, False, False]
    async with paymo._account.transport._ready_session().get(made.file, headers={"X-Session": "s"}) as answer:
        assert answer.status == 200
    assert box.downloads[-1].credentials, "the sandbox notices when some come"


async def test_a_download_that_breaks_off_is_resumed_from_there(
    paymo: PaymoClient, box: Sandbox, notes: Path, tmp_path: Path
):
    made = await paymo.files.upload(notes, project_id=PROJECT)
    box.faults.add("cut-body", path="assets/*", times=1)
    box.faults.add("reset", path="assets/*", call=2)
    told: list[int] = []
    path = await paymo.files.download(made, tmp_path, name="n", on_bytes=lambda received, _: told.append(received))
    assert path.read_bytes() == BIG
    assert box.downloads[-1].status == 206
    start = int(box.downloads[-1].range.removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= len(BIG) // 2  # how much of a cut body arrives is aiohttp's to say
    assert told == sorted(told)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["n", notes.name]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\x.txt", "x.txt"),
        ("/etc/cron.d/job", "job"),
        ("..", None),
        (None, None),
    ],
)
async def test_a_name_from_the_service_never_leads_out_of_the_folder(
    paymo: PaymoClient, notes: Path, tmp_path: Path, name: str | None, kept: str | None
):
    made = await paymo.files.upload(notes, project_id=PROJECT)
    made.original_filename = name
    path = await paymo.files.download(made, tmp_path / "down")
    assert path == tmp_path / "down" / (kept or f"file-{made.id}")


async def test_a_file_with_no_address_of_the_web_is_refused(paymo: PaymoClient, box: Sandbox, tmp_path: Path):
    for url in ("file:///etc/passwd", "http://", "http://[::1", "data:text/plain,x"):
        with pytest.raises(InvalidRequest):
            await paymo.files.download(File(id=1, file=url), tmp_path)
    with pytest.raises(InvalidRequest, match="no address to download it from: dropbox keeps it"):
        await paymo.files.download(File(id=1, external_service="dropbox"), tmp_path)
    with pytest.raises(InvalidRequest, match="no address to download it from"):
        await paymo.files.download(File(id=1), tmp_path)
    assert (box.requests, list(tmp_path.iterdir())) == ([], [])
    with pytest.raises(NotFound):
        await paymo.files.download(File(id=1, file=f"{box.account.assets.url}assets/none"), tmp_path)


# -- the sandbox's part -----------------------------------------------------------------------------------------------


async def test_files_survive_in_a_state_file_under_the_next_origin(tmp_path: Path):
    for _ in range(2):
        async with (
            Server(state=tmp_path / "state.db") as box,
            PaymoClient(box.api_key, base_url=box.url) as paymo,
        ):
            if not await paymo.files.list():
                await paymo.files.upload(BIG, filename="n", project_id=PROJECT)
            (file,) = await paymo.files.list()
            assert await downloaded(paymo, file, tmp_path) == BIG


FORM = {"Content-Type": "multipart/form-data; boundary=B"}


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "words"),
    [
        ("files", {"Content-Type": "multipart/form-data"}, b"--B--", 400, "multipart"),
        (
            "files",
            FORM,
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf',
            400,
            "multipart",
        ),
        ("files", FORM, b"--B--\r\n", 400, "file"),
        ("files", {"Content-Type": "application/json"}, b'{"file":"http://x/y"}', 400, "file"),
        (
            "clients",
            FORM,
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nx\r\n--B--',
            400,
            "`file`",
        ),
        (
            "company",
            FORM,
            b'--B\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\nx\r\n--B--',
            400,
            "image",
        ),
    ],
)
async def test_the_sandbox_refuses_forms_that_the_service_would(call, path, headers, body, status, words):
    method = "PUT" if path == "company" else "POST"
    reply = await call(method, path, data=body, headers=headers)
    assert reply.status == status
    assert words in reply.message


async def test_the_sandbox_knows_ranges_and_tokens(call, box: Sandbox, notes: Path):
    upload = Upload("x.txt", "text/plain", b"0123456789")
    url = box.account.assets.keep(box.account, upload)
    whole = await call("GET", url)
    tag = whole.headers["ETag"]
    part = await call("GET", url, headers={"Range": "bytes=4-", "If-Range": tag})
    assert (part.status, part.body, part.headers["Content-Range"]) == (206, b"456789", "bytes 4-9/10")
    other = await call("GET", url, headers={"Range": "bytes=4-", "If-Range": '"old"'})
    assert (other.status, other.body) == (200, b"0123456789")
    assert (await call("GET", url, headers={"Range": "bytes=10-"})).status == 416
    box.account.add("files", {"id": 5, "token": "t"})
    assert "parent" in await call.refused("PUT", "files/5", 400, json={"token": "t"})
    assert "task_id" in await call.refused("PUT", "files/5", 400, json={"token": "t", "task_id": "x"})
    assert "token" in await call.refused("PUT", "files/5", 403, json={"task_id": TASK})
    form = "--B\r\nContent-Disposition: form-data; name={}\r\n\r\n{}\r\n"
    parents = form.format('"task_id"', TASK) + form.format('"project_id"', PROJECT)
    body = parents + form.format('"file"; filename="x"', "x") + "--B--"
    reply = await call("POST", "files", data=body.encode(), headers=FORM)
    assert (reply.status, reply.message) == (400, "A file has one parent")
