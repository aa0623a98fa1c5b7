"""The life of settings and of what a tenant is made of beside people and applications; see lives.py."""

from typing import Any

from .lives import client, database, gone, organization, user

COLORS = {
    "base_focus_color": "#635dff",
    "base_hover_color": "#000000",
    "body_text": "#1e212a",
    "error": "#d03c38",
    "header": "#1e212a",
    "icons": "#65676e",
    "input_background": "#ffffff",
    "input_border": "#c9cace",
    "input_filled_text": "#000000",
    "input_labels_placeholders": "#65676e",
    "links_focused_components": "#635dff",
    "primary_button": "#635dff",
    "primary_button_label": "#ffffff",
    "secondary_button_border": "#c9cace",
    "secondary_button_label": "#1e212a",
    "success": "#13a688",
    "widget_background": "#ffffff",
    "widget_border": "#c9cace",
}
FONT = {"bold": False, "size": 87.5}
THEME: dict[str, Any] = {
    "colors": COLORS,
    "borders": {
        "button_border_radius": 3,
        "button_border_weight": 1,
        "buttons_style": "rounded",
        "input_border_radius": 3,
        "input_border_weight": 1,
        "inputs_style": "rounded",
        "show_widget_shadow": True,
        "widget_border_weight": 0,
        "widget_corner_radius": 5,
    },
    "fonts": {
        "body_text": FONT,
        "buttons_text": FONT,
        "font_url": "",
        "input_labels": FONT,
        "links": FONT,
        "links_style": "normal",
        "reference_text_size": 16,
        "subtitle": FONT,
        "title": FONT,
    },
    "page_background": {
        "background_color": "#000000",
        "background_image_url": "",
        "page_layout": "center",
    },
    "widget": {
        "header_text_alignment": "center",
        "logo_height": 52,
        "logo_position": "center",
        "logo_url": "",
        "social_buttons_layout": "bottom",
    },
}


def tenant(api: Any) -> None:
    before = api.tenants.settings.get()
    assert api.tenants.settings.update(friendly_name="Acme").friendly_name == "Acme"
    after = api.tenants.settings.get()
    assert after.friendly_name == "Acme"
    assert after.session_lifetime == before.session_lifetime


def attack_protection(api: Any) -> None:
    area = api.attack_protection
    assert area.brute_force_protection.update(max_attempts=5).max_attempts == 5
    assert area.brute_force_protection.get().max_attempts == 5
    area.breached_password_detection.update(enabled=True)
    assert area.breached_password_detection.get().enabled is True
    area.suspicious_ip_throttling.update(enabled=False)
    assert area.suspicious_ip_throttling.get().enabled is False
    area.bot_detection.update(monitoring_mode_enabled=True)
    assert area.bot_detection.get().monitoring_mode_enabled is True
    area.captcha.update(active_provider_id="auth_challenge", auth_challenge={"fail_open": False})
    assert area.captcha.get().active_provider_id == "auth_challenge"


def branding(api: Any) -> None:
    api.branding.update(logo_url="https://acme.example/logo.png")
    assert api.branding.get().logo_url == "https://acme.example/logo.png"
    gone(api.branding.themes.get_default)
    made = api.branding.themes.create(**THEME, display_name="Acme")
    assert api.branding.themes.get_default().theme_id == made.theme_id
    assert api.branding.themes.get(made.theme_id).display_name == "Acme"
    api.branding.themes.update(made.theme_id, **THEME, display_name="Other")
    api.branding.themes.delete(made.theme_id)


def page_template(api: Any) -> None:
    custom_domain(api)
    page = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
    api.branding.templates.update_universal_login(request={"template": page})
    assert api.branding.templates.get_universal_login().body == page
    api.branding.templates.delete_universal_login()
    gone(api.branding.templates.get_universal_login)


def custom_domain(api: Any) -> str:
    return str(
        api.custom_domains.create(domain="login.acme.example", type="auth0_managed_certs").custom_domain_id
    )


def custom_domains(api: Any) -> None:
    made = custom_domain(api)
    assert api.custom_domains.get(made).domain == "login.acme.example"
    assert [one.custom_domain_id for one in api.custom_domains.list()] == [made]
    api.custom_domains.verify(made)
    api.custom_domains.update(made, tls_policy="recommended")
    api.custom_domains.delete(made)
    gone(api.custom_domains.get, made)


