"""The rules that Actions keep: where Auth0 says so, and the tests that prove each."""

from ..rules import Rule

_HERE = "tests/sandbox"
_LIMITS = "docs/customize/actions/limitations"
_REDIRECT = "docs/customize/actions/redirect-with-actions"
_POST_LOGIN_API = "docs/actions/reference/post-login/post-login-api-object"
_POST_LOGIN_EVENT = "docs/actions/reference/post-login/post-login-event-object"
_TRIGGERS = "docs/customize/actions/explore-triggers"
_REFERENCE = "docs/actions/reference"
_METADATA = "docs/manage-users/user-accounts/metadata/manage-user-metadata"


def _rules(area: str, *rows: tuple[str, str, str]) -> tuple[Rule, ...]:
    """Rows of rule, source, and test modules' names with their tests: "module::test module::test"."""
    return tuple(
        Rule(
            area,
            rule,
            source,
            tuple(f"{_HERE}/test_{name.replace('::', '.py::', 1)}" for name in tests.split()),
        )
        for rule, source, tests in rows
    )


RULES: tuple[Rule, ...] = (
    *_rules(
        "Actions: the pipeline",
        (
            "bound Actions run in order, in the version that is deployed",
            _TRIGGERS,
            "login_pipeline::test_actions_run_in_binding_order_and_only_bound_ones "
            "login_pipeline::test_the_deployed_version_runs_and_not_the_draft",
        ),
        (
            "a denial ends the flow after its Action; metadata asked for is saved all the same",
            _POST_LOGIN_API,
            "login_pipeline::test_deny_reaches_the_application_and_stops_later_actions "
            "login_pipeline::test_metadata_asked_for_with_a_denial_is_saved",
        ),
        (
            "the session exists although Actions denied or failed",
            _REDIRECT,
            "login_pipeline::test_a_denied_person_has_a_session_all_the_same "
            "login_pipeline::test_the_session_exists_after_an_error_too",
        ),
        (
            "metadata is written once at the end, null removes a key",
            _POST_LOGIN_API,
            "login_pipeline::test_metadata_is_written_once_at_the_end_and_null_removes",
        ),
        (
            "later Actions see what earlier ones have set of the metadata; undefined takes it back "
            "(community.auth0.com: How to Pass Transient Data Between Actions)",
            _METADATA,
            "login_pipeline::test_metadata_is_written_once_at_the_end_and_null_removes "
            "login_pipeline::test_undefined_takes_back_what_an_earlier_action_asked_for",
        ),
        (
            "20 seconds for all Actions of one execution; before and after a redirect each",
            _LIMITS,
            "login_pipeline::test_a_leg_has_one_budget_for_all_its_actions "
            "login_pipeline::test_a_redirect_starts_a_new_budget",
        ),
        (
            "32 kB of each kind of metadata a session",
            _LIMITS,
            "login_pipeline::test_metadata_is_limited_to_32_kilobytes",
        ),
        (
            "module scope stays warm between people",
            "docs/customize/actions/action-coding-guidelines",
            "login_pipeline::test_module_scope_is_warm_for_the_next_person",
        ),
        (
            "a handler is a native async function",
            "docs/customize/actions/write-your-first-action",
            "actions_runner::test_a_module_without_a_usable_handler_fails_every_time",
        ),
        (
            "validation.error ends the login on an error page",
            _POST_LOGIN_API,
            "login_pipeline::test_validation_error_ends_on_a_page",
        ),
    ),
    *_rules(
        "Actions: redirects",
        (
            "the browser leaves after the Action's end, with a state; later Actions wait",
            _REDIRECT,
            "login_redirect::test_the_browser_is_sent_with_a_state_of_auth0_s_own "
            "login_redirect::test_the_redirect_waits_for_the_action_s_end_and_stops_later_ones",
        ),
        (
            "the same Action continues with a new event.request, the later ones follow",
            _REDIRECT,
            "login_redirect::test_only_the_same_action_continues_and_only_later_ones_follow "
            "login_redirect::test_get_and_post_continue",
        ),
        (
            "metadata is saved before the browser leaves",
            _METADATA,
            "login_redirect::test_metadata_is_saved_before_the_redirect",
        ),
        (
            "prompt=none can't be redirected: interaction_required",
            _REDIRECT,
            "login_redirect::test_prompt_none_cannot_be_redirected",
        ),
        (
            "a refresh or a password exchange can't be redirected",
            _REDIRECT,
            "actions_api::test_can_redirect login_grants::test_no_redirect_is_possible_without_a_browser",
        ),
        (
            "whether a URL's query makes it another URL for the rule of once a flow",
            "unknown: switch redirect_url_unique_includes_query",
            "login_redirect::test_each_url_is_redirected_to_once_in_a_flow",
        ),
        (
            "where a state leads that has expired",
            "unknown: switch expired_state",
            "login_redirect::test_expired_states_may_lead_to_the_default_login_route",
        ),
        (
            "encodeToken: HS256 with sub, iss, iat, exp (900 s), ip and the payload",
            _REDIRECT,
            "actions_tokens::test_encode_token "
            "actions_tokens::test_encode_token_lives_900_seconds_and_lets_the_payload_win",
        ),
        (
            "validateToken checks signature, expiry and state",
            _REDIRECT,
            "actions_tokens::test_validate_token_returns_the_claims "
            "actions_tokens::test_validate_token_throws_in_auth0_s_words",
        ),
        (
            "how long a returned token must still live",
            "unknown: switch validate_token_min_life_seconds",
            "login_redirect_tokens::test_the_switch_for_a_token_s_minimum_life",
        ),
        (
            "whether a returned token's issuer is compared",
            "unknown: switch validate_token_checks_issuer",
            "login_redirect_tokens::test_the_switch_for_a_token_s_issuer",
        ),
        (
            "recordMethod belongs to onContinuePostLogin, and stays with the session",
            _REDIRECT,
            "actions_api::test_record_method_belongs_to_the_way_back "
            "login_pipeline::test_record_method_stays_with_the_session",
        ),
    ),
    *_rules(
        "Actions: event and api of post-login",
        (
            "the event has the documented members and no others",
            _POST_LOGIN_EVENT,
            "login_event::test_the_event_of_a_login login_event::test_the_event_s_transaction "
            "login_event::test_the_event_s_user_is_the_profile_without_what_is_private",
        ),
        (
            "roles, organization, custom domain and protocol are those of the login",
            _POST_LOGIN_EVENT,
            "login_subject::test_roles_are_named_in_the_event_and_listed_by_the_api "
            "login_subject::test_an_organization_shows_in_the_event "
            "login_subject::test_a_custom_domain_shows_in_the_event "
            "login_subject::test_the_flow_names_the_protocol",
        ),
        (
            "setPrimaryUser: once, 128 characters, only a user who has the identity that logged in; "
            "user_metadata of that Action is lost",
            _LIMITS,
            "login_subject::test_the_primary_user_is_the_subject_from_the_next_action_on "
            "login_subject::test_any_other_user_fails_the_login",
        ),
        (
            "cache: 20 entries a trigger, keys 64 B, values 4 kB, 8 kB in all, 24 hours (default 15 minutes)",
            _LIMITS,
            "actions_api::test_the_cache_has_limits "
            "actions_api::test_the_cache_holds_no_more_than_eight_kilobytes "
            "actions_api::test_a_cached_value_lives_a_day_at_most "
            "actions_api::test_the_cache_keeps_values_between_executions",
        ),
        (
            "whether the cache outlives a redirect (documented as not to be counted on)",
            "unknown: switch action_cache_outlives_redirect",
            "login_subject::test_whether_the_cache_outlives_a_redirect_is_a_switch",
        ),
        (
            "transaction metadata: keys 64 characters, values 8 KB, 16 KB in all; text, number, boolean",
            _LIMITS,
            "actions_api::test_transaction_metadata_has_limits "
            "actions_api::test_transaction_metadata_has_a_limit_in_all "
            "actions_api::test_transaction_metadata_takes_no_unsafe_numbers",
        ),
        (
            "transaction metadata shows at once, and to the Actions after",
            "docs/customize/actions/transaction-metadata",
            "actions_api::test_transaction_metadata_shows_at_once "
            "login_redirect::test_claims_and_transaction_metadata_survive_the_redirect",
        ),
        (
            "session and refresh token: metadata, cookie mode, expiries, revocation",
            _POST_LOGIN_API,
            "login_pipeline::test_session_metadata_and_expiry login_pipeline::test_cookie_mode "
            "login_pipeline::test_revoking_the_session_denies_and_ends_it "
            "login_grants::test_refresh_token_metadata_is_kept_through_rotation",
        ),
    ),
    *_rules(
        "Actions: factors",
        (
            "challengeWith suspends; later Actions run after the proof and see it",
            _POST_LOGIN_API,
            "login_factors::test_a_challenge_by_sms_suspends_and_the_next_action_sees_the_factor",
        ),
        (
            "challengeWithAny and additional factors let people choose",
            _POST_LOGIN_API,
            "login_factors::test_people_choose_with_any "
            "login_factors::test_an_additional_factor_can_be_taken_instead",
        ),
        (
            "enrollWith enrolls what the person doesn't have",
            _POST_LOGIN_API,
            "login_factors::test_a_phone_is_enrolled_by_its_code "
            "login_factors::test_an_authenticator_is_enrolled_by_its_code",
        ),
        (
            "where no requested factor is enabled and fits, the login fails",
            _POST_LOGIN_API,
            "login_factors::test_where_no_factor_is_left_the_login_fails",
        ),
        (
            "a factor proven in this transaction isn't asked for again",
            _POST_LOGIN_API,
            "login_factors::test_a_factor_proven_in_this_transaction_satisfies_the_next_demand",
        ),
        (
            "multifactor.enable asks at the end of the flow",
            _POST_LOGIN_API,
            "login_factors::test_multifactor_enable_waits_for_the_end_of_the_flow",
        ),
        (
            "messages of factors go out by the Actions of send-phone-message",
            f"{_TRIGGERS}/send-phone-message",
            "login_factors::test_messages_go_out_by_the_trigger_s_actions",
        ),
        (
            "codes of authenticator apps",
            "RFC 6238, appendix B",
            "login_factors::test_codes_of_an_authenticator_are_those_of_rfc_6238",
        ),
    ),
    *_rules(
        "Actions: other triggers",
        (
            "each trigger has its own api",
            _REFERENCE,
            "actions_api::test_each_trigger_has_its_own_api",
        ),
        (
            "pre-user-registration adds metadata before the user exists, or refuses",
            f"{_TRIGGERS}/pre-user-registration",
            "login_triggers::test_an_action_adds_metadata_before_the_person_exists "
            "login_triggers::test_an_action_refuses_a_sign_up",
        ),
        (
            "pre-user-registration adds no metadata to passwordless users",
            f"{_TRIGGERS}/pre-user-registration",
            "login_triggers::test_passwordless_people_get_no_metadata_before_they_exist",
        ),
        (
            "post-user-registration runs in the background and changes nothing",
            f"{_TRIGGERS}/post-user-registration",
            "login_triggers::test_actions_after_a_sign_up_run_in_the_background_and_can_t_fail_it",
        ),
        (
            "whether users of the Management API set the registration triggers off",
            "unknown: switch management_users_run_actions",
            "login_triggers::test_users_of_the_management_api_set_them_off_too "
            "login_triggers::test_whether_they_do_is_a_switch",
        ),
        (
            "post-change-password runs in the background after the change",
            f"{_TRIGGERS}/post-change-password",
            "login_triggers::test_a_changed_password_sets_its_actions_off",
        ),
        (
            "credentials-exchange sets claims and scopes within the grant, or refuses",
            f"{_REFERENCE}/credentials-exchange/credentials-exchange-api-object",
            "login_triggers::test_machines_tokens_get_claims_and_scopes "
            "login_triggers::test_an_action_refuses_a_machine",
        ),
        (
            "custom-phone-provider: drop is final, retry means five more tries, the last call wins",
            f"{_REFERENCE}/custom-phone-provider/custom-phone-provider-api-object",
            "phone_provider::test_a_drop_is_final phone_provider::test_after_five_more_tries_it_is_over "
            "phone_provider::test_the_last_call_wins",
        ),
    ),
    *_rules(
        "Actions: limits and logs",
        (
            "code of 100 kB at most",
            _LIMITS,
            "actions_modules::test_code_beyond_100_kb_is_refused_whoever_stored_it",
        ),
        (
            "a dependency that isn't there: Compilation failed: Cannot find module",
            "docs/customize/actions/manage-dependencies",
            "actions_modules::test_any_other_package_is_refused_in_auth0_s_words "
            "actions_modules::test_native_packages_are_refused",
        ),
        (
            "Action modules have secrets of their own and can't require each other",
            _LIMITS,
            "actions_modules::test_an_action_module_has_state_and_secrets_of_its_own "
            "actions_modules::test_modules_can_t_require_modules",
        ),
        (
            "256 characters of an Action's console are kept",
            _LIMITS,
            "actions_executions::test_of_the_console_256_characters_are_kept_and_people_see_all_of_it",
        ),
        (
            "the tenant's log names the executions, which the Management API shows",
            "docs/api/management/v2/actions/get-execution",
            "actions_executions::test_the_log_names_the_execution_and_the_management_api_shows_it",
        ),
    ),
)
