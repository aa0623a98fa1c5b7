"""Lists: pages with totals, checkpoints, the Actions service's pages, and chosen fields."""

from typing import Any

import pytest

from .api import Api

NAMES = [f"role {number:02}" for number in range(7)]


@pytest.fixture
def roles(api: Api) -> Api:
    for name in NAMES:
        api.post("/roles", {"name": name}, 200)
    return api


def names(roles: list[dict[str, Any]]) -> list[str]:
    return [role["name"] for role in roles]


def test_without_paging_a_list_is_a_bare_array(roles: Api) -> None:
    assert names(roles.get("/roles")) == NAMES


def test_pages_have_start_limit_and_total(roles: Api) -> None:
    page = roles.get("/roles", include_totals="true", page="1", per_page="3")
    assert (page["start"], page["limit"], page["total"]) == (3, 3, 7)
    assert names(page["roles"]) == NAMES[3:6]


def test_the_last_page_is_short_and_the_next_one_empty(roles: Api) -> None:
    last = roles.get("/roles", include_totals="true", page="2", per_page="3")
    beyond = roles.get("/roles", include_totals="true", page="3", per_page="3")
    assert names(last["roles"]) == NAMES[6:]
    assert (beyond["roles"], beyond["total"]) == ([], 7)


def test_following_checkpoints_yields_everything_once(roles: Api) -> None:
    seen, query = [], {"take": "3", "include_totals": "true", "per_page": "50"}
    while True:
        page = roles.get("/roles", **query)
        assert set(page) <= {"roles", "next"}
        seen += names(page["roles"])
        if "next" not in page:
            break
        query["from"] = page["next"]
    assert seen == NAMES


def test_a_checkpoint_past_the_end_is_empty_and_last(roles: Api) -> None:
    assert roles.get("/roles", take="5", **{"from": "p99"}) == {"roles": []}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"per_page": "101"}, "'Value 101 is greater than maximum 100' on property per_page."),
        ({"take": "0"}, "'Value 0 is less than minimum 1' on property take."),
        ({"page": "²"}, "'Expected type integer but found type string' on property page."),
        ({"per_page": "9" * 5000}, "'Expected type integer but found type string' on property per_page."),
        (
            {"include_totals": "1"},
            "'Expected type boolean but found type string' on property include_totals.",
        ),
        (
            {"take": "5", "from": "p²"},
            "'Object didn't pass validation for format checkpoint: p²' on property from.",
        ),
        ({"page": "x"}, "'Expected type integer but found type string' on property page."),
        ({"take": "-1"}, "'Expected type integer but found type string' on property take."),
        (
            {"take": "5", "from": "x"},
            "'Object didn't pass validation for format checkpoint: x' on property from.",
        ),
    ],
)
def test_a_nonsensical_page_is_refused(roles: Api, query: dict[str, str], message: str) -> None:
    answer = roles.get("/roles", 400, **query)
    assert answer["message"] == f"Query validation error: {message}"
    assert answer["errorCode"] == "invalid_query_string"


def test_a_page_without_items_tells_how_many_there_are(roles: Api) -> None:
    page = roles.get("/roles", include_totals="true", per_page="0")
    assert page == {"start": 0, "limit": 0, "total": 7, "roles": []}
    users = roles.get("/users", include_totals="true", per_page="0")
    assert users == {"start": 0, "limit": 0, "length": 0, "total": 0, "users": []}


@pytest.mark.parametrize("path", ["/users", "/logs"])
def test_searches_end_after_a_thousand_in_auth0_s_words(api: Api, path: str) -> None:
    answer = api.get(path, 400, page="10", per_page="100")
    assert answer["errorCode"] == "invalid_paging"
    assert answer["message"] == (
        "You can only page through the first 1000 records. See "
        "https://auth0.com/docs/users/search/v3/view-search-results-by-page#limitation"
    )


def test_the_actions_service_pages_in_its_own_way(api: Api) -> None:
    """A client that pages while `total` is positive must come to an end."""
    assert api.get("/actions/actions", per_page="50") == {"actions": [], "per_page": 50}
    for number in range(3):
        api.post(
            "/actions/actions",
            {"name": f"a{number}", "supported_triggers": [{"id": "post-login", "version": "v3"}]},
        )
    first = api.get("/actions/actions", page="0", per_page="2")
    second = api.get("/actions/actions", page="1", per_page="2")
    beyond = api.get("/actions/actions", page="2", per_page="2")
    assert (len(first.pop("actions")), first) == (2, {"total": 3, "per_page": 2})
    assert (len(second.pop("actions")), second) == (1, {"total": 3, "page": 1, "per_page": 2})
    assert beyond == {"actions": [], "page": 2, "per_page": 2}


def test_fields_choose_what_is_shown(api: Api) -> None:
    client = api.post("/clients", {"name": "x", "app_type": "spa"})
    path = f"/clients/{client['client_id']}"
    assert api.get(path, fields="name,app_type") == {"name": "x", "app_type": "spa"}
    assert api.get(path, fields="name", include_fields="true") == {"name": "x"}
    without = api.get(path, fields="name,client_secret", include_fields="false")
    assert without == {key: value for key, value in client.items() if key not in ("name", "client_secret")}


@pytest.mark.parametrize(
    ("path", "name"),
    [("/clients", "include_fields"), ("/clients", "is_global"), ("/rules", "enabled")],
)
def test_a_flag_is_true_or_false(api: Api, path: str, name: str) -> None:
    answer = api.get(path, 400, fields="name", **{name: "yes"})
    assert answer["message"] == (
        f"Query validation error: 'Expected type boolean but found type string' on property {name}."
    )


def test_fields_apply_to_every_item_of_a_list(api: Api) -> None:
    listed = api.get("/clients", fields="client_id")
    assert len(listed) == 3
    assert all(set(client) == {"client_id"} for client in listed)
