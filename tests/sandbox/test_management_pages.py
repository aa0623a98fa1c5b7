"""What a tenant's login pages are made of: page template, theme, partials, custom texts, renderers."""

import copy
from typing import Any

import pytest
from auth0.management import types

from sandbox.management.prompts.names import ALL_SCREENS, LANGUAGES, PROMPTS, SCREENS, WITH_PARTIALS

from .management_driver import Json, Management

TEMPLATE = "/branding/templates/universal-login"
THEMES = "/branding/themes"
DOMAIN = {"domain": "login.shop.example", "type": "auth0_managed_certs"}
HEAD, WIDGET = "{%- auth0:head -%}", "{%- auth0:widget -%}"
PAGE = f"<html><head>{HEAD}</head><body>{WIDGET}</body></html>"
LINE = {"bold": False, "size": 87.5}
COLORS = (
    "body_text error header icons input_background input_border input_filled_text input_labels_placeholders"
    " links_focused_components primary_button primary_button_label secondary_button_border"
    " secondary_button_label success widget_background widget_border"
)
THEME = {
    "borders": {
        "button_border_radius": 3,
        "button_border_weight": 1.34,
        "buttons_style": "pill",
        "input_border_radius": 3,
        "input_border_weight": 1,
        "inputs_style": "sharp",
        "show_widget_shadow": True,
        "widget_border_weight": 0,
        "widget_corner_radius": 5,
    },
    "colors": dict.fromkeys(COLORS.split(), "#FF00CC"),
    "displayName": "Shop",
    "fonts": {
        **dict.fromkeys(("body_text", "buttons_text", "input_labels", "links", "subtitle", "title"), LINE),
        "font_url": "",
        "links_style": "normal",
        "reference_text_size": 16,
    },
    "page_background": {"background_color": "#000", "background_image_url": "", "page_layout": "left"},
    "widget": {
        "header_text_alignment": "center",
        "logo_height": 52,
        "logo_position": "none",
        "logo_url": "https://shop.example/logo.png",
        "social_buttons_layout": "top",
    },
}
ONE_DOMAIN = "This feature requires at least one custom domain to be configured for the tenant."


@pytest.fixture
def api() -> Management:
    return Management()


@pytest.fixture
def named(api: Management) -> Management:
    """A tenant with a custom domain."""
    api.post("/custom-domains", DOMAIN)
    return api


def test_the_first_template_is_created_and_the_next_ones_replace_it(named: Management) -> None:
    assert named.get(TEMPLATE, 404) == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "Template does not exist.",
        "errorCode": "inexistent_templates_universal_login",
    }
    assert named.put(TEMPLATE, PAGE, 201) == {}
    assert named.get(TEMPLATE) == {"body": PAGE}
    assert named.put(TEMPLATE, {"template": f"<!-- 2 -->{PAGE}"}, 204) is None
    assert named.get(TEMPLATE) == {"body": f"<!-- 2 -->{PAGE}"}
    for _ in range(2):
        assert named.delete(TEMPLATE) is None
    named.get(TEMPLATE, 404)


@pytest.mark.parametrize("page", ["", HEAD, WIDGET, f"{HEAD}{HEAD}{WIDGET}", "{{ auth0:head }}"])
def test_a_template_without_its_tags_is_refused(named: Management, page: str) -> None:
    message = named.refused("PUT", TEMPLATE, f"<p>{page}</p>")
    assert message == "The template must contain a single auth0:head tag and at least one auth0:widget tag."
    named.get(TEMPLATE, 404)


@pytest.mark.parametrize("body", [1, None, [], {}, {"body": PAGE}, {"template": 1}, PAGE + "x" * 102_400])
def test_a_body_that_holds_no_template_is_refused(named: Management, body: Json) -> None:
    assert "oneOf" in named.refused("PUT", TEMPLATE, body)


def test_templates_and_partials_need_a_custom_domain(api: Management) -> None:
    assert api.refused("PUT", TEMPLATE, PAGE) == ONE_DOMAIN
    partials = {"login": {"form-content-start": "<b>x</b>"}}
    assert api.refused("PUT", "/prompts/login/partials", partials) == ONE_DOMAIN
    assert api.put("/prompts/login/partials", {}) == {}


def test_a_tenant_has_one_theme(api: Management) -> None:
    assert api.get(f"{THEMES}/default", 404)["errorCode"] == "theme_not_found"
    made = api.post(THEMES, THEME, 200)
    assert made == {**THEME, "themeId": made["themeId"]}
    types.CreateBrandingThemeResponseContent.model_validate(made)
    assert api.get(f"{THEMES}/default") == api.get(f"{THEMES}/{made['themeId']}") == made
    api.post(THEMES, THEME, 409)
    changed = copy.deepcopy(THEME) | {"displayName": "Other"}
    assert api.patch(f"{THEMES}/{made['themeId']}", changed) == {**made, "displayName": "Other"}
    api.delete(f"{THEMES}/{made['themeId']}")
    for path in ("default", made["themeId"]):
        assert api.get(f"{THEMES}/{path}", 404)["errorCode"] == "theme_not_found"
    assert api.post(THEMES, THEME, 200)["themeId"] != made["themeId"]


@pytest.mark.parametrize("part", [name for name in THEME if name != "displayName"])
def test_every_part_of_a_theme_has_to_be_there(api: Management, part: str) -> None:
    rest = {name: value for name, value in THEME.items() if name != part}
    assert f"Missing required property: {part}" in api.refused("POST", THEMES, rest)


