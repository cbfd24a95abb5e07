"""Where the API may listen, and whether the demo may let anybody in."""

import contextlib
import ipaddress
from collections.abc import Container
from datetime import datetime
from urllib.parse import urlsplit

from ledger import database, keys
from settings import Settings
from starter.stopping import CannotGoOn

# What a proxy or a tunnel says of whom it brings; one of them is enough.
_OF_PROXIES = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def is_demo(settings: Settings) -> bool:
    """Whether anybody may sign in as anybody: on this machine alone, while there is nothing better.

    A public address means that a proxy brings the world to a loopback port, so it ends the demo, too.
    """
    is_local = is_loopback(settings.api_host) and is_loopback(urlsplit(settings.base_url).hostname or "")
    return is_local and not settings.oidc_issuer and not settings.keys_only


def is_through_proxy(headers: Container[str]) -> bool:
    """Whether somebody brought this request here, perhaps from beyond this machine, whatever the settings say.

    `headers` are looked up in lower case.
    """
    return any(name in headers for name in _OF_PROXIES)


async def refuse_open(settings: Settings, *, at: datetime) -> None:
    """Raises CannotGoOn when the API would listen beyond this machine with nobody able to prove who they are."""
    if settings.oidc_issuer and not settings.oidc_client_id:
        raise CannotGoOn("VOCLOOP_OIDC_ISSUER is set without VOCLOOP_OIDC_CLIENT_ID: set both, or neither.")
    if is_loopback(settings.api_host) or settings.oidc_issuer:
        return
    engine = database.connect(settings.ledger_url)
    try:
        if await keys.exist(engine, at=at):
            return
    except database.LedgerUnavailable as away:
        raise CannotGoOn(
            f"Whether there is a key cannot be looked up, so nobody is let in from outside. {away}"
        ) from None
    finally:
        await engine.dispose()
    raise CannotGoOn(
        f"The API does not listen on {settings.api_host} while nobody can prove who they are: set VOCLOOP_OIDC_ISSUER, "
        "or make a key with `vocloop key create`, or use --host 127.0.0.1."
    )
