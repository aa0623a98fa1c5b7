"""The tenant's call to the SMS gateway, and how it judges the answer."""

import base64
import json
import socket
from typing import Any

import pytest
import trustme
from joserfc import jwt
from joserfc.jwk import OctKey

from .passwordless_driver import NUMBER, OPTIONS, SECRET, App, Gateway, error_of


def authentication(**changes: Any) -> dict[str, Any]:
    return {**OPTIONS["gateway_authentication"], **changes}


def claims(app: App, key: bytes = SECRET.encode()) -> dict[str, Any]:
    scheme, _, token = app.gateway.last.headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    opened = jwt.decode(token, OctKey.import_key(key), algorithms=["HS256"])
    assert opened.header == {"alg": "HS256", "typ": "JWT"}
    return dict(opened.claims)


# The request


def test_the_body_has_the_documented_members(app: App) -> None:
    app.start(headers={"user-agent": "Phone/1.0"})
    got = app.gateway.last
    code = got.code
    assert got.path == "/sms"
    assert got.headers["content-type"] == "application/json"
    assert got.body == {
        "recipient": NUMBER,
        "body": f"Your code for Demo app is {code}",
        "sender": "+447700900000",
        "req": {"ip": "127.0.0.1", "user-agent": "Phone/1.0"},
    }


@pytest.mark.parametrize("forwarded", ["true", True, False, None])
def test_the_request_s_origin_is_told_on_request(app: App, forwarded: Any) -> None:
    """As a string too: Auth0's own sample has it so."""
    app.connect(forward_req_info=forwarded)
    app.start()
    assert ("req" in app.gateway.last.body) is (forwarded in ("true", True))


@pytest.mark.parametrize("has_times", [False, True])
def test_the_token_says_subject_and_audience_and_where_switched_on_when(app: App, has_times: bool) -> None:
    """Which claims there are besides is not documented: a gateway has to take both."""
    app.sandbox.switches.gateway_jwt_has_times = has_times
    app.start()
    found = claims(app)
    times = {name: found.pop(name) for name in ("iss", "iat", "exp") if name in found}
    assert found == {"sub": "urn:auth0", "aud": "urn:gateway"}
    assert (times.keys() == {"iss", "iat", "exp"}) is has_times
    if has_times:
        assert times["iss"] == f"{app.running.url}/"
        assert 0 <= app.sandbox.clock.now() - times["iat"] < 5
        assert times["exp"] - times["iat"] == 60


def test_a_secret_marked_base64_is_decoded_first(app: App) -> None:
    key = bytes(range(200, 240))
    encoded = base64.urlsafe_b64encode(key).rstrip(b"=").decode()
    app.connect(gateway_authentication=authentication(secret=encoded, secret_base64_encoded=True))
    app.start()
    assert claims(app, key)["aud"] == "urn:gateway"
    app.connect(gateway_authentication=authentication(secret=encoded))
    app.start()
    assert claims(app, encoded.encode())["aud"] == "urn:gateway"


def test_a_secret_that_is_no_base64_fails_the_start_alone(app: App) -> None:
    app.connect(gateway_authentication=authentication(secret="A", secret_base64_encoded=True))
    assert error_of(app.start())[:2] == (400, "sms_provider_error")
    assert app.gateway.requests == []


def test_without_authentication_there_is_no_header(app: App) -> None:
    """How connections were made before gateways were protected."""
    app.connect(gateway_authentication=None)
    assert app.start().status_code == 200
    assert "authorization" not in app.gateway.last.headers


# The answer


@pytest.mark.parametrize("status", [201, 202, 204, 400, 403, 404, 422, 429, 500, 503])
def test_only_200_is_success(app: App, status: int) -> None:
    app.gateway.status = status
    description = f"Unexpected response while calling the SMS gateway: {status}"
    assert error_of(app.start()) == (400, "sms_provider_error", description)
    assert app.logs() == [("fn", description)]


def test_401_is_about_the_token(app: App) -> None:
    app.gateway.status = 401
    description = "Authentication failed while calling the SMS gateway: 401"
    assert error_of(app.start()) == (400, "sms_provider_error", description)


def test_a_redirect_is_not_followed(app: App) -> None:
    app.gateway.status, app.gateway.location = 307, app.gateway.url.replace("/sms", "/elsewhere")
    assert error_of(app.start())[2].endswith("gateway: 307")
    assert [request.path for request in app.gateway.requests] == ["/sms"]


def test_a_gateway_that_takes_too_long(app: App) -> None:
    assert app.sandbox.switches.sms_gateway_timeout_seconds == 30
    app.sandbox.switches.sms_gateway_timeout_seconds = 0.2
    app.gateway.hang = True
    description = "Timeout while calling the SMS gateway: ESOCKETTIMEDOUT"
    assert error_of(app.start()) == (400, "sms_provider_error", description)


def test_a_message_that_came_through_after_all_can_be_used(app: App) -> None:
    """The code was made before the gateway was asked, and a time-out says nothing about the SMS."""
    app.gateway.status = 500
    app.start()
    assert app.exchange(app.gateway.last.code).status_code == 200


def test_nothing_listens(app: App) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        app.connect(gateway_url=f"https://localhost:{unused.getsockname()[1]}/sms")
        assert error_of(app.start()) == (
            400,
            "sms_provider_error",
            "Error while calling the SMS gateway: ECONNREFUSED",
        )


@pytest.mark.parametrize("url", ["", "https://", "localhost:1/sms", "ftp://localhost/sms"])
def test_an_address_that_is_none(app: App, url: str) -> None:
    app.connect(gateway_url=url)
    assert error_of(app.start())[:2] == (400, "sms_provider_error")


def test_a_certificate_of_a_stranger_is_refused(app: App, tmp_path: Any) -> None:
    stranger = trustme.CA().issue_cert("localhost", "form.localhost")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    stranger.cert_chain_pems[0].write_to_path(cert)
    stranger.private_key_pem.write_to_path(key)
    with Gateway(cert, key) as impostor:
        app.connect(gateway_url=impostor.url)
        assert error_of(app.start())[:2] == (400, "sms_provider_error")
        assert impostor.requests == []


def test_a_certificate_for_another_name_is_refused(app: App) -> None:
    """The names of this machine all lead to it, but each has to be in the certificate."""
    app.connect(gateway_url=app.gateway.url.replace("form.localhost", "other.localhost"))
    assert error_of(app.start())[:2] == (400, "sms_provider_error")
    assert app.gateway.requests == []


def test_a_gateway_may_speak_plain_http(app: App) -> None:
    """Tolerated by Auth0, hence here."""
    with Gateway() as plain:
        app.connect(gateway_url=plain.url)
        assert app.start().status_code == 200
        assert len(plain.requests) == 1


# Configurations that can't send


def test_twilio_as_the_connection_s_own_transport_is_not_pretended(app: App) -> None:
    app.connect(provider=None)
    status, error, description = error_of(app.start())
    assert (status, error) == (400, "sms_provider_error")
    assert "sms_gateway" in description


def test_a_template_that_can_t_be_rendered(app: App) -> None:
    app.connect(syntax="liquid", template="{% if code %}{{ code }}")
    status, error, description = error_of(app.start())
    assert (status, error) == (400, "sms_provider_error")
    assert description.startswith("The template can't be rendered: ")
    assert app.gateway.requests == []


def test_no_secret_and_no_code_in_the_tenant_s_log(app: App) -> None:
    app.gateway.status = 500
    app.start()
    text = json.dumps(app.sandbox.store.all("tenant_logs"))
    assert app.gateway.last.code not in text
    assert SECRET not in text
