"""A real IMAP server on loopback, and letters in it."""

import contextlib
import imaplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.starter.processes import free_port, wait_until

USER, PASSWORD = "voice", "p@ss:word"


class PostOffice:
    """`url` is what VOCLOOP_MAILBOX is told."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"imap://{USER}:p%40ss%3Aword@127.0.0.1:{port}/INBOX"

    @contextmanager
    def imap(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=10) as imap:
            imap.login(USER, PASSWORD)
            yield imap

    def deliver(self, *letters: bytes) -> None:
        with self.imap() as imap:
            for letter in letters:
                status, said = imap.append("INBOX", "", "", letter)
                assert status == "OK", said

    def lying_in(self, folder: str) -> int:
        with self.imap() as imap:
            status, found = imap.select(folder, readonly=True)
            return int(found[0] or b"0") if status == "OK" else 0


@contextmanager
def a_post_office(log: Path) -> Iterator[PostOffice]:
    port = free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict"]
    options += ["--demo-user", USER, "--demo-password", PASSWORD]
    with log.open("wb") as said:
        process = subprocess.Popen([str(Path(sys.executable).with_name("pymap")), *options], stdout=said, stderr=said)
    office = PostOffice(port)

    def answers() -> bool:
        with contextlib.suppress(OSError, imaplib.IMAP4.error), office.imap():
            return True
        return False

    try:
        wait_until(answers)
        yield office
    finally:
        process.terminate()
        process.wait(10)


def a_letter(
    words: str = "刹车异响，去了三次都没修好。",
    *,
    subject: str = "投诉",
    sender: str = "王小明 <wang@example.com>",
    files: tuple[tuple[str, str, bytes], ...] = (),
    **headers: str,
) -> bytes:
    """`files` are names, media types and bytes; a header's name is written with _ for -."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, "voice@carmaker.example.com", subject
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(words)
    for name, media, data in files:
        main, _, sub = media.partition("/")
        letter.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return letter.as_bytes()
