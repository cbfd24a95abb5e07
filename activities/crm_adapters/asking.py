"""HTTP as every adapter speaks it: which answers pass, which are worth repeating, and which will stay as they are."""

from datetime import timedelta
from typing import Any

import httpx2

from activities.answering import NoAnswer, answer
from activities.crm_adapters.page import CrmAway, CrmConnection, CrmRefuses
from activities.patience import retry_after

TIMEOUT = httpx2.Timeout(10.0, connect=3.0)  # seconds; a CRM that hangs is asked again by whoever asked
LONGEST_WAIT = timedelta(hours=1)  # a CRM that asks for a year of patience is asked again sooner

# A rejected token is for the operator to mend and a time-out for the CRM; neither is a reason to lose a write.
_WORTH_REPEATING = frozenset({401, 403, 408, 425, 429})


async def sent(connection: CrmConnection, method: str, url: str, **request: Any) -> httpx2.Response:
    """The answer, whatever its status. Raises CrmAway when there is none."""
    try:
        return await answer(connection.client, method, url, timeout=TIMEOUT, **request)
    except NoAnswer as error:
        raise CrmAway(str(error)) from error


async def asked(connection: CrmConnection, method: str, url: str, **request: Any) -> httpx2.Response:
    """The answer that means success. Raises CrmAway or CrmRefuses."""
    return passed(await sent(connection, method, url, **request))


def passed(response: httpx2.Response) -> httpx2.Response:
    """The response itself. Raises CrmAway or CrmRefuses."""
    status = response.status_code
    if response.is_success:
        return response
    if 400 <= status < 500 and status not in _WORTH_REPEATING:
        raise CrmRefuses(f"HTTP {status}")
    raise CrmAway(f"HTTP {status}", wait=retry_after(response, at_most=LONGEST_WAIT))


def read(response: httpx2.Response) -> Any:
    """Its JSON. Raises CrmAway for anything else: a proxy's page says nothing of the CRM."""
    try:
        return response.json()
    except (ValueError, RecursionError):  # nested a hundred thousand deep, say
        raise CrmAway("no JSON") from None
