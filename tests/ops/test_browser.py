"""The smoke login's browser: forms as HTML has them, and no way off this machine."""

import socket

import pytest

from ops.browser import Form, Page, _Forms, _Loopback, origin

PAGE = """
<form action="/skip"><input name="q" value="1"></form>
<form method="post" action="/verify/abc/check">
  <input type="hidden" name="csrf" value="t&amp;k">
  <input name="code"><input type="checkbox" name="off"><input type="checkbox" name="on" value="yes" checked>
  <input type="submit">
</form>
"""


@pytest.fixture
def page() -> Page:
    forms = _Forms("https://form.localhost:8447/verify/abc")
    forms.feed(PAGE)
    return Page("https://form.localhost:8447/verify/abc", 200, PAGE, forms.found)


def test_forms_carry_what_their_fields_hold(page: Page) -> None:
    form = page.form(having="code")
    assert form == Form(
        "https://form.localhost:8447/verify/abc/check", "POST", {"csrf": "t&k", "code": "", "on": "yes"}
    )


def test_a_form_is_found_by_where_it_goes(page: Page) -> None:
    assert page.form(to="/check").method == "POST"


def test_a_missing_form_names_the_page_and_its_status(page: Page) -> None:
    with pytest.raises(LookupError, match=r"no form with phone_result on /verify/abc \(status 200\)"):
        page.form(having="phone_result")


@pytest.mark.anyio
async def test_names_of_this_machine_resolve_to_it() -> None:
    for name in ("localhost", "app.localhost"):
        (found,) = await _Loopback().resolve(name, 8446)
        assert (found["host"], found["port"], found["family"]) == ("127.0.0.1", 8446, socket.AF_INET)


@pytest.mark.anyio
async def test_other_machines_are_out_of_reach() -> None:
    with pytest.raises(OSError, match="not on this machine"):
        await _Loopback().resolve("tenant.eu.auth0.com", 443)


def test_origin_leaves_the_path_out() -> None:
    assert origin("https://app.localhost:8446/callback?code=1") == "https://app.localhost:8446"
