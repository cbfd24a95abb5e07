"""What `vocloop up` is going to start, settled before anything starts."""

from dataclasses import dataclass
from typing import Self

from settings import Settings
from starter.connecting import connect_options
from starter.embedded import parts, temporal_server
from starter.embedded.parts import Ports
from starter.home import Stack


@dataclass(frozen=True)
class Plan:
    """`settings` are as the parts see them. Not embedded means that an existing Temporal cluster is used."""

    settings: Settings
    ports: Ports
    is_embedded: bool
    with_crm_sim: bool

    @classmethod
    def of(cls, settings: Settings, *, ports: Ports, with_crm_sim: bool) -> Self:
        """Raises TemporalUnavailable when Temporal's own profile cannot be read."""
        cluster = connect_options(settings).get("target_host")
        facts: dict[str, object] = {"home": settings.home.resolve()}
        if not cluster:
            facts["temporal_address"] = f"{temporal_server.LOOPBACK}:{ports.temporal}"
        if with_crm_sim:
            facts["crm_url"] = parts.crm_address(ports)
        if not cluster and not settings.codec_ui:
            facts["codec_ui"] = ",".join(f"http://{host}:{ports.temporal_ui}" for host in ("127.0.0.1", "localhost"))
        return cls(settings.model_copy(update=facts), ports, not cluster, with_crm_sim)

    def refuse_taken_ports(self) -> None:
        """Raises CannotGoOn for the first port that something else listens on."""
        wanted = {"--api-port": self.settings.api_port}
        if self.is_embedded:
            wanted["--temporal-port"] = self.ports.temporal
            wanted["--temporal-http-port"] = self.ports.temporal_http
            wanted["--ui-port"] = self.ports.temporal_ui
        if self.with_crm_sim:
            wanted["--crm-port"] = self.ports.crm
        if self.settings.payload_keys:
            wanted["VOCLOOP_CODEC_PORT"] = self.settings.codec_port
        for option, port in wanted.items():
            parts.refuse_taken(port, option=option)

    def stack(self, *, temporal: str, namespace: str) -> Stack:
        """Where everything listens, for people and for the other commands."""
        ui = temporal_server.ui_address(self.ports.temporal_ui, namespace=namespace)
        return Stack(
            temporal=temporal,
            temporal_ui=ui if self.is_embedded else "",
            api=parts.api_address(self.settings),
            crm=parts.crm_address(self.ports) if self.with_crm_sim else "",
        )
