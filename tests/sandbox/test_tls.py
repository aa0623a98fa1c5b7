"""The sandbox's own CA: kept, renewed, private, and recognisable."""

import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
import time_machine
from cryptography import x509

from sandbox import tls
from sandbox.testing import RunningSandbox


@pytest.fixture
def certificates(tmp_path: Path) -> tls.Certificates:
    return tls.prepare(tmp_path / "tls")


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_every_name_and_address_is_covered(certificates: tls.Certificates) -> None:
    names = read(certificates.cert).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {
        "localhost",
        "form.localhost",
        "app.localhost",
        "handset.localhost",
    }
    assert set(names.get_values_for_type(x509.IPAddress)) == {ip_address("127.0.0.1"), ip_address("::1")}


def test_the_ca_says_what_it_is(certificates: tls.Certificates) -> None:
    assert "sandbox" in read(certificates.ca).subject.rfc4514_string()


def test_the_leaf_is_the_ca_s_and_fits_its_key(certificates: tls.Certificates) -> None:
    read(certificates.cert).verify_directly_issued_by(read(certificates.ca))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificates.cert, certificates.key)


def test_nobody_else_can_read_the_keys(certificates: tls.Certificates) -> None:
    directory = certificates.key.parent
    for path in (certificates.key, directory / "ca.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def contents(certificates: tls.Certificates) -> list[bytes]:
    return [path.read_bytes() for path in (certificates.ca, certificates.cert, certificates.key)]


def test_a_second_start_changes_nothing(certificates: tls.Certificates) -> None:
    before = contents(certificates)
    assert contents(tls.prepare(certificates.ca.parent)) == before


@pytest.fixture
def near_expiry() -> Iterator[None]:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=340)):
        yield


@pytest.mark.usefixtures("certificates")
def test_a_leaf_near_its_end_is_renewed_by_the_same_ca(tmp_path: Path, near_expiry: None) -> None:
    directory = tmp_path / "tls"
    ca, old = (directory / "ca.pem").read_bytes(), read(directory / "server.pem")
    renewed = tls.prepare(directory)
    assert renewed.ca.read_bytes() == ca
    assert read(renewed.cert).not_valid_after_utc > old.not_valid_after_utc


def test_a_leaf_of_another_ca_or_without_its_key_is_replaced(tmp_path: Path) -> None:
    one, other = tls.prepare(tmp_path / "one"), tls.prepare(tmp_path / "other")
    one.cert.write_bytes(other.cert.read_bytes())
    tls.prepare(tmp_path / "one")
    read(one.cert).verify_directly_issued_by(read(one.ca))
    one.key.unlink()
    tls.prepare(tmp_path / "one")
    assert one.key.exists()


def test_who_does_not_know_the_ca_does_not_trust_the_sandbox(running_sandbox: RunningSandbox) -> None:
    with requests.Session() as session:
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(f"{running_sandbox.url}/_sandbox/health")


def test_plain_http_is_not_spoken(running_sandbox: RunningSandbox) -> None:
    with requests.Session() as session, pytest.raises(requests.exceptions.ConnectionError):
        session.get(running_sandbox.url.replace("https:", "http:") + "/_sandbox/health")
