"""The links that let a customer in: signed, so that they are made again wherever they are needed and never kept."""

import base64
import hashlib
import hmac

TOKEN_BYTES = 16  # 128 bits nobody guesses


class LinkSigner:
    """Makes the customer's links. The same complaint and number always give the same one.

    `secret` must be long and random: whoever knows it can answer for every customer. Raises ValueError when short.
    """

    def __init__(self, secret: str, *, base_url: str) -> None:
        if len(secret) < 32:
            raise ValueError("VOCLOOP_SECRET_KEY is too short to sign links with: give it at least 32 characters.")
        self._secret = secret.encode()
        self._base_url = base_url.rstrip("/")

    def token(self, ticket_no: str, round: int) -> str:  # noqa: A002 - the claim's number
        """One claim's: what links held before there was one for the whole complaint. It names the round's answer."""
        return self._signed(f"survey\n{ticket_no}\n{round}")

    def customer_token(self, ticket_no: str, number: int) -> str:
        """The whole complaint's; `number` counts those that were issued for it."""
        return self._signed(f"customer\n{ticket_no}\n{number}")

    def link(self, ticket_no: str, round: int) -> str:  # noqa: A002 - the claim's number
        return self.address(self.token(ticket_no, round))

    def address(self, token: str) -> str:
        return f"{self._base_url}/c/{token}"

    def _signed(self, said: str) -> str:
        digest = hmac.new(self._secret, said.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode().rstrip("=")


def hash_of(token: str) -> str:
    """All that is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
