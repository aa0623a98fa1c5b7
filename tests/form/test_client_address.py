"""Where a visitor comes from: the socket, or the one header that the host's own proxy sets."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.addresses import Clients
from serving.environment import SettingsError

from . import made
from .conftest import MakeSettings, MakeSite, Site
from .visitor import Visitor

HEADER = "x-vercel-forwarded-for"
PROXY, PERSON, OTHER = "172.18.0.1", "93.184.216.34", "198.41.0.4"


def told(*values: str, header: str | None = HEADER, socket: str | None = PROXY) -> tuple[str | None, int]:
    """The address, and how often a fallback was told in three questions."""
    falls: list[int] = []
    clients = Clients(header, on_fallback=lambda: falls.append(1))
    headers = [(HEADER.encode(), value.encode("latin-1")) for value in values]
    scope = {"type": "http", "client": (socket, 4711) if socket else None, "headers": headers}
    found = {clients.address(scope) for _ in range(3)}
    assert len(found) == 1
    return found.pop(), len(falls)


def test_the_proxys_header_is_the_visitors_address() -> None:
    assert told(PERSON) == (PERSON, 0)
    assert told(f" {PERSON} ") == (PERSON, 0)
    assert told("2001:DB8::1") == ("2001:db8::1", 0)
    assert told(PERSON, header=HEADER.upper()) == (PERSON, 0)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        [PERSON, OTHER],
        [PERSON, PERSON],
        [f"{PERSON}, {OTHER}"],
        [f"{PERSON}:4711"],
        ["[2001:db8::1]"],
        ["fe80::1%eth0"],
        ["2001:db8::1%1"],
        ["unknown"],
        ["for=93.184.216.34"],
        ["93.184.216"],
        ["0x5d.184.216.34"],
        ["\xa093.184.216.34\xff"],
        ["1" * 5000],
    ],
)
def test_anything_else_falls_back_to_the_socket_and_says_so_once(values: Sequence[str]) -> None:
    assert told(*values) == (PROXY, 1)


def test_without_the_variable_no_header_counts() -> None:
    assert told(PERSON, header=None) == (PROXY, 0)
    assert told(header=None, socket=None) == (None, 0)


@given(value=st.text(st.characters(max_codepoint=255)))
def test_no_header_breaks_it(value: str) -> None:
    address, _ = told(value)
    assert address == PROXY or ("," not in value and address is not None)


async def sends(site: Site, number: int, header: dict[str, str]) -> bool:
    """Whether one more person, behind the proxy, gets a code."""
    visitor = Visitor(site.app, PROXY)
    before = len(site.phones.sent)
    await visitor.open(sub=f"auth0|{number}", phone=f"+1415555{number:04d}")
    form = visitor.page.form("/send")
    names = {name.replace("-", "_"): value for name, value in header.items()}
    await visitor.post(form.action, form.fields, **names)
    return len(site.phones.sent) > before


@pytest.mark.anyio
async def test_limits_by_address_tell_people_behind_a_proxy_apart(make_site: MakeSite) -> None:
    site = make_site({"CLIENT_ADDRESS_HEADER": HEADER})
    assert all([await sends(site, 100 + number, {HEADER: PERSON}) for number in range(60)])
    assert not await sends(site, 200, {HEADER: PERSON})
    assert await sends(site, 201, {HEADER: OTHER})
    assert site.logged("client_address_missing") == []
    assert await sends(site, 202, {"x-forwarded-for": OTHER})
    assert len(site.logged("client_address_missing")) == 1
    for address in (PERSON, OTHER, PROXY):
        assert address not in site.log.getvalue()


@pytest.mark.parametrize("name", ["x forwarded", "x:y", "é", "a" * 65, "x-real-ip, x-b"])
def test_a_header_that_cannot_be_one_is_refused(make_settings: MakeSettings, name: str) -> None:
    with pytest.raises(SettingsError) as error:
        make_settings({"CLIENT_ADDRESS_HEADER": name})
    (problem,) = error.value.problems
    assert problem.startswith("CLIENT_ADDRESS_HEADER must be the name of the header")
    assert name not in problem


def test_the_variable_is_read(make_settings: MakeSettings) -> None:
    assert make_settings({"CLIENT_ADDRESS_HEADER": HEADER}).client_address_header == HEADER
    assert make_settings().client_address_header is None
    assert made.contract()["environment"]["clientAddressHeader"] == "CLIENT_ADDRESS_HEADER"