def prompts(api: Any) -> None:
    assert api.prompts.update_settings(identifier_first=True).identifier_first is True
    assert api.prompts.get_settings().identifier_first is True
    api.prompts.custom_text.set("login", "en", request={"login": {"title": "Hello"}})
    assert api.prompts.custom_text.get("login", "en") == {"login": {"title": "Hello"}}


def partials(api: Any) -> None:
    custom_domain(api)
    page = "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
    api.branding.templates.update_universal_login(request={"template": page})
    parts = {"login": {"form-content-end": "<p>Hello</p>"}}
    api.prompts.partials.set("login", request=parts)
    assert api.prompts.partials.get("login") == parts


def screens(api: Any) -> None:
    api.prompts.rendering.update("login-id", "login-id", rendering_mode="standard")
    assert api.prompts.rendering.get("login-id", "login-id").rendering_mode == "standard"
    list(api.prompts.rendering.list())


def email(api: Any) -> None:
    gone(api.emails.provider.get)
    api.emails.provider.create(
        name="sendgrid", credentials={"api_key": "k"}, default_from_address="a@acme.example"
    )
    assert api.emails.provider.get().name == "sendgrid"
    api.emails.provider.update(enabled=False)
    made = api.email_templates.create(
        template="welcome_email",
        body="<p>Hello</p>",
        from_="a@acme.example",
        subject="Hello",
        syntax="liquid",
        enabled=True,
    )
    assert api.email_templates.get("welcome_email").subject == made.subject
    assert api.email_templates.update("welcome_email", subject="Welcome").subject == "Welcome"
    api.emails.provider.delete()


def phone(api: Any) -> None:
    made = api.branding.phone.providers.create(
        name="twilio",
        credentials={"auth_token": "t"},
        configuration={"sid": "AC1", "default_from": "+15005550006", "delivery_methods": ["text"]},
    )
    assert [one.id for one in api.branding.phone.providers.list().providers] == [made.id]
    api.branding.phone.providers.update(made.id, disabled=True)
    api.branding.phone.providers.delete(made.id)
    template = api.branding.phone.templates.create(
        type="otp_verify",
        disabled=False,
        content={"from": "+15005550006", "body": {"text": "{{ code }}", "voice": "{{ code }}"}},
    )
    assert template.id in [one.id for one in api.branding.phone.templates.list().templates]
    api.branding.phone.templates.update(template.id, disabled=True)
    api.branding.phone.templates.delete(template.id)


def organizations(api: Any) -> None:
    made = organization(api)
    assert api.organizations.get(made).name == "acme"
    assert api.organizations.get_by_name("acme").id == made
    assert [one.id for one in api.organizations.list(take=10)] == [made]
    assert api.organizations.update(made, display_name="ACME").display_name == "ACME"
    ada = user(api)
    api.organizations.members.create(made, members=[ada])
    assert [one.user_id for one in api.organizations.members.list(made)] == [ada]
    role = str(api.roles.create(name="Clerk").id)
    api.organizations.members.roles.assign(made, ada, roles=[role])
    assert [one.id for one in api.organizations.members.roles.list(made, ada)] == [role]
    api.organizations.members.roles.delete(made, ada, roles=[role])
    api.organizations.members.delete(made, members=[ada])
    api.organizations.delete(made)
    gone(api.organizations.get, made)


def organizations_and_what_they_have(api: Any) -> None:
    made, people = organization(api), database(api)
    area = api.organizations
    area.enabled_connections.add(made, connection_id=people, assign_membership_on_login=True)
    assert [one.connection_id for one in area.enabled_connections.list(made)] == [people]
    assert area.enabled_connections.get(made, people).assign_membership_on_login is True
    area.enabled_connections.update(made, people, assign_membership_on_login=False)
    area.enabled_connections.delete(made, people)
    domain = area.discovery_domains.create(made, domain="acme.example")
    assert [one.id for one in area.discovery_domains.list(made)] == [domain.id]
    area.discovery_domains.delete(made, domain.id)