@pytest.mark.parametrize(
    ("part", "member", "value"),
    [
        ("borders", "button_border_radius", 11),
        ("borders", "buttons_style", "square"),
        ("colors", "error", "red"),
        ("colors", "captcha_widget_theme", "pink"),
        ("fonts", "reference_text_size", 11),
        ("fonts", "title", {"bold": "no", "size": 1}),
        ("page_background", "page_layout", "top"),
        ("widget", "logo_height", 0),
        ("widget", "no_such_member", 1),
    ],
)
def test_a_theme_s_members_have_their_limits(api: Management, part: str, member: str, value: Any) -> None:
    theme: dict[str, Any] = copy.deepcopy(THEME)
    theme[part][member] = value
    assert f"on property {part}" in api.refused("POST", THEMES, theme)


@pytest.mark.parametrize("prompt", WITH_PARTIALS)
def test_partials_replace_all_of_a_prompt_s(named: Management, prompt: str) -> None:
    path = f"/prompts/{prompt}/partials"
    assert named.get(path) == {}
    both = {screen: {"form-content-start": "<b>1</b>"} for screen in SCREENS[prompt]}
    assert named.put(path, both) == both == named.get(path)
    one = {SCREENS[prompt][0]: {"form-content-end": "<i>2</i>"}}
    assert named.put(path, one) == one == named.get(path)
    assert named.put(path, {**one, SCREENS[prompt][-1]: {}}) == (one if len(SCREENS[prompt]) > 1 else {})
    assert named.put(path, {}) == {} == named.get(path)


@pytest.mark.parametrize(
    "body",
    [{"signup": {}}, {"login": {"form-middle": "x"}}, {"login": {"form-content-end": 1}}, {"login": []}],
)
def test_partials_go_where_a_prompt_has_places(named: Management, body: dict[str, Any]) -> None:
    named.refused("PUT", "/prompts/login/partials", body)


@pytest.mark.parametrize("path", ["/prompts/logout/partials", "/prompts/nothing/custom-text/en"])
def test_an_unknown_prompt_is_the_path_s_fault(api: Management, path: str) -> None:
    name = path.split("/")[2]
    answer = api.get(path, 400)
    assert answer["errorCode"] == "invalid_uri"
    assert (
        answer["message"]
        == f"Path validation error: 'Invalid value \"{name}\"' on property prompt (Name of the prompt)."
    )


def test_every_prompt_has_texts_in_every_language(api: Management) -> None:
    texts = {"login": {"title": "Bienvenue"}}
    for prompt in PROMPTS:
        assert api.get(f"/prompts/{prompt}/custom-text/fr") == {}
    for language in LANGUAGES:
        assert api.put(f"/prompts/login/custom-text/{language}", texts) == texts
    assert api.get("/prompts/login/custom-text/zh-TW") == texts
    assert api.get("/prompts/login-id/custom-text/fr") == {}
    api.put("/prompts/login/custom-text/de", {"login": {"title": "Willkommen"}})
    assert api.get("/prompts/login/custom-text/fr") == texts
    assert api.put("/prompts/login/custom-text/fr", {}) == {} == api.get("/prompts/login/custom-text/fr")
    api.get("/prompts/login/custom-text/xx", 400)


def test_every_screen_has_a_renderer(api: Management) -> None:
    for prompt, screens in SCREENS.items():
        for screen in screens:
            path = f"/prompts/{prompt}/screen/{screen}/rendering"
            shown = api.get(path)
            types.GetAculResponseContent.model_validate(shown)
            assert (shown["prompt"], shown["screen"]) == (prompt, screen)
            assert shown["rendering_mode"] == "standard"
            assert api.patch(path, {"rendering_mode": "advanced"}) == {"rendering_mode": "advanced"}
            assert api.get(path) == {**shown, "rendering_mode": "advanced"}
    assert len(ALL_SCREENS) == sum(map(len, SCREENS.values()))
    api.get("/prompts/login/screen/logout/rendering", 404)


def test_filters_come_and_go(api: Management) -> None:
    path = "/prompts/login-id/screen/login-id/rendering"
    filters = {"match_type": "includes_any", "clients": [{"id": "x"}, {"metadata": {"premium": True}}]}
    sent = {"rendering_mode": "advanced", "head_tags": [{"tag": "script"}], "filters": filters}
    assert api.patch(path, sent) == sent
    assert api.get(path)["filters"] == filters
    assert api.patch(path, {"filters": None}) == {"filters": None}
    shown = api.get(path)
    assert (shown["filters"], shown["head_tags"]) == (None, sent["head_tags"])
    assert "match_type" in api.refused("PATCH", path, {"filters": {"clients": []}})


def test_several_screens_are_changed_together_or_not_at_all(api: Management) -> None:
    configs = [
        {"prompt": "login-id", "screen": "login-id", "rendering_mode": "advanced"},
        {"prompt": "signup-id", "screen": "signup-id", "rendering_mode": "standard"},
    ]
    wrong = {"prompt": "login-id", "screen": "signup-id", "rendering_mode": "advanced"}
    api.patch("/prompts/rendering", {"configs": [*configs, wrong]}, 404)
    assert api.get("/prompts/rendering") == []
    assert api.patch("/prompts/rendering", {"configs": configs}) == {"configs": configs}
    page = api.get("/prompts/rendering?include_totals=true&rendering_mode=advanced")
    assert (page["total"], [config["screen"] for config in page["configs"]]) == (1, ["login-id"])
    assert len(api.get("/prompts/rendering")) == 2
    (shown,) = api.get("/prompts/rendering?prompt=signup-id&fields=screen")
    assert shown == {"screen": "signup-id"}
