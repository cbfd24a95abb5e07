"""The alerts and the dashboard ask only for figures that the API and the workers show, in Prometheus' own grammar."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from activities import canary, watching
from domain.lights import Light
from ledger.gauges import Gauges, Standing, Waiting
from settings import utc_now
from starter.api import metrics

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"
RULES = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUESTIONS = [*(rule["expr"] for rule in RULES), *(target["expr"] for panel in PANELS for target in panel["targets"])]

# What the SDK of pyproject.toml showed of a worker that ran; nothing here names them.
OF_THE_SDK = {
    "temporal_worker_task_slots_available",
    "temporal_sticky_cache_size",
    "temporal_workflow_task_schedule_to_start_latency_bucket",
    "temporal_activity_schedule_to_start_latency_bucket",
}


def of_the_api() -> set[str]:
    registry = CollectorRegistry()
    waiting = Waiting(count=1, oldest=utc_now() - utc_now())
    standing = (Standing(desk="powertrain", light=Light.RED, count=1),)
    stands = Gauges(
        standing=standing, overdue_unhandled=0, inbox=waiting, webhooks=waiting, crm_refused=0, evidence_faulty=0
    )
    metrics._tell_ledger(registry, stands)
    metrics._tell_temporal(registry, [metrics.Backlog("workflow", 1, waiting.oldest)], 0)
    return set(re.findall(r"^(\w+)", generate_latest(registry).decode(), re.MULTILINE)) | {"vocloop_up"}


def of_workers() -> set[str]:
    histograms = {f"{name}_bucket" for name in (watching.LATENESS, watching.AGE)}
    return histograms | {watching.REFUSALS, watching.ATTEMPTS, canary.FIRED, canary.LATENESS}


KNOWN = of_the_api() | of_workers() | OF_THE_SDK | {"up"}


def asked_for(question: str) -> set[str]:
    """Raises ValueError where Prometheus would."""
    names: set[str] = set()

    def visit(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector):
            names.add(part.name or "")
        if isinstance(part, promql_parser.MatrixSelector):
            names.add(part.vector_selector.name or "")

    promql_parser.walk(promql_parser.parse(question.replace("$__rate_interval", "5m")), visit)
    return names


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_of_figures_that_there_are(question: str) -> None:
    assert asked_for(question)
    assert asked_for(question) <= KNOWN


def test_a_question_that_cannot_be_asked_is_found() -> None:
    with pytest.raises(ValueError, match=r"unexpected end|unclosed|invalid"):
        asked_for("sum(rate(vocloop_refusals[5m])")


def test_every_figure_of_ours_is_looked_at() -> None:
    shown = {name for question in QUESTIONS for name in asked_for(question)}
    assert (of_the_api() | of_workers()) - shown == set()


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 12
    for rule in RULES:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert promql_parser.parse_duration(rule["for"])


def test_what_a_panel_shows_does_not_lie_upon_another() -> None:
    places = [
        (place["x"] + x, place["y"] + y)
        for place in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(place["w"])
        for y in range(place["h"])
    ]
    assert len(places) == len(set(places))
    assert max(x for x, _ in places) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_and_in_what(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert all(target["legendFormat"] for target in panel["targets"])
    assert panel["datasource"]["uid"] == "${source}"


def test_prometheus_scrapes_the_api_by_a_key_and_every_worker() -> None:
    plan = yaml.safe_load((MONITORING / "prometheus.yaml").read_text(encoding="utf-8"))
    api, worker = plan["scrape_configs"]
    assert plan["rule_files"] == ["alerts.yaml"]
    assert api["authorization"]["credentials_file"].startswith("/run/secrets/")
    assert api["static_configs"] == [{"targets": ["localhost:8080"]}]  # a name it answers to, and one API for all
    assert worker["dns_sd_configs"][0]["port"] == 9464
