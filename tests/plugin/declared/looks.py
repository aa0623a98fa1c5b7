"""What people see: branding, prompts, pages, texts, e-mails and phone messages."""

import pulumi
import pulumi_auth0 as auth0

_TEMPLATE = "<!DOCTYPE html><html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>"
_PHONE_TEXT = "Your code is {{ code }}"


def declare(later: bool) -> None:
    domain = auth0.CustomDomain(
        "domain", domain="login.example.com", type="auth0_managed_certs", tls_policy="recommended"
    )
    after = pulumi.ResourceOptions(depends_on=[domain])
    auth0.Branding(
        "branding",
        logo_url="https://example.com/logo.png",
        colors={"primary": "#0059d6" if later else "#ea5323", "page_background": "#ffffff"},
        universal_login={"body": _TEMPLATE},
        opts=after,
    )
    auth0.BrandingTheme(
        "theme",
        display_name="Ours, later" if later else "Ours",
        borders={},
        colors={"primary_button": "#0059d6" if later else "#635dff"},
        fonts={
            "title": {},
            "subtitle": {},
            "links": {},
            "input_labels": {},
            "buttons_text": {},
            "body_text": {},
        },
        page_background={},
        widget={},
    )
    auth0.Prompt(
        "prompt",
        universal_login_experience="new",
        identifier_first=later,
        webauthn_platform_first_factor=False,
    )
    auth0.PromptCustomText(
        "login-text",
        prompt="login",
        language="en",
        body='{"login":{"title":"Welcome back"}}' if later else '{"login":{"title":"Welcome"}}',
    )
    auth0.PromptScreenPartials(
        "signup-partials",
        prompt_type="signup",
        screen_partials=[
            {
                "screen_name": "signup",
                "insertion_points": {"form_content_end": "<p>Later</p>" if later else "<p>Now</p>"},
            }
        ],
        opts=after,
    )
    auth0.Pages(
        "pages",
        login={"enabled": True, "html": "<html>later</html>" if later else "<html>login</html>"},
        error={"show_log_link": later, "html": "<html>error</html>", "url": "https://example.com/error"},
        change_password={"enabled": True, "html": "<html>change</html>"},
        guardian_mfa={"enabled": True, "html": "<html>mfa</html>"},
    )
    _messages(later)


def _messages(later: bool) -> None:
    mail = auth0.EmailProvider(
        "mail",
        name="smtp",
        enabled=True,
        default_from_address="shop@example.com",
        credentials={"smtp_host": "mail.example.com", "smtp_port": 587, "smtp_user": "u", "smtp_pass": "p"},
    )
    auth0.EmailTemplate(
        "welcome",
        template="welcome_email",
        body="<html>Welcome, later</html>" if later else "<html>Welcome</html>",
        from_="shop@example.com",
        subject="Welcome",
        syntax="liquid",
        enabled=True,
        opts=pulumi.ResourceOptions(depends_on=[mail]),
    )
    auth0.PhoneProvider(
        "phone",
        name="twilio",
        disabled=later,
        credentials={"auth_token": "phone-token"},
        configuration={
            "sid": "AC0123456789abcdef0123456789abcdef",
            "default_from": "+15005550006",
            "delivery_methods": ["text"],
        },
    )
    auth0.PhoneNotificationTemplate(
        "phone-words",
        type="otp_verify",
        disabled=later,
        content={"from_": "+15005550006", "body": {"text": _PHONE_TEXT, "voice": _PHONE_TEXT}},
    )
