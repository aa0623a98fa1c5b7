"""The way through the form, as people take it."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from . import made
from .conftest import MakeSite, Site
from .phones import RIGHT, WRONG, Phones
from .visitor import Visitor

pytestmark = pytest.mark.anyio


async def test_consent_code_and_back_to_the_login(site: Site, visitor: Visitor) -> None:
    answer = await visitor.open()
    assert answer.status == 200
    assert "ending in 23" in visitor.page.said
    assert "I agree to get a code by text message." in visitor.page.said
    assert site.phones.sent == []

    await visitor.press("send")
    assert site.phones.sent == [made.MOBILE]
    assert "ending in 23" in visitor.page.said

    answer = await visitor.press("check", code=RIGHT)
    target = urlsplit(visitor.page.form("/continue").action)
    assert (target.scheme, target.netloc, target.path) == ("https", "login.example.com", "/continue")
    assert parse_qs(target.query) == {"state": [made.STATE]}
    assert visitor.page.form("/continue").method == "post"


async def test_the_result_says_what_was_proven_and_when_consent_was_given(visitor: Visitor) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        await visitor.open(jti="the-request-s-own-jti-0001")
        await visitor.press("send")
        await visitor.press("check", code=RIGHT)
        now = int(time.time())
        result = visitor.result
    assert result == {
        "jti": "the-request-s-own-jti-0001",
        "sub": made.SUB,
        "iss": "login.example.com",
        "aud": "auth0-phone/action",
        "iat": now,
        "exp": now + 180,
        "state": made.STATE,
        "outcome": "verified",
        "sealed": {"phone": made.MOBILE},
        "consent_at": "2026-03-01T12:00:00Z",
        "consent_version": "2026-11-01",
    }


async def test_the_way_back_leads_to_the_host_where_the_login_began(visitor: Visitor) -> None:
    await visitor.open(host=1)
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    assert visitor.page.form("/continue").action.startswith("https://tenant.eu.auth0.com/continue?state=")
    assert visitor.result["iss"] == "tenant.eu.auth0.com"


async def test_a_wrong_code_is_a_retry(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=WRONG)
    assert "That code isn't right" in visitor.page.alert
    await visitor.press("check", code=RIGHT)
    assert visitor.result["outcome"] == "verified"
    assert len(site.phones.sent) == 1


async def test_a_code_may_be_pasted_with_spaces_and_hyphens(visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=" 123-456 ")
    assert visitor.result["outcome"] == "verified"


async def test_a_malformed_code_is_not_sent_to_twilio(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code="12345")
    assert "A code is 6 digits long" in visitor.page.alert
    assert site.phones.checked == []


async def test_a_resend_waits_for_the_countdown_on_the_server(site: Site, visitor: Visitor) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        await visitor.open()
        await visitor.press("send")
        clock.shift(10)
        await visitor.press("send")
        assert "in 20 seconds" in visitor.page.alert
        assert len(site.phones.sent) == 1
        clock.shift(21)
        await visitor.press("send")
        assert len(site.phones.sent) == 2
        assert visitor.page.alert == ""
    assert [sid for _, _, sid in site.phones.checked] == []


async def test_the_countdown_never_ends_before_the_server_lets_it(make_site: MakeSite) -> None:
    class Slow(Phones):
        async def start(self, number: str) -> str:
            clock.shift(3.3)
            return await super().start(number)

    site = make_site(phones=Slow())
    with time_machine.travel(1_800_000_000.9, tick=False) as clock:
        visitor = site.visitor()
        await visitor.open()
        await visitor.press("send")
        (wait,) = [
            attributes["data-wait"] for _, attributes in visitor.page.tags if "data-wait" in attributes
        ]
        clock.shift(int(wait) + 0.001)
        await visitor.press("send")
    assert visitor.page.alert == ""
    assert len(site.phones.sent) == 2


async def test_the_code_page_counts_down(visitor: Visitor) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        await visitor.open()
        await visitor.press("send")
        assert 'data-wait="30"' in visitor.answer.text
        assert "Available in 30 seconds." in visitor.page.said
        clock.shift(31)
        await visitor.reload()
        assert "data-wait=" not in visitor.answer.text


async def test_another_number_can_be_used_before_the_first_send(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("number")
    assert "number" in visitor.page.form("/send").fields
    await visitor.press("send", number="+1 (202) 555-0177")
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.OTHER_MOBILE}
    assert site.phones.sent == [made.OTHER_MOBILE]


async def test_another_number_can_be_used_after_a_code_was_sent(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    await visitor.press("number")
    await visitor.press("send", number="+44 7700 900456")
    assert "ending in 56" in visitor.page.said
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": "+447700900456"}
    assert site.phones.sent == [made.MOBILE, "+447700900456"]


async def test_without_a_known_number_the_form_asks_for_one(site: Site, visitor: Visitor) -> None:
    await visitor.open(phone=None)
    assert "Start with +1 or +44" in visitor.page.said
    await visitor.press("send", number="0044 7700 900123")
    assert site.phones.sent == ["+447700900123"]


async def test_with_one_country_national_spelling_is_enough(make_site: MakeSite) -> None:
    site = make_site(countries=["GB"])
    visitor = site.visitor()
    await visitor.open(phone=None)
    assert "the way you'd dial it" in visitor.page.said
    await visitor.press("send", number="07700 900 123")
    assert site.phones.sent == ["+447700900123"]


async def test_a_number_on_file_that_cannot_be_served_is_asked_again(site: Site, visitor: Visitor) -> None:
    await visitor.open(phone="+33639980001")
    assert "the number we have for you" in visitor.page.alert
    await visitor.press("send", number=made.MOBILE)
    assert site.phones.sent == [made.MOBILE]


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("", "Please enter your mobile number"),
        ("+1415", "complete mobile number"),
        ("hello", "complete mobile number"),
        ("+49 1512 3456789", "start with +1 or +44"),
        ("+1 900 234 5678", "only go to a mobile number"),
        ("+44 20 7946 0958", "only go to a mobile number"),
        ("+1 415 555 0123, +1 415 555 0124", "complete mobile number"),
    ],
)
async def test_a_number_that_will_not_do_is_explained_and_kept_for_correction(
    site: Site, visitor: Visitor, number: str, sentence: str
) -> None:
    await visitor.open(phone=None)
    await visitor.press("send", number=number)
    assert sentence in visitor.page.alert
    assert visitor.page.form("/send").fields["number"] == number[:32]
    assert site.phones.sent == []


async def test_giving_up_returns_to_the_login_without_a_proof(visitor: Visitor) -> None:
    await visitor.open()
    assert "Cancel" in visitor.page.said
    await visitor.press("give-up")
    result = visitor.result
    assert result["outcome"] == "abandoned"
    assert "sealed" not in result
    assert "consent_at" not in result


async def test_a_skippable_request_offers_not_now(visitor: Visitor) -> None:
    await visitor.open(skippable=True)
    assert "Not now" in visitor.page.said
    assert "Cancel" not in visitor.page.said


async def test_a_change_of_number_starts_with_a_code_to_the_old_one(site: Site, visitor: Visitor) -> None:
    await visitor.open(proven=made.OLD_MOBILE, phone=made.MOBILE)
    assert "Step 1 of 2" in visitor.page.said
    assert "the current one, ending in 23" in visitor.page.said
    assert "I agree" not in visitor.page.said
    assert not visitor.page.has_form("/number")

    await visitor.press("send", number=made.OTHER_MOBILE)
    assert site.phones.sent == [made.OLD_MOBILE]
    await visitor.press("check", code=RIGHT)
    assert "Step 2 of 2" in visitor.page.said
    assert "I agree" in visitor.page.said

    await visitor.press("send")
    assert site.phones.sent == [made.OLD_MOBILE, made.MOBILE]
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.MOBILE}
    assert visitor.result["consent_version"] == "2026-11-01"


async def test_the_code_of_the_old_number_alone_proves_nothing(visitor: Visitor) -> None:
    await visitor.open(proven=made.OLD_MOBILE, phone=made.MOBILE)
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    await visitor.press("give-up")
    assert visitor.result["outcome"] == "abandoned"
    assert not {"sealed", "consent_at", "consent_version"} & visitor.result.keys()


async def test_the_old_number_cannot_be_swapped_for_another(site: Site, visitor: Visitor) -> None:
    await visitor.open(proven=made.OLD_MOBILE)
    form = visitor.page.form("/send")
    await visitor.post(form.action.replace("/send", "/number"), form.fields)
    await visitor.reload()
    await visitor.press("send", number=made.OTHER_MOBILE)
    assert site.phones.sent == [made.OLD_MOBILE]


async def test_the_flow_of_the_action_asks_only_for_the_code(site: Site, visitor: Visitor) -> None:
    await visitor.open(flow="action")
    assert "ending in 23" in visitor.page.said
    assert not visitor.page.has_form("/send")
    assert not visitor.page.has_form("/number")
    await visitor.press("check", code=WRONG)
    assert visitor.result["outcome"] == "submitted"
    assert visitor.result["sealed"] == {"code": WRONG}
    assert "consent_at" not in visitor.result
    assert (site.phones.sent, site.phones.checked) == ([], [])


async def test_the_flow_of_the_action_shows_that_the_last_code_was_wrong(visitor: Visitor) -> None:
    await visitor.open(flow="action", notice="code_wrong")
    assert "That code isn't right" in visitor.page.alert


async def test_the_flow_of_the_action_neither_sends_nor_changes(site: Site, visitor: Visitor) -> None:
    await visitor.open(flow="action")
    form = visitor.page.form("/check")
    for button in ("send", "number"):
        await visitor.post(
            form.action.replace("/check", f"/{button}"), {**form.fields, "number": made.MOBILE}
        )
    await visitor.reload()
    assert visitor.page.has_form("/check")
    assert site.phones.sent == []


async def test_the_return_page_leaves_by_itself_only_the_first_time(visitor: Visitor) -> None:
    await visitor.open()
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    assert len(visitor.page.scripts) == 1
    await visitor.reload()
    assert visitor.page.scripts == []
    assert visitor.result["outcome"] == "verified"
    assert "use the button" in visitor.page.said


async def test_f36_a_second_tab_after_success_goes_on_without_another_message(site: Site) -> None:
    visitor = site.visitor()
    await visitor.open()
    await visitor.press("send")
    code_page = visitor.page.form("/check")
    await visitor.press("check", code=RIGHT)
    for button in ("check", "send", "number", "give-up"):
        answer = await visitor.post(
            code_page.action.replace("/check", f"/{button}"), {**code_page.fields, "code": WRONG}
        )
        assert answer.status == 303
        await visitor.get(answer.header("location"))
        assert visitor.result["outcome"] == "verified"
    assert len(site.phones.sent) == 1
    assert len(site.phones.checked) == 1


async def test_several_logins_in_one_browser_do_not_meet(site: Site, visitor: Visitor) -> None:
    await visitor.open()
    first = visitor.at
    await visitor.press("send")
    await visitor.open(phone=made.OTHER_MOBILE)
    assert visitor.at != first
    await visitor.press("send")
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.OTHER_MOBILE}
    await visitor.get(first)
    await visitor.press("check", code=RIGHT)
    assert visitor.result["sealed"] == {"phone": made.MOBILE}


@pytest.mark.parametrize(
    ("channel", "word"), [("sms", "texted"), ("call", "calling"), ("whatsapp", "WhatsApp")]
)
async def test_the_words_fit_the_channel(make_site: MakeSite, channel: str, word: str) -> None:
    visitor = make_site(channel=channel).visitor()
    await visitor.open()
    await visitor.press("send")
    assert word in visitor.page.said
