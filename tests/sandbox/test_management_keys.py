"""/keys: the signing keys that tokens are really signed with, and the encryption keys."""

import hashlib
import secrets
import threading
from base64 import b64encode, urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from auth0.management import types
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_public_key
from joserfc.jwk import RSAKey
from joserfc.jws import extract_compact

from sandbox.testing import RunningSandbox, mint

from .api import Api
from .management_driver import Json, Management

SIGNING, ENCRYPTION = "/keys/signing", "/keys/encryption"
ROOT = {"type": "customer-provided-root-key"}
OIDC = {"type": "back_channel", "client_id": "x"}


@pytest.fixture
def api() -> Management:
    return Management()


def kid_of(token: str) -> str:
    return str(extract_compact(token.encode()).headers()["kid"])


def states(api: Management) -> dict[str, str]:
    """Each key's state by its id."""
    names = ("current", "next", "previous", "revoked")
    return {key["kid"]: next(name for name in names if key.get(name)) for key in api.get(SIGNING)}


def test_a_tenant_has_a_current_and_a_next_key(api: Management) -> None:
    keys = api.get(SIGNING)
    for key in keys:
        types.SigningKeys.model_validate(key)
        assert api.get(f"{SIGNING}/{key['kid']}") == key
    assert list(states(api).values()) == ["current", "next"]
    assert states(api)[kid_of(mint(api.sandbox))] == "current"
    assert api.get(SIGNING) == keys


def test_a_certificate_is_of_the_key_that_is_published(api: Management) -> None:
    keys = api.get(SIGNING)
    published = {key["kid"]: key for key in api.sandbox.keys.jwks()["keys"]}
    assert set(published) == {key["kid"] for key in keys}
    for key in keys:
        certificate = x509.load_pem_x509_certificate(key["cert"].encode())
        public = certificate.public_key()
        assert isinstance(public, rsa.RSAPublicKey)
        modulus = public.public_numbers().n
        assert int.from_bytes(urlsafe_b64decode(published[key["kid"]]["n"] + "=="), "big") == modulus
        digest = hashlib.sha1(certificate.public_bytes(Encoding.DER)).hexdigest().upper()  # noqa: S324 - a name
        assert (key["thumbprint"], key["fingerprint"].replace(":", "")) == (digest, digest)
        assert "BEGIN PKCS7" in key["pkcs7"]


def test_after_a_rotation_both_keys_count_until_the_old_one_is_revoked(api: Management) -> None:
    old = mint(api.sandbox)
    api.get(SIGNING)
    (following,) = [kid for kid, state in states(api).items() if state == "next"]
    rotated = api.post(f"{SIGNING}/rotate")
    types.RotateSigningKeysResponseContent.model_validate(rotated)
    new = mint(api.sandbox)
    assert rotated["kid"] == kid_of(new) == following
    assert sorted(states(api).values()) == ["current", "next", "previous"]
    audience = api.sandbox.addresses.management_audience
    for token in (old, new):
        assert api.sandbox.keys.verify(token, audience)

    revoked = api.put(f"{SIGNING}/{kid_of(old)}/revoke", None, 200)
    assert revoked["kid"] == kid_of(old)
    assert api.sandbox.keys.opened(old) is None
    assert api.sandbox.keys.verify(new, audience)
    assert kid_of(old) not in [key["kid"] for key in api.sandbox.keys.jwks()["keys"]]
    # The client's own token was signed with it.
    api.get(SIGNING, 401)


def test_keys_survive_a_restart(api: Management) -> None:
    api.post(f"{SIGNING}/rotate")
    before, token = api.get(SIGNING), mint(api.sandbox)
    api.sandbox.keys.forget()
    assert kid_of(mint(api.sandbox)) == kid_of(token)
    assert len(api.sandbox.keys.jwks()["keys"]) == 3
    assert api.get(SIGNING) == before


