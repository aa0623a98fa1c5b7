"""Applications, APIs, and what the one may do with the other."""

import pulumi
import pulumi_auth0 as auth0

from .material import CERTIFICATE, PUBLIC_KEY


def declare(later: bool) -> None:
    api = auth0.ResourceServer(
        "api",
        identifier="https://api.example/v1",
        name="Orders API" if later else "Orders",
        allow_offline_access=later,
        token_lifetime=7200 if later else 3600,
        token_dialect="access_token_authz" if later else "access_token",
        enforce_policies=later,
        signing_alg="RS256",
    )
    scopes = auth0.ResourceServerScopes(
        "api-scopes",
        resource_server_identifier=api.identifier,
        scopes=[
            {"name": "read:orders", "description": "See orders"},
            {"name": "write:orders", "description": "Change orders" if later else "Write orders"},
        ],
    )
    web = auth0.Client(
        "web",
        name="Shop",
        app_type="regular_web",
        description="What customers use" if later else "The shop",
        callbacks=["https://shop.example/callback"],
        allowed_logout_urls=["https://shop.example"] if later else [],
        grant_types=["authorization_code", "refresh_token"],
        oidc_conformant=True,
        jwt_configuration={"alg": "RS256", "lifetime_in_seconds": 7200 if later else 3600},
        refresh_token={
            "rotation_type": "rotating" if later else "non-rotating",
            "expiration_type": "expiring" if later else "non-expiring",
            "leeway": 10 if later else 0,
        },
        client_metadata={"team": "shop", "tier": "gold" if later else "silver"},
    )
    auth0.ClientCredentials("web-credentials", client_id=web.id, authentication_method="client_secret_post")
    spa = auth0.Client(
        "spa",
        name="Single page",
        app_type="spa",
        web_origins=["https://spa.example"],
        callbacks=["https://spa.example"],
        oidc_logout={
            "backchannel_logout_urls": ["https://spa.example/logout"],
            "backchannel_logout_initiators": {"mode": "all"},
        },
        mobile={"ios": {"team_id": "9JA89QQLNQ", "app_bundle_identifier": "com.example.shop"}},
        organization_usage="allow" if later else "deny",
    )
    auth0.ClientCredentials("spa-credentials", client_id=spa.id, authentication_method="none")
    machine = auth0.Client(
        "machine", name="Reports", app_type="non_interactive", grant_types=["client_credentials"]
    )
    auth0.ClientCredentials(
        "machine-credentials",
        client_id=machine.id,
        authentication_method="private_key_jwt",
        private_key_jwt={
            "credentials": [
                {
                    "name": "first",
                    "credential_type": "public_key",
                    "algorithm": "RS256",
                    "pem": PUBLIC_KEY,
                }
            ]
        },
    )
    by_certificate = auth0.Client(
        "by-certificate", name="Warehouse", app_type="non_interactive", grant_types=["client_credentials"]
    )
    auth0.ClientCredentials(
        "by-certificate-credentials",
        client_id=by_certificate.id,
        authentication_method="self_signed_tls_client_auth",
        self_signed_tls_client_auth={
            "credentials": [{"name": "first", "credential_type": "x509_cert", "pem": CERTIFICATE}]
        },
    )
    auth0.ClientGrant(
        "grant",
        client_id=machine.id,
        audience=api.identifier,
        scopes=["read:orders", "write:orders"] if later else ["read:orders"],
        opts=pulumi.ResourceOptions(depends_on=[scopes]),
    )
