"""The carriers' contract table: one `Case` for each carrier that speaks HTTP, from its vendor's documents.

A new carrier is a line in CASES; tests/gateway/test_carriers*.py run over all of them.
"""

from gateway.transports.base import Outcome

from .carrier_case import TEXT, TO, WORDS, Case

ACCOUNT = "AC" + "0a" * 16
UUID = "0a1b2c3d-0000-4000-8000-00000000c0de"
REFUSED, OPTED_OUT, RETRYABLE = Outcome.REFUSED, Outcome.OPTED_OUT, Outcome.RETRYABLE
CONFIGURATION, AMBIGUOUS = Outcome.CONFIGURATION, Outcome.AMBIGUOUS


def each(status: int, outcome: Outcome, *codes: int | str) -> list[tuple[int, int | str, Outcome]]:
    return [(status, code, outcome) for code in codes]


CLICKATELL = Case(
    name="clickatell",
    env={"CLICKATELL_API_KEY": "kLj3-s2==keykeykey"},
    secrets=["kLj3-s2==keykeykey"],
    sender="CLICKATELL_FROM",
    sent=lambda b: (b["messages"][0]["to"], b["messages"][0]["content"], b["messages"][0].get("from")),
    plus=False,
    taken=(
        202,
        {
            "messages": [{"apiMessageId": "fd49", "accepted": True, "to": TO[1:], "error": None}],
            "error": None,
        },
    ),
    reference="fd49",
    error=lambda code: {
        "messages": [{"apiMessageId": None, "accepted": False, "error": {"code": code, "description": WORDS}}]
    },
    failures=[
        *each(207, REFUSED, 24, 25, 27, 30, 40, 100),
        *each(207, OPTED_OUT, 26),
        *each(207, RETRYABLE, 19, 43),
        *each(207, CONFIGURATION, 20, 23, 28, 38, 39, 44, 45, 46, 101, 110, 111, 999),
        *each(400, REFUSED, 25),
        *each(400, RETRYABLE, 43),
        *each(402, CONFIGURATION, 20),
        *each(500, AMBIGUOUS, 18),
        *each(503, RETRYABLE, 19),
    ],
    others=[
        (401, {"messages": [], "error": {"code": 1, "description": WORDS}}, CONFIGURATION, "1"),
        (400, {"messages": [], "error": {"code": 21, "description": WORDS}}, CONFIGURATION, "21"),
        # Accepted and an error at once, and accepted without an id: neither can be relied on.
        (207, {"messages": [{"apiMessageId": "x", "accepted": True, "error": {"code": 25}}]}, REFUSED, "25"),
        (202, {"messages": [{"accepted": True, "error": None}], "error": None}, AMBIGUOUS, "http_202"),
        (202, {"messages": [{"apiMessageId": "x", "accepted": "true"}]}, AMBIGUOUS, "http_202"),
    ],
)

TWILIO = Case(
    name="twilio",
    env={
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_API_KEY": "SK" + "1b" * 16,
        "TWILIO_API_SECRET": "twiliotwiliosecret",
    },
    secrets=["twiliotwiliosecret"],
    sender="TWILIO_FROM",
    sent=lambda b: (b["To"], b["Body"], b.get("From")),
    plus=True,
    taken=(201, {"sid": "SM" + "2c" * 16, "status": "queued", "error_code": None, "body": TEXT, "to": TO}),
    reference="SM" + "2c" * 16,
    error=lambda code: {"code": code, "message": WORDS, "more_info": "https://…", "status": 400},
    failures=[
        *each(400, REFUSED, 21211, 21265, 21602, 21614, 21617, 21635, 30450),
        *each(400, OPTED_OUT, 21610),
        *each(429, RETRYABLE, 20429),
        *each(400, RETRYABLE, 21611, 14107),
        *each(400, CONFIGURATION, 21212, 21266, 21408, 21603, 21606, 21608, 21612, 21659, 21660, 21661),
        *each(400, CONFIGURATION, 21701, 21703, 21704, 21705, 63038, 99999),
        *each(401, CONFIGURATION, 20003),
        *each(403, CONFIGURATION, 20005, 20008),
        *each(404, CONFIGURATION, 20404),
        *each(500, AMBIGUOUS, 20500),
        *each(503, AMBIGUOUS, 20503),
    ],
    others=[
        (201, {"sid": "SM1", "status": "failed", "error_code": 21610}, OPTED_OUT, "21610"),
        (201, {"status": "queued"}, AMBIGUOUS, "http_201"),
    ],
)