@pytest.mark.parametrize("state", ["current", "next"])
def test_only_the_previous_key_can_be_revoked(api: Management, state: str) -> None:
    (kid,) = [kid for kid, name in states(api).items() if name == state]
    api.refused("PUT", f"{SIGNING}/{kid}/revoke", None)
    assert states(api)[kid] == state
    assert api.get(f"{SIGNING}/unknown", 404)["error"] == "Not Found"


def key(api: Management, made: Json) -> Json:
    return api.get(f"{ENCRYPTION}/{made['kid']}")


def wrapped(wrapping: Json | rsa.RSAPublicKey) -> str:
    """A key of one's own as the tenant wants it: an AES key for its RSA key, and behind it ours."""
    if isinstance(wrapping, dict):
        wrapping = load_pem_public_key(wrapping["public_key"].encode())
    assert isinstance(wrapping, rsa.RSAPublicKey)
    ephemeral = secrets.token_bytes(32)
    oaep = padding.OAEP(mgf=padding.MGF1(SHA256()), algorithm=SHA256(), label=None)
    own = aes_key_wrap_with_padding(ephemeral, secrets.token_bytes(32))
    return b64encode(wrapping.encrypt(ephemeral, oaep) + own).decode()


def test_a_root_key_of_one_s_own_is_imported_and_destroyed(api: Management) -> None:
    made = api.post(ENCRYPTION, ROOT)
    types.EncryptionKey.model_validate(made)
    assert made["state"] == "pre-activation"
    path = f"{ENCRYPTION}/{made['kid']}"
    api.post(path, {"wrapped_key": "x"}, 409)
    wrapping = api.post(f"{path}/wrapping-key")
    assert wrapping["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert wrapping["algorithm"] == "CKM_RSA_AES_KEY_WRAP"
    another = rsa.generate_private_key(65_537, 2048).public_key()
    for invalid in ("bad-key-value", "", wrapped(another), wrapped(wrapping)[:-12]):
        refused = api.post(path, {"wrapped_key": invalid}, 400)
        assert "Wrapped key material is invalid" in refused["message"] or not invalid
    assert api.post(path, {"wrapped_key": wrapped(wrapping)})["state"] == "active"
    api.post(f"{path}/wrapping-key", None, 409)
    api.delete(path)
    assert key(api, made)["state"] == "destroyed"
    assert "public_key" not in key(api, made)


def test_a_second_root_key_takes_the_first_one_s_place(api: Management) -> None:
    roots = [api.post(ENCRYPTION, ROOT) for _ in range(2)]
    for root in roots:
        wrapping = api.post(f"{ENCRYPTION}/{root['kid']}/wrapping-key")
        api.post(f"{ENCRYPTION}/{root['kid']}", {"wrapped_key": wrapped(wrapping)})
    assert [key(api, root)["state"] for root in roots] == ["deactivated", "active"]


@pytest.mark.parametrize("kind", ["environment-root-key", "tenant-master-key", "tenant-encryption-key"])
def test_the_keys_below_which_everything_is_can_not_be_deleted(api: Management, kind: str) -> None:
    (own,) = [known["kid"] for known in api.get(ENCRYPTION) if known["type"] == kind]
    api.delete(f"{ENCRYPTION}/{own}", 409)
    assert api.get(f"{ENCRYPTION}/{own}")["state"] == "active"
    api.post(f"{ENCRYPTION}/rekey", None, 204)


def test_a_rekey_makes_new_keys_and_keeps_the_old_ones(api: Management) -> None:
    def active() -> dict[str, str]:
        keys = api.get(f"{ENCRYPTION}?include_totals=true&per_page=50")["keys"]
        return {known["type"]: known["kid"] for known in keys if known["state"] == "active"}

    before = active()
    assert set(before) == {"environment-root-key", "tenant-master-key", "tenant-encryption-key"}
    api.post(f"{ENCRYPTION}/rekey", None, 204)
    after = active()
    assert set(after) == set(before)
    assert after["environment-root-key"] == before["environment-root-key"]
    assert after["tenant-master-key"] != before["tenant-master-key"]
    assert api.get(f"{ENCRYPTION}/{before['tenant-master-key']}")["state"] == "deactivated"


def test_an_unknown_encryption_key_is_not_there(api: Management) -> None:
    api.get(f"{ENCRYPTION}/unknown", 404)
    api.delete(f"{ENCRYPTION}/unknown", 404)
    assert "No enum match" in api.refused("POST", ENCRYPTION, {"type": "house-key"})


def test_no_key_is_made_where_requests_are_answered(api: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    makers = []

    def watched(made: Any) -> Any:
        def make(*arguments: Any, **named: Any) -> Any:
            makers.append(threading.get_ident())
            return made(*arguments, **named)

        return make

    monkeypatch.setattr(rsa, "generate_private_key", watched(rsa.generate_private_key))
    monkeypatch.setattr(RSAKey, "generate_key", watched(RSAKey.generate_key))
    api.post(f"{SIGNING}/rotate")
    api.post(f"{ENCRYPTION}/{api.post(ENCRYPTION, ROOT)['kid']}/wrapping-key")
    connection = api.post("/connections", {"name": "c", "strategy": "oidc", "options": OIDC})
    api.post(f"/connections/{connection['id']}/keys")
    api.post(f"/connections/{connection['id']}/keys/rotate", None, 200)
    assert len(makers) == 2 + 1 + 2 + 1
    assert threading.get_ident() not in makers


@pytest.mark.parametrize("path", [SIGNING, "/connections/{id}/keys"])
def test_who_asks_first_at_the_same_time_sees_the_same_keys(
    running_sandbox: RunningSandbox, path: str
) -> None:
    options = {**OIDC, "token_endpoint_auth_method": "private_key_jwt"}
    made: Json = {"name": "c", "strategy": "oidc", "options": options}

    def ask(method: str, path: str, body: Json = None) -> Json:
        with running_sandbox.session() as session:
            answer = Api(session, running_sandbox.url, running_sandbox.token()).call(method, path, body)
            assert answer.ok, answer.text
            return answer.json()

    path = path.format(id=ask("POST", "/connections", made)["id"])
    # As it is where nobody has asked yet: a reset keeps the keys.
    sandbox = running_sandbox.sandbox
    sandbox.store.delete("keys", "signing_states")
    before = len(sandbox.keys.jwks()["keys"])
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: ask("GET", path), range(3)))
    keys = ask("GET", path)
    assert answers == [keys] * 3
    assert [bool(key.get("current")) for key in keys] == [True, False]
    assert len(sandbox.keys.jwks()["keys"]) == before + (path == SIGNING)


