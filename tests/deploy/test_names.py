"""What deploy/ says in our words is so: settings, commands, profiles, files."""

import re
from pathlib import Path

import pytest
import yaml

from settings import Settings
from starter.cli import VERBS
from starter.connecting import TemporalUnavailable, connect_options

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SECRETS = DEPLOY / "compose" / "secrets"  # an operator's own
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and SECRETS not in path.parents)
NOT_SETTINGS = {"image"}  # of compose.yaml itself: which image to run


def label(path: Path) -> str:
    return str(path.relative_to(DEPLOY))


@pytest.mark.parametrize("path", FILES, ids=label)
def test_every_setting_named_exists(path: Path) -> None:
    named = {name.lower() for name in re.findall(r"VOCLOOP_([A-Z_]*[A-Z])", path.read_text(encoding="utf-8"))}
    assert named <= set(Settings.model_fields) | NOT_SETTINGS


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".yaml"], ids=label)
def test_every_file_is_yaml(path: Path) -> None:
    assert [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]


def test_every_command_exists() -> None:
    for path in FILES:
        told = re.findall(
            r"\[\"?vocloop\"?, \"?([a-z][a-z-]+)\"?\]|`vocloop ([a-z-]+)", path.read_text(encoding="utf-8")
        )
        assert {first or second for first, second in told} <= set(VERBS), path


@pytest.mark.parametrize("profile", ["mtls", "key"])
def test_temporals_own_reader_takes_the_clouds_profile(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (DEPLOY / "temporal" / "cloud.toml").read_text(encoding="utf-8")
    (tmp_path / "cloud.toml").write_text(text.replace("/run/temporal-tls", str(tmp_path)), encoding="utf-8")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "cloud.toml"))
    monkeypatch.setenv("TEMPORAL_PROFILE", profile)
    if profile == "mtls":
        with pytest.raises(TemporalUnavailable, match=r"tls\.crt"):  # one sentence where the secret is not mounted
            connect_options(Settings(temporal_address=""))
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).write_bytes(b"a certificate")
    options = connect_options(Settings(temporal_address=""))
    assert f'address = "{options["target_host"]}"' in text
    assert options["namespace"] == "complaints.a1b2c"
    assert options["tls"]
