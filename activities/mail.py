"""Mail by SMTP. What a server refuses for good is told apart from what another try may mend."""

from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT = 20.0  # seconds for each step of the conversation


class MailRefused(Exception):  # noqa: N818 - a refusal is an answer
    """The server will never take this message for this address. The text holds the code alone."""


class MailUnavailable(Exception):  # noqa: N818 - a state that passes
    """The server cannot be reached, or asked to be tried again; `wait` is for how long, where it says."""

    def __init__(self, why: str, *, wait: timedelta | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class MailDeferred(MailUnavailable):
    """The server is there and asks for another try with this message alone, as greylisting does."""


class SmtpMailer:
    """`url` is smtp://user:password@host:port, or smtps:// for TLS from the first byte; STARTTLS is used if offered."""

    def __init__(self, url: str, *, sender: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("VOCLOOP_SMTP_URL is smtp://host:port or smtps://user:password@host:port; mend it.")
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self.sender = sender

    async def send(self, message: EmailMessage) -> None:
        """Hand `message` to the server. Raises MailRefused or MailUnavailable."""
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._is_tls,
                start_tls=False if self._is_tls else None,
                timeout=TIMEOUT,
            )
        except aiosmtplib.SMTPException as error:
            raise _told_apart(error) from None  # the cause's text may hold the address
        except OSError as error:
            raise MailUnavailable(type(error).__name__) from None


def _told_apart(error: aiosmtplib.SMTPException) -> Exception:
    said = error.recipients[0] if isinstance(error, aiosmtplib.SMTPRecipientsRefused) else error
    if isinstance(said, aiosmtplib.SMTPNotSupported):
        return MailRefused("the mail server cannot carry this address")
    if isinstance(said, (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError)):
        return (MailRefused if said.code >= 500 else MailDeferred)(f"SMTP {said.code}")
    return MailUnavailable(type(said).__name__)
