"""The evidence store that the settings name."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from settings import Settings
from starter.evidence.shelf import Shelf
from starter.evidence.store import EvidenceStore, StoreUnavailable, on_disk
from starter.home import prepare
from starter.stopping import CannotGoOn

_NO_URL = "Give evidence an address like file:///srv/evidence or s3://bucket/prefix, not {url}."
_HALF_A_KEY = "Set VOCLOOP_EVIDENCE_KEY_ID and VOCLOOP_EVIDENCE_KEY_SECRET, or neither of them."
_NO_S3 = "Mend VOCLOOP_EVIDENCE_URL, _ENDPOINT and _REGION: there is no S3 to be made of them."
_CLIENT: dict[str, Any] = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(minutes=2)}
_RETRY: dict[str, Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


def open_store(settings: Settings) -> EvidenceStore:
    """Raises CannotGoOn when its folder cannot be written, or its address cannot be read. Asks S3 nothing yet."""
    return store_at(settings.evidence_url, settings)


def store_at(url: str, settings: Settings) -> EvidenceStore:
    """As `open_store`, at another address; "" is the folder under home."""
    prepare(settings.home)
    home, parts = settings.home / "evidence", urlsplit(url)
    try:
        if parts.scheme == "s3" and parts.netloc:
            shelf = _s3(parts.netloc, parts.path.strip("/"), settings)
            return EvidenceStore(home, shelf, max_bytes=settings.max_evidence_bytes)
        if url and not (parts.scheme == "file" and parts.netloc in ("", "localhost") and len(parts.path) > 1):
            raise CannotGoOn(_NO_URL.format(url=url))
        folder = Path(unquote(parts.path)) if url else home
        return EvidenceStore(folder, on_disk(folder), max_bytes=settings.max_evidence_bytes)
    except StoreUnavailable as error:
        raise CannotGoOn(str(error)) from None


def _s3(bucket: str, prefix: str, settings: Settings) -> Shelf:
    key_id, secret, endpoint = settings.evidence_key_id, settings.evidence_key_secret, settings.evidence_endpoint
    if bool(key_id) != bool(secret):
        raise CannotGoOn(_HALF_A_KEY)
    told = {
        "endpoint": endpoint.rstrip("/"),
        "region": settings.evidence_region,
        "access_key_id": key_id,
        "secret_access_key": secret,
    }
    config: Any = {name: value for name, value in told.items() if value}
    config["virtual_hosted_style_request"] = settings.evidence_virtual_host
    client: Any = {**_CLIENT, "allow_http": endpoint.startswith("http://")}
    try:
        store = S3Store(bucket, prefix=prefix or None, config=config, client_options=client, retry_config=_RETRY)  # type: ignore[arg-type]
    except (BaseError, ValueError) as error:
        raise CannotGoOn(_NO_S3) from error
    return Shelf(store)
