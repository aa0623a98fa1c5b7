"""The smoke login: a new person signs up, proves a number and is logged in, by HTTP, as a browser would."""

import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import aiohttp
import phonenumbers

from infra.settings import Settings

from .browser import Browser, Page, local_session, origin
from .credentials import Credentials
from .errors import OpsError
from .local_settings import asks_everybody
from .services import Sandbox
from .tenant import Tenant

_CODE_SECONDS = 5
_STEPS = 5
_SMS_LIMITS = ("passwordless_start_limit", "passwordless_page_limit")


@dataclass(frozen=True)
class SmokeResult:
    """How long the login took, and whether the tenant held a verified number at its end."""

    seconds: float
    verified: bool


def made_up_number(country: str) -> str:
    """A mobile number that could be one of this country, another one each time; the sandbox alone sees it.

    North America keeps 555-0100 to 555-0199 of each area for fiction; elsewhere it is libphonenumber's
    example with other digits at its end.
    """
    if country == "US":
        area = secrets.choice(("202", "212", "213", "303", "312", "404", "415", "503", "617", "702", "808"))
        return f"+1{area}55501{secrets.randbelow(100):02d}"
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        raise _failed(f"no mobile number of {country} is known to try it with")
    number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    return f"{number[:-3]}{secrets.randbelow(1000):03d}"


async def smoke(sandbox: Sandbox, settings: Settings) -> None:
    """Prove a stage: a login that verifies a number, and one by SMS where the stage sends its own.

    Raises OpsError that names the step that failed.
    """
    asks, sms = asks_everybody(settings), settings.sms
    await smoke_login(sandbox, asks=asks, country=_one_of(settings.phone.countries))
    # `log` reaches no handset, and without sign-up a new number is nobody's.
    if sms.mode != "off" and sms.sign_up and sms.carriers[0] in sandbox.carriers:
        await smoke_sms(sandbox, sms.connection_name, asks=asks, country=_one_of(sms.countries))


def _one_of(countries: Sequence[str]) -> str:
    return "US" if "US" in countries else countries[0]


async def smoke_login(sandbox: Sandbox, *, asks: bool, country: str = "US") -> SmokeResult:
    """Run the whole login once and remove its user again; raises OpsError that names the step that failed.

    `asks` says whether the stage asks everybody: then the tenant must hold a verified number at the end.
    `country` is one that the stage sends codes to.
    """
    email, number = f"smoke-{secrets.token_hex(6)}@example.com", made_up_number(country)
    password = f"Aa1-{secrets.token_urlsafe(18)}"  # every kind of character that a policy may ask for
    started = time.monotonic()
    async with _removed_afterwards(sandbox, email), Browser(sandbox.ca) as browser:
        try:
            before = await _last_message(browser, sandbox, number)
            page = await sign_up(browser, sandbox, email, password, number)
            await prove(browser, sandbox, page, number, before)
            profile = await browser.json(f"{sandbox.app}/profile.json")
        except (LookupError, aiohttp.ClientError, TimeoutError) as error:
            raise _failed(str(error) or type(error).__name__) from error
    seconds = time.monotonic() - started
    metadata = profile.get("app_metadata") or {}
    verified = metadata.get("phone_number") == number and metadata.get("phone_number_verified") is True
    if asks and not verified:
        raise _failed("the login ended, yet the tenant holds no verified number")
    return SmokeResult(seconds, verified)


async def smoke_sms(sandbox: Sandbox, connection: str, *, asks: bool, country: str = "US") -> None:
    """Log in with a code by SMS once and remove the user again; raises OpsError as `smoke_login` does.

    Where the stage asks everybody, this login is itself the proof: the number is written, and only one
    message has been sent.
    """
    try:
        async with _as_often_as_asked(sandbox), Browser(sandbox.ca) as browser:
            await _log_in_by_sms(browser, sandbox, connection, made_up_number(country), asks)
    except (LookupError, aiohttp.ClientError, TimeoutError) as error:
        raise _failed(f"by SMS, {error or type(error).__name__}") from error


