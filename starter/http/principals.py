"""Who asks: a person by the session in their cookie, a system by its key. And what a route asks of them.

A route takes `Who` to know the caller, and `dependencies=[needs(Permission.X)]` to let in only those who may. A page
whose route is a `starter.web.pages.PageRoute` leads whoever is not signed in to the sign-in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, ConfigDict

from domain.access import Permission
from domain.commands import Actor, Role
from domain.explanations import Sentence
from ledger.keys import KeyRow
from ledger.sessions import SessionRow
from settings import Settings, utc_now
from starter.http import csrf, keys, sessions
from starter.http.behind import Behind, BehindRoutes
from starter.http.problems import Problem

_RETRY_AFTER_S = 60


class Principal(BaseModel):
    """Who asks. `role` is None for a system that speaks for itself; `csrf` is what forms of this session carry.

    `held` is what the ledger knows the session or key by that admitted them.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: Sentence
    role: Role | None = None
    department: str = ""
    scopes: frozenset[Permission]
    is_system: bool = False
    csrf: str = ""
    held: str = ""

    @property
    def actor(self) -> Actor:
        """As the domain knows them."""
        return Actor(role=self.role or Role.INTEGRATION, department=self.department, id=self.id)

    def may(self, permission: Permission) -> bool:
        return permission in self.scopes

    def speaking(self, given: Actor | None) -> Actor:
        """For whom a request counts that names `given` as its actor. Raises the problems `not_you` and `malformed`.

        A person, or a system without on_behalf, speaks for itself. A system with it must say for whom, and is believed,
        as far as its key is not bound to a role or department.
        """
        if not self.may(Permission.ON_BEHALF):
            return self.actor if given is None or _is_same(given, self.actor) else _refuse("not_you")
        if given is None:
            raise Problem("malformed", errors=[("body.actor", ("缺少这个字段", "Field required"))])
        is_bound_elsewhere = self.role not in (None, given.role) or self.department not in ("", given.department)
        return _refuse("not_you") if is_bound_elsewhere else given


async def _who(request: Request, behind: BehindRoutes, at: Annotated[datetime, Depends(utc_now)]) -> Principal:
    """Raises the problems `not_signed_in`, `csrf`, `cross_site` and `too_many_attempts`."""
    who = getattr(request.state, "who", None) or await identified(request, behind, at=at)
    if who is None:
        raise nobody()
    if not who.is_system:
        await csrf.check(request, secret=sessions.held_id(request, behind.settings))
    return who


Who = Annotated[Principal, Depends(_who)]


@dataclass(frozen=True)
class Needs:
    """What a route asks of its caller; tests read it from the route."""

    permission: Permission

    async def __call__(self, who: Who) -> None:
        if not who.may(self.permission):
            raise Problem("not_permitted")


def needs(permission: Permission) -> Dependency:
    """For a route's or a router's `dependencies`: 401 for nobody, 403 for those who may not."""
    dependency: Dependency = Depends(Needs(permission))
    return dependency


_TOLD_TO_ALL = ("/healthz", "/readyz")
_SIGNED = "/api/v1/crm/"  # what is sent here bears a signature instead; starter/api/crm_events.py


def secured(schema: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """An OpenAPI document that says how to show who asks. Health is told to all."""
    schemes = {
        "key": {"type": "http", "scheme": "bearer", "description": "A system's key: `vlk_…`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": sessions.cookie_name(settings),
            "description": f"A person's. What changes something carries the session's token as `{csrf.HEADER}`.",
        },
    }
    schema["security"] = [{name: []} for name in schemes]
    signed = "By Standard Webhooks, with a secret of VOCLOOP_CRM_SIGNING; beside webhook-id and webhook-timestamp."
    schemes["signature"] = {"type": "apiKey", "in": "header", "name": "webhook-signature", "description": signed}
    schema.setdefault("components", {})["securitySchemes"] = schemes
    for path, methods in schema["paths"].items():
        for said in methods.values():
            needed = [{"signature": []}] if path.startswith(_SIGNED) else schema["security"]
            said["security"] = [] if path in _TOLD_TO_ALL else needed
    return schema


def shows_something(request: Request, settings: Settings) -> bool:
    """Whether the request shows a key, or what could be a session; good or not."""
    return bool(request.headers.get("authorization")) or bool(sessions.held_id(request, settings))


async def identified(request: Request, behind: Behind, *, at: datetime) -> Principal | None:
    """Whose the key or session of the request is; None without a good session. Kept as `request.state.who`, so that
    it is looked up once, and a page which cannot be shown still knows whom it speaks to.

    Raises the problems `not_signed_in` and `too_many_attempts` for a key that is not good.
    """
    by_key = bool(request.headers.get("authorization"))
    who = await (_by_key(request, behind, at=at) if by_key else signed_in(request, behind, at=at))
    if who:
        request.state.who = who
    return who


async def signed_in(request: Request, behind: Behind, *, at: datetime) -> Principal | None:
    """The person of the request's session, whatever the request is for; None when there is none."""
    session_id = sessions.held_id(request, behind.settings)
    row = await sessions.row_of(behind.engine, session_id, at=at)
    return _person(row, behind, token=csrf.token_of(session_id)) if row else None


async def _by_key(request: Request, behind: Behind, *, at: datetime) -> Principal:
    scheme, _, given = request.headers["authorization"].partition(" ")
    row = await keys.row_of(behind.engine, given.strip(), at=at) if scheme.lower() == "bearer" else None
    if row:
        return _system(row)
    # Only failures are counted, so that nobody is shut out by another behind the same address.
    if not behind.failed_keys.admits(request.client.host if request.client else ""):
        raise Problem("too_many_attempts", headers={"Retry-After": str(_RETRY_AFTER_S)})
    raise nobody()


def _system(row: KeyRow) -> Principal:
    return Principal(
        id=f"key-{row.key_id}",
        name=Sentence(zh=row.name, en=row.name),
        role=Role(row.role) if row.role else None,
        department=row.department,
        # A scope of a later release is none of ours.
        scopes=frozenset(scope for scope in Permission if scope in row.scopes),
        is_system=True,
        held=row.key_id,
    )


def _person(row: SessionRow, behind: Behind, *, token: str) -> Principal:
    role = Role(row.role)
    return Principal(
        id=row.person_id,
        name=Sentence.model_validate(row.name),
        role=role,
        department=row.department,
        scopes=behind.files.access.of(role),
        csrf=token,
        held=row.id_hash,
    )


def nobody() -> Problem:
    """The problem `not_signed_in`."""
    return Problem("not_signed_in", headers={"WWW-Authenticate": 'Bearer realm="vocloop"'})


def _is_same(given: Actor, actor: Actor) -> bool:
    return (given.role, given.department) == (actor.role, actor.department) and given.id in ("", actor.id)


def _refuse(code: str) -> Actor:
    raise Problem(code)
