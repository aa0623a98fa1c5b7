"""What is each carrier's own: shapes as documented, number formats, and what it is strict about."""

import json
import re
import time
from dataclasses import replace
from typing import Any

import pytest
import requests

from .carriers_driver import DIALECTS, TO, Carriers, Dialect, Wire, signed

BY_NAME: dict[str, Dialect] = {dialect.name: dialect for dialect in DIALECTS}
ID = re.compile(r"[0-9a-f]{32}|[0-9a-f-]{36}")


def post(carriers: Carriers, name: str, text: str = "Code 1234", **headers: str) -> requests.Response:
    wire = BY_NAME[name].wire(carriers.env[name], TO, text)
    return carriers.post(name, replace(wire, headers={**wire.headers, **headers}))


def changed(carriers: Carriers, name: str, **body: Any) -> requests.Response:
    """A message whose body has these members, or lacks those that are None."""
    wire = BY_NAME[name].wire(carriers.env[name], TO, "Code 1234")
    merged = {key: value for key, value in {**wire.body, **body}.items() if value is not None}
    return carriers.post(name, replace(wire, body=merged))


def shape(value: Any) -> Any:
    """A JSON value with its identifiers and times made plain."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return ID.sub("ID", value) if isinstance(value, str) else value


def test_clickatell_accepts_as_documented(carriers: Carriers) -> None:
    message = {"apiMessageId": "ID", "accepted": True, "to": "447700900123", "error": None}
    assert shape(post(carriers, "clickatell").json()) == {"messages": [message], "error": None}


def test_clickatell_refuses_a_message_in_the_message(carriers: Carriers) -> None:
    carriers.plan("26", carrier="clickatell")
    error = {"code": 26, "description": "Recipient opted out"}
    message = {"apiMessageId": None, "accepted": False, "to": "447700900123", "error": error}
    response = post(carriers, "clickatell")
    assert (response.status_code, response.json()) == (400, {"messages": [message], "error": None})


def test_clickatell_refuses_a_request_as_a_whole(carriers: Carriers) -> None:
    response = post(carriers, "clickatell", Authorization="Bearer nobody")
    error = {"code": 1, "description": "Invalid or missing integration API Key"}
    assert (response.status_code, response.json()) == (401, {"messages": [], "error": error})


def test_clickatell_answers_several_messages_with_207_when_one_is_refused(carriers: Carriers) -> None:
    messages = [{"to": to, "content": "x"} for to in ("447700900123", "12", "447700900124")]
    response = changed(carriers, "clickatell", messages=messages)
    assert response.status_code == 207
    assert [message["accepted"] for message in response.json()["messages"]] == [True, False, True]
    assert len(carriers.messages()) == 2


@pytest.mark.parametrize(("status", "code"), [(402, "20"), (503, "19"), (400, "43")])
def test_clickatell_has_a_status_for_each_code(carriers: Carriers, status: int, code: str) -> None:
    carriers.plan(code, carrier="clickatell")
    assert post(carriers, "clickatell").status_code == status


@pytest.mark.parametrize("name", ["clickatell", "vonage"])
@pytest.mark.parametrize("to", ["+447700900123", "00447700900123"])
def test_some_take_digits_alone(carriers: Carriers, name: str, to: str) -> None:
    messages = {"messages": [{"to": to, "content": "x"}]} if name == "clickatell" else {"to": to}
    response = changed(carriers, name, **messages)
    assert BY_NAME[name].code(response) in ("25", "3")
    assert carriers.messages() == []


def test_clickatell_wants_its_key_without_a_scheme(carriers: Carriers) -> None:
    key = carriers.env["clickatell"]["CLICKATELL_API_KEY"]
    assert post(carriers, "clickatell", Authorization=f"Bearer {key}").status_code == 401


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"messages": []}', b'{"messages": [1]}'])
def test_clickatell_names_a_malformed_payload(carriers: Carriers, raw: bytes) -> None:
    headers = {
        "Authorization": carriers.env["clickatell"]["CLICKATELL_API_KEY"],
        "Content-Type": "application/json",
    }
    response = carriers.post("clickatell", Wire("/v1/message", headers, raw))
    assert (response.status_code, response.json()["error"]["code"]) == (400, 21)


def test_twilio_accepts_as_documented(carriers: Carriers) -> None:
    body = post(carriers, "twilio").json()
    account = carriers.env["twilio"]["TWILIO_ACCOUNT_SID"]
    assert (body["status"], body["direction"], body["to"], body["error_code"]) == (
        "queued",
        "outbound-api",
        TO,
        None,
    )
    assert body["sid"].startswith("SM")
    assert body["uri"] == f"/2010-04-01/Accounts/{account}/Messages/{body['sid']}.json"
    # twilio/twilio-oai, api.v2010.account.message
    assert set(body) == {
        "account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction",
        "error_code", "error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price",
        "price_unit", "sid", "status", "subresource_uris", "to", "uri",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"To": "+15005550001"}, 400, 21211),
        ({"To": "+15005550002"}, 400, 21612),
        ({"To": "+15005550003"}, 400, 21408),
        ({"To": "+15005550004"}, 400, 21610),
        ({"To": "+15005550009"}, 400, 21614),
        ({"From": "+15005550001"}, 400, 21212),
        ({"From": "+15005550007"}, 400, 21606),
        ({"From": "+15005550008"}, 429, 21611),
        ({"To": "+442079460000"}, 400, 21614),
        ({"From": "far too long a name"}, 400, 21212),
        ({"From": None}, 400, 21603),
        ({"To": None}, 400, 21604),
        ({"Body": None}, 400, 21602),
        ({"Body": "x" * 1601}, 400, 21617),
        ({"From": None, "MessagingServiceSid": "MG1"}, 404, 21701),
    ],
)
def test_twilio_refuses_in_its_envelope(
    carriers: Carriers, changes: dict[str, Any], status: int, code: int
) -> None:
    response = changed(carriers, "twilio", **changes)
    body = response.json()
    assert (response.status_code, body["code"], body["status"]) == (status, code, status)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert carriers.messages() == []


def test_twilio_accepts_for_a_messaging_service(carriers: Carriers) -> None:
    response = changed(carriers, "twilio", From=None, MessagingServiceSid=f"MG{'0' * 32}")
    assert (response.status_code, response.json()["status"]) == (201, "accepted")


def test_twilio_reads_forms_alone(carriers: Carriers) -> None:
    wire = BY_NAME["twilio"].wire(carriers.env["twilio"], TO, "x")
    assert carriers.post("twilio", replace(wire, form=False)).json()["code"] == 21604


def test_a_webhooks_signature_is_checked_against_time_and_body(carriers: Carriers) -> None:
    secret = carriers.env["webhook"]["SMS_WEBHOOK_SECRET"]
    raw = json.dumps({"to": TO, "text": "x"}).encode()
    fresh = signed(secret, raw)
    assert carriers.post("webhook", Wire("", fresh, raw)).json()["status"] == "accepted"
    for headers, sent in (
        (fresh, raw.replace(b"x", b"y")),
        ({**fresh, "X-Sms-Timestamp": str(int(time.time()) + 1)}, raw),
        (signed(secret, raw, time.time() - 600), raw),
        ({"Content-Type": "application/json"}, raw),
    ):
        assert carriers.post("webhook", Wire("", headers, sent)).status_code == 401
    assert len(carriers.messages()) == 1


def test_vonage_tells_everything_under_200(carriers: Carriers) -> None:
    response = changed(carriers, "vonage", api_secret="wrong")
    message = {"status": "4", "error-text": "Bad Credentials"}
    assert (response.status_code, response.json()) == (200, {"message-count": "1", "messages": [message]})
    response = changed(carriers, "vonage", text=None)
    assert response.json()["messages"] == [{"status": "2", "error-text": "Missing text"}]


@pytest.mark.parametrize(
    ("name", "member", "declared"), [("vonage", "type", "unicode"), ("messagebird", "datacoding", "unicode")]
)
def test_letters_outside_the_alphabet_have_to_be_declared(
    carriers: Carriers, name: str, member: str, declared: str
) -> None:
    words = {"text": "Ключ 12 é €"} if name == "vonage" else {"body": "Ключ 12 é €"}
    changed(carriers, name, **words, **{member: None})
    changed(carriers, name, **words, **{member: declared})
    assert [message["body"] for message in carriers.messages()] == ["???? 12 é €", "Ключ 12 é €"]


def test_infobip_rejects_a_message_under_200(carriers: Carriers) -> None:
    carriers.plan("REJECTED_NOT_ENOUGH_CREDITS", carrier="infobip")
    response = post(carriers, "infobip")
    assert response.status_code == 200
    assert response.json()["messages"][0]["status"] == {
        "groupId": 5,
        "groupName": "REJECTED",
        "id": 12,
        "name": "REJECTED_NOT_ENOUGH_CREDITS",
        "description": "Not enough credits",
    }


def test_infobip_has_two_shapes_of_refusal(carriers: Carriers) -> None:
    refused = post(carriers, "infobip", Authorization="App wrong")
    exception = {"messageId": "UNAUTHORIZED", "text": "Invalid login details"}
    assert refused.json() == {"requestError": {"serviceException": exception}}
    malformed = changed(carriers, "infobip", messages=[]).json()
    assert (malformed["errorCode"], malformed["violations"][0]["property"]) == ("E400", "messages")


def test_aws_names_the_exception_and_its_reason(carriers: Carriers) -> None:
    carriers.plan("DESTINATION_PHONE_NUMBER_OPTED_OUT", carrier="aws")
    response = post(carriers, "aws")
    assert response.status_code == 400
    assert response.json() == {
        "__type": "com.amazonaws.pinpointsmsvoicev2#ConflictException",
        "Message": "Conflict Occurred",
        "Reason": "DESTINATION_PHONE_NUMBER_OPTED_OUT",
    }
    assert response.headers["content-type"].startswith("application/x-amz-json-1.0")


@pytest.mark.parametrize(
    ("headers", "exception"),
    [
        ({"Authorization": "AWS4-HMAC-SHA256 nonsense"}, "UnrecognizedClientException"),
        ({"X-Amz-Target": "PinpointSMSVoiceV2.SendVoiceMessage"}, "AccessDeniedException"),
    ],
)
def test_aws_wants_a_signature_and_a_target(
    carriers: Carriers, headers: dict[str, str], exception: str
) -> None:
    assert post(carriers, "aws", **headers).json()["__type"].endswith(f"#{exception}")
    assert carriers.messages() == []


def test_aws_sends_nothing_on_a_dry_run(carriers: Carriers) -> None:
    wire = BY_NAME["aws"].wire(carriers.env["aws"], TO, "x")
    raw = json.dumps({**json.loads(wire.body), "DryRun": True}).encode()
    assert "MessageId" in carriers.post("aws", replace(wire, body=raw)).json()
    assert carriers.messages() == []


def test_plivo_accepts_as_documented(carriers: Carriers) -> None:
    told = {"message": "message(s) queued", "message_uuid": ["ID"], "api_id": "ID"}
    assert shape(post(carriers, "plivo").json()) == told
    refused = changed(carriers, "plivo", dst="12")
    assert (refused.status_code, shape(refused.json())) == (
        400,
        {"api_id": "ID", "error": "invalid_parameter"},
    )


def test_telnyx_answers_in_data_or_errors(carriers: Carriers) -> None:
    data = post(carriers, "telnyx").json()["data"]
    assert (data["record_type"], data["direction"], data["to"][0]["status"]) == (
        "message",
        "outbound",
        "queued",
    )
    (error,) = changed(carriers, "telnyx", to="447700900123").json()["errors"]
    assert (error["code"], error["title"]) == ("40310", "Invalid 'to' address")


def test_sinch_has_a_body_with_400_and_403_alone(carriers: Carriers) -> None:
    refused = post(carriers, "sinch", Authorization="Bearer wrong")
    assert (refused.status_code, refused.content) == (401, b"")
    malformed = changed(carriers, "sinch", to=["+1"])
    assert malformed.json() == {"code": "syntax_invalid_parameter_format", "text": "Invalid MSISDN"}


def test_messagebird_accepts_as_documented(carriers: Carriers) -> None:
    body = post(carriers, "messagebird").json()
    assert (body["direction"], body["type"], body["originator"]) == ("mt", "sms", "Acme")
    assert body["recipients"]["totalSentCount"] == 1
    assert body["recipients"]["items"][0]["recipient"] == 447700900123
    refused = post(carriers, "messagebird", Authorization="AccessKey wrong").json()
    description = "Request not allowed (incorrect access_key)"
    assert refused == {"errors": [{"code": 2, "description": description, "parameter": "access_key"}]}


def test_bird_accepts_for_processing(carriers: Carriers) -> None:
    body = post(carriers, "bird").json()
    assert (body["status"], body["direction"], body["channelId"]) == (
        "accepted",
        "outgoing",
        carriers.env["bird"]["BIRD_CHANNEL_ID"],
    )
    refused = changed(carriers, "bird", receiver={"contacts": []})
    assert (refused.status_code, refused.json()["code"]) == (422, "InvalidPayload")


def test_africastalking_fails_a_recipient_under_201(carriers: Carriers) -> None:
    carriers.plan("406", carrier="africastalking")
    response = post(carriers, "africastalking")
    (recipient,) = response.json()["SMSMessageData"]["Recipients"]
    assert (response.status_code, recipient["statusCode"], recipient["status"]) == (
        201,
        406,
        "UserInBlacklist",
    )


def test_africastalking_speaks_xml_unless_asked_for_json(carriers: Carriers) -> None:
    response = post(carriers, "africastalking", Accept="*/*")
    assert response.headers["content-type"].startswith("application/xml")
    assert "<statusCode>101</statusCode>" in response.text