async def _log_in_by_sms(
    browser: Browser, sandbox: Sandbox, connection: str, number: str, asks: bool
) -> None:
    before, profile = await _last_message(browser, sandbox, number), dict[str, Any]()
    try:
        page = await browser.open(f"{sandbox.app}/login?connection={quote(connection)}")
        page = await browser.submit(page.form(having="phone_number"), {"phone_number": number})
        code = await _code(browser, sandbox, number, before)
        page = await browser.submit(page.form(having="code"), {"code": code})
        _require_arrival(page, sandbox)
        profile = await browser.json(f"{sandbox.app}/profile.json")
        if asks and (profile.get("app_metadata") or {}).get("phone_number") != number:
            raise _failed("the login by SMS ended, yet the tenant holds no verified number")
    finally:
        if user_id := (profile.get("id_token") or {}).get("sub"):
            async with local_session(sandbox.ca) as session:
                await _tenant(session, sandbox).delete_user(user_id)


async def sign_up(browser: Browser, sandbox: Sandbox, email: str, password: str, number: str) -> Page:
    """Sign up at the demo app; returns the page to which the login leads."""
    page = await browser.open(f"{sandbox.app}/login?screen_hint=signup")
    return await browser.submit(
        page.form(having="password"), {"email": email, "password": password, "phone_number": number}
    )


async def prove(browser: Browser, sandbox: Sandbox, page: Page, number: str, before: int) -> None:
    """Answer whatever the form asks, until the browser is back at the application."""
    for _ in range(_STEPS):
        if page.status != 200:
            break
        if origin(page.url) == sandbox.app:
            return
        if page.has("phone_result"):
            page = await browser.submit(page.form(having="phone_result"))
        elif page.has("code"):
            code = await _code(browser, sandbox, number, before)
            page = await browser.submit(page.form(having="code"), {"code": code})
        else:
            page = await browser.submit(page.form(to="/send"))
    _require_arrival(page, sandbox)


def _require_arrival(page: Page, sandbox: Sandbox) -> None:
    if page.status == 200 and origin(page.url) == sandbox.app:
        return
    at = urlsplit(page.url)
    said = parse_qs(at.query).get("error_description", ["no reason given"])[0]
    raise LookupError(f"the way back ended at {at.path} with status {page.status}: {said}")


@asynccontextmanager
async def _as_often_as_asked(sandbox: Sandbox) -> AsyncIterator[None]:
    """The tenant's limits on logins by SMS rest: whoever runs `make up` often is no attacker."""
    address = f"{sandbox.control}/switches"
    async with local_session(sandbox.ca) as session:
        async with session.get(address) as response:
            response.raise_for_status()
            found = await response.json()
        kept = {name: found[name] for name in _SMS_LIMITS}
        try:
            await _switch(session, address, dict.fromkeys(_SMS_LIMITS, 0))
            yield
        finally:
            await _switch(session, address, kept)


async def _switch(session: aiohttp.ClientSession, address: str, values: Mapping[str, int]) -> None:
    async with session.post(address, json=values) as response:
        response.raise_for_status()


async def _last_message(browser: Browser, sandbox: Sandbox, number: str) -> int:
    found = await browser.json(f"{sandbox.handset}/messages?to={quote(number)}")
    return max((message["sequence"] for message in found["messages"]), default=0)


async def _code(browser: Browser, sandbox: Sandbox, number: str, after: int) -> str:
    address = f"{sandbox.handset}/messages?to={quote(number)}&since={after}&wait={_CODE_SECONDS}"
    for message in (await browser.json(address))["messages"]:
        return str(message["code"])
    raise LookupError(f"no message reached the handset within {_CODE_SECONDS} s")


@asynccontextmanager
async def _removed_afterwards(sandbox: Sandbox, email: str) -> AsyncIterator[None]:
    """The smoke user leaves the tenant, however its login ended."""
    try:
        yield
    finally:
        async with local_session(sandbox.ca) as session:
            await _tenant(session, sandbox).delete_users(email)


def _tenant(session: aiohttp.ClientSession, sandbox: Sandbox) -> Tenant:
    credentials = Credentials(sandbox.client_id, secret=sandbox.client_secret)
    return Tenant(session, sandbox.domain, credentials)


def _failed(why: str) -> OpsError:
    return OpsError(
        "The smoke login failed",
        f"{why[0].upper()}{why[1:]}.",
        "Look at sandbox/vercel/service.log and logs/sandbox.log in .local; "
        "`make reset` starts the local stage afresh",
    )
