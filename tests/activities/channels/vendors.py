"""Vendors on loopback: real HTTP servers that hold what they are sent to the vendors' published rules.

The signatures are worked out here from the vendors' documents, step by step, and from nothing of ours.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit


class Request(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, dict[str, str], Any]


class Vendor:
    """`answer` decides; `requests` are kept."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: Callable[[Request], Answer] = lambda _: (200, {}, {})
        self.url = ""


@contextmanager
def a_vendor() -> Iterator[Vendor]:
    vendor = Vendor()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            request = Request(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            vendor.requests.append(request)
            status, headers, said = vendor.answer(request)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *said: object) -> None:
            """Nothing: it is a test's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield vendor
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wecom(request: Request) -> Answer:
    """Takes markdown of at most 4,096 bytes by the right key."""
    if request.query.get("key") != "k":
        return 200, {}, {"errcode": 93000, "errmsg": "invalid webhook url"}
    content = request.json["markdown"]["content"]
    if request.json["msgtype"] != "markdown" or len(content.encode()) > 4096:
        return 200, {}, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
    return 200, {}, {"errcode": 0, "errmsg": "ok"}


def dingtalk(secret: str, *, now_ms: int) -> Callable[[Request], Answer]:
    """sign = URL-encoded Base64 of HMAC-SHA256, keyed by the secret, of timestamp, newline, secret; within an hour."""

    def answer(request: Request) -> Answer:
        raw = dict(part.split("=", 1) for part in urlsplit(request.path).query.split("&"))
        text = raw["timestamp"] + "\n" + secret
        wanted = base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()).decode()
        is_in_time = abs(now_ms - int(raw["timestamp"])) < 3_600_000
        if unquote(raw["sign"]) != wanted or not is_in_time:  # unquoted once: twice quoted is wrong
            return 200, {}, {"errcode": 310000, "errmsg": "sign not match"}
        if not request.json["markdown"]["title"]:
            return 200, {}, {"errcode": 40035, "errmsg": "missing title"}
        return 200, {}, {"errcode": 0, "errmsg": "ok"}

    return answer


def feishu(secret: str) -> Callable[[Request], Answer]:
    """sign = Base64 of HMAC-SHA256 with timestamp, newline and secret as the key, over nothing."""

    def answer(request: Request) -> Answer:
        key = f"{request.json['timestamp']}\n{secret}"
        wanted = base64.b64encode(hmac.new(key.encode("utf-8"), digestmod=hashlib.sha256).digest()).decode()
        if request.json["sign"] != wanted:
            return (
                200,
                {},
                {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"},
            )
        assert request.json["content"]["text"]
        return 200, {}, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}

    return answer


def aliyun(key_id: str, secret: str) -> Callable[[Request], Answer]:
    """V3: canonical request of method, path, sorted query, sorted signed headers, and the payload's hash."""

    def answer(request: Request) -> Answer:
        said = request.headers["authorization"].removeprefix("ACS3-HMAC-SHA256 ")
        parts = dict(part.split("=", 1) for part in said.split(","))
        names = parts["SignedHeaders"].split(";")
        assert names == sorted(names)
        assert {"host", *(name for name in request.headers if name.startswith("x-acs-"))} <= set(names)
        path, _, query = request.path.partition("?")
        assert query.split("&") == sorted(query.split("&"))
        payload = hashlib.sha256(request.body).hexdigest()
        assert request.headers["x-acs-content-sha256"] == payload
        lines = "".join(f"{name}:{request.headers[name].strip()}\n" for name in names)
        canonical = f"POST\n{path}\n{query}\n{lines}\n{parts['SignedHeaders']}\n{payload}"
        to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        wanted = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        if (parts["Credential"], parts["Signature"]) != (key_id, wanted):
            return 400, {}, {"Code": "SignatureDoesNotMatch", "Message": "the signature does not match"}
        asked = request.query
        if request.headers["x-acs-action"] != "SendSms" or "{" not in asked["TemplateParam"]:
            return 400, {}, {"Code": "isv.TEMPLATE_PARAMS_ILLEGAL"}
        return 200, {}, {"Code": "OK", "BizId": "1", "RequestId": "r", "Message": "OK"}

    return answer


def tencent(key_id: str, secret: str) -> Callable[[Request], Answer]:
    """V3: the key is derived from the day, the service and `tc3_request`; the signed headers are named."""

    def answer(request: Request) -> Answer:
        said = request.headers["authorization"].removeprefix("TC3-HMAC-SHA256 ")
        parts = dict(part.split("=", 1) for part in said.split(", "))
        id_, day, service, end = parts["Credential"].split("/")
        values = {name: request.headers[name].strip() for name in parts["SignedHeaders"].split(";")}
        lines = "".join(f"{name}:{value.lower()}\n" for name, value in values.items())
        hashed = hashlib.sha256(request.body).hexdigest()
        canonical = f"POST\n{request.path}\n\n{lines}\n{parts['SignedHeaders']}\n{hashed}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"TC3-HMAC-SHA256\n{request.headers['x-tc-timestamp']}\n{day}/{service}/{end}\n{digest}"
        key = ("TC3" + secret).encode()
        for part in (day, service, end):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        wanted = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        if (id_, service, parts["Signature"]) != (key_id, "sms", wanted):
            return 200, {}, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}}}
        (number,) = request.json["PhoneNumberSet"]
        return 200, {}, {"Response": {"SendStatusSet": [{"PhoneNumber": number, "Code": "Ok"}], "RequestId": "r"}}

    return answer
