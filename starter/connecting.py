"""The way to Temporal: which server, whether it will do, and the search attributes it has to know."""

import asyncio
import re
from collections.abc import Sequence

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client, Plugin
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError

from settings import Settings
from starter import tracing
from starter.converting import convert
from starter.encrypting import codec, sealing
from starter.home import recall
from starter.stopping import CannotGoOn
from workflows.names import SEARCH_ATTRIBUTES

# The first server that lists workflows whose tasks keep failing (TemporalReportedProblems). Run against: 1.32.0.
MINIMUM_SERVER = (1, 30, 0)
_PATIENCE_S = 10.0


class TemporalUnavailable(CannotGoOn):
    """No Temporal server that will do answers."""


def client_plugin() -> SimplePlugin:
    """What a client needs to speak with our workflows: the converter and nothing else."""
    return SimplePlugin("vocloop-client", data_converter=convert)


async def connect(
    settings: Settings, *, plugins: Sequence[Plugin], is_lazy: bool = False, runtime: Runtime | None = None
) -> Client:
    """A client of the server meant: `settings.temporal_address`, else Temporal's own profile and environment, else
    the embedded server of this home; its payloads sealed when there are keys. Raises CannotGoOn.

    A lazy one connects at its first call, for doors that stay open without Temporal. Until it has connected once its
    calls raise RuntimeError, afterwards RPCError.
    """
    options = connect_options(settings)
    address = options.get("target_host") or _embedded_address(settings)
    converter = sealing(DataConverter.default, codec(settings))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            client = await Client.connect(
                address,
                namespace=settings.temporal_namespace or options.get("namespace") or "default",
                api_key=options.get("api_key"),
                tls=options.get("tls"),
                rpc_metadata=options.get("rpc_metadata", {}),
                data_converter=converter,
                plugins=plugins,
                interceptors=tracing.interceptors(settings),
                lazy=is_lazy,
                runtime=runtime,
            )
            if not is_lazy:
                await _check_server(client, address)
    except (RuntimeError, TimeoutError):  # the SDK's word for any failure to connect
        raise TemporalUnavailable(
            f"Temporal does not answer at {address}: start it with `vocloop up`, or name another --temporal-address."
        ) from None
    return client


def connect_options(settings: Settings) -> ClientConnectConfig:
    """Temporal's own profile and environment, under our setting. Without `target_host` no server is named."""
    try:
        options = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:  # OSError: a certificate that it names and that is not there
        raise TemporalUnavailable(f"Temporal's profile cannot be read; correct or remove it: {error}") from None
    if settings.temporal_address:
        options["target_host"] = settings.temporal_address
    return options


async def ensure_search_attributes(client: Client) -> tuple[str, ...]:
    """Register what is missing; returns those names. Safe to repeat.

    Raises CannotGoOn when a name is taken with another type, or the namespace has no room.
    """
    missing = await missing_search_attributes(client)
    if missing:
        wanted = {key.name: _indexed_type(key.indexed_value_type) for key in SEARCH_ATTRIBUTES}
        request = AddSearchAttributesRequest(
            namespace=client.namespace, search_attributes={name: wanted[name] for name in missing}
        )
        try:
            await client.operator_service.add_search_attributes(request)
        except RPCError as error:
            raise CannotGoOn(
                f"Temporal refuses the search attributes {', '.join(missing)} ({error.message}): register them by hand."
            ) from None
    return missing


async def missing_search_attributes(client: Client) -> tuple[str, ...]:
    """Those of ours the namespace does not know yet. Raises CannotGoOn when one has another type."""
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = (await client.operator_service.list_search_attributes(request)).custom_attributes
    for key in SEARCH_ATTRIBUTES:
        if key.name in known and known[key.name] != _indexed_type(key.indexed_value_type):
            raise CannotGoOn(
                f"The search attribute {key.name} exists in namespace {client.namespace} with another type than"
                f" {key.indexed_value_type.name}: remove it, or use another namespace."
            )
    return tuple(key.name for key in SEARCH_ATTRIBUTES if key.name not in known)


def _indexed_type(value_type: int) -> IndexedValueType.ValueType:
    return IndexedValueType.ValueType(int(value_type))


async def _check_server(client: Client, address: str) -> None:
    info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    if is_too_old(info.server_version):
        raise TemporalUnavailable(
            f"Temporal at {address} is {info.server_version}: upgrade it to {_dotted(MINIMUM_SERVER)} or newer."
        )
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as error:
        raise TemporalUnavailable(
            f"Temporal at {address} does not give us namespace {client.namespace} ({error.message}): create it, or name"
            " another in VOCLOOP_TEMPORAL_NAMESPACE."
        ) from None


def is_too_old(server_version: str) -> bool:
    """Whether a server that says this of itself is known to be too old. What cannot be read is given the chance."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", server_version)
    return match is not None and tuple(map(int, match.groups())) < MINIMUM_SERVER


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _embedded_address(settings: Settings) -> str:
    stack = recall(settings.home)
    if stack is None:
        raise TemporalUnavailable(
            f"No Temporal server is known: start one with `vocloop up` (home {settings.home}), or name one with"
            " --temporal-address."
        )
    return stack.temporal
