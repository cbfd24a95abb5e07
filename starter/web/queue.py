"""The workbench: a department's open complaints, the most urgent first, and accepting one by a click."""

import hashlib
import hmac
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from domain import masking
from domain.access import Permission
from domain.complaint import Stage
from domain.lights import Light
from domain.rules.voices import speaks_for_its_department
from domain.ticket import Ticket, Tier
from ledger import saved_filters, tickets
from ledger.filtering import ComplaintFilter
from ledger.queries import BadCursor
from ledger.queue import MOST, Load, QueuePage, QueueRow, Whose, loads, queue
from ledger.saved_filters import LONGEST_NAME, TooManyFilters
from starter.api.answers import At, TicketNo
from starter.api.bodies import body_of
from starter.api.command_routes import submit
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import shown_to
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem
from starter.web import pages
from starter.web.addresses import local_address

AT_FIRST = 50  # rows
_NARROWING = ("whose", "light", "stage", "tag", "risk", "tier", "q", "department")
_TOO_MANY = ("保存的列表已满；请先删除一个。", "You have as many lists as can be kept; drop one first.")
_LINE = 160  # characters of the customer's words that a row has room for

router = pages.router()


def _blank_is_none(value: object) -> object:
    """A form sends an empty field where nothing was chosen."""
    return None if value == "" else value


_Tag = Annotated[str, Field(max_length=64)]
_Risk = Annotated[int, Field(ge=1, le=5)]


class Asked(BaseModel):
    """The address of a list: whose, what it is narrowed to, and where it goes on."""

    model_config = ConfigDict(frozen=True)

    whose: Annotated[Whose | None, BeforeValidator(_blank_is_none)] = None
    light: Annotated[Light | None, BeforeValidator(_blank_is_none)] = None
    stage: Annotated[Stage | None, BeforeValidator(_blank_is_none)] = None
    tag: Annotated[_Tag | None, BeforeValidator(_blank_is_none)] = None
    risk: Annotated[_Risk | None, BeforeValidator(_blank_is_none)] = None
    tier: Annotated[Tier | None, BeforeValidator(_blank_is_none)] = None
    q: str = Field("", max_length=100)
    department: str = Field("", max_length=64)
    cursor: str | None = Field(None, max_length=400)
    shown: int = Field(0, ge=0, le=MOST)

    def but(self, **changes: object) -> str:
        """This list's address with something else in it; None takes a thing out."""
        kept = self.model_dump(mode="json", include=set(_NARROWING)) | changes
        query = urlencode({name: str(value) for name, value in kept.items() if value not in (None, "")})
        return f"/queue?{query}" if query else "/queue"

    @property
    def filters(self) -> ComplaintFilter:
        return ComplaintFilter(
            light=self.light, stage=self.stage, tag=self.tag, risk_at_least=self.risk, tier=self.tier, text=self.q
        )

    @property
    def narrowed(self) -> tuple[str, ...]:
        """What it is narrowed by, in the order of the form."""
        return tuple(name for name in ("q", "light", "stage", "tag", "risk", "tier") if getattr(self, name))


class KeptList(Asked):
    """A list with the name it is to be kept under."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]


class SavedList(NamedTuple):
    """A list under the visitor's own name for it, and whether it is the one that is shown."""

    name: str
    address: str
    is_shown: bool


class Row(NamedTuple):
    """A complaint in the list: `line` is the first line of the customer's words, masked."""

    it: QueueRow
    line: str
    car: str
    may_accept: bool
    key: str  # of accepting it: the same however often the row is drawn, so that two clicks are one act


@router.get("/queue", dependencies=[needs(Permission.READ)])
async def show(request: Request, asked: Annotated[Asked, Query()], who: Who, behind: BehindRoutes, at: At) -> Response:
    """The list: whole, or for htmx the rows it shows already (`shown`) or those that follow (`cursor`)."""
    department = who.department or asked.department
    whose = asked.whose or (Whose.MINE if department else Whose.ALL)
    if asked.stage is Stage.CLOSED:
        whose = Whose.ALL  # nothing that is over is up to anybody
    found = await _found(behind, asked, department, whose, who=who, at=at)
    context: dict[str, Any] = {
        "asked": asked,
        "whose": whose,
        "department": department,
        "rows": await _rows(behind, found.items, who),
        "more": _more(asked, found.next_cursor),
    }
    if pages.is_part(request) and asked.cursor:
        return pages.page(request, who, "queue_more.html", **context)
    context["saved"] = await _saved(behind, who, asked)
    context["loads"] = await loads(behind.engine, department, at=at) if department else _NONE
    if pages.is_part(request):
        return pages.page(request, who, "queue_fresh.html", **context)
    export = _export(asked, whose, department) if who.may(Permission.EXPORT) else ""
    return pages.page(request, who, "queue.html", export=export, **context, **_choices(behind, at))


