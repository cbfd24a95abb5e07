"""Figures of the SDK for Prometheus."""

from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from starter.stopping import CannotGoOn

_BUCKETS_MS = (50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4, 6e4, 3e5, 3.6e6, 8.64e7)  # from an eye's blink to a day


def measured(address: str, histograms: tuple[str, ...]) -> Runtime | None:
    """The SDK's runtime that exports figures for Prometheus at `address`, host:port; None for "". Raises CannotGoOn."""
    if not address:
        return None
    buckets = dict.fromkeys(histograms, _BUCKETS_MS)
    metrics = PrometheusConfig(bind_address=address, histogram_bucket_overrides=buckets)
    try:
        return Runtime(telemetry=TelemetryConfig(metrics=metrics))
    except (ValueError, RuntimeError):
        raise CannotGoOn(f"VOCLOOP_METRICS_ADDRESS is a free host:port like 127.0.0.1:9464, not {address}.") from None
