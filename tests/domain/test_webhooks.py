from datetime import timedelta
from typing import get_args

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from domain import commands as cmd
from domain.events import Event
from domain.webhooks import (
    KINDS,
    PING,
    Patience,
    delay,
    departments_of,
    envelope,
    is_inside,
    is_public,
    pause,
    secret_of,
    signature,
    told,
    type_of,
    url_fault,
)
from settings import utc_now
from tests.builders import CUSTOMER, HOUR, NOTE, OPS, PHOTO, SECOND, T0, Played, a_policy, of

WAITED = Patience()


def test_every_kind_of_event_can_be_subscribed_to() -> None:
    assert len(KINDS) == len(set(KINDS)) == len(get_args(get_args(Event)[0]))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),  # ourselves
        ("0.0.0.0", False),  # ourselves, on Linux
        ("::1", False),
        ("10.1.2.3", False),  # the office
        ("172.31.255.255", False),
        ("192.168.0.1", False),
        ("100.64.0.1", False),  # a carrier's own network
        ("169.254.169.254", False),  # the cloud's metadata
        ("100.100.100.200", False),  # Alibaba Cloud's metadata
        ("fd00:ec2::254", False),  # Amazon's, in IPv6
        ("fe80::1%eth0", False),  # link-local, with a zone
        ("::ffff:169.254.169.254", False),  # IPv4 in IPv6
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::a9fe:a9fe", False),  # the same through NAT64
        ("2002:a9fe:a9fe::", False),  # through 6to4
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),  # Teredo
        ("64:ff9b:1::808:808", False),  # a NAT64 of one's own
        ("::7f00:1", False),  # IPv4-compatible, long deprecated
        ("224.0.0.1", False),  # many at once
        ("255.255.255.255", False),
        ("192.0.2.1", False),  # documentation's
    ],
)
def test_only_the_public_internet_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://erp.example.com/hooks?x=1", True),
        ("https://erp.example.com:8443/", True),
        ("http://erp.example.com/", False),  # in clear
        ("http://inside.example/", True),  # listed
        ("https://inside.example/", True),
        ("https://INSIDE.example/", True),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://localhost/", False),
        ("https://metadata.google.internal/", False),
        ("https://metadata.google.internal./", False),  # the same, fully qualified
        ("https://localhost./", False),
        ("https://127.0.0.1./", False),
        ("https://2130706433/", False),  # 127.0.0.1 as one number
        ("https://0x7f.1/", False),
        ("https://127.1/", False),
        ("https://0177.0.0.1/", False),
        ("https://./", False),
        ("https://4s.example.com./", True),  # a public name may end in its dot
        ("https://user:secret@erp.example.com/", False),  # would stand in the log
        ("https://erp.example.com/#part", False),
        ("https://erp.example.com:0/", False),
        ("https://erp.example.com:99999/", False),
        ("https://erp .example.com/", False),
        ("https://erp.example.com/\r\nX: 1", False),
        ("https://公司.example/", False),  # write it as xn--…
        ("ftp://inside.example/", False),
        ("file:///etc/passwd", False),
        ("//erp.example.com/", False),
        ("", False),
    ],
)
def test_a_url_may_be_subscribed_only_where_events_may_go(url: str, may: bool) -> None:
    assert (url_fault(url, allowed={"inside.example"}) is None) is may


def test_a_signature_is_one_that_the_standards_library_accepts() -> None:
    secret, at, body = secret_of("key", "wh_1", 1), utc_now(), '{"words":"异响"}'.encode()
    signed = signature(secret, message_id="msg_1", at=at, body=body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signed}
    assert Verifier(secret).verify(body, headers) == {"words": "异响"}


def test_secrets_differ_by_subscription_generation_and_key() -> None:
    made = {secret_of(key, one, n) for key in ("a", "b") for one in ("wh_1", "wh_2") for n in (1, 2)}
    assert len(made) == 8


def test_the_wait_doubles_to_an_hour_and_spreads_by_a_fifth() -> None:
    waits = [delay(tries, patience=WAITED, dice=0.5) for tries in (1, 2, 3, 10, 11, 90)]
    assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND, 2560 * SECOND, HOUR, HOUR]
    assert delay(1, patience=WAITED, dice=0) == timedelta(seconds=4)
    assert delay(90, patience=WAITED, dice=1) == HOUR * 1.2


