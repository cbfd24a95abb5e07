"""Letters of every kind, read: what the customer says is there, and no bytes whatever bring the reader down."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starter.letters_in.reading import MAX_WORDS, Letter, read
from tests.starter.letters_in.post_office import a_letter

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
OURS = "Vocloop <voice@carmaker.example.com>"


def reading(raw: bytes) -> Letter:
    return read(raw, received_at=AT, ours=OURS)


def test_a_plain_letter_is_a_ticket() -> None:
    raw = a_letter(
        "车架号 LSVAA4182E2184847，电话 13800001111，刹车异响。",
        Message_ID="<a@example.com>",
        Date="Mon, 02 Mar 2026 08:30:00 +0800",
    )
    letter = reading(raw)
    ticket = letter.ticket
    assert letter.aside == ""
    assert (ticket.channel, ticket.created_at) == ("email", AT - timedelta(minutes=30))
    assert ticket.words == "投诉\n\n车架号 LSVAA4182E2184847，电话 13800001111，刹车异响。"
    assert (ticket.customer.name, ticket.customer.email) == ("王小明", "wang@example.com")
    assert (ticket.customer.phone, ticket.customer.language) == ("13800001111", "zh")
    assert ticket.vehicle.vin == "LSVAA4182E2184847"
    assert reading(raw.replace(b"08:30", b"08:31")).ticket.ticket_no == ticket.ticket_no, "told by its Message-ID"


@pytest.mark.parametrize(
    ("charset", "named"),
    [("gb18030", "gb2312"), ("gbk", "GBK"), ("big5", "big5"), ("utf-8", "x-unknown"), ("gb18030", "")],
)
def test_chinese_letters_are_read_whatever_they_say_of_their_charset(charset: str, named: str) -> None:
    words = "剎車異響" if charset == "big5" else "镕基，刹车异响"
    said = f"; charset={named}" if named else ""
    head = f"From: a@example.com\r\nSubject: x\r\nContent-Type: text/plain{said}\r\n\r\n"
    assert reading(head.encode() + words.encode(charset)).ticket.words.endswith(words)


def test_of_a_letter_that_is_a_page_the_words_are_read() -> None:
    hidden = "<title>t</title><style>p{}</style>"
    page = f"<html><head>{hidden}</head><body><p>Paint &amp; rust<br>peels</p><script>x</script></body>"
    head = "From: a@example.com\r\nSubject: Paint\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    assert reading((head + page).encode()).ticket.words == "Paint\n\nPaint & rust\npeels"


@pytest.mark.parametrize(
    ("words", "own"),
    [
        ("Still noisy.\n\nOn Mon, 2 Mar 2026, Voice wrote:\n> solved?\n", "Still noisy."),
        ("还是响。\n\n-----原始邮件-----\n发件人: voice\n已解决？", "还是响。"),
        ("还是响。\n2026年3月2日 客服 写道：\n已解决？", "还是响。"),
        ("> quoted\nmine below\n> more", "mine below"),
        ("> nothing but quotes", "> nothing but quotes"),
        ("---------- Forwarded message ----------\nFrom: the customer\nIt burns.", "It burns."),
    ],
)
def test_the_letter_that_is_answered_is_left_out_and_nothing_else(words: str, own: str) -> None:
    said = reading(a_letter(words, subject="")).ticket.words
    assert own in said
    assert ("已解决" in said, "solved?" in said) == (False, False)


@pytest.mark.parametrize(
    ("raw", "aside"),
    [
        (a_letter(Auto_Submitted="auto-replied"), "automatic"),
        (a_letter(Auto_Submitted="no"), ""),
        (a_letter(X_Autoreply="yes"), "automatic"),
        (a_letter(List_Id="<news.example.com>"), "list"),
        (a_letter(Precedence="bulk"), "list"),
        (a_letter(Return_Path="<>"), "bounce"),
        (a_letter(sender="Vocloop <VOICE@carmaker.example.com>"), "ours"),
        (b"From: x@example.com\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b--\r\n", "bounce"),
    ],
)
def test_what_nobody_wrote_as_a_complaint_is_laid_aside(raw: bytes, aside: str) -> None:
    assert reading(raw).aside == aside


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 02 Mar 2099 08:30:00 +0800", "Mon, 02 Mar 2020 08:30:00 +0800", "Fri, 99 Foo 2026"]
)
def test_a_date_that_cannot_be_believed_is_when_it_came(date: str) -> None:
    assert reading(f"From: a@example.com\r\nDate: {date}\r\n\r\nx".encode()).ticket.created_at == AT


def test_of_a_letter_that_is_too_long_the_beginning_is_the_words_and_all_of_it_is_kept() -> None:
    letter = reading(a_letter("长" * 30_000))
    assert len(letter.ticket.words) == MAX_WORDS + 2
    assert letter.whole.count("长") == 30_000


def test_files_come_with_it_and_names_may_be_anything() -> None:
    files = (("仪表.png", "image/png", b"\x89PNG"), ("", "application/pdf", b"%PDF-"))
    found = reading(a_letter(files=files)).attachments
    assert [(each.name, each.media, each.data) for each in found] == [
        ("仪表.png", "image", b"\x89PNG"),
        ("", "application", b"%PDF-"),
    ]


@given(st.binary(max_size=400))
def test_no_bytes_bring_it_down(raw: bytes) -> None:
    reading(raw)


HEADS = st.sampled_from(
    ["From", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted"]
)
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["multipart/mixed; boundary=b", "text/html; charset=\x00", "base64", "=?utf-8?b?4pyT=?=", "=?x?q?=", "<>"]
    ),
)


@given(st.lists(st.tuples(HEADS, VALUES), max_size=8), st.text(max_size=200))
def test_no_heads_and_no_body_bring_it_down(heads: list[tuple[str, str]], body: str) -> None:
    head = "\r\n".join(f"{name}: {value}" for name, value in heads)
    letter = reading(f"{head}\r\n\r\n--b\r\n{body}\r\n--b--".encode("utf-8", "surrogatepass"))
    assert letter.ticket.ticket_no.startswith("MAIL-")
    assert "\x00" not in letter.ticket.words
