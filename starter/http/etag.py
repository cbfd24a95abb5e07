"""ETag and If-None-Match for what is read: who polls is told in a few bytes that what they have is still so.

The tag is made of the answer itself, so it cannot say less than the answer does, whatever that is made of. It is weak:
what only follows from the instant of asking is left out (`at`, `remaining_s`: count down from `due_at`), and what
grows with it counts to the minute (`elapsed_s`, and a clock's segments). A light that changes, changes the tag.
"""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute

_OF_THE_INSTANT = ("remaining_s",)
_TO_THE_MINUTE = ("elapsed_s", "seconds")
_OPAQUE = re.compile(r'"[^"]*"')

# `private`: it depends on who asks. `no-cache`: keep it, and ask each time whether it is still so.
_KEPT = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}

TAGGED: dict[int | str, dict[str, Any]] = {
    304: {
        "description": "What you have (`If-None-Match`) is still so, but for the time that passed. No body.",
        "headers": {"ETag": {"description": "The same tag.", "schema": {"type": "string"}}},
    }
}


async def _declared(
    _: Annotated[
        str | None,
        Header(
            alias="If-None-Match",
            description="The `ETag` of what you have; 304 when it is still so.",
            examples=['W/"9f2c1e0b7a3d5c18"'],
        ),
    ] = None,
) -> None:
    """For the description alone: the route reads it."""


def if_none_match() -> Dependency:
    """For the `dependencies` of a router of TaggedRoutes: its description says that they take the header."""
    dependency: Dependency = Depends(_declared)
    return dependency


class TaggedRoute(APIRoute):
    """A route whose JSON answers carry an ETag, and are not sent again to those who have them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            response = await handle(request)
            if request.method != "GET" or response.status_code != 200:
                return response
            headers = {"ETag": _tag_of(bytes(response.body)), **_KEPT}
            if _matches(request.headers.get("if-none-match", ""), headers["ETag"]):
                return Response(status_code=304, headers=headers)
            response.headers.update(headers)
            return response

        return tagged


def _tag_of(body: bytes) -> str:
    said = json.loads(body)
    said.pop("at", None)
    steady = json.dumps(_steady(said), ensure_ascii=False, separators=(",", ":"))
    return f'W/"{hashlib.sha256(steady.encode()).hexdigest()[:16]}"'


def _steady(said: Any) -> Any:
    """Without what only the instant of asking makes different."""
    if isinstance(said, list):
        return [_steady(each) for each in said]
    if not isinstance(said, dict):
        return said
    kept = {name: _steady(value) for name, value in said.items() if name not in _OF_THE_INSTANT}
    kept.update({name: kept[name] // 60 for name in _TO_THE_MINUTE if name in kept})
    if "seconds" in kept:  # a segment: its sentence repeats its length, and the last one ends now
        kept = {name: value for name, value in kept.items() if name not in ("sentence", "end")}
    return kept


def _matches(given: str, tag: str) -> bool:
    """Weak comparison (RFC 9110 §13.1.2): `*` and a list of tags are understood; what is no tag matches nothing."""
    return given.strip() == "*" or tag.removeprefix("W/") in _OPAQUE.findall(given)
