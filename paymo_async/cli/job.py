"""The main job: bring a folder up to date with an account's reports and estimates, with few requests.

What is asked, and why so:

- Reports: a list (ids, `updated_on`, `type`: one request for up to 2500), then each report that is due by itself,
  since a list of reports carries no rows. A static report is due when its `updated_on` moved. What a live or temp
  report shows is computed when it is read, from entries that change without it, and over days that move on
  ("this_week"): it is always due, unless the caller trusts `updated_on`.
- Estimates, the first time: the list with its lines. The number of lines an answer may hold decides what that costs,
  about one request for every 200 estimates of 10 lines.
- Estimates, later: a sweep of `id`, `updated_on` and `subtotal` (2500 in a request), a list of the lines changed since
  the newest line held, and then by id those that are new, changed, or missing here. Whether the service touches an
  estimate's `updated_on` when only a line changes is not known: so lines are asked for too, and a line that was
  deleted shows in the subtotal. Where the whole list costs no more than these two requests, it is read instead.
- An object that is held and not in a list that was read to its end was deleted on the service, and is dropped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from paymo_async.cli.board import Board, Stage
from paymo_async.cli.folder import Folder, Holding
from paymo_async.cli.rows import KINDS, SHEETS, Kind, parse_object
from paymo_async.errors import BadRequest, DecodeError, NotFound, PaymoError, Unauthorized
from paymo_async.fanout import FanOut, Many, Outcome
from paymo_async.listing import Listing
from paymo_async.models.base import UNSET, Model
from paymo_async.query import F
from paymo_async.truncation import CUT

if TYPE_CHECKING:
    from paymo_async.client import PaymoClient
    from paymo_async.models.estimates import Estimate
    from paymo_async.models.reports import Report

__all__ = ["Count", "Failure", "Job", "JobOptions"]

_M = TypeVar("_M", bound=Model)
_T = TypeVar("_T")
_Download = Callable[[int, str, Path], Awaitable[Path]]
_LINES: Final = "estimateitems"
_OVERLAP: Final = timedelta(minutes=10)  # lines may be stored a little out of the order of their moments
_PAGE_SHARE: Final = 0.8  # of 2500 lines, which a listing fills in one answer


@attrs.frozen
class Failure:
    """What could not be fetched. id: None for the list itself. part: object, pdf or list."""

    kind: Kind
    id: int | None
    part: str
    error: str


@attrs.define
class Count:
    """What became of one kind.

    fetched: read whole in this run, of which `changed` are new or differ. kept: known to be unchanged without reading
    them. deleted: on the service, and now here. pdfs, pdfs_kept: the same for PDFs.
    """

    fetched: int = 0
    changed: int = 0
    kept: int = 0
    deleted: int = 0
    pdfs: int = 0
    pdfs_kept: int = 0


@attrs.frozen(kw_only=True)
class JobOptions:
    """What to fetch. concurrency: calls under way at once for each kind, None to follow the rate limit."""

    kinds: tuple[Kind, ...] = KINDS
    pdf: bool = False
    concurrency: int | None = None
    trust_updated_on: bool = False


class Job:
    """One run. What it has so far is in the folder's holdings, whenever it is cancelled.

    finished: it went through to its end, failures or not.
    """

    def __init__(self, paymo: PaymoClient, folder: Folder, options: JobOptions, board: Board) -> None:
        self.counts: dict[Kind, Count] = {kind: Count() for kind in options.kinds}
        self.failures: list[Failure] = []
        self.finished: bool = False
        self._paymo = paymo
        self._folder = folder
        self._options = options
        self._board = board
        self._failed: set[tuple[Kind, int]] = set()

    async def run(self) -> None:
        """Fetches what is due, all kinds at once. Raises `Unauthorized`; any other error becomes a failure."""
        jobs = {"reports": self._reports, "estimates": self._estimates}
        await self._paymo.gather(*(jobs[kind]() for kind in self._options.kinds))
        self.finished = True
        self.failures.sort(key=lambda failure: (failure.kind, failure.part, failure.id or 0))

    @property
    def has_result(self) -> bool:
        """Whether there is anything to save: a run that got nothing leaves the folder as it was."""
        return self.finished or any(count.fetched or count.kept for count in self.counts.values())

    # -- reports ----------------------------------------------------------------------------------------------------

    async def _reports(self) -> None:
        stage = self._board.stage("reports")
        holding = self._folder.holdings["reports"]
        heads: dict[int, Report] = {}
        listing = self._view("reports").reports.list(include="id,updated_on,type")
        whole = await self._each("reports", listing, lambda head: heads.update({head.id: head}))
        due = [id for id, head in heads.items() if self._is_due(holding, id, head)]
        await self._fetch_due("reports", stage, self._map(self._paymo.reports.get, due), heads, len(due))
        self._settle("reports", heads, whole)
        if self._options.pdf:
            await self._pdfs("reports", self._paymo.reports.download, heads)

    def _is_due(self, holding: Holding, id: int, head: Report) -> bool:
        held = holding.known.get(id)
        if held is None or held.updated_on is None or held.updated_on != _iso(head.updated_on):
            return True
        return not self._options.trust_updated_on and head.type != "static"

    # -- estimates --------------------------------------------------------------------------------------------------

    async def _estimates(self) -> None:
        stage = self._board.stage("estimates")
        sweep = _sweep_pays(self._folder.holdings["estimates"])
        ids, whole = await (self._changed_estimates(stage) if sweep else self._all_estimates(stage))
        self._settle("estimates", ids, whole)
        if self._options.pdf:
            await self._pdfs("estimates", self._paymo.estimates.download, ids)

    async def _all_estimates(self, stage: Stage) -> tuple[Collection[int], bool]:
        ids: set[int] = set()

        def take(estimate: Estimate) -> None:
            self._put("estimates", estimate, estimate.updated_on)
            ids.add(estimate.id)
            stage.done += 1

        listing = self._view("estimates").estimates.list(include=_LINES, prefetch=1)
        whole = await self._each("estimates", listing, take)
        stage.total = stage.done
        return ids, whole

    async def _changed_estimates(self, stage: Stage) -> tuple[Collection[int], bool]:
        paymo = self._view("estimates")
        holding = self._folder.holdings["estimates"]
        heads: dict[int, Estimate] = {}
        listing = paymo.estimates.list(include="id,updated_on,subtotal")
        whole = await self._each("estimates", listing, lambda head: heads.update({head.id: head}))
        try:
            touched = await self._touched_by_lines(holding)
        except BadRequest:
            return await self._all_estimates(stage)  # the service does not filter lines by `updated_on`
        except Unauthorized:
            raise
        except PaymoError as error:
            self._fail("estimates", None, "list", error)
            touched, whole = set[int](), False
        due = [id for id, head in heads.items() if id in touched or _differs(holding, id, head)]
        await self._fetch_due("estimates", stage, paymo.estimates.get_many(due, include=_LINES), heads, len(due))
        return heads, whole

    async def _touched_by_lines(self, holding: Holding) -> set[int]:
        """Estimates with a line that is newer than the newest one held, or unknown here."""
        known: dict[int, str | None] = {}
        for estimate in holding.objects():
            for line in SHEETS["estimates"].units_of(estimate):
                known[line["id"]] = line.get("updated_on")
        newest = max((moment for moment in known.values() if moment), default=None)
        where = F.updated_on >= datetime.fromisoformat(newest) - _OVERLAP if newest is not None else None
        listing = self._paymo.estimateitems.list(where=where, include="id,estimate_id,updated_on")
        return {
            line.estimate_id
            async for line in listing
            if line.id not in known or known[line.id] != parse_object(line.to_json()).get("updated_on")
        }

    # -- both -------------------------------------------------------------------------------------------------------

    def _view(self, kind: Kind) -> PaymoClient:
        """The client, with objects that cannot be read noted as failures instead of ending their list."""

        def note(error: DecodeError) -> None:
            self._fail(kind, int(error.id) if str(error.id).isdecimal() else None, "object", error)

        return self._paymo.with_options(on_undecodable=note)

    def _map(self, call: Callable[[int], Awaitable[_T]], ids: Iterable[int]) -> FanOut[int, _T]:
        return self._paymo.map(call, ids, concurrency=self._options.concurrency)

    async def _each(self, kind: Kind, listing: Listing[_M], take: Callable[[_M], None]) -> bool:
        """Takes each object of a listing; whether it was read to its end and nothing in it stayed unknown."""
        failures = len(self.failures)
        try:
            async for page in listing.pages():
                for one in page.items:
                    take(one)
        except Unauthorized:
            raise
        except PaymoError as error:
            self._fail(kind, None, "list", error)
            return False
        # An object that could not be read and did not even say its id may be any of those held.
        return all(failure.id is not None or failure.kind != kind for failure in self.failures[failures:])

    async def _fetch_due(
        self,
        kind: Kind,
        stage: Stage,
        outcomes: FanOut[int, _M] | Many[int, _M],
        heads: Mapping[int, _M],
        due: int,
    ) -> None:
        """Takes over what is due; the rest of what was listed is kept as it is."""
        stage.total = len(heads)
        stage.done = stage.kept = self.counts[kind].kept = len(heads) - due
        async with outcomes:
            async for outcome in outcomes:
                stage.done += 1
                self._keep(kind, stage, outcome, heads[outcome.item])

    def _keep(self, kind: Kind, stage: Stage, outcome: Outcome[int, Any], head: Any) -> None:
        if isinstance(outcome.error, Unauthorized):
            raise outcome.error
        if outcome.error is not None:
            stage.failed += 1
            # An object that came and could not be read is noted already, with a better reason than that it is missing.
            if not (isinstance(outcome.error, NotFound) and (kind, outcome.item) in self._failed):
                self._fail(kind, outcome.item, "object", outcome.error)
            return
        one = outcome.result()
        self._put(kind, one, one.updated_on or head.updated_on)

    def _put(self, kind: Kind, one: Any, updated_on: Any) -> None:
        count = self.counts[kind]
        count.fetched += 1
        count.changed += self._folder.holdings[kind].put(one.id, one.to_json(), _iso(updated_on))

    def _settle(self, kind: Kind, listed: Collection[int], whole: bool) -> None:
        """Drops what the service no longer has, and notes whether the folder now holds everything."""
        holding = self._folder.holdings[kind]
        failed = {id for failed_kind, id in self._failed if failed_kind == kind}
        if whole:
            for id in holding.lines.keys() - set(listed) - failed:
                self._folder.drop(kind, id)
                self.counts[kind].deleted += 1
        holding.complete = whole and not failed

    async def _pdfs(
        self, kind: Kind, download: Callable[[int, str, Path], Awaitable[Path]], ids: Iterable[int]
    ) -> None:
        folder, holding = self._folder, self._folder.holdings[kind]
        wanted = [id for id in ids if id in holding.known and (kind, id) not in self._failed]
        due = [id for id in wanted if not folder.has_pdf(kind, id)]
        stage = self._board.stage(f"PDFs of {kind}", len(wanted))
        stage.done = stage.kept = self.counts[kind].pdfs_kept = len(wanted) - len(due)
        async with self._map(lambda id: download(id, "pdf", folder.pdf_folder), due) as outcomes:
            async for outcome in outcomes:
                stage.done += 1
                if isinstance(outcome.error, Unauthorized):
                    raise outcome.error
                if outcome.error is not None:
                    stage.failed += 1
                    self._fail(kind, outcome.item, "pdf", outcome.error)
                    continue
                held = holding.known[outcome.item]
                held.pdf = held.sha256
                self.counts[kind].pdfs += 1

    def _fail(self, kind: Kind, id: int | None, part: str, error: Exception) -> None:
        if id is not None and part == "object":
            self._failed.add((kind, id))
        self._board.errors += 1
        self.failures.append(Failure(kind, id, part, str(error) or type(error).__name__))


def _sweep_pays(holding: Holding) -> bool:
    """Whether to ask what changed, instead of for everything. See the top of this module."""
    if not any(held.updated_on for held in holding.known.values()):
        return False
    estimates = len(holding.lines)
    lines = sum(len(SHEETS["estimates"].units_of(one)) for one in holding.objects())
    whole_list = -(-max(estimates, round(lines / _PAGE_SHARE)) // CUT)
    sweep = -(-estimates // CUT) + 1
    return whole_list > sweep or not holding.complete


def _differs(holding: Holding, id: int, head: Estimate) -> bool:
    held = holding.known.get(id)
    if held is None or held.updated_on is None or held.updated_on != _iso(head.updated_on):
        return True
    subtotal = parse_object(holding.lines[id]).get("subtotal")
    return head.subtotal is not UNSET and Decimal(subtotal or 0) != Decimal(head.subtotal or 0)


def _iso(moment: Any) -> str | None:
    return moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else None
