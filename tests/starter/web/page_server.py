"""Builders for tests of pages: a server with nothing but the pages under test, and somebody signed in."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from fastapi import APIRouter, FastAPI

from domain.access import Permission
from domain.commands import Role
from domain.explanations import Sentence
from settings import Settings
from starter.http import problems
from starter.http.behind import opened
from starter.http.principals import Principal
from starter.web import assets, languages, pages
from tests.starter.processes import free_port
from tests.starter.serving import served

ENGLISH = {"Accept-Language": "en"}


def a_person(role: Role = Role.RESPONDER, department: str = "powertrain") -> Principal:
    return Principal(
        id="p-1",
        name=Sentence(zh="动力总成客诉响应一岗", en="Powertrain, first responder"),
        role=role,
        department=department,
        scopes=frozenset({Permission.READ, Permission.ACT}),
        csrf="token-of-the-session",
    )


@asynccontextmanager
async def serving(*routers: APIRouter, home: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a server with these pages. Redirects are not followed."""
    app = FastAPI()
    problems.install(app)
    pages.install(app)
    for router in (assets.router, languages.router, *routers):
        app.include_router(router)
    settings = Settings(home=home, temporal_address=f"127.0.0.1:{free_port()}")  # nobody is there, and no page asks
    async with opened(settings) as behind:
        app.state.behind = behind
        async with (
            served(app, port=free_port()) as address,
            httpx2.AsyncClient(base_url=address, trust_env=False) as client,
        ):
            yield client


async def sign_in(web: httpx2.AsyncClient, role: Role | str, department: str) -> None:
    """By the demo's own form, as anybody does ("seat" and an id: one of CX by name).

    `sign_in.router` and a migrated ledger are needed.
    """
    web.cookies.clear()
    token = re.search(r'name="csrf" value="([^"]+)"', (await web.get("/sign-in")).text)
    assert token
    form = {"csrf": token[1], "seat": f"{role}:{department}"}
    assert (await web.post("/sign-in/demo", data=form)).status_code == 303


def text_of(html: str) -> str:
    """What a reader sees, more or less: the page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))