ACL_KEYS = "/keys/network-acls"
MATERIAL = bytes(range(32))


def acl_key(material: bytes, name: str = "k") -> Json:
    return {"name": name, "alg": "hmac-sha256", "value": b64encode(material).decode()}


def test_a_key_for_signed_requests_is_told_by_its_fingerprint(api: Management) -> None:
    made = api.post(ACL_KEYS, acl_key(MATERIAL))
    types.NetworkAclKey.model_validate(made)
    assert made["fingerprint"] == hashlib.sha256(MATERIAL).hexdigest()
    assert "value" not in made
    path = f"{ACL_KEYS}/{made['id']}"
    assert api.get(path) == made
    assert api.get(ACL_KEYS) == {"keys": [made]}
    assert api.post(ACL_KEYS, acl_key(MATERIAL[::-1]), 409)["statusCode"] == 409
    api.delete(path)
    api.get(path, 404)


@pytest.mark.parametrize(
    "body",
    [
        acl_key(MATERIAL[:-1]),
        acl_key(MATERIAL * 17),
        {**acl_key(MATERIAL), "value": "a b"},
        {**acl_key(MATERIAL), "alg": "rsa-2048"},
    ],
)
def test_what_is_no_key_for_signed_requests_is_refused(api: Management, body: Json) -> None:
    api.post(ACL_KEYS, body, 400)
    assert api.get(ACL_KEYS) == {"keys": []}