@router.post("/queue/{ticket_no}/accept", dependencies=[needs(Permission.ACT)])
async def accept(
    request: Request,
    ticket_no: TicketNo,
    who: Who,
    behind: BehindRoutes,
    at: At,
    key: Annotated[str, Form(pattern=r"^[\x21-\x7e]{1,128}$")],
    back: Annotated[str, Form(max_length=2000)] = "/queue",
) -> Response:
    """Take it on. The rules decide; what they said is told in passing, and the list is fetched anew."""
    answer = await submit(behind, ticket_no, "accept", body_of("accept")(), who=who, key=key, at=at)
    if not pages.is_part(request):
        return pages.see_other(request, local_address(back, otherwise="/queue"))
    headers = {"HX-Trigger": "fresh"}
    return pages.page(request, who, "queue_said.html", headers=headers, ticket_no=ticket_no, sentence=answer.sentence)


@router.post("/queue/lists", dependencies=[needs(Permission.READ)])
async def keep_list(
    request: Request, kept: Annotated[KeptList, Form()], who: Who, behind: BehindRoutes, at: At
) -> Response:
    """Keep this list under a name of one's own."""
    query = kept.model_dump(mode="json", include=set(_NARROWING), exclude_defaults=True)
    try:
        await saved_filters.keep(behind.engine, person_id=who.id, name=kept.name, query=query, at=at)
    except TooManyFilters:
        raise Problem("malformed", detail=_TOO_MANY) from None
    return pages.see_other(request, kept.but())


@router.post("/queue/lists/drop", dependencies=[needs(Permission.READ)])
async def drop_list(
    request: Request, name: Annotated[str, Form(max_length=LONGEST_NAME)], who: Who, behind: BehindRoutes
) -> Response:
    await saved_filters.drop(behind.engine, person_id=who.id, name=name)
    return pages.see_other(request, "/queue")


_NONE: dict[Whose, Load] = {}


async def _found(
    behind: Behind, asked: Asked, department: str, whose: Whose, *, who: Principal, at: datetime
) -> QueuePage:
    limit, seen_by = max(asked.shown, AT_FIRST), shown_to(who)
    try:
        return await queue(
            *(behind.engine, department, whose, asked.filters),
            at=at,
            cursor=asked.cursor,
            limit=limit,
            shown_to=seen_by,
        )
    except BadCursor:
        raise Problem("malformed") from None


async def _rows(behind: Behind, items: tuple[QueueRow, ...], who: Principal) -> list[Row]:
    known = await tickets.of_many(behind.engine, [each.ticket_no for each in items])
    return [_row(each, known.get(each.ticket_no), who) for each in items]


async def _saved(behind: Behind, who: Principal, asked: Asked) -> list[SavedList]:
    kept = await saved_filters.of_person(behind.engine, who.id)
    addresses = [Asked.model_validate(each.query).but() for each in kept]
    return [
        SavedList(each.name, address, address == asked.but()) for each, address in zip(kept, addresses, strict=True)
    ]


def _row(it: QueueRow, ticket: Ticket | None, who: Principal) -> Row:
    words = masking.told(ticket.words, ticket).strip() if ticket else ""
    car = f"{ticket.vehicle.brand} {ticket.vehicle.model}".strip() if ticket else ""
    return Row(it, words.partition("\n")[0][:_LINE], car, _may_accept(it, who), _accept_key(it, who))


def _accept_key(it: QueueRow, who: Principal) -> str:
    """Made with the session's own token: a key that others could guess, they could use up before it is clicked."""
    message = f"accept {it.ticket_no} {it.seq}".encode()
    return f"accept-{hmac.new(who.csrf.encode(), message, hashlib.sha256).hexdigest()[:32]}"


def _may_accept(it: QueueRow, who: Principal) -> bool:
    """Whether to offer it: as the rules have it, told from the row alone. They have the last word."""
    is_theirs = it.stage is Stage.DISPATCHED and who.department == it.department == it.owner
    return is_theirs and who.may(Permission.ACT) and speaks_for_its_department(who.actor)


def _more(asked: Asked, cursor: str | None) -> str:
    """Where the list goes on; "" at its end."""
    return asked.but(cursor=cursor) if cursor else ""


def _export(asked: Asked, whose: Whose, department: str) -> str:
    """The query by which the API exports exactly this list."""
    narrowed = asked.filters.model_copy(update={"is_open": asked.stage is not Stage.CLOSED})
    if department:
        narrowed = narrowed.model_copy(update={"queue_of": department, "whose": whose})
    asked_for = {k: v for k, v in narrowed.model_dump(mode="json", exclude_defaults=True).items() if v != ""}
    return urlencode({**asked_for, "is_open": str(narrowed.is_open).lower()})


def _choices(behind: Behind, at: datetime) -> dict[str, Any]:
    """What the filters offer."""
    matrix = behind.files.policy_at(at).matrix
    return {
        "departments": behind.files.departments,
        "tags": [tag for owned in matrix.owners.values() for tag in owned],
        "stages": tuple(Stage),
        "tiers": tuple(Tier),
        "lights": (Light.RED, Light.YELLOW, Light.GREEN),
    }
