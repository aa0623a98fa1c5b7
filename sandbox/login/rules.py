"""The rules the login keeps: where Auth0 or a specification says so, and the tests that prove each."""

from ..rules import Rule

_HERE = "tests/sandbox"


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


_SILENT = "docs/authenticate/login/configure-silent-authentication"
_OAUTH = "docs/authenticate/protocols/oauth"
_ORGANIZATIONS = "docs/manage-users/organizations"
_ROTATION = "docs/secure/tokens/refresh-tokens/refresh-token-rotation"
_RBAC = "docs/get-started/apis/enable-role-based-access-control-for-apis"
_LOGOUT = "docs/authenticate/login/logout"
_CONSENT = "docs/get-started/applications/third-party-applications/user-consent-and-third-party-applications"
_PAR = "docs/get-started/applications/configure-par"
_SESSIONS = "docs/manage-users/sessions/session-lifetime-limits"
_REDIRECT = "docs/customize/actions/redirect-with-actions"
_CODE = "docs/api/authentication/authorization-code-flow/authorize-application"
_FLOWS = "docs/get-started/authentication-and-authorization-flow"
_DEVICE = f"{_FLOWS}/device-authorization-flow/call-your-api-using-the-device-authorization-flow"
_OWNER = f"{_FLOWS}/resource-owner-password-flow/call-your-api-using-resource-owner-password-flow"
_PASSWORDLESS = "docs/authenticate/passwordless"

