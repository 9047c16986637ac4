"""The folder: what of it is believed, how a run is merged in, and that half a file never has its final name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from paymo_async.cli.exits import UsageProblem
from paymo_async.cli.folder import STATE_FILE, Folder, write_whole
from paymo_async.cli.rows import KINDS

MOMENT = "2025-01-02T03:04:05+00:00"


def filled(path: Path, source: str = "here") -> Folder:
    folder = Folder(path, source)
    for id in (12, 3):
        folder.holdings["estimates"].put(id, b'{"id":%d,"estimateitems":[{"id":1},{"id":2}]}' % id, MOMENT)
    folder.holdings["estimates"].complete = True
    folder.save(KINDS)
    return folder


def test_objects_are_written_one_a_line_by_id(tmp_path: Path):
    filled(tmp_path)
    lines = (tmp_path / "estimates.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [3, 12]
    assert (tmp_path / "reports.jsonl").read_text() == ""


def test_lines_and_items_are_counted_as_they_are_written(tmp_path: Path):
    assert filled(tmp_path).holdings["estimates"].units == 4


def test_what_was_saved_is_found_again(tmp_path: Path):
    before = filled(tmp_path).holdings["estimates"]
    after = Folder(tmp_path, "here").holdings["estimates"]
    assert after.lines == before.lines
    assert after.known == before.known
    assert after.complete


def test_a_line_that_was_edited_is_not_believed_and_the_folder_not_complete(tmp_path: Path):
    filled(tmp_path)
    lines = tmp_path / "estimates.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"id":12,', b'"id":13,'))
    after = Folder(tmp_path, "here").holdings["estimates"]
    assert list(after.lines) == [3]
    assert not after.complete


def test_without_its_lines_a_state_says_nothing(tmp_path: Path):
    filled(tmp_path)
    (tmp_path / "estimates.jsonl").unlink()
    after = Folder(tmp_path, "here").holdings["estimates"]
    assert not after.lines
    assert not after.complete


@pytest.mark.parametrize("text", ["", "{", '{"schema": 99, "source": "here"}', '{"other": 1}'])
def test_a_state_that_cannot_be_read_means_to_begin_anew_and_says_so(tmp_path: Path, text: str):
    filled(tmp_path)
    (tmp_path / STATE_FILE).write_text(text)
    folder = Folder(tmp_path, "here")
    assert not folder.holdings["estimates"].lines
    assert folder.note is not None
    assert STATE_FILE in folder.note


def test_two_accounts_do_not_mix_in_one_folder(tmp_path: Path):
    filled(tmp_path, "sandbox")
    with pytest.raises(UsageProblem, match=r"fetched from the sandbox, and this is another.*--full"):
        Folder(tmp_path, "another")


def test_anew_takes_over_the_folder_of_another_account(tmp_path: Path):
    filled(tmp_path)
    folder = Folder(tmp_path, "another", anew=("reports",))
    assert not folder.holdings["estimates"].lines


def test_anew_keeps_the_objects_and_doubts_those_of_the_kinds_it_names(tmp_path: Path):
    before = filled(tmp_path).holdings["estimates"]
    other = Folder(tmp_path, "here", anew=("reports",)).holdings["estimates"]
    assert other.known == before.known
    assert other.complete
    doubted = Folder(tmp_path, "here", anew=("estimates",)).holdings["estimates"]
    assert doubted.lines == before.lines
    assert [held.updated_on for held in doubted.known.values()] == [None, None]
    assert not doubted.complete


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageProblem, match="cannot be used as a folder"):
        Folder(tmp_path / "file", "here")


def test_put_says_whether_an_object_differs(tmp_path: Path):
    holding = filled(tmp_path).holdings["estimates"]
    line = holding.lines[3]
    assert not holding.put(3, line, "2026-01-01T00:00:00+00:00")
    assert holding.known[3].updated_on == "2026-01-01T00:00:00+00:00"
    assert holding.put(3, line.replace(b"2", b"4"), MOMENT)
    assert holding.put(4, b'{"id":4}', MOMENT)


def test_a_pdf_is_current_only_for_the_line_it_was_made_of(tmp_path: Path):
    folder = filled(tmp_path)
    holding = folder.holdings["estimates"]
    folder.pdf_folder.mkdir()
    folder.pdf("estimates", 3).write_bytes(b"%PDF")
    assert not folder.has_pdf("estimates", 3)
    holding.known[3].pdf = holding.known[3].sha256
    assert folder.has_pdf("estimates", 3)
    holding.put(3, b'{"id":3}', MOMENT)
    assert not folder.has_pdf("estimates", 3)
    holding.known[3].pdf = holding.known[3].sha256
    folder.pdf("estimates", 3).unlink()
    assert not folder.has_pdf("estimates", 3)


def test_a_dropped_object_takes_its_pdf_along(tmp_path: Path):
    folder = filled(tmp_path)
    folder.pdf_folder.mkdir()
    folder.pdf("estimates", 3).write_bytes(b"%PDF")
    folder.drop("estimates", 3)
    folder.drop("estimates", 12)
    assert not folder.pdf("estimates", 3).exists()
    assert not folder.holdings["estimates"].lines


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path):
    target = tmp_path / "reports.csv"
    target.write_bytes(b"old")

    def chunks():
        yield b"new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(target, chunks())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_sweep_removes_beginnings_of_its_own_files_only(tmp_path: Path):
    folder = filled(tmp_path)
    folder.pdf_folder.mkdir()
    own = [tmp_path / "reports.csv.part", tmp_path / f"{STATE_FILE}.part", folder.pdf_folder / "estimates-3.pdf.part"]
    other = [tmp_path / "thesis.part", tmp_path / "reports.csv", folder.pdf_folder / "estimates-3.pdf"]
    for path in own + other:
        path.touch()
    folder.sweep()
    assert not any(path.exists() for path in own)
    assert all(path.exists() for path in other)