def test_a_subscriber_that_is_away_is_asked_at_least_once_a_minute() -> None:
    assert [pause(n, patience=WAITED).total_seconds() for n in (1, 2, 4, 5, 1000)] == [5, 10, 40, 60, 60]


def test_an_event_concerns_those_it_is_taken_from_and_those_it_is_given_to() -> None:
    played = Played("engine.stall")
    before = played.complaint
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    [transferred] = played.all("transferred")
    assert departments_of(transferred, before, played.complaint) == {"engine", "chassis"}


def test_what_is_told_of_an_event_is_itself_and_how_things_stand_after_it() -> None:
    played = Played()
    assert told(played.events[0], played.complaint)["event"]["kind"] == "opened"
    assert "policy" not in told(played.events[0], played.complaint)["event"]
    after = told(played.events[-1], played.complaint)["after"]
    assert after == {
        "stage": "dispatched",
        "owner": "engine",
        "light": "green",
        "clock": "response",
        "due_at": (T0 + 4 * HOUR).isoformat(),
    }


def test_who_sent_a_command_is_told_by_role_and_never_by_name() -> None:
    played = Played()
    played.send(cmd.Accept, at=T0 + HOUR, by=of("engine"))
    (accepted,) = played.all("accepted")
    assert told(accepted, played.complaint)["event"]["actor"] == {"role": "responder", "department": "engine"}


def test_of_an_adopted_policy_its_version_is_told() -> None:
    played = Played()
    played.send(cmd.AdoptPolicy, at=T0 + HOUR, by=OPS, policy=a_policy(version="test+2"))
    (adopted,) = played.all("policy_adopted")
    said = told(adopted, played.complaint)["event"]
    assert said["policy_version"] == "test+2"
    assert "policy" not in said


def test_of_what_is_over_no_clock_is_told() -> None:
    played = Played()
    played.send(cmd.Withdraw, at=T0 + HOUR, by=CUSTOMER)
    after = told(played.events[-1], played.complaint)["after"]
    assert (after["stage"], after["clock"], after["due_at"]) == ("closed", "", None)


def test_the_envelope_is_a_cloud_event() -> None:
    facts = {"source": "/vocloop", "event_id": "T-1:2", "kind": "accepted", "at": T0, "data": {"a": 1}}
    made = envelope(subject="T-1", **facts)  # type: ignore[arg-type]
    assert made == {
        "specversion": "1.0",
        "id": "T-1:2",
        "source": "/vocloop",
        "type": type_of("accepted"),
        "subject": "T-1",
        "time": "2026-03-02T01:00:00Z",
        "datacontenttype": "application/json",
        "data": {"a": 1},
    }
    assert "subject" not in envelope(subject="", **facts)  # type: ignore[arg-type]


def test_an_event_concerns_owners_supporters_and_whoever_it_names() -> None:
    played = Played()
    before = played.complaint
    played.send(cmd.RequestSupport, at=T0 + HOUR, by=of("engine"), department="body")
    (asked,) = played.all("support_requested")
    assert departments_of(asked, before, played.complaint) == {"engine", "body"}
    played.send(cmd.Accept, at=T0 + 2 * HOUR, by=of("engine"))
    (accepted,) = played.all("accepted")
    assert departments_of(accepted, before, played.complaint) == {"engine", "body"}, "who supports it hears of it"
    assert departments_of(asked, None, before) == {"engine", "body"}, "who is named, though it does not support yet"


@pytest.mark.parametrize("name", ["app.localhost", "printer.local", "crm.internal", "localhost.", "2130706433", ""])
def test_names_of_the_inside_are_inside(name: str) -> None:
    assert is_inside(name)
    assert not is_inside("localhost.example.com")


def test_a_type_says_whose_it_is_and_which_version() -> None:
    assert type_of("dispatched") == "com.vocloop.complaint.dispatched.v1"
    assert type_of(PING) == "com.vocloop.ping.v1"


def test_a_dispute_concerns_whom_it_would_go_to() -> None:
    played = Played()
    before = played.complaint
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=of("chassis"), to="body", evidence=(PHOTO,), note_id=NOTE)
    (disputed,) = played.all("arbitration_opened")
    assert "body" in departments_of(disputed, before, played.complaint)
