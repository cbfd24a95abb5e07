import pytest

from domain.ticket import Customer, Ticket
from starter.http import masking
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
        ("里程 13800138 公里", "里程 13800138 公里"),  # a number that is no phone stays
        ("订单 202603021380013800012", "订单 202603021380013800012"),  # a phone's digits inside a longer number
    ],
)
def test_free_text_loses_what_reaches_people(given: str, shown: str) -> None:
    assert masking.text(given) == shown


def test_free_text_loses_the_customers_own_name() -> None:
    ticket = Ticket(ticket_no="T-1", created_at=T0, customer=Customer(name="欧阳春晓"))
    assert masking.told("欧阳春晓来电", ticket) == "欧**来电"
