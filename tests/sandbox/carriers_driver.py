"""How a client speaks to each carrier, by the carriers' own documents, and how it reads the answer."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from sandbox.testing import RunningSandbox

TO = "+447700900123"
TEXT = "Your code is 123456: naïve & “quoted” <b>"
Env = dict[str, str]


@dataclass(frozen=True)
class Wire:
    """One HTTP request, before it is sent to a carrier's base URL."""

    path: str
    headers: dict[str, str]
    body: Any
    form: bool = False
    auth: tuple[str, str] | None = None


@dataclass(frozen=True)
class Dialect:
    """One carrier: its request for a message, and the code its answer refuses with, None when accepted."""

    name: str
    wire: Callable[[Env, str, str], Wire]
    code: Callable[[requests.Response], str | None]
    accepted: int
    secret: str


def _clickatell(env: Env, to: str, text: str) -> Wire:
    message = {"channel": "sms", "to": to.removeprefix("+"), "content": text, "clientMessageId": "k1"}
    return Wire("/v1/message", {"Authorization": env["CLICKATELL_API_KEY"]}, {"messages": [message]})


def _clickatell_code(response: requests.Response) -> str | None:
    body = response.json()
    error = body["error"] or body["messages"][0]["error"]
    return str(error["code"]) if error else None


def _twilio(env: Env, to: str, text: str) -> Wire:
    path = f"/2010-04-01/Accounts/{env['TWILIO_ACCOUNT_SID']}/Messages.json"
    body = {"To": to, "From": "+15005550006", "Body": text}
    return Wire(path, {}, body, form=True, auth=(env["TWILIO_API_KEY"], env["TWILIO_API_SECRET"]))


def _twilio_code(response: requests.Response) -> str | None:
    return str(response.json()["code"]) if "code" in response.json() else None


