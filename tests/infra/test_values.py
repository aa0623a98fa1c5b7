"""What single values may be."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import values


@pytest.mark.parametrize(
    ("value", "stage", "canonical"),
    [
        ("acme.eu.auth0.com", "dev", "acme.eu.auth0.com"),
        ("Login.ACME.example", "prod", "login.acme.example"),
        ("localhost:8443", "local", "localhost:8443"),
        ("localhost:08443", "local", "localhost:8443"),
        ("127.0.0.1:8443", "local", "127.0.0.1:8443"),
        ("acme.eu.auth0.com", "local", "acme.eu.auth0.com"),
    ],
)
def test_domains(value: str, stage: str, canonical: str) -> None:
    assert values.domain(value, stage) == canonical


@pytest.mark.parametrize(
    ("value", "stage", "why"),
    [
        ("https://acme.eu.auth0.com", "dev", "bare host"),
        ("acme.eu.auth0.com/", "dev", "bare host"),
        ("user@acme.eu.auth0.com", "dev", "bare host"),
        ("acme.eu.auth0.com:443", "dev", "port, which only stage 'local'"),
        ("localhost", "dev", "loopback"),
        ("form.localhost", "prod", "loopback"),
        ("127.0.0.1", "dev", "loopback"),
        ("127.1.2.3", "dev", "loopback"),
        ("10.0.0.1", "dev", "full host name"),
        ("acme", "dev", "full host name"),
        ("-acme.example", "dev", "not a host name"),
        ("acme..example", "dev", "not a host name"),
        ("acme.example.", "dev", "not a host name"),
        ("acme.example\n", "dev", "not a host name"),
        ("ácme.example", "dev", "not a host name"),
        ("a" * 64 + ".example", "dev", "not a host name"),
        ("a.b" * 90, "dev", "not a host name"),
        ("localhost:0", "local", "port '0'"),
        ("localhost:65536", "local", "port '65536'"),
        ("localhost:", "local", "port ''"),
        ("localhost:٣", "local", "port '٣'"),
        ("localhost:80:80", "local", "port '80:80'"),
    ],
)
def test_domains_refused(value: str, stage: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        values.domain(value, stage)


@pytest.mark.parametrize(
    ("value", "stage", "canonical"),
    [
        ("https://phone.acme.example", "prod", "https://phone.acme.example"),
        ("https://phone.acme.example/", "prod", "https://phone.acme.example"),
        ("HTTPS://Phone.Acme.Example:443", "prod", "https://phone.acme.example"),
        ("https://phone.acme.example:8443", "prod", "https://phone.acme.example:8443"),
        ("https://form.localhost:8447", "local", "https://form.localhost:8447"),
    ],
)
def test_origins(value: str, stage: str, canonical: str) -> None:
    assert values.origin(value, stage) == canonical


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("http://phone.acme.example", "https://"),
        ("phone.acme.example", "https://"),
        ("//phone.acme.example", "https://"),
        ("javascript:alert(1)", "percent-encoded|https://"),
        ("https://", "host name"),
        ("https://user:pass@phone.acme.example", "user name or password"),
        ("https://@phone.acme.example", "user name or password"),
        ("https://phone.acme.example/form", "without path"),
        ("https://phone.acme.example?", "without path"),
        ("https://phone.acme.example#", "without path"),
        ("https://phone.acme.example?a=b", "without path"),
        ("https://phone.acme.example:port", "cannot|can be read"),
        ("https://phone.acme.example:99999", "can be read"),
        ("https://[::1]", "host name"),
        ("https://[", "can be read"),
        ("https://phone.acme.example\\@evil.example", "percent-encoded"),
        ("https://phone.acme.example\t", "percent-encoded"),
        ("https://ph\u200bone.acme.example", "percent-encoded"),
        ("https://localhost:8447", "loopback"),
        ("https://0.0.0.0", "loopback"),
        ("https://phone.acme.example/" + "a" * 500, "longer than"),
    ],
)
def test_origins_refused(value: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        values.origin(value, "dev")


@given(st.text(max_size=60))
def test_whatever_passes_as_an_origin_is_one(text: str) -> None:
    try:
        checked = values.origin(f"https://{text}", "dev")
    except ValueError:
        return
    assert values.origin(checked, "dev") == checked
    assert checked.startswith("https://")
    assert not set(checked.removeprefix("https://")) & set("/?#@\\ \"'<>`")


@pytest.mark.parametrize("host", ["evil.example", "twilio.com.evil.example", "eviltwilio.com", "twilio.com"])
def test_twilios_credentials_go_to_twilio_only(host: str) -> None:
    with pytest.raises(ValueError, match=r"twilio\.com"):
        values.twilio_origin(f"https://{host}", "dev")


def test_the_sandbox_may_stand_in_for_twilio() -> None:
    assert values.twilio_origin("https://localhost:8444", "local") == "https://localhost:8444"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("https://acme.auth0.com/", "drops"),
        ("https://auth0.com/", "drops"),
        ("https://webtask.io/", "drops"),
        ("https://acme.example", "must end with '/'"),
        ("https://acme.example/claims", "must end with '/'"),
        ("https://acme.example/?a=/", "no query"),
        ("https://acme.example/#/", "no query"),
    ],
)
def test_claim_namespaces_refused(value: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        values.claim_namespace(value, "dev")


def test_a_claim_namespace_may_have_a_path() -> None:
    assert values.claim_namespace("https://acme.example/claims/", "dev") == "https://acme.example/claims/"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "blank"),
        ("  \t ", "blank"),
        ("x" * 61, "at most 60"),
        ("a\nb", "control"),
        ("a\x00b", "control"),
        ("a\u2028b", "control"),
        ("a\u202eb", "control"),
        ("a\ud800b", "control"),
        ("a\x7fb", "control"),
    ],
)
def test_texts_refused(value: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        values.text(value, 60)


@pytest.mark.parametrize(
    "value", ["Acme", "Ærø & Søn <b>", "日本", "עברית", "👩\u200d💻", '"</script>${x}{{y}}']
)
def test_texts_of_all_languages_stay_as_they_are(value: str) -> None:
    assert values.text(value, 60) == value


def test_long_texts_may_have_lines() -> None:
    assert values.text(" one\ntwo ", 60, lines=True) == "one\ntwo"
    with pytest.raises(ValueError, match="control"):
        values.text("one\r\ntwo", 60, lines=True)


@pytest.mark.parametrize(("value", "hint"), [("UK", "GB"), ("gb", "GB"), ("us", "US")])
def test_a_country_says_what_was_meant(value: str, hint: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean {hint}"):
        values.country(value)


@pytest.mark.parametrize("value", ["XX", "GBR", "", "+44", "001"])
def test_countries_refused(value: str) -> None:
    with pytest.raises(ValueError, match="ISO 3166"):
        values.country(value)


def test_moments_are_kept_in_utc() -> None:
    assert values.moment("2026-12-01T09:00:00+01:00") == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert values.moment("2026-12-01T09:00:00Z").utcoffset() == datetime.now(UTC).utcoffset()


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2026-12-01T09:00:00", "no zone"),
        ("2026-12-01", "no zone"),
        ("tomorrow", "ISO 8601"),
        ("1764576000", "ISO 8601|no zone"),
        ("0001-01-01T00:00:00+10:00", "too far"),
    ],
)
def test_moments_refused(value: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        values.moment(value)


@pytest.mark.parametrize(
    "check",
    [
        lambda text: values.domain(text, "dev"),
        lambda text: values.origin(text, "dev"),
        lambda text: values.claim_namespace(text, "dev"),
        lambda text: values.text(text, 60),
        values.country,
        values.moment,
    ],
)
@given(text=st.text(max_size=80))
def test_no_text_makes_a_check_fail_otherwise_than_by_saying_so(
    check: Callable[[str], object], text: str
) -> None:
    said = "fine"
    try:
        check(text)
    except ValueError as error:
        said = str(error)
    assert said
