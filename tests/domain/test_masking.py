import time

import pytest

from domain import masking
from domain.ticket import Customer, Ticket, Vehicle
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


HER = Ticket(
    ticket_no="T-1",
    created_at=T0,
    customer=Customer(name="王小明", phone="+86 139-1234-5678", email="xm@example.com"),
    vehicle=Vehicle(vin="LSVAA4182E2987654", plate="沪A·12345"),
)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("王 小 明说", "王**说"),
        ("太小。明天再说", "太小。明天再说"),  # a name does not go on past the end of a sentence
        ("车是沪 A 123 45", "车是沪A***45"),
        ("沪-a-1-2-3-4-5号", "沪a***45号"),
        ("电话139 1,2,3 4 5/67 8", "电话139****5678"),
        ("１３９、１２３４、５６７８", "１３９****５６７８"),
        ("票号 91391234567812", "票号 91391234567812"),  # inside a longer number
        ("VIN LSV AA4 182 E2 987654", "VIN ***987654"),
        ("lsvaa4182e2987654", "***987654"),
    ],
)
def test_the_customers_own_data_is_hidden_however_it_is_grouped(given: str, shown: str) -> None:
    assert masking.told(given, HER) == shown
    left, hidden = masking.parted(given, HER)
    assert (left == given) == (given == shown) == (hidden == ())


def test_a_latin_name_is_hidden_as_a_word_and_not_inside_another() -> None:
    assert masking.of_customer("Li said: quality, LI agrees", "Li") == "L** said: quality, L** agrees"


def test_nothing_of_what_is_hidden_stands_in_what_is_left() -> None:
    said = "王小明 13912345678 沪A12345 LSVAA4182E2987654 a@b.cn 制动异响"
    left, hidden = masking.parted(said, HER)
    assert left.split() == ["制动异响"]
    assert set(hidden) == set(said.split()) - {"制动异响"}


@pytest.mark.parametrize("sign", ["a", "a.", "1", "1 ", "京A", "a@", "0-", "沪", "王 ", "13 9"])
def test_the_longest_text_is_masked_at_once_whatever_stands_in_it(sign: str) -> None:
    words = sign * (20_000 // len(sign)) + "沪A12345 13912345678 王小明 LSVAA4182E2987654"
    begun = time.perf_counter()
    masking.told(words, HER)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("given", "shown"), [("京A12345", "京A***45"), ("A123", "****"), ("A1234", "A1***34"), ("", "")]
)
def test_a_plate_too_short_to_show_a_part_of_shows_nothing(given: str, shown: str) -> None:
    assert masking.plate(given) == shown


def test_a_vin_too_short_to_show_a_part_of_shows_nothing() -> None:
    assert masking.vin("123456") == "******"
    assert masking.vin("1234567") == "***234567"