def organizations_and_invitations(api: Any) -> None:
    made = organization(api)
    api.organizations.enabled_connections.add(made, connection_id=database(api))
    app = client(
        api,
        app_type="regular_web",
        grant_types=["authorization_code"],
        organization_usage="allow",
        initiate_login_uri="https://shop.example/login",
    )
    invitation = api.organizations.invitations.create(
        made, inviter={"name": "Ada"}, invitee={"email": "eve@example.com"}, client_id=app
    )
    assert [one.id for one in api.organizations.invitations.list(made)] == [invitation.id]
    assert api.organizations.invitations.get(made, invitation.id).id == invitation.id
    api.organizations.invitations.delete(made, invitation.id)


SINKS: dict[str, dict[str, Any]] = {
    "http": {"httpEndpoint": "https://acme.example/logs", "httpContentFormat": "JSONLINES"},
    "datadog": {"datadogApiKey": "1" * 32, "datadogRegion": "us"},
    "splunk": {
        "splunkDomain": "acme.splunkcloud.com",
        "splunkToken": "12345678-1234-1234-1234-123456789012",
        "splunkPort": "8088",
        "splunkSecure": True,
    },
    "sumo": {"sumoSourceAddress": "https://acme.sumologic.example/receiver"},
    "segment": {"segmentWriteKey": "key"},
}


def log_streams(api: Any) -> None:
    for kind, sink in SINKS.items():
        made = api.log_streams.create(request={"name": kind, "type": kind, "sink": sink})
        assert api.log_streams.get(made.id).type == kind
        assert made.id in [one.id for one in api.log_streams.list()]
        assert api.log_streams.update(made.id, status="paused").status == "paused"
        api.log_streams.delete(made.id)
        gone(api.log_streams.get, made.id)


def forms(api: Any) -> None:
    made = api.forms.create(name="Form", languages={"primary": "en"})
    assert api.forms.get(made.id).name == "Form"
    assert made.id in [one.id for one in api.forms.list()]
    api.forms.update(made.id, name="Other")
    api.forms.delete(made.id)
    gone(api.forms.get, made.id)


def flows(api: Any) -> None:
    made = api.flows.create(name="Flow")
    assert api.flows.get(made.id).name == "Flow"
    assert made.id in [one.id for one in api.flows.list()]
    api.flows.update(made.id, name="Other")
    list(api.flows.executions.list(made.id))
    api.flows.delete(made.id)
    gone(api.flows.get, made.id)


def vault(api: Any) -> None:
    made = api.flows.vault.connections.create(
        request={"name": "Mail", "app_id": "HTTP", "setup": {"type": "BEARER", "token": "t"}}
    )
    assert api.flows.vault.connections.get(made.id).name == "Mail"
    assert made.id in [one.id for one in api.flows.vault.connections.list()]
    api.flows.vault.connections.update(made.id, name="Other")
    api.flows.vault.connections.delete(made.id)


def logs(api: Any) -> None:
    user(api)
    found = list(api.logs.list(per_page=10, include_totals=True))
    if found:
        assert api.logs.get(found[0].log_id).log_id == found[0].log_id


def jobs_and_tickets(api: Any) -> None:
    ada = user(api)
    job = api.jobs.verification_email.create(user_id=ada)
    assert api.jobs.get(job.id).type == "verification_email"
    assert api.tickets.verify_email(user_id=ada).ticket.startswith("https://")
    assert api.tickets.change_password(user_id=ada).ticket.startswith("https://")
    export = api.jobs.users_exports.create(connection_id=database(api), format="json")
    assert api.jobs.get(export.id).id == export.id


def guardian(api: Any) -> None:
    assert {factor.name for factor in api.guardian.factors.list()} >= {"sms", "otp", "email"}
    assert api.guardian.factors.set("otp", enabled=True).enabled is True
    api.guardian.policies.set(request=["all-applications"])
    assert api.guardian.policies.list() == ["all-applications"]


def keys(api: Any) -> None:
    current = api.keys.signing.list()[0]
    assert api.keys.signing.get(current.kid).kid == current.kid


LIVES = (
    tenant,
    attack_protection,
    branding,
    page_template,
    custom_domains,
    prompts,
    partials,
    screens,
    email,
    phone,
    organizations,
    organizations_and_what_they_have,
    organizations_and_invitations,
    log_streams,
    forms,
    flows,
    vault,
    logs,
    jobs_and_tickets,
    guardian,
    keys,
)
