"""People sign in at the company's identity provider: OpenID Connect's code flow with PKCE, a state and a nonce."""

from functools import lru_cache
from typing import Any, NamedTuple

import httpx2
from authlib.common.errors import AuthlibBaseError
from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc.errors import JoseError

from settings import Settings
from starter import home
from starter.http.sessions import is_secure

CALLBACK = "/sign-in/callback"
_COOKIE, _COOKIE_PATH, _UNDER_WAY_S = "vocloop-sign-in", "/sign-in", 600
_PATIENCE_S = 10.0


class ProviderSaidNo(Exception):  # noqa: N818  It is an answer, not a mistake of ours.
    """The provider is away, refused, or what came back is not what we had asked for. Holds nothing of it."""


class Arrived(NamedTuple):
    """Who came back. `subject` is unique and lasting at that provider."""

    subject: str
    name: str
    groups: tuple[str, ...]
    next_path: str


class Provider:
    """The identity provider of these settings. What it says of itself is fetched at the first sign-in."""

    def __init__(self, settings: Settings) -> None:
        # Half of the API's start would go to what only a sign-in at a provider needs.
        from authlib.integrations.starlette_client import OAuth

        self._settings = settings
        self._signer = URLSafeTimedSerializer(settings.secret_key or home.secret(settings.home), salt="sign-in")
        self._client: Any = OAuth().register(
            "vocloop",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.oidc_scope,
                "code_challenge_method": "S256",
                "timeout": _PATIENCE_S,
            },
        )

    async def leave(self, request: Request, *, next_path: str) -> Response:
        """Send the browser to the provider. Raises ProviderSaidNo when that is away."""
        request.scope["session"] = {}
        try:
            response: Response = await self._client.authorize_redirect(request, self._settings.base_url + CALLBACK)
        except (AuthlibBaseError, httpx2.HTTPError, ValueError, KeyError, RuntimeError):
            raise ProviderSaidNo from None
        remembered = self._signer.dumps({"session": request.scope["session"], "next": next_path})
        response.set_cookie(
            _COOKIE,
            str(remembered),
            max_age=_UNDER_WAY_S,
            path=_COOKIE_PATH,
            httponly=True,
            samesite="lax",  # the way back is a link from another site
            secure=is_secure(self._settings),
        )
        return response

    async def arrive(self, request: Request) -> Arrived:
        """Who the provider says has come back. Raises ProviderSaidNo."""
        try:
            remembered = self._signer.loads(request.cookies.get(_COOKIE, ""), max_age=_UNDER_WAY_S)
            request.scope["session"] = remembered["session"]
            token = await self._client.authorize_access_token(request, claims_options=self._expected())
            claims = token["userinfo"]
            more = await self._more_claims(token, subject=claims["sub"])
        except (BadSignature, AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError, RuntimeError):
            raise ProviderSaidNo from None
        known = {**more, **claims}
        return Arrived(
            subject=str(claims["sub"]),
            name=str(known.get("name") or known.get("preferred_username") or ""),
            groups=_texts(known.get(self._settings.oidc_groups_claim)),
            next_path=str(remembered["next"]),
        )

    def forget(self, response: Response) -> None:
        """A sign-in that was under way is over."""
        response.delete_cookie(_COOKIE, path=_COOKIE_PATH)

    def _expected(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "values": [self._settings.oidc_issuer]},
            "aud": {"essential": True, "values": [self._settings.oidc_client_id]},
        }

    async def _more_claims(self, token: dict[str, Any], *, subject: str) -> dict[str, Any]:
        """Those of the userinfo endpoint: many providers name the groups only there."""
        metadata = await self._client.load_server_metadata()
        if self._settings.oidc_groups_claim in token["userinfo"] or "userinfo_endpoint" not in metadata:
            return {}
        found: dict[str, Any] = dict(await self._client.userinfo(token=token))
        return found if found.get("sub") == subject else {}


@lru_cache(maxsize=8)
def provider(settings: Settings) -> Provider:
    """One for each configuration, so that what the provider says of itself is fetched once."""
    return Provider(settings)


def _texts(claim: object) -> tuple[str, ...]:
    if isinstance(claim, str):
        return (claim,)
    return tuple(str(each) for each in claim) if isinstance(claim, list | tuple) else ()
