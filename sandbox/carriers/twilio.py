"""Twilio Programmable Messaging: POST /2010-04-01/Accounts/{AccountSid}/Messages.json.

Shapes: twilio/twilio-oai, spec/json/twilio_api_v2010.json; codes: https://www.twilio.com/docs/api/errors;
numbers that always fail: https://www.twilio.com/docs/iam/test-credentials#test-sms-messages.
"""

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import phonenumbers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from ..twilio import errors, parameters
from .carrier import Carrier, Endpoint, Failure, RefusedError, basic, is_possible, same

_MAGIC_TO = {
    "+15005550001": "21211",
    "+15005550002": "21612",
    "+15005550003": "21408",
    "+15005550004": "21610",
    "+15005550009": "21614",
}
_MAGIC_FROM = {"+15005550001": "21212", "+15005550007": "21606", "+15005550008": "21611"}
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 +&_-]{1,11}")
_SHORT_CODE = re.compile(r"[0-9]{5,6}")
# The number that test credentials may send from.
_FROM = "+15005550006"
_LONGEST = 1600
_SEGMENT = 153


class Twilio(Carrier):
    """The account is the one Twilio Verify has here too."""

    name = "twilio"
    failures = (
        Failure("20003", 401, "Authenticate", "credentials"),
        Failure("20429", 429, "Too many requests", "throttled"),
        Failure("20500", 500, "Internal Server Error", "internal"),
        Failure("20503", 503, "Service unavailable", "internal"),
        Failure("20005", 403, "Account not active", "account"),
        Failure("21211", 400, "Invalid 'To' Phone Number", "number"),
        Failure("21212", 400, "Invalid From Number (caller ID)", "sender"),
        Failure(
            "21408", 400, "Permission to send an SMS has not been enabled for the region indicated", "country"
        ),
        Failure("21602", 400, "Message body is required.", "text"),
        Failure("21603", 400, "A 'From' phone number is required.", "sender"),
        Failure("21604", 400, "A 'To' phone number is required.", "number"),
        Failure("21606", 400, "The From phone number is not a valid, SMS-capable Twilio number", "sender"),
        Failure("21610", 400, "Attempt to send to unsubscribed recipient", "opted_out"),
        Failure("21611", 429, "The queue of this 'From' number is full", "throttled"),
        Failure("21612", 400, "The 'To' phone number is not currently reachable via SMS", "number"),
        Failure("21614", 400, "'To' number is not a valid mobile number", "number"),
        Failure("21617", 400, "The concatenated message body exceeds the 1600 character limit", "text"),
        Failure("21701", 404, "The Messaging Service does not exist", "sender"),
        Failure("30450", 400, "Message delivery blocked (SMS Pumping Protection)", "number"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {}

    @property
    def credentials(self) -> dict[str, str]:
        account = self.sandbox.store.get("seed", "twilio") or {}
        return {
            "TWILIO_ACCOUNT_SID": account["api_key"],
            "TWILIO_API_KEY": account["api_key"],
            "TWILIO_API_SECRET": account["api_secret"],
            "TWILIO_FROM": _FROM,
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "/2010-04-01/Accounts/{account}/Messages.json", self.send)]

    async def send(self, request: Request) -> Response:
        self._authenticate(request)
        fields = await parameters.form(request)
        self._check(fields)
        reference = f"SM{self.sandbox.ids.hex(32)}"
        self.deliver(fields["To"], fields.get("From"), fields["Body"], reference)
        return JSONResponse(self._shown(fields, reference), 201)

    def refuse(self, error: RefusedError) -> Response:
        failure = error.failure
        message = failure.message + (f": {error.detail}" if error.detail else "")
        return errors.TwilioError(int(failure.code), failure.status, message).response()

    def _authenticate(self, request: Request) -> None:
        account = self.credentials
        user, password = basic(request)
        right = same(user, account["TWILIO_API_KEY"]) and same(password, account["TWILIO_API_SECRET"])
        if not right or request.path_params["account"] != account["TWILIO_ACCOUNT_SID"]:
            raise self.refusal("20003")

    def _check(self, fields: dict[str, str]) -> None:
        for name, code in (("To", "21604"), ("Body", "21602")):
            if not fields.get(name):
                raise self.refusal(code)
        if len(fields["Body"]) > _LONGEST:
            raise self.refusal("21617")
        self._check_sender(fields.get("From"), fields.get("MessagingServiceSid"))
        self._check_recipient(fields["To"])

    def _check_sender(self, sender: str | None, service: str | None) -> None:
        if service is not None:
            if not re.fullmatch(r"MG[0-9a-f]{32}", service):
                raise self.refusal("21701")
            return
        if not sender:
            raise self.refusal("21603")
        if sender in _MAGIC_FROM:
            raise self.refusal(_MAGIC_FROM[sender])
        known = is_possible(sender) or _ALPHANUMERIC.fullmatch(sender) or _SHORT_CODE.fullmatch(sender)
        if not known:
            raise self.refusal("21212", sender)

    def _check_recipient(self, to: str) -> None:
        if to in _MAGIC_TO:
            raise self.refusal(_MAGIC_TO[to])
        if not is_possible(to):
            raise self.refusal("21211", to)
        if phonenumbers.number_type(phonenumbers.parse(to)) == phonenumbers.PhoneNumberType.FIXED_LINE:
            raise self.refusal("21614")
        self.check_plan(to)

    def _shown(self, fields: dict[str, str], reference: str) -> dict[str, Any]:
        account = self.credentials["TWILIO_ACCOUNT_SID"]
        uri = f"/2010-04-01/Accounts/{account}/Messages/{reference}"
        now = format_datetime(datetime.fromtimestamp(self.sandbox.clock.now(), UTC))
        service = fields.get("MessagingServiceSid")
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": fields["Body"],
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "direction": "outbound-api",
            "error_code": None,
            "error_message": None,
            "from": fields.get("From"),
            "messaging_service_sid": service,
            "num_media": "0",
            "num_segments": "0" if service else str(1 + (len(fields["Body"]) - 1) // _SEGMENT),
            "price": None,
            "price_unit": "USD",
            "sid": reference,
            "status": "accepted" if service else "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": fields["To"],
            "uri": f"{uri}.json",
        }
