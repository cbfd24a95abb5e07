"""The session of a person who signed in: what the browser holds, and how it begins and ends."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import Actor
from domain.explanations import Sentence
from ledger import sessions
from ledger.sessions import LONGEST, SessionRow
from settings import Settings

_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_NOTED_EVERY = timedelta(minutes=1)  # a page's many requests are one use


def cookie_name(settings: Settings) -> str:
    """Over https one that no other host and no plain http can set."""
    return "__Host-vocloop" if is_secure(settings) else "vocloop"


def is_secure(settings: Settings) -> bool:
    return settings.base_url.startswith("https://")


def held_id(request: Request, settings: Settings) -> str:
    """The id the browser sent; "" when it sent none that could be one."""
    held = request.cookies.get(cookie_name(settings), "")
    return held if _ID.fullmatch(held) else ""


async def begin(
    engine: AsyncEngine,
    request: Request,
    response: Response,
    settings: Settings,
    *,
    actor: Actor,
    name: Sentence,
    at: datetime,
) -> None:
    """Sign this person in on this response, under an id that is new: one that was planted before is worth nothing."""
    await _end_held(engine, request, settings, at=at)
    session_id = secrets.token_urlsafe(32)
    await sessions.begin(
        engine,
        id_hash=_hash(session_id),
        person_id=actor.id,
        name=name.model_dump(),
        role=actor.role,
        department=actor.department,
        at=at,
    )
    response.set_cookie(
        cookie_name(settings),
        session_id,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=is_secure(settings),
        path="/",
    )


async def end(engine: AsyncEngine, request: Request, response: Response, settings: Settings, *, at: datetime) -> None:
    """Sign out: the id is worth nothing from now on, wherever it was copied to."""
    await _end_held(engine, request, settings, at=at)
    response.delete_cookie(cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="lax")


async def row_of(engine: AsyncEngine, session_id: str, *, at: datetime) -> SessionRow | None:
    """The session of this id, its use noted; None when there is none, or it is over."""
    row = await sessions.get(engine, _hash(session_id)) if session_id else None
    if row is None or not row.is_valid(at=at):
        return None
    if at - row.used_at > _NOTED_EVERY:
        await sessions.used(engine, row.id_hash, at=at)
    return row


async def _end_held(engine: AsyncEngine, request: Request, settings: Settings, *, at: datetime) -> None:
    if held := held_id(request, settings):
        await sessions.end(engine, _hash(held), at=at)


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
