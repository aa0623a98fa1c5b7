"""What the custom provider's Action is told, and in whose words."""

from typing import Literal

import pytest

from sandbox.context import Sandbox

from . import phone_driver as driver

pytestmark = pytest.mark.anyio
# auth0.com/docs/actions/reference/custom-phone-provider/custom-phone-provider-event-object
REQUIRED = {"secrets", "client", "notification", "request", "tenant", "user"}
OPTIONAL = {"connection", "custom_domain", "organization", "transaction"}


async def event(sandbox: Sandbox, **changes: object) -> dict[str, dict[str, object]]:
    runner = driver.with_provider(sandbox)
    await driver.send(sandbox, **changes)
    found: dict[str, dict[str, object]] = runner.events[0]
    return found


async def test_the_event_has_the_documented_members_and_no_others(sandbox: Sandbox) -> None:
    told = await event(sandbox)
    assert set(told) >= REQUIRED
    assert set(told) <= REQUIRED | OPTIONAL
    assert told["notification"] == {
        "as_text": "123456 is your verification code for localhost",
        "as_voice": "Hello! Your verification code is 1, 2, 3, 4, 5, 6.",
        "code": "123456",
        "delivery_method": "text",
        "message_type": "otp_verify",
        "recipient": driver.TO,
    }
    assert told["client"]["name"] == "Demo app"
    assert told["request"] == {
        "geoip": {},
        "hostname": "localhost:8443",
        "ip": "192.0.2.1",
        "language": "de-DE",
        "method": "POST",
        "user_agent": "curl",
    }
    assert told["secrets"] == {"KEY": "s3cret"}
    assert told["tenant"] == {"id": "localhost"}
    assert told["user"] == {}


async def test_what_is_known_is_told(sandbox: Sandbox) -> None:
    connection = {"id": "con_1", "name": "sms", "strategy": "sms", "options": {"gateway_url": "secret"}}
    user = {"user_id": "sms|1", "phone_number": driver.TO, "phone_verified": True, "_password": "x"}
    settings = sandbox.store.get("settings", "tenant") or {}
    sandbox.store.put("settings", "tenant", settings | {"friendly_name": "Acme", "picture_url": "https://l"})
    told = await event(sandbox, connection=connection, user=user, locale="de", correlation_id="c-1")
    assert told["connection"] == {"id": "con_1", "name": "sms", "strategy": "sms", "metadata": {}}
    assert told["user"] == {
        "app_metadata": {},
        "user_metadata": {},
        "email_verified": False,
        "user_id": "sms|1",
        "phone_number": driver.TO,
        "phone_verified": True,
    }
    assert told["tenant"] == {"id": "localhost", "friendly_name": "Acme", "logo_url": "https://l"}
    assert told["notification"]["locale"] == "de"
    assert told["notification"]["as_text"] == "123456 is your verification code for Acme"
    assert told["transaction"] == {"correlation_id": "c-1"}


@pytest.mark.parametrize(
    ("switch", "number", "told"),
    [
        ("prefixed", "+14155550123", "+14155550123"),
        ("bare", "+14155550123", "4155550123"),
        ("bare", "+447700900123", "+447700900123"),
    ],
)
async def test_numbers_of_the_us_may_lack_their_prefix(
    sandbox: Sandbox, switch: Literal["prefixed", "bare"], number: str, told: str
) -> None:
    sandbox.switches.phone_us_numbers = switch
    assert (await event(sandbox, recipient=number))["notification"]["recipient"] == told


def template(sandbox: Sandbox, **changes: object) -> None:
    content = {
        "syntax": "liquid",
        "from": "+447700900999",
        "body": {"text": "{% if locale == 'de' %}Dein Code{% else %}Your code{% endif %}: {{ code }}"},
    }
    doc = {"id": "tem", "type": "otp_verify", "disabled": False, "content": content, **changes}
    sandbox.store.put("phone_templates", "tem", doc)


@pytest.mark.parametrize(("locale", "text"), [("de", "Dein Code: 123456"), ("en", "Your code: 123456")])
async def test_the_tenants_template_speaks(sandbox: Sandbox, locale: str, text: str) -> None:
    template(sandbox)
    told = (await event(sandbox, locale=locale))["notification"]
    assert (told["as_text"], told["from"]) == (text, "+447700900999")


async def test_a_disabled_template_and_one_of_another_type_say_nothing(sandbox: Sandbox) -> None:
    template(sandbox, disabled=True)
    default = "123456 is your verification code for localhost"
    assert (await event(sandbox))["notification"]["as_text"] == default


@pytest.mark.parametrize(("switch", "text"), [("tenant", "Your code: 123456"), ("connection", "Hi 123456")])
async def test_whose_words_count_is_a_switch(
    sandbox: Sandbox, switch: Literal["tenant", "connection"], text: str
) -> None:
    sandbox.switches.phone_template = switch
    template(sandbox)
    assert (await event(sandbox, text="Hi 123456"))["notification"]["as_text"] == text


async def test_a_template_that_fails_is_logged(sandbox: Sandbox) -> None:
    template(sandbox, content={"body": {"text": "{% for i in (1..100000) %}x{% endfor %}"}})
    runner = driver.with_provider(sandbox)
    await driver.send(sandbox)
    assert runner.events == []
    assert driver.failures(sandbox)[0].startswith("The template can't be rendered:")


@pytest.mark.parametrize(
    "message_type", ["otp_verify", "otp_enroll", "change_password", "blocked_account", "password_breach"]
)
async def test_every_type_has_words_of_its_own(sandbox: Sandbox, message_type: str) -> None:
    told = (await event(sandbox, message_type=message_type))["notification"]
    assert told["message_type"] == message_type
    assert "localhost" in str(told["as_text"])
    assert "{" not in f"{told['as_text']}{told['as_voice']}"


async def test_twilio_as_the_provider_sends_with_its_own_account(sandbox: Sandbox) -> None:
    account = sandbox.store.get("seed", "twilio") or {}
    configuration = {"sid": account["api_key"], "default_from": "+447700900999", "delivery_methods": ["text"]}
    credentials = {"auth_token": account["api_secret"]}
    driver.with_provider(sandbox, name="twilio", configuration=configuration, _credentials=credentials)
    await driver.send(sandbox)
    (message,) = sandbox.store.all("messages")
    assert (message["to"], message["from"]) == (driver.TO, "+447700900999")
    assert "123456" in message["body"]


async def test_twilio_with_a_wrong_token_sends_nothing(sandbox: Sandbox) -> None:
    account = sandbox.store.get("seed", "twilio") or {}
    configuration = {"sid": account["api_key"], "mssid": "MG", "delivery_methods": ["text"]}
    credentials = {"auth_token": "wrong"}
    driver.with_provider(sandbox, name="twilio", configuration=configuration, _credentials=credentials)
    await driver.send(sandbox)
    assert sandbox.store.all("messages") == []
    assert driver.failures(sandbox) == ["Authenticate"]
