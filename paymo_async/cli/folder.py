"""The folder a job fetches into: what it holds, what of that is still true, and how it is saved.

The objects themselves are the lines of `KIND.jsonl`; everything else (CSV, chart) is made of them. Beside them
`.paymo-fetch.json` says, for each object, when the service changed it, the SHA-256 of its line, and of which line its
PDF was made. So a line that was edited by hand or belongs to another version of the file is not trusted and fetched
again, in whatever order files were replaced when a machine lost its power.

Files are written beside their names and renamed when they are whole. Half a file never has its final name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import attrs
import msgspec

from paymo_async.cli.exits import UsageProblem
from paymo_async.cli.rows import KINDS, SHEETS, Kind, encode_rows, parse_object

__all__ = ["STATE_FILE", "Folder", "Held", "Holding", "write_whole"]

STATE_FILE: Final = ".paymo-fetch.json"
_SCHEMA: Final = 1


class Held(msgspec.Struct, omit_defaults=True):
    """What is known of one object's line.

    updated_on: the service's, ISO in UTC; None where it sent none. pdf: SHA-256 of the line its PDF was made for.
    """

    sha256: str
    updated_on: str | None = None
    pdf: str | None = None


class _Kept(msgspec.Struct):
    """One kind in the state file. complete: a list was read to its end, and all that was in it is here."""

    complete: bool = False
    objects: dict[int, Held] = {}


class _State(msgspec.Struct, forbid_unknown_fields=True):
    schema: int
    source: str
    kinds: dict[str, _Kept] = {}


@attrs.define
class Holding:
    """The objects of one kind: their lines and what is known of them, both by id.

    complete: see the state. units: report items or estimate lines in all, counted as they are written.
    """

    lines: dict[int, bytes] = attrs.field(factory=dict[int, bytes])
    known: dict[int, Held] = attrs.field(factory=dict[int, Held])
    complete: bool = False
    units: int = 0

    def put(self, id: int, line: bytes, updated_on: str | None) -> bool:
        """Takes over an object as fetched; whether it differs from what was here."""
        digest = _digest(line)
        before = self.known.get(id)
        pdf = before.pdf if before is not None else None
        self.lines[id] = line
        self.known[id] = Held(digest, updated_on, pdf)
        return before is None or before.sha256 != digest

    def doubt(self) -> None:
        """Takes all objects for out of date."""
        for held in self.known.values():
            held.updated_on = held.pdf = None
        self.complete = False

    def drop(self, id: int) -> None:
        """Forgets an object."""
        del self.lines[id]
        del self.known[id]

    def objects(self) -> Iterator[dict[str, Any]]:
        """The objects, by id, read from their lines one at a time."""
        for id in sorted(self.lines):
            yield parse_object(self.lines[id])


class Folder:
    """A folder with fetched objects. source: names the account, so that two never mix in one folder.

    note: what the user should know about what was found, None where all is well.
    """

    def __init__(self, path: Path, source: str, *, anew: Collection[Kind] = ()) -> None:
        """Opens the folder and makes it where it is missing.

        anew: kinds of which all is fetched again; what is there stays until then, as long as it is this account's.

        Raises `UsageProblem` where it cannot be used, or holds objects of another account.
        """
        self.path = path
        self.source = source
        self.note: str | None = None
        try:
            path.mkdir(parents=True, exist_ok=True)
            state = self._read_state()
        except OSError as error:
            raise UsageProblem(f"{path} cannot be used as a folder: {error.strerror or error}") from None
        if state is not None and state.source != source:
            if not anew:
                raise UsageProblem(
                    f"{path} holds what was fetched from {_shown(state.source)}, and this is {_shown(source)}. "
                    "Give another folder to --into, or --full to replace what is there"
                )
            state = None
        self.holdings: dict[Kind, Holding] = {kind: self._load(kind, state) for kind in KINDS}
        for kind in anew:
            self.holdings[kind].doubt()

    def pdf(self, kind: Kind, id: int) -> Path:
        """Where an object's PDF is."""
        return self.pdf_folder / f"{kind}-{id}.pdf"

    @property
    def pdf_folder(self) -> Path:
        return self.path / "pdf"

    def has_pdf(self, kind: Kind, id: int) -> bool:
        """Whether the PDF of this object, as it is now, is here."""
        held = self.holdings[kind].known[id]
        return held.pdf == held.sha256 and self.pdf(kind, id).is_file()

    def drop(self, kind: Kind, id: int) -> None:
        """Removes an object that the service no longer has, and its PDF."""
        self.pdf(kind, id).unlink(missing_ok=True)
        self.holdings[kind].drop(id)

    def files(self, kind: Kind) -> tuple[Path, Path]:
        """A kind's JSON lines and its CSV."""
        return self.path / f"{kind}.jsonl", self.path / f"{kind}.csv"

    def save(self, kinds: Iterable[Kind]) -> None:
        """Writes these kinds' files, then the state."""
        for kind in kinds:
            holding = self.holdings[kind]
            lines, table = self.files(kind)
            write_whole(lines, (holding.lines[id] + b"\n" for id in sorted(holding.lines)))
            write_whole(table, self._counted(kind, holding))
        self._save_state()

    def sweep(self) -> None:
        """Removes the beginnings of files that a killed run, or a download cut short, left behind."""
        for part in (*self.path.glob("*.part"), *self.pdf_folder.glob("*.part")):
            if any(part.name.startswith(prefix) for prefix in (*KINDS, "tracked-time.", STATE_FILE)):
                part.unlink(missing_ok=True)

    def _counted(self, kind: Kind, holding: Holding) -> Iterator[bytes]:
        sheet = SHEETS[kind]
        holding.units = 0
        yield encode_rows([sheet.columns])
        for one in holding.objects():
            holding.units += len(sheet.units_of(one))
            yield encode_rows(sheet.rows_of(one))

    def _save_state(self) -> None:
        kinds: dict[str, _Kept] = {}
        for kind, holding in self.holdings.items():
            if holding.known or holding.complete:
                kinds[kind] = _Kept(holding.complete, dict(sorted(holding.known.items())))
        state = _State(_SCHEMA, self.source, kinds)
        write_whole(self.path / STATE_FILE, [msgspec.json.encode(state), b"\n"])

    def _read_state(self) -> _State | None:
        try:
            text = (self.path / STATE_FILE).read_bytes()
        except FileNotFoundError:
            return None
        try:
            state = msgspec.json.decode(text, type=_State)
        except msgspec.DecodeError:
            state = None
        if state is None or state.schema != _SCHEMA:
            self.note = f"{self.path / STATE_FILE} cannot be read by this version, so everything is fetched again."
            return None
        return state

    def _load(self, kind: Kind, state: _State | None) -> Holding:
        holding = Holding()
        kept = state.kinds.get(kind) if state is not None else None
        if kept is None:
            return holding
        try:
            text = (self.path / f"{kind}.jsonl").read_bytes()
        except FileNotFoundError:
            return holding
        by_digest = {held.sha256: (id, held) for id, held in kept.objects.items()}
        for line in text.split(b"\n"):
            found = by_digest.get(_digest(line))
            if found is not None:
                id, held = found
                holding.lines[id], holding.known[id] = line, held
        holding.complete = kept.complete and len(holding.lines) == len(kept.objects)
        return holding


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Writes a file so that its name shows nothing or all of it, whatever happens in between."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _shown(source: str) -> str:
    return "the sandbox" if source == "sandbox" else source