WEBHOOK = Case(
    name="webhook",
    env={"SMS_WEBHOOK_SECRET": "webhook-secret-of-32-characters-or-more"},
    secrets=["webhook-secret-of-32-characters-or-more"],
    sent=lambda b: (b["to"], b["text"], b["sender"]),
    plus=True,
    taken=(202, {"status": "accepted", "id": "m-1"}),
    reference="m-1",
    error=lambda code: {"status": code, "message": WORDS},
    failures=[
        *each(422, REFUSED, "refused"),
        *each(422, OPTED_OUT, "opted_out"),
        *each(429, RETRYABLE, "retry"),
        *each(503, RETRYABLE, "retry"),
        *each(401, CONFIGURATION, "misconfigured"),
        *each(200, CONFIGURATION, "misconfigured"),
    ],
    others=[
        (200, {"status": "queued"}, AMBIGUOUS, "http_200"),
        (204, b"", AMBIGUOUS, "http_204"),
        (500, {"status": "accepted", "id": "m-1"}, AMBIGUOUS, "http_500"),
    ],
)

VONAGE = Case(
    name="vonage",
    env={"VONAGE_API_KEY": "abcd1234", "VONAGE_API_SECRET": "vonagevonagesecret"},
    secrets=["vonagevonagesecret"],
    sender="VONAGE_FROM",
    sent=lambda b: (b["to"], b["text"], b.get("from")),
    plus=False,
    taken=(
        200,
        {"message-count": "1", "messages": [{"to": TO[1:], "message-id": "0C00002170", "status": "0"}]},
    ),
    reference="0C00002170",
    error=lambda code: {"message-count": "1", "messages": [{"status": code, "error-text": WORDS}]},
    failures=[
        *each(200, RETRYABLE, "1", "10"),
        *each(200, AMBIGUOUS, "5", "77"),
        *each(200, REFUSED, "6", "12", "33"),
        *each(200, OPTED_OUT, "7"),
        *each(200, CONFIGURATION, "2", "3", "4", "8", "9", "11", "14", "15", "22", "23", "29", "32"),
    ],
    others=[
        # The second part of a long text was refused.
        (200, {"messages": [{"status": "0", "message-id": "a"}, {"status": "9"}]}, AMBIGUOUS, "9"),
        (200, {"message-count": "0", "messages": []}, AMBIGUOUS, "http_200"),
        (200, {"messages": [{"status": 0, "message-id": "a"}]}, AMBIGUOUS, "0"),
    ],
    india={"VONAGE_INDIA_ENTITY_ID": "1101", "VONAGE_INDIA_TEMPLATE_ID": "1107"},
)

INFOBIP = Case(
    name="infobip",
    env={"INFOBIP_API_KEY": "infobip-api-key-key"},
    secrets=["infobip-api-key-key"],
    sender="INFOBIP_FROM",
    sent=lambda b: (
        b["messages"][0]["destinations"][0]["to"],
        b["messages"][0]["content"]["text"],
        b["messages"][0].get("sender"),
    ),
    plus=False,
    taken=(
        200,
        {
            "bulkId": "2034",
            "messages": [
                {
                    "messageId": "2250be2d4219-3af1",
                    "status": {"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED"},
                    "destination": TO[1:],
                }
            ],
        },
    ),
    reference="2250be2d4219-3af1",
    error=lambda code: {
        "messages": [{"messageId": "2250", "status": {"groupId": 5, "id": code, "description": WORDS}}]
    },
    failures=[
        *each(200, REFUSED, 8, 25, 52, 77, 87),
        *each(200, OPTED_OUT, 10, 14),
        *each(200, RETRYABLE, 20, 21, 31),
        *each(200, CONFIGURATION, 6, 11, 12, 13, 17, 18, 19, 23, 24, 51, 999),
    ],
    others=[
        (401, {"errorCode": "E401", "description": WORDS}, CONFIGURATION, "E401"),
        (400, {"errorCode": "E400", "violations": [{"violation": WORDS}]}, CONFIGURATION, "E400"),
        (500, {"errorCode": "E500", "description": WORDS}, AMBIGUOUS, "E500"),
        (
            401,
            {"requestError": {"serviceException": {"messageId": "UNAUTHORIZED", "text": WORDS}}},
            CONFIGURATION,
            "UNAUTHORIZED",
        ),
        (200, {"messages": [{"messageId": "1", "status": {"groupId": 4, "id": 29}}]}, AMBIGUOUS, "29"),
        (200, {"messages": [{"messageId": "1", "status": {"groupId": 2, "id": 4}}]}, CONFIGURATION, "4"),
        # A group that nobody documented, with a known status.
        (200, {"messages": [{"messageId": "1", "status": {"groupId": 6, "id": 8}}]}, AMBIGUOUS, "8"),
        (200, {"messages": [{"messageId": "1", "status": {}}]}, AMBIGUOUS, "http_200"),
    ],
    india={"INFOBIP_INDIA_ENTITY_ID": "1101", "INFOBIP_INDIA_TEMPLATE_ID": "1107"},
)

