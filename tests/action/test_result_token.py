"""Every way in which an answer is not the form's: the token, its keys, its sealed part."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe

from . import made
from .results import refused, resumed
from .runner import NOW, ActionRunner, Run

# ---- the token ----------------------------------------------------------------------------------


def test_without_a_token_there_is_no_result(node: ActionRunner) -> None:
    refused(resumed(node, None))
    refused(resumed(node, ""))
    refused(resumed(node, "a.b.c"))
    refused(resumed(node, None, request={"body": None}))


@pytest.mark.parametrize("where", ["query alone", "query and body"])
def test_a_token_in_the_query_is_refused(node: ActionRunner, where: str) -> None:
    token = made.signed(made.result_claims())
    body = token if where == "query and body" else None
    refused(resumed(node, body, request={"query": {"phone_result": token}}))


@pytest.mark.parametrize("value", [["a"], {"a": 1}, 1, True])
def test_a_parameter_that_is_no_text_is_refused(node: ActionRunner, value: object) -> None:
    refused(resumed(node, None, request={"body": {"phone_result": value}}))


def test_t03_each_changed_character_is_refused(node: ActionRunner) -> None:
    token = made.signed(made.result_claims())
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place, letter in enumerate(token):
        other = alphabet[(alphabet.index(letter) + 1) % 64] if letter in alphabet else "A"
        refused(resumed(node, token[:place] + other + token[place + 1 :]))


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 900), junk=st.text(max_size=8), keep=st.integers(0, 12))
def test_t03_a_mangled_token_is_refused(node: ActionRunner, cut: int, junk: str, keep: int) -> None:
    token = made.signed(made.result_claims())
    mangled = token[:cut] + junk + token[cut + keep :]
    run = resumed(node, mangled)
    if mangled == token:
        assert run.passed
    else:
        refused(run)


def unsigned(header: dict[str, Any], signature: str = "") -> str:
    parts = [header, made.result_claims()]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, signature])


@pytest.mark.parametrize(
    "algorithm",
    ["none", "None", "nOnE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256", None, 1, ["HS256"]],
)
def test_t03_every_other_algorithm_is_refused_though_the_signature_fits(
    node: ActionRunner, algorithm: object
) -> None:
    header = {"alg": algorithm, "typ": "JWT"}
    token = unsigned(header)
    refused(resumed(node, token))
    refused(resumed(node, token + made.hs256(token[:-1], made.RESULT_KEY)))


@pytest.mark.parametrize("typ", ["jwt", "JWS", "at+jwt", "phone-request+jwe", "", None])
def test_t06_another_type_is_refused(node: ActionRunner, typ: str | None) -> None:
    token = unsigned({"alg": "HS256", **({} if typ is None else {"typ": typ})})
    refused(resumed(node, token + made.hs256(token[:-1], made.RESULT_KEY)))


WRONG = [None, "", "other", ["auth0-phone/action"], {"a": 1}, 1, True]


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "state", "outcome", "sealed"])
def test_t06_each_claim_missing_other_or_of_another_kind_is_refused(
    node: ActionRunner, claim: str, value: object
) -> None:
    claims = made.result_claims()
    claims.pop(claim)
    if value is not None:
        claims[claim] = value
    refused(resumed(node, made.raw(claims)))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "state", "outcome"])
def test_t06_a_claim_inside_a_list_is_refused(node: ActionRunner, claim: str) -> None:
    claims = made.result_claims()
    claims[claim] = [claims[claim]]
    refused(resumed(node, made.raw(claims)))


@pytest.mark.parametrize(
    "iat", [None, "1", str(NOW), NOW + 0.5, 1e400, -1, True, [NOW], NOW + 61, NOW - 100_000]
)
def test_t05_an_impossible_issue_time_is_refused(node: ActionRunner, iat: object) -> None:
    claims = made.result_claims() | {"iat": iat}
    refused(resumed(node, made.raw({name: value for name, value in claims.items() if value is not None})))


@pytest.mark.parametrize(
    "exp", [None, str(NOW + 100), NOW + 100.5, 1e400, -1, True, [NOW + 100], NOW, NOW - 1, NOW + 180, 2**53]
)
def test_t05_an_impossible_expiry_is_refused(node: ActionRunner, exp: object) -> None:
    claims = made.result_claims() | {"exp": exp}
    refused(resumed(node, made.raw({name: value for name, value in claims.items() if value is not None})))


@pytest.mark.parametrize(
    ("age", "passes"), [(-61, False), (-60, True), (0, True), (179, True), (180, False), (3600, False)]
)
def test_t05_a_result_lives_for_180_seconds_and_bears_a_minute_of_skew(
    node: ActionRunner, age: int, passes: bool
) -> None:
    claims = made.result_claims()
    event = made.returning(made.login(), made.signed(claims))
    assert node.run(made.code(), made.CONTINUE, event, now=claims["iat"] + age).passed is passes


def test_t08_a_result_belongs_to_its_person_and_its_state(node: ActionRunner) -> None:
    token = made.signed(made.result_claims())
    refused(resumed(node, token, user={"user_id": "auth0|somebody-else"}))
    refused(resumed(node, token, request={"query": {"state": "another-state"}}))
    refused(resumed(node, token, request={"query": {"state": None}}))
    refused(resumed(node, token, request={"query": {"state": [made.STATE]}}))
    refused(resumed(node, token, request={"query": {"state": "another"}, "body": {"state": made.STATE}}))
    assert resumed(node, token).passed


@pytest.mark.parametrize(
    "change",
    [
        {"sub": "auth0|somebody-else"},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"state": None},
        {"state": 1},
        {"iss": "x"},
    ],
)
def test_the_action_does_not_lean_on_validate_token_alone(node: ActionRunner, change: dict[str, Any]) -> None:
    def lax(claims: dict[str, Any]) -> Run:
        event = made.returning(made.login(), made.raw(claims))
        return node.run(made.code(), made.CONTINUE, event, lax=True)

    assert lax(made.result_claims()).passed
    refused(lax(made.merged(made.result_claims(), change)))


# ---- keys ---------------------------------------------------------------------------------------


def test_t04_only_the_key_of_this_direction_signs(node: ActionRunner) -> None:
    for secret in (made.REQUEST_KEY, made.PREVIOUS_KEY, made.RESULT_KEY[:-1], "x" * 43):
        sealed = made.sealed({"phone": made.PHONE}, secret)
        refused(resumed(node, made.signed(made.result_claims(sealed=sealed), secret)))


def test_t04_only_the_derived_key_of_this_direction_seals(node: ActionRunner) -> None:
    request_like = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM", "typ": "phone-sealed+jwe"},
        json.dumps({"phone": made.PHONE}),
        made.derived(made.RESULT_KEY, made.CONTRACT["request"]["keyInfo"]),
    )
    for sealed in (
        made.sealed({"phone": made.PHONE}, made.REQUEST_KEY),
        made.sealed({"phone": made.PHONE}, made.PREVIOUS_KEY),
        request_like,
    ):
        refused(resumed(node, made.signed(made.result_claims(sealed=sealed))))


def test_t04_a_request_is_no_result(node: ActionRunner) -> None:
    request = node.run(made.code(), made.EXECUTE, made.hinted(made.PHONE)).redirect
    assert request
    refused(resumed(node, request["query"]["phone_request"]))
    refused(resumed(node, made.signed(made.result_claims(sealed=request["query"]["phone_request"]))))


def test_rotation_takes_the_previous_key_while_it_is_there(node: ActionRunner) -> None:
    sealed = made.sealed({"phone": made.PHONE}, made.PREVIOUS_KEY)
    old = made.signed(made.result_claims(sealed=sealed), made.PREVIOUS_KEY)
    both = {"PHONE_RESULT_KEY_PREVIOUS": made.PREVIOUS_KEY}
    assert resumed(node, old, secrets=both).passed
    assert resumed(node, made.signed(made.result_claims()), secrets=both).passed
    refused(resumed(node, old))


def test_t04_signature_and_seal_are_of_one_key(node: ActionRunner) -> None:
    both = {"PHONE_RESULT_KEY_PREVIOUS": made.PREVIOUS_KEY}
    old_seal = made.sealed({"phone": made.PHONE}, made.PREVIOUS_KEY)
    refused(resumed(node, made.signed(made.result_claims(sealed=old_seal)), secrets=both))
    refused(resumed(node, made.signed(made.result_claims(), made.PREVIOUS_KEY), secrets=both))


@pytest.mark.parametrize("previous", ["", "short", "x" * 42, None])
def test_an_absent_or_short_previous_key_is_never_used(node: ActionRunner, previous: str | None) -> None:
    token = unsigned({"alg": "HS256", "typ": "JWT"})
    token += made.hs256(token[:-1], previous or "")
    secrets = {} if previous is None else {"PHONE_RESULT_KEY_PREVIOUS": previous}
    run = resumed(node, token, secrets=secrets)
    refused(run)
    assert run.calls.count("validateToken") == 1


# ---- the sealed part ----------------------------------------------------------------------------

BAD_NUMBERS = [
    "",
    "+1",
    "4155550123",
    "+0155550123",
    "+1415555012345678",
    "+1 4155550123",
    made.PHONE + "\n",
    "+\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0662\u0663",
]


@pytest.mark.parametrize("phone", [*BAD_NUMBERS, None, 14155550123, [made.PHONE], {"e164": made.PHONE}])
def test_only_e164_is_written(node: ActionRunner, phone: object) -> None:
    refused(resumed(node, made.signed(made.result_claims(sealed=made.sealed({"phone": phone})))))


@pytest.mark.parametrize("plaintext", [[], None, "text", 1, {}, {"Phone": made.PHONE}])
def test_a_sealed_part_of_another_shape_is_refused(node: ActionRunner, plaintext: Any) -> None:
    run = resumed(node, made.signed(made.result_claims(sealed=made.sealed(plaintext))))
    refused(run)


@pytest.mark.parametrize("typ", ["phone-request+jwe", "JWT", None])
def test_a_sealed_part_of_another_type_is_refused(node: ActionRunner, typ: str | None) -> None:
    header = {"alg": "dir", "enc": "A256GCM"} | ({} if typ is None else {"typ": typ})
    key = made.derived(made.RESULT_KEY, made.CONTRACT["result"]["sealedKeyInfo"])
    sealed = jwe.encrypt_compact(header, json.dumps({"phone": made.PHONE}), key)
    refused(resumed(node, made.signed(made.result_claims(sealed=sealed))))


def test_t03_a_sealed_part_changed_anywhere_is_refused(node: ActionRunner) -> None:
    sealed = made.sealed({"phone": made.PHONE})
    for part in (0, 2, 3, 4):
        pieces = sealed.split(".")
        raw = bytearray(base64.urlsafe_b64decode(pieces[part] + "=="))
        for place in range(len(raw)):
            flipped = raw[:]
            flipped[place] ^= 1
            pieces[part] = base64.urlsafe_b64encode(bytes(flipped)).rstrip(b"=").decode()
            refused(resumed(node, made.signed(made.result_claims(sealed=".".join(pieces)))))


@pytest.mark.parametrize("length", [0, 4, 8, 12, 15])
def test_t03_a_shortened_tag_is_refused(node: ActionRunner, length: int) -> None:
    *head, tag = made.sealed({"phone": made.PHONE}).split(".")
    short = base64.urlsafe_b64encode(base64.urlsafe_b64decode(tag + "==")[:length]).rstrip(b"=").decode()
    refused(resumed(node, made.signed(made.result_claims(sealed=".".join([*head, short])))))
    refused(resumed(node, made.signed(made.result_claims(sealed=".".join(head)))))


@pytest.mark.parametrize(("flow", "outcome"), [("form", "submitted"), ("action", "verified")])
def test_each_flow_takes_its_own_outcome_only(node: ActionRunner, flow: str, outcome: str) -> None:
    refused(resumed(node, made.signed(made.result_claims(outcome)), flow=flow))


@pytest.mark.parametrize(
    "outcome", ["Verified", "approved", "verified ", "__proto__", "constructor", "toString"]
)
def test_an_unknown_outcome_is_refused(node: ActionRunner, outcome: str) -> None:
    refused(resumed(node, made.signed(made.result_claims() | {"outcome": outcome})))
