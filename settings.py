"""The typed environment. Read only by the composition root and the doors."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting is an environment variable VOCLOOP_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="VOCLOOP_", frozen=True)

    home: Path = Path(".vocloop")  # where the embedded databases, evidence and logs live
    policy: Path | None = None  # a folder of policy files; None is the one that ships
    database_url: str = ""  # SQLAlchemy URL; "" is SQLite under home
    database_pool: int = Field(10, gt=0)  # PostgreSQL's connections a process; as many again for a moment
    database_statement_timeout: float = Field(30, ge=0)  # seconds PostgreSQL may take for one question; 0 is no limit
    database_lock_timeout: float = Field(10, ge=0)  # seconds to wait for what another transaction holds
    database_idle_timeout: float = Field(120, ge=0)  # seconds a transaction may be open in which nothing is asked
    temporal_address: str = ""  # "" means Temporal's own profile and environment, else the embedded server
    temporal_namespace: str = ""
    task_queue: str = "complaints"
    payload_keys: str = ""  # id:key,… that seal what Temporal keeps, the first new payloads; "" leaves it in clear
    codec_host: str = "127.0.0.1"
    codec_port: int = 8081
    codec_ui: str = ""  # the Temporal UI's origin, by commas if several: only its pages are answered in a browser
    max_cached_workflows: int = 2000  # open complaints a worker keeps in memory; some 225 KiB each
    deployment: str = ""  # with build_id, makes the worker a versioned one; "" is unversioned
    build_id: str = ""
    metrics_address: str = ""  # where the worker's figures are for Prometheus, host:port; "" exports none
    otlp_endpoint: str = ""  # an OpenTelemetry collector's base URL, OTLP over HTTP; "" traces nothing
    log_format: Literal["text", "json"] = "text"  # json is one object a line, for a collector
    evidence_url: str = ""  # file:///folder or s3://bucket/prefix; "" is the folder evidence under home
    evidence_endpoint: str = ""  # of an S3 that is not Amazon's, https://host:port; docs/connect/evidence-s3.md
    evidence_region: str = ""
    evidence_key_id: str = ""  # with evidence_key_secret; "" is Amazon's own chain: AWS_*, web identity, instance role
    evidence_key_secret: str = ""
    evidence_virtual_host: bool = False  # the bucket stands in the endpoint's host name, not in its path
    evidence_link_seconds: int = Field(60, gt=0, le=3600)  # how long a link to S3 itself opens a file
    evidence_max_mb: int = Field(25, gt=0)  # the largest file taken as evidence, in MiB
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    forwarded_allow_ips: str = ""  # proxies whose X-Forwarded-For counts, by commas; "" believes none
    public_url: str = ""  # how customers reach the API; "" is http://host:port
    report_page: bool = False  # anybody may report a complaint on our own page, /report
    crm_url: str = ""  # the CRM's base URL; "" means no CRM is connected and writes are kept in the ledger only
    crm_token: str = ""
    crm_kind: str = "http"  # http, tryton, salesforce, or an entry point of the group vocloop.crm
    crm_poll: bool = False  # ask the CRM for its tickets once a minute, where it does not tell us of them
    crm_signing: str = ""  # connection=whsec_…,…: who may send events of tickets; a connection may have several
    crm_channels: str = ""  # connection=channel+channel,…: what each may speak for; "" and who is not named: all
    mailbox: str = ""  # imaps://user:password@host/INBOX: letters to it become tickets (docs/connect/letters.md)
    crm_options: str = ""  # what else the kind needs, as a JSON object; docs/connect
    channels: str = ""  # JSON: robots, text messages and webhooks for notices (docs/connect/notices.md)
    smtp_url: str = ""  # smtp://user:password@host:port; "" means the notice centre alone
    smtp_sender: str = "vocloop@localhost"
    webhook_allow: str = ""  # hosts inside, by commas, that webhooks may go to, also over plain http
    webhook_log_days: int = 30  # how long the log of webhook deliveries is kept
    secret_key: str = ""  # signs survey links, webhooks' secrets are made of it; "" makes one under home at first start
    oidc_issuer: str = ""  # people sign in by OpenID Connect with this provider; "" is the demo sign-in, on loopback
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scope: str = "openid profile"  # add what the provider wants for the groups, for example "groups"
    oidc_groups_claim: str = "groups"  # what policy/access.toml maps to role and department
    keys_only: bool = False  # no page signs anybody in, not even the demo: systems alone, by their keys
    api_key: str = ""  # what the command line sends; "" is the key that `vocloop up` keeps under home

    @property
    def ledger_url(self) -> str:
        """With PostgreSQL's limits in its query, where the ledger reads them; what stands in the URL itself counts."""
        if not self.database_url.startswith("postgres"):
            return self.database_url or f"sqlite+aiosqlite:///{self.home.resolve() / 'ledger.db'}"
        limits = {
            "pool": self.database_pool,
            "statement_timeout": self.database_statement_timeout,
            "lock_timeout": self.database_lock_timeout,
            "idle_timeout": self.database_idle_timeout,
        }
        return f"{self.database_url}{'&' if '?' in self.database_url else '?'}{urlencode(limits)}"

    @property
    def webhook_hosts(self) -> frozenset[str]:
        return frozenset(host.strip().lower() for host in self.webhook_allow.split(",")) - {""}

    @property
    def max_evidence_bytes(self) -> int:
        return self.evidence_max_mb << 20

    @property
    def base_url(self) -> str:
        host = f"[{self.api_host}]" if ":" in self.api_host else self.api_host
        return self.public_url or f"http://{host}:{self.api_port}"


@lru_cache(maxsize=1)
def load() -> Settings:
    return Settings()


def utc_now() -> datetime:
    """The one place that reads the clock. Doors call it once per request and pass the instant in."""
    return datetime.now(UTC)
