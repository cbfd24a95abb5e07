"""Text messages by Aliyun and Tencent: their HTTP calls, signed as they publish it, without their SDKs.

Sources: Aliyun "Signature method V3" (ACS3-HMAC-SHA256) and SendSms of API version 2017-05-25; Tencent Cloud "Signature
v3" (TC3-HMAC-SHA256) and SendSms of API version 2021-01-11. In China a text message is a template that the vendor has
approved, filled with a few facts. None was called here: tests verify the signatures with the vendors' published steps.
"""

import hashlib
import hmac
import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import httpx2
from pydantic import BaseModel, ConfigDict, Field

from activities.channels.page import Channel, ChannelAway, ChannelRefused, Said, post

_LONGEST_FACT = 35  # signs; the vendors refuse a longer one
_PATIENCE = timedelta(minutes=1)


class SmsAccount(BaseModel):
    """`template` is the approved one, `facts` what fills it, in its order: names like subject or ticket_no. `customer`
    has templates for customers by language, each filled with `customer_facts`; none, and customers get no message.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key_id: str = Field(min_length=1)
    key_secret: str = Field(min_length=1, repr=False)
    sign_name: str = Field(min_length=1)
    template: str = Field(min_length=1)
    facts: tuple[str, ...] = ("ticket_no",)
    customer: dict[Literal["zh", "en"], str] = {}
    customer_facts: tuple[str, ...] = ("subject", "link_code")
    app_id: str = ""  # Tencent's SmsSdkAppId
    region: str = "ap-guangzhou"  # Tencent's
    url: str = ""  # of the vendor, unless it is a gateway of yours


class _Sms(Channel):
    """An address is a phone number in E.164, +8613800000000."""

    def __init__(self, account: SmsAccount, *, client: httpx2.AsyncClient, clock: Callable[[], datetime]) -> None:
        self._account, self._client, self._clock = account, client, clock

    async def send(self, address: str, said: Said) -> None:
        answer = await self._ask(address, self._template(said), self._filled(said), key=said.key)
        try:
            code = self._code(answer)
        except (AttributeError, LookupError, TypeError):
            raise ChannelAway("its answer is not what it documents") from None
        if code in ("OK", "Ok"):
            return
        if any(sign in code for sign in ("Throttling", "LIMIT", "Limit", "InternalError", "ServiceUnavailable")):
            raise ChannelAway(code[:64], wait=_PATIENCE)
        raise ChannelRefused(code[:64])

    @abstractmethod
    async def _ask(self, phone: str, template: str, facts: Mapping[str, str], *, key: str) -> dict[str, Any]: ...

    @abstractmethod
    def _code(self, answer: dict[str, Any]) -> str: ...

    def _template(self, said: Said) -> str:
        """Of a customer whose language has none, the first that there is."""
        theirs = self._account.customer
        if not said.language:
            return self._account.template
        return theirs.get(said.language) or next(iter(theirs.values()))

    def _filled(self, said: Said) -> dict[str, str]:
        known = {"subject": said.subject, **said.facts}
        wanted = self._account.customer_facts if said.language else self._account.facts
        if said.language and (missing := [name for name in wanted if not known.get(name)]):
            raise ChannelRefused(f"nothing fills {missing[0]}")  # a link that was revoked leads nowhere
        return {name: known.get(name, "")[:_LONGEST_FACT] for name in wanted}


class AliyunSms(_Sms):
    async def _ask(self, phone: str, template: str, facts: Mapping[str, str], *, key: str) -> dict[str, Any]:
        query = {
            "PhoneNumbers": phone.removeprefix("+86"),
            "SignName": self._account.sign_name,
            "TemplateCode": template,
            "TemplateParam": json.dumps(facts, ensure_ascii=False),
            "OutId": key[:255],
        }
        url = self._account.url or "https://dysmsapi.aliyuncs.com"
        encoded = "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))
        headers = self._headers(urlsplit(url).netloc, encoded, nonce=hashlib.sha256(key.encode()).hexdigest()[:32])
        return await post(self._client, f"{url}/?{encoded}", headers=headers)

    def _code(self, answer: dict[str, Any]) -> str:
        return str(answer.get("Code", ""))

    def _headers(self, host: str, query: str, *, nonce: str) -> dict[str, str]:
        nothing, at = hashlib.sha256(b"").hexdigest(), self._clock()
        headers = {
            "host": host,
            "x-acs-action": "SendSms",
            "x-acs-content-sha256": nothing,
            "x-acs-date": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": f"{nonce}{int(at.timestamp())}",  # another try needs another one
            "x-acs-version": "2017-05-25",
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = "\n".join(("POST", "/", query, lines, names, nothing))
        to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
        signed = hmac.new(self._account.key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
        by = f"Credential={self._account.key_id},SignedHeaders={names},Signature={signed}"
        return {**headers, "Authorization": f"ACS3-HMAC-SHA256 {by}"}


class TencentSms(_Sms):
    async def _ask(self, phone: str, template: str, facts: Mapping[str, str], *, key: str) -> dict[str, Any]:
        body = {
            "PhoneNumberSet": [phone],
            "SmsSdkAppId": self._account.app_id,
            "SignName": self._account.sign_name,
            "TemplateId": template,
            "TemplateParamSet": list(facts.values()),
            "SessionContext": key[:512],
        }
        url = self._account.url or "https://sms.tencentcloudapi.com"
        content = json.dumps(body, ensure_ascii=False).encode()
        return await post(self._client, url, content=content, headers=self._headers(urlsplit(url).netloc, content))

    def _code(self, answer: dict[str, Any]) -> str:
        said = answer.get("Response", {})
        if "Error" in said:
            return str(said["Error"].get("Code", ""))
        return str((said.get("SendStatusSet") or [{}])[0].get("Code", ""))

    def _headers(self, host: str, content: bytes) -> dict[str, str]:
        at, kind = self._clock(), "application/json; charset=utf-8"
        timestamp, day = str(int(at.timestamp())), f"{at:%Y-%m-%d}"
        lines, names = f"content-type:{kind}\nhost:{host}\nx-tc-action:sendsms\n", "content-type;host;x-tc-action"
        request = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(content).hexdigest()))
        scope = f"{day}/sms/tc3_request"
        to_sign = "\n".join(("TC3-HMAC-SHA256", timestamp, scope, hashlib.sha256(request.encode()).hexdigest()))
        key = f"TC3{self._account.key_secret}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.digest(key, part.encode(), hashlib.sha256)
        signed = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        by = f"Credential={self._account.key_id}/{scope}, SignedHeaders={names}, Signature={signed}"
        about = {"X-TC-Action": "SendSms", "X-TC-Version": "2021-01-11", "X-TC-Region": self._account.region}
        return {
            **about,
            "Host": host,
            "Content-Type": kind,
            "X-TC-Timestamp": timestamp,
            "Authorization": f"TC3-HMAC-SHA256 {by}",
        }
