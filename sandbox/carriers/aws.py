"""AWS End User Messaging SMS, version 2: SendTextMessage, JSON 1.0 on the base URL itself.

Shapes, exceptions and reasons: the service's model (botocore, pinpoint-sms-voice-v2/2022-03-31). A request
must be signed (Signature Version 4) by the account's access key; the signature itself is not checked.
"""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..ids import Ids
from .carrier import (
    Carrier,
    Endpoint,
    Failure,
    RefusedError,
    is_possible,
    is_text,
    is_text_or_absent,
    read_json,
    same,
)

_TARGET = "PinpointSMSVoiceV2.SendTextMessage"
_NAMESPACE = "com.amazonaws.pinpointsmsvoicev2"
_REGION = "eu-west-1"
_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/[0-9]{8}/[a-z0-9-]+/sms-voice/aws4_request, ?"
    r"SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}"
)
_LONGEST = 1600
# The exception each reason comes with; codes that aren't here are exceptions themselves.
_EXCEPTIONS = {
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": "ConflictException",
    "DESTINATION_PHONE_NUMBER_NOT_VERIFIED": "ConflictException",
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION": "ConflictException",
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": "ConflictException",
    "NO_ORIGINATION_IDENTITIES_FOUND": "ConflictException",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT": "ServiceQuotaExceededException",
    "INSUFFICIENT_ACCOUNT_REPUTATION": "AccessDeniedException",
    "ACCOUNT_DISABLED": "AccessDeniedException",
    "INVALID_PARAMETER": "ValidationException",
    "DESTINATION_COUNTRY_BLOCKED": "ValidationException",
    "SENDER_ID_NOT_REGISTERED": "ValidationException",
    "SENDER_ID_NOT_SUPPORTED": "ValidationException",
    "MAXIMUM_SIZE_EXCEEDED": "ValidationException",
    "MISSING_PARAMETER": "ValidationException",
    "PRICE_OVER_THRESHOLD": "ValidationException",
}


class Aws(Carrier):
    """Codes are the exceptions' reasons, or the exceptions' names where there is no reason."""

    name = "aws"
    failures = (
        Failure("INVALID_PARAMETER", 400, "Validation Exception", "number"),
        Failure("DESTINATION_PHONE_NUMBER_OPTED_OUT", 400, "Conflict Occurred", "opted_out"),
        Failure("ThrottlingException", 400, "Rate exceeded", "throttled"),
        Failure("InternalServerException", 500, "Internal server error", "internal"),
        Failure("MissingAuthenticationTokenException", 400, "Missing Authentication Token", "credentials"),
        Failure(
            "UnrecognizedClientException",
            400,
            "The security token included in the request is invalid.",
            "credentials",
        ),
        Failure("AccessDeniedException", 400, "User is not authorized to perform this", "credentials"),
        Failure("ACCOUNT_DISABLED", 400, "Access denied", "account"),
        Failure("INSUFFICIENT_ACCOUNT_REPUTATION", 400, "Access denied", "account"),
        Failure("ResourceNotFoundException", 400, "Resource not found", "sender"),
        Failure("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", 400, "Service quota exceeded", "balance"),
        Failure("DESTINATION_PHONE_NUMBER_NOT_VERIFIED", 400, "Conflict Occurred", "account"),
        Failure("DESTINATION_COUNTRY_BLOCKED", 400, "Validation Exception", "country"),
        Failure("DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION", 400, "Conflict Occurred", "country"),
        Failure(
            "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE", 400, "Conflict Occurred", "number"
        ),
        Failure("NO_ORIGINATION_IDENTITIES_FOUND", 400, "Conflict Occurred", "sender"),
        Failure("SENDER_ID_NOT_REGISTERED", 400, "Validation Exception", "sender"),
        Failure("SENDER_ID_NOT_SUPPORTED", 400, "Validation Exception", "sender"),
        Failure("MISSING_PARAMETER", 400, "Validation Exception", "text"),
        Failure("MAXIMUM_SIZE_EXCEEDED", 400, "Validation Exception", "text"),
        Failure("PRICE_OVER_THRESHOLD", 400, "Validation Exception", "account"),
    )

    @classmethod
    def account(cls, ids: Ids) -> dict[str, str]:
        return {
            "AWS_REGION": _REGION,
            "AWS_ACCESS_KEY_ID": f"AKIA{ids.alphanumeric(16).upper()}",
            "AWS_SECRET_ACCESS_KEY": ids.alphanumeric(40),
        }

    def endpoints(self) -> list[Endpoint]:
        return [("POST", "", self.send), ("POST", "/", self.send)]

    async def send(self, request: Request) -> Response:
        self._authenticate(request)
        if request.headers.get("x-amz-target") != _TARGET:
            raise self.refusal("AccessDeniedException")
        body = await read_json(request)
        self._check(body if isinstance(body, dict) else {})
        reference = self.sandbox.ids.uuid()
        if not body.get("DryRun"):
            to = body["DestinationPhoneNumber"]
            self.deliver(to, body.get("OriginationIdentity"), body["MessageBody"], reference)
        return self._answer({"MessageId": reference}, 200)

    def refuse(self, error: RefusedError) -> Response:
        code = error.failure.code
        exception = _EXCEPTIONS.get(code, code)
        body: dict[str, Any] = {"__type": f"{_NAMESPACE}#{exception}", "Message": error.failure.message}
        if exception != code:
            body["Reason"] = code
        if error.detail:
            body["Fields"] = [{"Name": error.detail, "Message": "is invalid"}]
        return self._answer(body, error.failure.status)

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization")
        if given is None:
            raise self.refusal("MissingAuthenticationTokenException")
        signed = _SIGNED.fullmatch(given)
        if signed is None or not same(signed["key"], self.credentials.get("AWS_ACCESS_KEY_ID")):
            raise self.refusal("UnrecognizedClientException")

    def _check(self, body: dict[str, Any]) -> None:
        for name in ("DestinationPhoneNumber", "MessageBody"):
            if not is_text(body.get(name)):
                raise self.refusal("MISSING_PARAMETER", name)
        if not is_text_or_absent(body.get("OriginationIdentity")):
            raise self.refusal("INVALID_PARAMETER", "OriginationIdentity")
        if len(body["MessageBody"]) > _LONGEST:
            raise self.refusal("MAXIMUM_SIZE_EXCEEDED", "MessageBody")
        if not is_possible(body["DestinationPhoneNumber"]):
            raise self.refusal("INVALID_PARAMETER", "DestinationPhoneNumber")
        self.check_plan(body["DestinationPhoneNumber"])

    def _answer(self, body: dict[str, Any], status: int) -> Response:
        headers = {"x-amzn-RequestId": self.sandbox.ids.uuid()}
        return JSONResponse(body, status, headers, media_type="application/x-amz-json-1.0")
