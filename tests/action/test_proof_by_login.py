"""A login through the SMS connection, or a trusted one, is itself a proof."""

from typing import Any

import pytest

from . import made
from .runner import ActionRunner
from .test_asking import NO_REDIRECT, SILENT, asked

SMS = made.through("sms", "sms", {"phone_number": made.PHONE, "phone_verified": True})
TRUSTED = made.code(trustedConnections=["corporate"])


@pytest.mark.parametrize("circumstances", [{}, *NO_REDIRECT, *SILENT, {"secrets": None}])
@pytest.mark.parametrize("flow", ["form", "action"])
def test_an_sms_login_is_written_and_sends_nothing(
    node: ActionRunner, flow: str, circumstances: dict[str, Any]
) -> None:
    run = node.run(made.code(flow=flow), made.EXECUTE, made.merged(SMS, circumstances))
    assert run.passed
    assert run.fetches == []
    assert run.app_metadata == {
        "phone_number": made.PHONE,
        "phone_number_verified": True,
        "phone_verified_at": "2026-09-21T14:13:20.000Z",
        "phone_hint": made.digest(made.PHONE),
    }


def test_the_number_is_the_identitys_not_the_profiles(node: ActionRunner) -> None:
    event = made.merged(SMS, {"user": {"phone_number": made.OTHER, "phone_verified": True}})
    assert node.run(made.code(), made.EXECUTE, event).app_metadata["phone_number"] == made.PHONE


def test_a_hint_that_differs_is_noted_and_not_asked_about_later(node: ActionRunner) -> None:
    event = made.merged(SMS, {"user": {"user_metadata": {"phone_number": made.OTHER}}})
    first = node.run(made.code(), made.EXECUTE, event)
    assert first.app_metadata["phone_number"] == made.PHONE
    again = made.merged(made.hinted(made.OTHER), {"user": {"app_metadata": first.app_metadata}})
    assert node.run(made.code(), made.EXECUTE, again).calls == []


@pytest.mark.parametrize(
    "profile",
    [
        None,
        {},
        {"phone_number": None},
        {"phone_number": "4155550123"},
        {"phone_number": [made.PHONE]},
        {"phone_number": made.PHONE, "phone_verified": False},
        {"name": made.PHONE},
    ],
)
def test_an_identity_without_a_proven_number_is_asked(
    node: ActionRunner, profile: dict[str, Any] | None
) -> None:
    event = made.through("sms", "sms", profile, user={"phone_number": made.OTHER, "phone_verified": True})
    run = node.run(made.code(), made.EXECUTE, event)
    asked(run)
    assert run.app_metadata == {}


PRIMARY = "5f7c8ec7c33c6c004bbafe82"


def code_login(**changes: Any) -> dict[str, Any]:
    """A login of somebody whose primary account is on the SMS connection, with a code that was just typed."""
    event = made.login(connection={"name": "sms", "strategy": "sms"})
    event["authentication"]["methods"] = [{"name": "sms", "timestamp": "2026-09-21T14:13:10.000Z"}]
    event["user"] |= {
        "user_id": f"sms|{PRIMARY}",
        "phone_number": made.PHONE,
        "phone_verified": True,
        "identities": [{"connection": "sms", "provider": "sms", "user_id": PRIMARY, "isSocial": False}],
    }
    return made.merged(event, changes)


@pytest.mark.parametrize(
    "circumstances", [{}, *NO_REDIRECT, *SILENT, {"secrets": None}, {"authentication": None}]
)
@pytest.mark.parametrize("flow", ["form", "action"])
def test_a_code_login_of_a_primary_account_is_written_and_sends_nothing(
    node: ActionRunner, flow: str, circumstances: dict[str, Any]
) -> None:
    run = node.run(made.code(flow=flow), made.EXECUTE, code_login(**circumstances))
    assert run.passed
    assert run.fetches == []
    assert run.app_metadata["phone_number"] == made.PHONE
    assert run.app_metadata["phone_number_verified"] is True


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another kind of account", {"user": {"user_id": f"auth0|{PRIMARY}"}}),
        (
            "an account of another kind on a connection of that name",
            {
                "user": {
                    "user_id": f"auth0|{PRIMARY}",
                    "identities": [{"connection": "sms", "provider": "auth0", "user_id": PRIMARY}],
                }
            },
        ),
        ("another connection", {"connection": {"name": "sms-elsewhere", "strategy": "sms"}}),
        ("another strategy", {"connection": {"name": "sms", "strategy": "email"}}),
        ("not verified", {"user": {"phone_verified": False}}),
        ("not said to be verified", {"user": {"phone_verified": None}}),
        ("verified in words only", {"user": {"phone_verified": "true"}}),
        ("no number", {"user": {"phone_number": None}}),
        ("a number that is not E.164", {"user": {"phone_number": "4155550123"}}),
        ("a number in another form than Auth0 keeps", {"user": {"phone_number": "+1 415 555 0123"}}),
        ("no code in this session", {"authentication": {"methods": [{"name": "pwd"}]}}),
        ("a second factor alone", {"authentication": {"methods": [made.mfa()]}}),
        ("no factor at all", {"authentication": {"methods": []}}),
    ],
)
def test_the_root_proves_nothing_unless_all_conditions_hold(
    node: ActionRunner, why: str, changes: dict[str, Any]
) -> None:
    run = node.run(made.code(), made.EXECUTE, code_login(**changes))
    asked(run)
    assert run.app_metadata == {}, why


