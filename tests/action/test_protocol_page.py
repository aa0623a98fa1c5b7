"""docs/protocol.md names everything that the contract and the Action name."""

import re

import pytest

from . import made

PAGE = (made.ROOT / "docs" / "protocol.md").read_text()
REQUEST, RESULT = made.CONTRACT["request"], made.CONTRACT["result"]


@pytest.mark.parametrize("code", made.DENY.values())
def test_each_deny_code_has_a_row_with_meaning_and_remedy(code: str) -> None:
    assert re.search(rf"^\| `{code}` \| .+ \| .+ \|$", PAGE, flags=re.MULTILINE)


def test_no_deny_code_is_made_up() -> None:
    assert set(re.findall(r"^\| `(phone_\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, flags=re.MULTILINE)) == set(
        made.DENY.values()
    )


@pytest.mark.parametrize(
    "name",
    [
        *REQUEST["claims"].values(),
        *RESULT["claims"].values(),
        *made.CONTRACT["appMetadata"].values(),
        *RESULT["outcomes"],
        *REQUEST["notices"],
        *(table[key] for table in (REQUEST, RESULT) for key in ("parameter", "audience")),
    ],
)
def test_each_agreed_name_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize(
    "text",
    [REQUEST["typ"], RESULT["sealedTyp"], REQUEST["keyInfo"], RESULT["sealedKeyInfo"]],
)
def test_each_agreed_value_is_there(text: str) -> None:
    assert text in PAGE


def test_lifetimes_are_the_contracts() -> None:
    assert f"now + {REQUEST['lifetimeSeconds']} s" in PAGE
    assert f"now + {RESULT['lifetimeSeconds']} s" in PAGE


def test_each_status_of_observe_is_named() -> None:
    template = (made.ROOT / "action_src" / "phone_verification.js.j2").read_text()
    statuses = set(re.findall(r'status: "(\w+)"', template)) | set(
        re.findall(r'(?:tell|pass)\)?\(api, "(\w+)"', template)
    )
    assert len(statuses) == 6
    assert [status for status in statuses if f"`{status}`" not in PAGE] == []