RULES: tuple[Rule, ...] = (
    *_rules(
        "authorization request",
        (
            "an address that isn't listed is shown an error and never redirected to; other errors go to it",
            "RFC 6749, 4.1.2.1",
            "login_authorize::test_an_unlisted_callback_is_shown_and_never_redirected_to "
            "login_authorize::test_errors_reach_the_application_with_its_state",
        ),
        (
            "a star or {organization_name} stands for the first label of a listed address's host",
            "docs/get-started/applications/wildcards-for-subdomains",
            "login_cors::test_placeholders "
            "login_organizations::test_a_callback_may_hold_the_organization_s_name",
        ),
        (
            "code, token, id_token and their combinations give what they name; the implicit grant is needed",
            _OAUTH,
            "login_front_channel::test_every_combination_gives_what_it_names "
            "login_front_channel::test_an_application_without_the_implicit_grant_is_refused",
        ),
        (
            "tokens come by the fragment unless another mode is asked for, and never by the query",
            _OAUTH,
            "login_front_channel::test_tokens_never_travel_in_a_query "
            "login_front_channel::test_tokens_may_be_posted login_authorize::test_fragment_mode",
        ),
        (
            "web_message tells the origin of the callback alone, and only if it is an allowed web origin",
            _SILENT,
            "login_front_channel::TestWebMessage::test_it_tells_only_the_callback_s_origin "
            "login_front_channel::TestWebMessage::test_an_origin_that_is_not_listed_hears_nothing "
            "login_spa_sdk::test_login_silent_renewal_in_a_frame_and_logout",
        ),
        (
            "an ID token by the browser needs a nonce, and is bound to code and token by c_hash and at_hash",
            "OpenID Connect Core 1.0, 3.2.2 and 3.3.2",
            "login_front_channel::test_an_id_token_by_the_browser_needs_a_nonce "
            "login_front_channel::test_every_combination_gives_what_it_names",
        ),
        (
            "PKCE by S256 or plain; public clients bring a challenge for a code",
            "RFC 7636, 4",
            "login_front_channel::test_a_plain_challenge_counts_as_such "
            "login_authorize::test_public_clients_must_bring_a_challenge "
            "login_tokens::test_pkce_needs_the_right_verifier",
        ),
        (
            "prompt=none answers at once, with login_required, interaction_required or consent_required",
            _SILENT,
            "login_sessions::test_prompt_none_signs_on_silently "
            "login_redirect::test_prompt_none_cannot_be_redirected "
            "login_consent::test_a_third_party_always_asks_and_once",
        ),
        (
            "prompt=login and select_account, and a max_age that has passed, ask again; auth_time follows",
            "OpenID Connect Core 1.0, 3.1.2.1",
            "login_sessions::test_prompt_may_ask_for_the_password_again "
            "login_sessions::test_max_age_asks_again_only_when_the_login_is_older "
            "login_tokens::test_max_age_brings_auth_time",
        ),
        (
            "screen_hint=signup opens the sign-up page, login_hint fills the page in",
            _CODE,
            "login_authorize::test_screen_hint_leads_to_the_sign_up_page "
            "login_authorize::test_login_hint_fills_in_the_page",
        ),
        (
            "a pushed request is judged at once, works once, and replaces what the browser brings",
            _PAR,
            "login_pushed::test_what_was_pushed_counts_and_nothing_beside_it "
            "login_pushed::test_a_request_uri_works_once_and_for_half_a_minute "
            "login_openid_client::test_code_refresh_revocation_and_logout",
        ),
        (
            "an application may have to push",
            _PAR,
            "login_openid_client::test_an_application_that_has_to_push_is_told_so",
        ),
        (
            "the tenant's default audience counts where none is named",
            "docs/get-started/tenant-settings",
            "login_access::test_the_tenant_s_default_audience_counts_where_none_is_named",
        ),
    ),
    *_rules(
        "transactions and sessions",
        (
            "a state works once, in the browser that began, for an hour from /authorize on",
            "docs/troubleshoot/product-lifecycle/past-migrations/migrate-to-1-hour-expiration",
            "login_redirect::test_a_state_works_once "
            "login_redirect::test_two_browsers_cannot_swap_their_states "
            "login_redirect::test_a_transaction_lives_one_hour",
        ),
        (
            "where an expired state leads",
            "unknown: switch expired_state",
            "login_redirect::test_expired_states_may_lead_to_the_default_login_route",
        ),
        (
            "a session stands although the Actions denied the login",
            _REDIRECT,
            "login_pipeline::test_a_denied_person_has_a_session_all_the_same",
        ),
        (
            "a session ends when idle and, whatever happens, in the end; the tenant's settings say when",
            _SESSIONS,
            "login_sessions::test_a_session_ends_when_idle_and_at_last_for_good "
            "login_sessions::test_the_tenant_s_settings_shorten_sessions",
        ),
        (
            "one session serves every application that has its connection",
            "docs/authenticate/single-sign-on",
            "login_sessions::test_a_session_signs_on_without_asking "
            "login_sessions::test_a_session_counts_only_where_its_connection_is_enabled",
        ),
    ),
    *_rules(
        "logout",
        (
            "/v2/logout returns to addresses of the application's list, or of the tenant's without client_id",
            f"{_LOGOUT}/redirect-users-after-logout",
            "login_logout::test_only_listed_addresses_count "
            "login_logout::test_without_client_id_the_tenant_s_list_counts",
        ),
        (
            "with client_id and no returnTo, the list's first address counts",
            f"{_LOGOUT}/redirect-users-after-logout",
            "login_logout::test_an_application_without_returnto_gets_its_first_address",
        ),
        (
            "/oidc/logout asks the person unless the hint is the session's, or the tenant switched that off",
            f"{_LOGOUT}/log-users-out-of-auth0",
            "login_logout::TestOidc::test_whoever_cannot_be_shown_to_have_asked_is_asked "
            "login_logout::TestOidc::test_the_session_s_own_hint_asks_nobody "
            "login_logout::TestOidc::test_the_tenant_may_switch_the_question_off",
        ),
        (
            "applications are told by a logout token that lives two minutes",
            f"{_LOGOUT}/back-channel-logout",
            "login_logout::TestBackChannel::test_applications_of_the_session_are_told",
        ),
    ),
    *_rules(
        "tokens",
        (
            "a code works once, for a minute, for its client and callback; a second use ends what it gave",
            "RFC 6749, 4.1.2",
            "login_tokens::test_a_code_works_once_and_its_second_use_ends_what_it_gave "
            "login_tokens::test_a_code_lives_a_minute login_tokens::test_the_callback_must_be_the_same",
        ),
        (
            "without an API the access token is opaque, with one it is a JWT in the API's profile",
            "docs/secure/tokens/access-tokens/access-token-profiles",
            "login_tokens::test_the_access_token_without_an_api_is_opaque "
            "login_access::test_rfc_9068_has_other_claims",
        ),
        (
            "the API says how long tokens live, and for the implicit and hybrid flows apart",
            "docs/secure/tokens/access-tokens/update-access-token-lifetime",
            "login_front_channel::test_tokens_by_the_browser_live_as_long_as_the_api_says_for_the_web "
            "login_tokens::test_the_access_token_for_an_api_is_a_jwt",
        ),
        (
            "client and API choose the algorithm: RS256, PS256, RS512 or HS256 with their secret",
            "docs/get-started/applications/signing-algorithms",
            "login_access::test_tokens_are_signed_as_client_and_api_say "
            "login_access::test_an_id_token_may_be_signed_with_the_secret "
            "login_access::test_an_api_may_share_a_secret",
        ),
        (
            "RBAC grants the permitted scopes; the dialect says whether the token lists permissions",
            _RBAC,
            "login_access::TestPermissions::test_with_rbac_only_what_the_person_may "
            "login_access::TestPermissions::test_the_token_says_all_permissions_even_those_not_asked_for",
        ),
        (
            "an API's policies say which applications get tokens for it, for people and for themselves",
            "docs/get-started/apis/api-access-policies-for-applications",
            "login_access::TestPolicies::test_a_required_grant_limits_the_scopes "
            "login_access::TestPolicies::test_deny_all_closes_the_api",
        ),
        (
            "scopes of Actions override those of RBAC",
            _RBAC,
            "login_access::TestPermissions::test_an_action_s_scopes_override_them",
        ),
        (
            "refresh tokens rotate; a reused one ends its family, but not within the leeway",
            _ROTATION,
            "login_grants::test_reuse_of_a_rotated_token_ends_the_whole_family "
            "login_grants::test_within_the_leeway_a_repeated_request_is_no_theft "
            "login_spa_sdk::test_a_reused_refresh_token_sends_the_person_back_to_the_login",
        ),
        (
            "refresh tokens end idle and absolutely, as the application says",
            "docs/secure/tokens/refresh-tokens/configure-refresh-token-expiration",
            "login_grants::test_refresh_tokens_expire_as_configured "
            "login_grants::test_an_idle_refresh_token_expires_and_a_used_one_lives_on",
        ),
        (
            "a refresh token can be revoked by its application; the tenant says whether the grant goes too",
            "docs/secure/tokens/refresh-tokens/revoke-refresh-tokens",
            "login_access::TestRevocation::test_a_revoked_token_is_of_no_use "
            "login_access::TestRevocation::test_the_tenant_says_whether_the_grant_goes_with_it",
        ),
        (
            "applications prove themselves by secret, by key, or not at all",
            "docs/get-started/authentication-and-authorization-flow/authenticate-with-private-key-jwt",
            "client_assertion::test_a_key_lets_an_application_in "
            "login_tokens::test_the_client_must_prove_itself",
        ),
    ),
    *_rules(
        "organizations",
        (
            "the application says whether a login may, must or must not be for one",
            f"{_ORGANIZATIONS}/configure-organizations/define-organization-behavior",
            "login_organizations::test_the_application_says_whether_there_is_one "
            "login_organizations::test_a_person_may_be_asked_for_the_organization_first "
            "login_organizations::TestPicker::test_of_several_one_is_picked "
            "login_organizations::TestPicker::test_whoever_has_none_is_denied",
        ),
        (
            "tokens have org_id, and org_name where the tenant takes names",
            f"{_ORGANIZATIONS}/using-tokens",
            "login_organizations::test_tokens_name_the_organization "
            "login_organizations::test_names_count_where_the_tenant_takes_them",
        ),
        (
            "only members enter, by the organization's connections; a connection may make members",
            f"{_ORGANIZATIONS}/login-flows-for-organizations",
            "login_organizations::test_a_stranger_is_denied_and_has_a_session_all_the_same "
            "login_organizations::test_a_connection_may_make_members "
            "login_organizations::test_only_the_organization_s_connections_count",
        ),
        (
            "a machine's grant says which organizations it reaches; a default counts where one is required",
            f"{_ORGANIZATIONS}/organizations-for-m2m-applications",
            "login_organizations::TestMachines::test_a_grant_has_to_reach_the_organization "
            "login_organizations::TestMachines::test_a_default_counts_where_one_is_required",
        ),
    ),
    *_rules(
        "consent",
        (
            "third-party applications ask once for their scopes; first-party ones where the API wants it",
            _CONSENT,
            "login_consent::test_a_third_party_always_asks_and_once "
            "login_consent::test_a_first_party_asks_where_the_api_does_not",
        ),
        (
            "a refusal redirects only where the application's redirection policy lets it",
            _CONSENT,
            "login_consent::test_a_refusal_is_kept_from_redirecting_where_that_is_the_policy",
        ),
    ),
    *_rules(
        "connections",
        (
            "a social or enterprise login makes a user without a sign-up, and brings it up to date later",
            "docs/manage-users/user-accounts/user-profiles/configure-connection-sync-with-auth0",
            "login_federation::test_a_social_login_makes_a_user_without_a_sign_up "
            "login_federation::test_a_connection_may_leave_the_profile_alone",
        ),
        (
            "a refusal at the provider reaches the application",
            "RFC 6749, 4.1.2.1",
            "login_federation::test_a_denial_at_the_provider_reaches_the_application",
        ),
        (
            "/dbconnections/signup makes a user and doesn't tell who has one",
            "docs/api/authentication/signup/create-a-new-user",
            "login_dbconnections::test_a_sign_up_makes_a_user_who_can_log_in "
            "login_dbconnections::test_nobody_learns_who_has_an_account",
        ),
        (
            "a forgotten password is replaced by a link, once, within five days",
            "docs/authenticate/database-connections/password-change",
            "login_dbconnections::TestForgottenPasswords::test_the_link_sets_a_new_password_once_and_ends_sessions",
        ),
        (
            "a passwordless code works once, has three tries and as many seconds as the connection says",
            f"{_PASSWORDLESS}/best-practices",
            "passwordless_codes::test_three_tries_and_no_fourth passwordless_codes::test_a_code_works_once",
        ),
        (
            "by e-mail a link is sent unless a code is asked for; either works once",
            f"{_PASSWORDLESS}/authentication-methods/email-magic-link",
            "passwordless_mail::TestLinks::test_a_link_is_what_is_sent_unless_a_code_is_asked_for "
            "passwordless_mail::TestLinks::test_it_works_once "
            "passwordless_mail::test_a_code_works_once_and_a_wrong_one_not_at_all",
        ),
    ),
    *_rules(
        "other grants",
        (
            "a device polls every five seconds until a person confirms its code, for a quarter of an hour",
            _DEVICE,
            "login_device::test_a_device_is_connected login_device::test_too_fast_is_told "
            "login_device::test_an_expired_code_is_told_once",
        ),
        (
            "a password is checked at the realm, or at the tenant's default directory",
            _OWNER,
            "login_access::TestDirectory::test_without_a_realm_it_is_the_tenant_s_default "
            "login_access::TestDirectory::test_the_grant_with_a_realm_needs_one",
        ),
        (
            "the protocol that Actions see in the passwordless grant",
            "unknown: switch otp_protocol",
            "passwordless_codes::test_the_protocol_s_name_is_a_switch_and_a_redirect_impossible_with_any",
        ),
    ),
    *_rules(
        "cross-origin calls",
        (
            "pages of listed origins may call the endpoints for browsers, others may not",
            "docs/get-started/applications/set-up-cors",
            "login_cors::test_a_listed_origin_may_call login_cors::test_no_other_may "
            "login_spa_sdk::test_a_page_of_an_unlisted_origin_reads_nothing",
        ),
    ),
)