PLIVO = Case(
    name="plivo",
    env={"PLIVO_AUTH_ID": "MAMAMAMAMAMAMAMAMAMA", "PLIVO_AUTH_TOKEN": "plivoplivotoken"},
    secrets=["plivoplivotoken"],
    sender="PLIVO_FROM",
    sent=lambda b: (b["dst"], b["text"], b.get("src")),
    plus=False,
    taken=(202, {"api_id": "db34", "message": "message(s) queued", "message_uuid": ["db3ce55a"]}),
    reference="db3ce55a",
    error=lambda code: {"api_id": "db34", "error": WORDS},
    failures=[
        *each(400, CONFIGURATION, "http_400"),
        *each(401, CONFIGURATION, "http_401"),
        *each(404, CONFIGURATION, "http_404"),
        *each(429, RETRYABLE, "http_429"),
        *each(500, AMBIGUOUS, "http_500"),
    ],
    others=[
        (202, {"message_uuid": ["a"], "invalid_number": [TO[1:]]}, REFUSED, "invalid_number"),
        (202, {"message": "message(s) queued", "message_uuid": []}, AMBIGUOUS, "http_202"),
    ],
    india={"PLIVO_INDIA_ENTITY_ID": "1101", "PLIVO_INDIA_TEMPLATE_ID": "1107"},
)

TELNYX = Case(
    name="telnyx",
    env={"TELNYX_API_KEY": "KEY017telnyxtelnyx"},
    secrets=["KEY017telnyxtelnyx"],
    sender="TELNYX_FROM",
    sent=lambda b: (b["to"], b["text"], b.get("from")),
    plus=True,
    taken=(
        200,
        {
            "data": {
                "id": "b0c7",
                "to": [{"phone_number": TO, "status": "queued"}],
                "errors": [],
                "text": TEXT,
            }
        },
    ),
    reference="b0c7",
    error=lambda code: {"errors": [{"code": code, "title": "Refused", "detail": WORDS}]},
    failures=[
        *each(400, REFUSED, "40001", "40009", "40012", "40302", "40310"),
        *each(400, OPTED_OUT, "40300"),
        *each(429, RETRYABLE, "10011"),
        *each(400, RETRYABLE, "40011", "40318"),
        *each(401, CONFIGURATION, "10009"),
        *each(403, CONFIGURATION, "10010", "40333"),
        *each(400, CONFIGURATION, "40013", "40305", "40306", "40309", "99999"),
        *each(500, AMBIGUOUS, "10007"),
        *each(408, AMBIGUOUS, "10008"),
    ],
    others=[
        (422, {"errors": [{"code": "10002", "source": {"pointer": "/to"}}]}, REFUSED, "10002"),
        (422, {"errors": [{"code": "10002", "source": {"pointer": "/from"}}]}, CONFIGURATION, "10002"),
        (
            200,
            {"data": {"id": "b", "to": [{"status": "sending_failed"}], "errors": [{"code": "40300"}]}},
            OPTED_OUT,
            "40300",
        ),
    ],
)

SINCH = Case(
    name="sinch",
    env={"SINCH_SERVICE_PLAN_ID": "0a1b2c3d", "SINCH_API_TOKEN": "sinchsinchtoken"},
    secrets=["sinchsinchtoken"],
    sender="SINCH_FROM",
    sent=lambda b: (b["to"][0], b["body"], b.get("from")),
    plus=False,
    taken=(201, {"id": "01FC66621", "to": [TO[1:]], "canceled": False, "type": "mt_text"}),
    reference="01FC66621",
    error=lambda code: {"code": code, "text": WORDS},
    failures=[
        *each(400, CONFIGURATION, "syntax_invalid_json", "syntax_invalid_parameter_format"),
        *each(400, CONFIGURATION, "syntax_constraint_violation"),
        *each(403, CONFIGURATION, "unknown_campaign"),
        *each(429, RETRYABLE, "too_many_requests"),
        *each(500, AMBIGUOUS, "internal_error"),
    ],
    others=[
        (401, b"", CONFIGURATION, "http_401"),
        (201, {"id": "01FC", "canceled": True}, AMBIGUOUS, "http_201"),
    ],
)

