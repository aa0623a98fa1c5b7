"""The search syntax for users against what it is to mean, and against text nobody would write."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import Auth0Error
from sandbox.management.organizations.links import MEMBERS
from sandbox.management.users import search
from sandbox.store import Store

ADA = {
    "user_id": "auth0|ada",
    "email": "ada@example.com",
    "name": 'Ada "Countess" Lovelace',
    "logins_count": 10,
    "blocked": False,
    "created_at": "2026-03-01T10:00:00.000Z",
    "identities": [{"connection": "a", "provider": "auth0"}, {"connection": "b c", "provider": "sms"}],
    "app_metadata": {"plan": {"name": "gold"}, "tags": ["x", "y"], "odd-key": 1},
    "user_metadata": {"city": "Bath", "long": "a" * 60},
}
STORE = Store(None)
MEMBERS.put(STORE, "org_1", "auth0|ada", {})
STORE.put("users", "auth0|ada", ADA)
PIECES = st.sampled_from(
    [
        "email:",
        "(",
        ")",
        '"',
        "AND",
        "OR",
        "NOT",
        "-",
        "[a TO b]",
        "{1 TO *}",
        "*",
        "?",
        "\\",
        ":",
        " ",
        "a",
        "_exists_:",
    ]
)


def answer(query: str, user: dict[str, Any] | None = None) -> bool:
    return search.test_of(STORE, query)(user or ADA)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "app_metadata.plan.name:gold",
        "app_metadata.tags:y",
        "identities.connection:a AND identities.provider:sms",
        'identities.connection:"b c"',
        r"identities.connection:b\ c",
        "logins_count:[9 TO 11]",
        "logins_count:[10 TO 10]",
        "logins_count:{9 TO *}",
        "blocked:false",
        "created_at:[2026-03-01 TO 2026-03-01]",
        "created_at:{2026-02 TO 2026-03-02}",
        r'name:"Ada \"Countess\" Lovelace"',
        "name:ada*lovelace",
        "name:*ace",
        "name:*",
        "email:ADA@Example.com && !blocked:true",
        "email:nobody || email:ada*",
        "email.domain:Example.com",
        "email.domain:example*",
        "organization_id:org_1",
        "app_metadata.odd-key:1",
        "user_metadata.city:Bath",
        "_exists_:user_metadata.city",
        "created_at:2026-03-01T10:00:00.000Z",
        "!name:(grace OR alan)",
        "email:(nobody OR ada@*)",
        "NOT email:nobody",
        "NOT (email:nobody OR name:nobody)",
        "email:nobody OR email:ada* AND NOT blocked:true",
        "_exists_:app_metadata.plan.name",
        "email:ada* blocked:false",
        "ada@example.com",
    ],
)
def test_it_is_found(query: str) -> None:
    assert answer(query)


@pytest.mark.parametrize(
    "query",
    [
        "app_metadata.plan:gold",
        "app_metadata.tags:z",
        "logins_count:[11 TO *]",
        "logins_count:{10 TO *}",
        "logins_count:[* TO 10}",
        "created_at:[* TO 2026-02-28]",
        "name:ada",
        'email:"ada?example.com"',
        'email:"ada*"',
        "_exists_:username",
        "email:nobody OR blocked:true",
        "-email:ada*",
        "countess",
        "app_metadata.plan.name:Gold",
        "identities.connection:A",
        "user_metadata.city:bath",
        "email.domain:example",
        "organization_id:org_2",
        "email:ada* && blocked:true",
    ],
)
def test_it_is_not_found(query: str) -> None:
    assert not answer(query)


@settings(max_examples=300, deadline=None)
@given(query=st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join)))
def test_any_text_is_a_query_or_refused_in_auth0_s_words(query: str) -> None:
    try:
        assert answer(query) in (True, False)
    except Auth0Error as error:
        said = (error.status, error.error_code)
    else:
        said = (400, "invalid_query_string")
    assert said == (400, "invalid_query_string")


@pytest.mark.parametrize("nested", ["(" * 20_000, "NOT " * 20_000, "a:" * 20_000 + "b"])
def test_a_query_without_end_is_refused(nested: str) -> None:
    with pytest.raises(Auth0Error) as refused:
        answer(nested)
    assert refused.value.error_code == "invalid_query_string"


@pytest.mark.parametrize(
    "query",
    [
        "name:ada~",
        "name:ada~0.8",
        "email:ada@example.com~",
        'name:"ada"~2',
        "name:ada^2",
        "name:/ada/",
        "name:*ce",
        "name:AND",
        "name:email:ada",
        "user_metadata.city:B*",
        "user_metadata.city:?ath",
        "user_metadata.city:[A TO C]",
    ],
)
def test_what_auth0_does_not_search_for_is_refused(query: str) -> None:
    with pytest.raises(Auth0Error) as refused:
        answer(query)
    assert (refused.value.status, refused.value.error_code) == (400, "invalid_query_string")


def test_a_whole_number_beyond_every_double_is_in_no_range() -> None:
    assert not answer("app_metadata.n:[1 TO 2]", {"app_metadata": {"n": 10**400}})
    assert answer("app_metadata.n:[1 TO *}", {"app_metadata": {"n": 10**400}})


@pytest.mark.parametrize(
    ("query", "is_answered"),
    [
        ("nickname:" + "*a" * 20 + "*b", True),
        ("nickname:" + "*?a" * 500 + "*b", True),
        ("nickname:" + "\\" * 4000 + ":", False),
        ("[" + " TO" * 20_000, False),
        ("[" + " " * 20_000, False),
        ('"' + "\\" * 20_000, False),
        ("a" * 20_000 + ":", False),
    ],
)
def test_no_query_takes_long(query: str, is_answered: bool) -> None:
    started = time.process_time()
    try:
        answer(query, {"nickname": "a" * 5000})
        found = True
    except Auth0Error:
        found = False
    assert time.process_time() - started < 1
    assert found == is_answered


@settings(max_examples=200, deadline=None)
@given(value=st.text(min_size=1, max_size=20))
def test_a_quoted_value_finds_itself(value: str) -> None:
    quoted = "".join(f"\\{letter}" if letter in '"\\*?' else letter for letter in value)
    assert answer(f'nickname:"{quoted}"', {"nickname": value})
    assert not answer(f'nickname:"{quoted}"', {"nickname": f"{value}x"})
