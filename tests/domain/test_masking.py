import time

import pytest

from domain import masking
from domain.ticket import Customer, Ticket
from tests.builders import T0


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("13800138000", "138****8000"),
        ("+86 138-0013-8000", "138****8000"),  # written as people write it
        ("6666", "****"),  # too short to show a part of
        ("", ""),
    ],
)
def test_a_phone_shows_its_ends_alone(given: str, shown: str) -> None:
    assert masking.phone(given) == shown


def test_a_vin_shows_its_last_six() -> None:
    assert masking.vin("LSVAA4182E2987654") == "***987654"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("电话13800138000，急", "电话138****8000，急"),
        ("VIN:LSVAA4182E2987654.", "VIN:***987654."),
        ("mail wang@example.com now", "mail w***@example.com now"),
        ("电话 138.0013.8000", "电话 138****8000"),  # grouped as some do
        ("1380 013 8000", "138****8000"),
        ("１３８００１３８０００", "１３８****８０００"),  # from a Chinese keyboard
        ("固话 010-62345678 转 8", "固话 010****5678 转 8"),
        ("0755 8888 1234", "755****1234"),
        ("车牌京A12345，急", "车牌京A***45，急"),
        ("粤B·D12345新能源", "粤B***45新能源"),
        ("最迟 2026-11-25 10:33 (UTC+0800)", "最迟 2026-11-25 10:33 (UTC+0800)"),  # an instant is no phone
        ("工单 CRM-2026-000123", "工单 CRM-2026-000123"),
        ("里程 13800138 公里", "里程 13800138 公里"),  # a number that is no phone stays
        ("订单 202603021380013800012", "订单 202603021380013800012"),  # a phone's digits inside a longer number
    ],
)
def test_free_text_loses_what_reaches_people(given: str, shown: str) -> None:
    assert masking.text(given) == shown


def test_free_text_loses_the_customers_own_name() -> None:
    ticket = Ticket(ticket_no="T-1", created_at=T0, customer=Customer(name="欧阳春晓"))
    assert masking.told("欧阳春晓来电", ticket) == "欧**来电"


@pytest.mark.parametrize("sign", ["a", "a.", "1", "1 ", "京A", "a@", "0-"])
def test_the_longest_text_is_masked_at_once_whatever_stands_in_it(sign: str) -> None:
    words = sign * (20_000 // len(sign))
    begun = time.perf_counter()
    masking.text(words)
    assert time.perf_counter() - begun < 0.5