MESSAGEBIRD = Case(
    name="messagebird",
    env={"MESSAGEBIRD_ACCESS_KEY": "live_messagebirdkey"},
    secrets=["live_messagebirdkey"],
    sender="MESSAGEBIRD_FROM",
    sent=lambda b: (b["recipients"][0], b["body"], b.get("originator")),
    plus=False,
    taken=(
        201,
        {
            "id": "f28bbe526fc1",
            "body": TEXT,
            "recipients": {"totalCount": 1, "items": [{"recipient": 447700900123, "status": "sent"}]},
        },
    ),
    reference="f28bbe526fc1",
    error=lambda code: {"errors": [{"code": code, "description": WORDS, "parameter": "recipient"}]},
    failures=[
        *each(422, REFUSED, 9, 10, 21),
        *each(401, CONFIGURATION, 2),
        *each(404, CONFIGURATION, 20, 98),
        *each(422, CONFIGURATION, 25),
        *each(500, AMBIGUOUS, 99),
    ],
    others=[
        (422, {"errors": [{"code": 9, "parameter": "originator"}]}, CONFIGURATION, "9"),
        (422, {"errors": [{"code": 10, "parameter": None}]}, CONFIGURATION, "10"),
        (201, {"id": "f", "recipients": {"items": [{"status": "delivery_failed"}]}}, AMBIGUOUS, "http_201"),
    ],
)

BIRD = Case(
    name="bird",
    env={"BIRD_ACCESS_KEY": "birdbirdkey", "BIRD_WORKSPACE_ID": UUID, "BIRD_CHANNEL_ID": UUID},
    secrets=["birdbirdkey"],
    senders=False,
    sent=lambda b: (
        b["receiver"]["contacts"][0]["identifierValue"],
        b["body"]["text"]["text"],
        None,
    ),
    plus=True,
    taken=(202, {"id": UUID, "status": "accepted", "direction": "outgoing"}),
    reference=UUID,
    error=lambda code: {"code": code, "message": WORDS},
    failures=[
        *each(422, CONFIGURATION, "InvalidPayload"),
        *each(401, CONFIGURATION, "Unauthorized"),
        *each(403, CONFIGURATION, "Forbidden"),
        *each(429, RETRYABLE, "TooManyRequests"),
        *each(500, AMBIGUOUS, "InternalServerError"),
    ],
    others=[(202, {"id": UUID, "status": "sending_failed"}, AMBIGUOUS, "http_202")],
)

AFRICASTALKING = Case(
    name="africastalking",
    env={"AFRICASTALKING_USERNAME": "acme", "AFRICASTALKING_API_KEY": "atsk_africastalking"},
    secrets=["atsk_africastalking"],
    sender="AFRICASTALKING_FROM",
    sent=lambda b: (b["to"], b["message"], b.get("from")),
    plus=True,
    taken=(
        201,
        {
            "SMSMessageData": {
                "Message": "Sent to 1/1 Total Cost: KES 0.8000",
                "Recipients": [
                    {"statusCode": 101, "number": TO, "status": "Success", "messageId": "ATXid_1"}
                ],
            }
        },
    ),
    reference="ATXid_1",
    error=lambda code: {
        "SMSMessageData": {
            "Message": "Sent to 0/1 Total Cost: 0",
            "Recipients": [{"statusCode": code, "number": TO, "status": WORDS, "messageId": "None"}],
        }
    },
    failures=[
        *each(201, REFUSED, 403, 404),
        *each(201, OPTED_OUT, 406, 409),
        *each(201, CONFIGURATION, 401, 402, 405, 407),
        *each(201, RETRYABLE, 502),
        *each(201, AMBIGUOUS, 500, 501, 999),
    ],
    others=[
        (401, b"The supplied authentication is invalid", CONFIGURATION, "http_401"),
        (
            201,
            {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}},
            CONFIGURATION,
            "InvalidSenderId",
        ),
        (201, {"SMSMessageData": {"Message": WORDS, "Recipients": []}}, CONFIGURATION, "http_201"),
        (500, {"SMSMessageData": {"Recipients": [{"statusCode": 101}]}}, AMBIGUOUS, "101"),
    ],
)

CASES = [
    CLICKATELL,
    TWILIO,
    WEBHOOK,
    VONAGE,
    INFOBIP,
    PLIVO,
    TELNYX,
    SINCH,
    MESSAGEBIRD,
    BIRD,
    AFRICASTALKING,
]