def signed(secret: str, raw: bytes, at: float | None = None) -> dict[str, str]:
    """The headers of a signed webhook."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    return {
        "X-Sms-Timestamp": stamp,
        "X-Sms-Signature": f"sha256={digest}",
        "Content-Type": "application/json",
    }


def _webhook(env: Env, to: str, text: str) -> Wire:
    raw = json.dumps({"to": to, "text": text, "sender": "Acme", "key": "k1"}).encode()
    return Wire("", signed(env["SMS_WEBHOOK_SECRET"], raw), raw)


def _webhook_code(response: requests.Response) -> str | None:
    status = response.json()["status"]
    return None if status == "accepted" else str(status)


def _vonage(env: Env, to: str, text: str) -> Wire:
    body = {
        "api_key": env["VONAGE_API_KEY"],
        "api_secret": env["VONAGE_API_SECRET"],
        "to": to.removeprefix("+"),
        "from": "Acme",
        "text": text,
        "type": "unicode",
        "client-ref": "k1",
    }
    return Wire("/sms/json", {}, body, form=True)


def _vonage_code(response: requests.Response) -> str | None:
    (message,) = response.json()["messages"]
    return None if message["status"] == "0" else str(message["status"])


def _infobip(env: Env, to: str, text: str) -> Wire:
    message = {"sender": "Acme", "destinations": [{"to": to}], "content": {"text": text}}
    headers = {"Authorization": f"App {env['INFOBIP_API_KEY']}"}
    return Wire("/sms/3/messages", headers, {"messages": [message]})


def _infobip_code(response: requests.Response) -> str | None:
    body = response.json()
    if "requestError" in body:
        return str(body["requestError"]["serviceException"]["messageId"])
    if "errorCode" in body:
        return str(body["errorCode"])
    status = body["messages"][0]["status"]
    return str(status["name"]) if status["groupName"] == "REJECTED" else None


def _aws(env: Env, to: str, text: str) -> Wire:
    scope = f"{env['AWS_ACCESS_KEY_ID']}/20260101/eu-west-1/sms-voice/aws4_request"
    signed_headers = "content-type;host;x-amz-date;x-amz-target"
    signature = f"SignedHeaders={signed_headers}, Signature={'0' * 64}"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, {signature}",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "PinpointSMSVoiceV2.SendTextMessage",
    }
    body = {"DestinationPhoneNumber": to, "OriginationIdentity": "Acme", "MessageBody": text}
    return Wire("", headers, json.dumps(body).encode())


def _aws_code(response: requests.Response) -> str | None:
    body = response.json()
    return None if "MessageId" in body else str(body.get("Reason") or body["__type"].partition("#")[2])


def _plivo(env: Env, to: str, text: str) -> Wire:
    path = f"/v1/Account/{env['PLIVO_AUTH_ID']}/Message/"
    body = {"src": "Acme", "dst": to, "text": text}
    return Wire(path, {}, body, auth=(env["PLIVO_AUTH_ID"], env["PLIVO_AUTH_TOKEN"]))


def _plivo_code(response: requests.Response) -> str | None:
    error = response.json().get("error")
    return str(error) if error else None


def _telnyx(env: Env, to: str, text: str) -> Wire:
    headers = {"Authorization": f"Bearer {env['TELNYX_API_KEY']}"}
    return Wire("/v2/messages", headers, {"from": "+14155550199", "to": to, "text": text})


def _telnyx_code(response: requests.Response) -> str | None:
    errors = response.json().get("errors")
    return str(errors[0]["code"]) if errors else None


def _sinch(env: Env, to: str, text: str) -> Wire:
    headers = {"Authorization": f"Bearer {env['SINCH_API_TOKEN']}"}
    body = {"from": "Acme", "to": [to], "body": text, "client_reference": "k1"}
    return Wire(f"/xms/v1/{env['SINCH_SERVICE_PLAN_ID']}/batches", headers, body)


def _sinch_code(response: requests.Response) -> str | None:
    """400 and 403 alone have a body."""
    if response.status_code == 201:
        return None
    return str(response.json()["code"]) if response.content else str(response.status_code)


def _messagebird(env: Env, to: str, text: str) -> Wire:
    headers = {"Authorization": f"AccessKey {env['MESSAGEBIRD_ACCESS_KEY']}"}
    body = {"originator": "Acme", "body": text, "recipients": [to.removeprefix("+")], "datacoding": "auto"}
    return Wire("/messages", headers, body)


def _messagebird_code(response: requests.Response) -> str | None:
    errors = response.json().get("errors")
    return str(errors[0]["code"]) if errors else None


def _bird(env: Env, to: str, text: str) -> Wire:
    path = f"/workspaces/{env['BIRD_WORKSPACE_ID']}/channels/{env['BIRD_CHANNEL_ID']}/messages"
    contact = {"identifierKey": "phonenumber", "identifierValue": to}
    body = {"receiver": {"contacts": [contact]}, "body": {"type": "text", "text": {"text": text}}}
    return Wire(path, {"Authorization": f"AccessKey {env['BIRD_ACCESS_KEY']}"}, body)


def _bird_code(response: requests.Response) -> str | None:
    code = response.json().get("code")
    return str(code) if code else None


def _africastalking(env: Env, to: str, text: str) -> Wire:
    headers = {"apiKey": env["AFRICASTALKING_API_KEY"], "Accept": "application/json"}
    body = {"username": env["AFRICASTALKING_USERNAME"], "to": to, "message": text, "bulkSMSMode": "1"}
    return Wire("/version1/messaging", headers, body, form=True)


def _africastalking_code(response: requests.Response) -> str | None:
    words = {"The": "authentication", "Request": "bad_request", "Too": "429", "Service": "unavailable"}
    if response.status_code != 201:
        return words[response.text.partition(" ")[0]]
    (recipient,) = response.json()["SMSMessageData"]["Recipients"]
    return None if recipient["statusCode"] in (100, 101, 102) else str(recipient["statusCode"])


DIALECTS = (
    Dialect("clickatell", _clickatell, _clickatell_code, 202, "CLICKATELL_API_KEY"),
    Dialect("twilio", _twilio, _twilio_code, 201, "TWILIO_API_SECRET"),
    Dialect("webhook", _webhook, _webhook_code, 202, "SMS_WEBHOOK_SECRET"),
    Dialect("vonage", _vonage, _vonage_code, 200, "VONAGE_API_SECRET"),
    Dialect("infobip", _infobip, _infobip_code, 200, "INFOBIP_API_KEY"),
    Dialect("aws", _aws, _aws_code, 200, "AWS_ACCESS_KEY_ID"),
    Dialect("plivo", _plivo, _plivo_code, 202, "PLIVO_AUTH_TOKEN"),
    Dialect("telnyx", _telnyx, _telnyx_code, 200, "TELNYX_API_KEY"),
    Dialect("sinch", _sinch, _sinch_code, 201, "SINCH_API_TOKEN"),
    Dialect("messagebird", _messagebird, _messagebird_code, 201, "MESSAGEBIRD_ACCESS_KEY"),
    Dialect("bird", _bird, _bird_code, 202, "BIRD_ACCESS_KEY"),
    Dialect("africastalking", _africastalking, _africastalking_code, 201, "AFRICASTALKING_API_KEY"),
)


class Carriers:
    """A client of the running sandbox's carriers."""

    def __init__(self, running: RunningSandbox, session: requests.Session) -> None:
        self._running = running
        self._session = session
        self.env: dict[str, Env] = running.ready["carriers"]

    def send(self, dialect: Dialect, to: str = TO, text: str = TEXT, **changed: str) -> requests.Response:
        """Have a message sent; keyword arguments replace credentials."""
        return self.post(dialect.name, dialect.wire({**self.env[dialect.name], **changed}, to, text))

    def post(self, name: str, wire: Wire) -> requests.Response:
        raw = isinstance(wire.body, bytes)
        return self._session.post(
            f"{self._running.addresses.twilio}/carriers/{name}{wire.path}",
            headers=wire.headers,
            data=wire.body if wire.form or raw else None,
            json=None if wire.form or raw else wire.body,
            auth=wire.auth,
            timeout=10,
            allow_redirects=False,
        )

    def plan(self, answer: str, **rule: Any) -> requests.Response:
        """Plan how a carrier answers."""
        url = f"{self._running.url}/_sandbox/carriers"
        return self._session.post(url, json={"answer": answer, **rule}, timeout=10)

    def messages(self) -> list[dict[str, Any]]:
        return self._running.sandbox.store.all("messages")
