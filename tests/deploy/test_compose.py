"""compose.yaml fits the Compose specification, names only what is there, and gives nobody more than they need."""

import json
import os
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from settings import Settings
from starter.encrypting import codec

COMPOSE = Path(__file__).parents[2] / "deploy" / "compose"
TEXT = (COMPOSE / "compose.yaml").read_text(encoding="utf-8")
PLAN: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = PLAN["services"]
OURS = ("migrate", "worker", "api", "codec")
SCHEMA = json.loads(
    (files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8")
)


def test_it_fits_the_specification() -> None:
    jsonschema_rs.validate(SCHEMA, PLAN)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(SCHEMA, {**PLAN, "services": {"api": {"imaje": "x"}}})


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_names_only_what_is_there(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("depends_on", {})) <= set(SERVICES)
    assert set(service.get("secrets", [])) <= set(PLAN["secrets"])
    for source in (volume.partition(":")[0] for volume in service.get("volumes", [])):
        assert (COMPOSE / source).is_file() if source.startswith(".") else source in PLAN["volumes"], source
    for other, how in service.get("depends_on", {}).items():
        assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert "privileged" not in service
    assert service.get("network_mode", "") in ("", "service:api")
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_drop") == ["ALL"] or name == "postgresql"  # its image begins as root to own its folder
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


@pytest.mark.parametrize("name", OURS)
def test_ours_cannot_write_but_where_they_are_to(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["user"] == "10001:10001"
    assert any(volume.endswith(":/var/lib/vocloop") for volume in service["volumes"])


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_by_a_tag(name: str) -> None:
    image = re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", SERVICES[name]["image"])
    assert re.fullmatch(r"[a-z/-]+:v?\d[\w.-]*", image)


def test_no_secret_stands_in_it() -> None:
    for service in SERVICES.values():
        for variable, value in service.get("environment", {}).items():
            assert not re.search(r"PASSWORD|_PWD|SECRET|TOKEN|API_KEY", variable) or str(value).startswith(
                "/run/secrets/"
            )
    assert all(list(secret) == ["file"] for secret in PLAN["secrets"].values())


def test_the_codec_server_answers_the_ui_that_asks_it() -> None:
    ui, server = SERVICES["temporal-ui"], SERVICES["codec"]
    asked, answered = ui["environment"]["TEMPORAL_CODEC_ENDPOINT"], server["environment"]["VOCLOOP_CODEC_UI"]
    assert asked.removesuffix("}").endswith(f":{server['ports'][0].split(':')[1]}")
    assert answered.removesuffix("}").endswith(f":{ui['ports'][0].split(':')[1]}")
    assert server["ports"][0].endswith(f":{Settings().codec_port}")
    assert "VOCLOOP_PAYLOAD_KEYS" in set(server["secrets"]) & set(SERVICES["worker"]["secrets"])


def test_temporal_takes_as_many_signals_as_an_embedded_one() -> None:
    dynamic = yaml.safe_load((COMPOSE / "dynamic.yaml").read_text(encoding="utf-8"))
    chart = yaml.safe_load((COMPOSE.parent / "temporal" / "values.yaml").read_text(encoding="utf-8"))
    setting = "history.maximumSignalsPerExecution"
    assert dynamic[setting][0]["value"] == chart["server"]["dynamicConfig"][setting][0]["value"] == 2000


def test_secrets_are_made_once_and_readable_by_a_containers_user(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets.sh"
    script.write_text((COMPOSE / "make-secrets.sh").read_text(encoding="utf-8"), encoding="utf-8")
    for _ in range(2):
        subprocess.run(["sh", script], check=True)
        found = {path.name: path.read_text(encoding="ascii") for path in (tmp_path / "secrets").iterdir()}
        assert set(found) == set(PLAN["secrets"])
    assert found["ledger_database"] in found["VOCLOOP_DATABASE_URL"]
    assert codec(Settings(payload_keys=found["VOCLOOP_PAYLOAD_KEYS"])) is not None
    assert len({value for value in found.values() if value}) == len(found) - 1  # prometheus_key is for the operator
    assert {os.stat(path).st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o444}
    again = {path.name: path.read_text(encoding="ascii") for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(["sh", script], check=True)
    assert again == {path.name: path.read_text(encoding="ascii") for path in (tmp_path / "secrets").iterdir()}


def test_git_does_not_see_the_secrets() -> None:
    assert "secrets/" in (COMPOSE / ".gitignore").read_text(encoding="utf-8").splitlines()