def test_a_root_that_another_account_shows_is_not_its_own(node: ActionRunner) -> None:
    event = code_login()
    event["user"]["identities"].insert(0, {"connection": "db", "provider": "auth0", "user_id": "someone"})
    event["user"]["user_id"] = "auth0|someone"
    assert "phone" not in asked(node.run(made.code(), made.EXECUTE, event))


def test_observe_says_that_a_code_login_would_verify(node: ActionRunner) -> None:
    run = node.run(made.code(enforcement="observe"), made.EXECUTE, code_login())
    assert run.claims == {f"{made.FORM}/phone_status": "would_verify"}
    assert run.app_metadata == {}


def test_a_verified_number_that_was_changed_at_the_root_needs_mfa_too(node: ActionRunner) -> None:
    event = code_login(user={"app_metadata": made.verified(made.OTHER)["user"]["app_metadata"]})
    assert asked(node.run(made.code(), made.EXECUTE, event))["proven"] == made.OTHER
    event["authentication"]["methods"].append(made.mfa())
    assert node.run(made.code(), made.EXECUTE, event).app_metadata["phone_number"] == made.PHONE


def test_two_identities_on_the_connection_prove_nothing(node: ActionRunner) -> None:
    event = made.merged(SMS, {})
    event["user"]["identities"].append(
        {**SMS["user"]["identities"][-1], "profileData": {"phone_number": made.OTHER}}
    )
    assert "phone" not in asked(node.run(made.code(), made.EXECUTE, event))


@pytest.mark.parametrize(
    "connection",
    [
        {"name": "sms", "strategy": "auth0"},
        {"name": "sms-elsewhere", "strategy": "sms"},
        {"name": "Username-Password-Authentication", "strategy": "auth0"},
        {"name": None, "strategy": None},
    ],
)
def test_only_a_login_through_that_connection_is_a_proof(
    node: ActionRunner, connection: dict[str, Any]
) -> None:
    run = node.run(made.code(), made.EXECUTE, made.merged(SMS, {"connection": connection}))
    asked(run)
    assert run.app_metadata == {}


def test_another_sms_connection_than_the_stages_proves_nothing(node: ActionRunner) -> None:
    elsewhere = made.through("sms-elsewhere", "sms", {"phone_number": made.PHONE, "phone_verified": True})
    assert asked(node.run(made.code(), made.EXECUTE, elsewhere))["phone"] == made.PHONE
    assert node.run(made.code(smsConnection="sms-elsewhere"), made.EXECUTE, elsewhere).passed


@pytest.mark.parametrize("strategy", ["samlp", "google-oauth2", "oidc"])
def test_a_claim_of_another_connection_is_a_hint(node: ActionRunner, strategy: str) -> None:
    profile = {"phone_number": "+1 415 555 0123", "phone_verified": True}
    run = node.run(TRUSTED, made.EXECUTE, made.through("partner", strategy, profile))
    assert asked(run)["phone"] == made.PHONE
    assert run.app_metadata == {}


def test_what_the_person_typed_comes_before_a_claim(node: ActionRunner) -> None:
    event = made.through("partner", "samlp", {"phone_number": made.PHONE})
    event["user"]["user_metadata"]["phone_number"] = made.OTHER
    assert asked(node.run(made.code(), made.EXECUTE, event))["phone"] == made.OTHER


@pytest.mark.parametrize(
    ("checked", "proves"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_a_trusted_connections_claim_proves_when_it_was_verified_there(
    node: ActionRunner, checked: object, proves: bool
) -> None:
    event = made.through("corporate", "samlp", {"phone_number": made.PHONE, "phone_verified": checked})
    run = node.run(TRUSTED, made.EXECUTE, event)
    assert run.app_metadata.get("phone_number") == (made.PHONE if proves else None)
    assert bool(run.redirect) is not proves


def test_a_verified_number_is_not_replaced_by_a_login_without_mfa(node: ActionRunner) -> None:
    event = made.merged(SMS, {"user": {"app_metadata": made.verified(made.OTHER)["user"]["app_metadata"]}})
    run = node.run(made.code(), made.EXECUTE, event)
    assert asked(run)["proven"] == made.OTHER
    assert run.app_metadata["phone_number"] == made.OTHER
    event["authentication"]["methods"].append(made.mfa())
    run = node.run(made.code(), made.EXECUTE, event)
    assert run.passed
    assert run.app_metadata["phone_number"] == made.PHONE


def test_with_mfa_a_typed_hint_is_asked_about_rather_than_overlooked(node: ActionRunner) -> None:
    event = made.merged(SMS, {"user": {"app_metadata": made.verified(made.PHONE)["user"]["app_metadata"]}})
    event["authentication"]["methods"].append(made.mfa())
    event["user"]["user_metadata"]["phone_number"] = made.THIRD
    assert asked(node.run(made.code(), made.EXECUTE, event))["phone"] == made.THIRD
