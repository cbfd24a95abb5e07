"""The board for everyone: a live wall of lights, today's reds, the longest open, hand-offs, rates and voices."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from fastapi.sse import format_sse_event

from domain import masking
from domain.access import Permission
from domain.wording import Language
from ledger import tickets, wall
from ledger.database import LedgerUnavailable
from ledger.wall import Tick
from settings import utc_now
from starter.api.answers import At
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem
from starter.telling.board import DAYS, Day, HeatMap, days, heat_map, midnight, walls
from starter.web import live, pages
from starter.web.languages import language_of
from starter.web.live_feed import LiveFeed, Watcher

SHOWN = 12  # reds, and longest open complaints
FIGURES_LIVE = timedelta(minutes=1)

router = pages.router()


class Voice(NamedTuple):
    """The customer's own words, masked."""

    ticket_no: str
    words: str
    car: str


class Figures(NamedTuple):
    """What changes slowly, and is read once a minute for all."""

    read_at: datetime
    days: tuple[Day, ...]
    heat: HeatMap
    voices: tuple[Voice, ...]


class Board:
    """One for the process: however many watch, the ledger is read and a page is written once a tick."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self.feed = LiveFeed(lambda _: self.tick(), partial(live.may_stay, behind))
        self._figures: Figures | None = None
        self._reading = asyncio.Lock()
        self._told: dict[Language, tuple[Tick, str]] = {}

    async def tick(self) -> Tick:
        """As of now. Raises LedgerUnavailable."""
        at = utc_now()
        zone = self._behind.files.policy_at(at).calendar.zone
        return await wall.tick(self._behind.engine, at=at, reds_since=midnight(at, zone=zone), limit=SHOWN)

    async def figures(self, at: datetime) -> Figures:
        """At most a minute old. Raises LedgerUnavailable."""
        async with self._reading:
            if self._figures is None or at - self._figures.read_at >= FIGURES_LIVE:
                self._figures = await _read(self._behind, at)
            return self._figures

    def told(self, request: Request, who: Principal, tick: Tick) -> str:
        """The live part in the watcher's language; nothing in it is this watcher's own."""
        language = language_of(request)
        tick_told, html = self._told.get(language, (None, ""))
        if tick_told is not tick:
            html = bytes(pages.page(request, who, "board_live.html", **_live(self._behind, tick)).body).decode()
            self._told[language] = (tick, html)
        return html


@router.get("/", dependencies=[needs(Permission.READ)])
async def start() -> Response:
    return RedirectResponse("/board", status_code=303, headers=pages.HEADERS)


@router.get("/board", dependencies=[needs(Permission.READ)])
async def show(request: Request, who: Who, behind: BehindRoutes, at: At) -> Response:
    """The board as of now; scripts keep it so."""
    return await _shown(request, who, behind, at=at, is_wall=False)


@router.get("/board/wall", dependencies=[needs(Permission.READ)])
async def show_wall(request: Request, who: Who, behind: BehindRoutes, at: At) -> Response:
    """For a screen on a wall: larger, without the frame, and with nothing to click."""
    return await _shown(request, who, behind, at=at, is_wall=True)


@router.get("/board/figures", dependencies=[needs(Permission.READ)])
async def show_figures(request: Request, who: Who, behind: BehindRoutes, at: At) -> Response:
    """The charts and the voices alone, for a page that stands open."""
    return pages.page(request, who, "board_figures.html", figures=await _board(request, behind).figures(at))


@router.get("/board/live", dependencies=[needs(Permission.READ)])
async def show_live(request: Request, who: Who, behind: BehindRoutes) -> Response:
    """Server-sent events: `board` with the live part as HTML, beside those of every stream."""
    board = _board(request, behind)

    def told(tick: Tick) -> bytes:
        return format_sse_event(data_str=board.told(request, who, tick), event="board")

    return live.streamed(board.feed.watch(Watcher(who.held)), told)


async def _shown(request: Request, who: Principal, behind: Behind, *, at: datetime, is_wall: bool) -> Response:
    board = _board(request, behind)
    try:
        tick, figures = await board.tick(), await board.figures(at)
    except LedgerUnavailable:
        raise Problem("ledger_unavailable") from None
    may_export = who.may(Permission.EXPORT) and not is_wall
    shown = {"figures": figures, "may_export": may_export, **_live(behind, tick)}
    return pages.page(request, who, "board.html", is_wall=is_wall, **shown)


def _board(request: Request, behind: Behind) -> Board:
    state = request.app.state
    if not hasattr(state, "board"):
        state.board = Board(behind)
    board: Board = state.board
    return board


def _live(behind: Behind, tick: Tick) -> dict[str, Any]:
    return {"tick": tick, "walls": walls(tick, behind.files)}


async def _read(behind: Behind, at: datetime) -> Figures:
    zone, since = behind.files.policy_at(at).calendar.zone, at - timedelta(days=DAYS)
    hours = await wall.rates(behind.engine, since=since)
    return Figures(
        read_at=at,
        days=days(hours, zone=zone, at=at, count=DAYS),
        heat=heat_map(await wall.handed(behind.engine, since=since)),
        voices=await _voices(behind),
    )


async def _voices(behind: Behind) -> tuple[Voice, ...]:
    numbers = await wall.voices(behind.engine)
    known = await tickets.of_many(behind.engine, numbers)
    return tuple(
        Voice(number, masking.told(ticket.words, ticket), f"{ticket.vehicle.brand} {ticket.vehicle.model}".strip())
        for number in numbers
        if (ticket := known.get(number))
    )
