"""Signing in and out: at the identity provider, or in the demo by one click on a role."""

import hashlib
import re
import secrets
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from domain.access import EMPLOYED
from domain.commands import Actor, Role
from domain.explanations import Sentence
from domain.wording import name as name_of
from policy.access import Seat
from policy.reading import PolicyFiles
from policy.seats import Roster
from settings import Settings, utc_now
from starter.http import csrf, oidc, sessions
from starter.http.behind import Behind, BehindRoutes
from starter.http.listening import is_demo, is_through_proxy
from starter.http.oidc import Arrived, ProviderSaidNo
from starter.http.principals import signed_in
from starter.http.problems import Problem
from starter.telling.events import Names
from starter.web import pages
from starter.web.addresses import local_address

At = Annotated[datetime, Depends(utc_now)]
Next = Annotated[str, Query(max_length=2000)]

_DOOR = "vocloop-door"  # what ties the sign-in form to this browser, before there is a session
_HELD = re.compile(r"[A-Za-z0-9_-]{43}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_OF_A_DEPARTMENT = (Role.RESPONDER, Role.MANAGER, Role.DIRECTOR, Role.VP)

router = pages.router()


class DemoSeat(NamedTuple):
    """One button: `value` is "role:department", or "seat:person" for one of CX by name."""

    value: str
    seat: Seat
    name: Sentence

    @property
    def person_id(self) -> str:
        kind, _, person = self.value.partition(":")
        return person if kind == "seat" else f"demo-{self.value.replace(':', '-').rstrip('-')}"[:64]


@router.get("/sign-in")
async def show(request: Request, behind: BehindRoutes, at: At, next: Next = "/") -> Response:  # noqa: A002
    """The ways in that there are, and who is in already."""
    return await _page(request, behind, at=at, next_path=next)


@router.get("/sign-in/provider")
async def leave(request: Request, behind: BehindRoutes, at: At, next: Next = "/") -> Response:  # noqa: A002
    """To the identity provider."""
    if not behind.settings.oidc_issuer:
        raise Problem("not_found")
    try:
        return await oidc.provider(behind.settings).leave(request, next_path=local_address(next))
    except ProviderSaidNo:
        return await _page(request, behind, at=at, next_path=next, said="provider_away", status=502)


@router.get(oidc.CALLBACK)
async def arrive(request: Request, behind: BehindRoutes, at: At) -> Response:
    """Back from it. Who is in no group that the policy knows is told so, and is not signed in."""
    if not behind.settings.oidc_issuer:
        raise Problem("not_found")
    provider = oidc.provider(behind.settings)
    try:
        arrived = await provider.arrive(request)
    except ProviderSaidNo:
        return await _page(request, behind, at=at, said="provider_said_no", status=400)
    seat = behind.files.seat_of(arrived.groups)
    if seat is None:
        return await _page(request, behind, at=at, said="no_group", status=403)
    response = RedirectResponse(local_address(arrived.next_path), status_code=303, headers=pages.HEADERS)
    provider.forget(response)
    await _begin(request, response, behind, person_id=_person_id(arrived), name=_named(arrived), seat=seat, at=at)
    return response


@router.post("/sign-in/demo")
async def take_demo(
    request: Request,
    behind: BehindRoutes,
    at: At,
    seat: Annotated[str, Form(max_length=100)],
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002
) -> Response:
    """Sign in as anybody. Only on a machine of one's own and by no proxy: elsewhere there is no such address."""
    if not is_demo(behind.settings) or is_through_proxy(request.headers):
        raise Problem("not_found")
    await csrf.check(request, secret=_held_at_door(request))
    chosen = next_of(demo_seats(behind.files, behind.roster), seat)
    response = RedirectResponse(local_address(next), status_code=303, headers=pages.HEADERS)
    await _begin(request, response, behind, person_id=chosen.person_id, name=chosen.name, seat=chosen.seat, at=at)
    return response


@router.post("/sign-out")
async def leave_for_good(request: Request, behind: BehindRoutes, at: At) -> Response:
    """Ends the session, here and wherever its cookie was copied to. Without one there is nothing to end."""
    if await signed_in(request, behind, at=at):
        await csrf.check(request, secret=sessions.held_id(request, behind.settings))
    response = RedirectResponse("/sign-in", status_code=303, headers=pages.HEADERS)
    await sessions.end(behind.engine, request, response, behind.settings, at=at)
    return response


def demo_seats(files: PolicyFiles, roster: Roster) -> tuple[DemoSeat, ...]:
    """Every seat the demo offers: each office of each department, those that belong to one or none, and CX by name."""
    names, rules = Names(files), files.sheets.rules.table.version[-1]
    desks = {
        Role.CX: rules.triage_desk,
        Role.ARBITER: rules.arbiter,
        Role.COORDINATOR: "service",
        Role.DEALER: "service",
    }
    alone = [Seat(role, desks.get(role, "")) for role in EMPLOYED if role not in _OF_A_DEPARTMENT]
    owners = [each.id for each in files.departments if each.id != rules.triage_desk]
    offices = [Seat(role, department) for department in owners for role in _OF_A_DEPARTMENT]
    found = tuple(DemoSeat(f"{seat.role}:{seat.department}", seat, _called(seat, names)) for seat in (*alone, *offices))
    cx = Seat(Role.CX, rules.triage_desk)
    by_name = ((each.id, *roster.names[each.id]) for each in roster.seats.seats)
    return (*found, *(DemoSeat(f"seat:{person}", cx, Sentence(zh=zh, en=en)) for person, zh, en in by_name))


def next_of(seats: tuple[DemoSeat, ...], value: str) -> DemoSeat:
    """The seat of this value. Raises the problem `malformed`."""
    found = next((each for each in seats if each.value == value), None)
    if found is None:
        raise Problem("malformed", errors=[("body.seat", ("没有这个身份", "There is no such seat"))])
    return found


async def _page(
    request: Request, behind: Behind, *, at: datetime, next_path: str = "/", said: str = "", status: int = 200
) -> Response:
    settings, door = behind.settings, _held_at_door(request) or secrets.token_urlsafe(32)
    is_proxied = is_demo(settings) and is_through_proxy(request.headers)
    seats = demo_seats(behind.files, behind.roster) if is_demo(settings) and not is_proxied else ()
    response = pages.page(
        request,
        await signed_in(request, behind, at=at),
        "sign_in.html",
        status=status,
        said=said,
        has_provider=bool(settings.oidc_issuer),
        seats=_by_department(seats),
        is_proxied=is_proxied,
        token=csrf.token_of(door),
        next=local_address(next_path),
    )
    _hold_at_door(response, door, settings)
    return response


def _by_department(seats: tuple[DemoSeat, ...]) -> list[tuple[str, list[DemoSeat]]]:
    """First those that stand for one desk each, under "", then each department's offices."""
    grouped: dict[str, list[DemoSeat]] = {"": []}
    for each in seats:
        department = each.seat.department if each.seat.role in _OF_A_DEPARTMENT else ""
        grouped.setdefault(department, []).append(each)
    return [group for group in grouped.items() if group[1]]


async def _begin(
    request: Request, response: Response, behind: Behind, *, person_id: str, name: Sentence, seat: Seat, at: datetime
) -> None:
    actor = Actor(role=seat.role, department=seat.department, id=person_id)
    await sessions.begin(behind.engine, request, response, behind.settings, actor=actor, name=name, at=at)
    response.delete_cookie(_DOOR, path="/sign-in")


def _held_at_door(request: Request) -> str:
    held = request.cookies.get(_DOOR, "")
    return held if _HELD.fullmatch(held) else ""


def _hold_at_door(response: Response, door: str, settings: Settings) -> None:
    how: dict[str, Any] = {"path": "/sign-in", "httponly": True, "samesite": "lax"}
    response.set_cookie(_DOOR, door, secure=sessions.is_secure(settings), **how)


def _called(seat: Seat, names: Names) -> Sentence:
    role = f"role:{seat.role}"
    if not seat.department:
        return Sentence(zh=name_of(role, "zh"), en=name_of(role, "en"))
    zh, en = names.of(seat.department)
    return Sentence(zh=f"{zh}{name_of(role, 'zh')}", en=f"{en}, {name_of(role, 'en')}")


def _named(arrived: Arrived) -> Sentence:
    name = arrived.name.strip()[:100] or _person_id(arrived)
    return Sentence(zh=name, en=name)


def _person_id(arrived: Arrived) -> str:
    """The provider's own id where it is a plain one. It travels with commands, so an address becomes a digest."""
    if _PLAIN_ID.fullmatch(arrived.subject):
        return arrived.subject
    return f"p-{hashlib.sha256(arrived.subject.encode()).hexdigest()[:32]}"
