"""The API as the command line calls it: over HTTP, with problems told in a sentence."""

import os
from typing import Any
from urllib.parse import urlsplit

import httpx2
import typer

from domain.wording import Language
from settings import Settings
from starter.embedded.parts import api_address
from starter.home import local_key, recall
from starter.http.listening import is_loopback
from starter.stopping import CannotGoOn

_PATIENCE_S = 30.0


class ApiRefused(CannotGoOn):
    """The API answered with a problem."""

    exit_code = 1


class ApiClient:
    """`base_url` without the version's prefix. Close it by leaving its `with`."""

    def __init__(self, base_url: str, *, language: Language, settings: Settings) -> None:
        self._base_url = base_url
        headers = {"Accept-Language": language, **bearer(base_url, settings)}
        self._http = httpx2.Client(base_url=base_url, headers=headers, timeout=_PATIENCE_S, trust_env=False)

    def __enter__(self) -> "ApiClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str) -> Any:
        """The body. Raises CannotGoOn, and ApiRefused with the problem's own sentence."""
        return self._ask("GET", path)

    def post(self, path: str, body: bytes) -> Any:
        return self._ask("POST", path, content=body, headers={"Content-Type": "application/json"})

    def _ask(self, method: str, path: str, **sent: Any) -> Any:
        try:
            response = self._http.request(method, f"/api/v1{path}", **sent)
            body = response.json()
        except (httpx2.TransportError, httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            raise CannotGoOn(
                f"The API does not answer at {self._base_url}: start it with `vocloop up`, or name another with --api."
            ) from None
        except ValueError:
            raise CannotGoOn(f"What answers at {self._base_url} is not Vocloop's API: name it with --api.") from None
        if response.status_code == httpx2.codes.UNAUTHORIZED:
            raise ApiRefused(
                f"The API at {self._base_url} does not know our key: set VOCLOOP_API_KEY, or set VOCLOOP_HOME to the "
                "home of its `vocloop up`."
            )
        if response.is_error:
            raise ApiRefused(_told(body))
        return body


def bearer(base_url: str, settings: Settings) -> dict[str, str]:
    """The header that shows our key; none without one."""
    key = key_for(base_url, settings)
    return {"Authorization": f"Bearer {key}"} if key else {}


def key_for(base_url: str, settings: Settings) -> str:
    """The key that is set, else, for an API on this machine, that of the home: nobody elsewhere is shown it."""
    is_here = is_loopback(urlsplit(base_url).hostname or "")
    return settings.api_key or (local_key(settings.home) if is_here else "")


def base_url(given: str, settings: Settings) -> str:
    """The API that is meant: the one given, else where `vocloop up` says that it runs, else where it is set to."""
    stack = recall(settings.home)
    return (given or (stack.api if stack else "") or api_address(settings)).rstrip("/")


def language() -> Language:
    """That of the terminal."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if spoken.lower().startswith("zh") else "en"


def say_and_exit(stop: CannotGoOn) -> typer.Exit:
    typer.echo(str(stop), err=True)
    return typer.Exit(stop.exit_code)


def _told(problem: Any) -> str:
    if not isinstance(problem, dict) or "detail" not in problem:
        return "The API refused it without a reason: see its log."
    faults = [f"  {fault['field']}: {fault['how']}" for fault in problem.get("errors", ())]
    reference = [f"  reference {problem['reference']}"] if "reference" in problem else []
    return "\n".join([f"{problem['detail']} ({problem.get('code', '')})", *faults, *reference])
