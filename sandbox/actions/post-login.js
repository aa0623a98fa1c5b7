"use strict";
// The `api` of the post-login trigger.
// Source: auth0.com/docs/actions/reference/post-login/post-login-api-object, with the argument checks of Auth0's
// own @auth0/actions package. Methods that are documented to return nothing return nothing; the others chain.
(function postLogin(host, kit, { tokens, metadata, authentication }) {
  const REDIRECTLESS = ["oauth2-resource-owner", "oauth2-refresh-token", "oauth2-password", "oauth2-webauthn"];
  const WEB = /^https?:$/;

  function redirect(event, params, options, record) {
    return {
      encodeToken: (given) => tokens.encodeToken(event, given),
      sendUserTo(url, given) {
        const target = new URL(url);
        if (!WEB.test(target.protocol)) throw new Error("The URL of a redirect must be an http: or https: URL.");
        for (const [name, value] of Object.entries(given?.query ?? {})) target.searchParams.append(name, value);
        return record("redirect", { url: target.href });
      },
      canRedirect: () =>
        options.redirects &&
        !(event.transaction?.prompt ?? []).includes("none") &&
        !REDIRECTLESS.includes(event.transaction?.protocol ?? "unknown-protocol"),
      validateToken: (given) => tokens.validateToken(params, event, given, options.validateToken),
    };
  }

  function expiry(record, type, member) {
    return (at) => {
      if (!at) throw new Error("Either inactivity or absolute expiration time must be provided");
      if (!Number.isFinite(at)) throw new Error(`${member} must be a number`);
      record(type, { [member]: at });
    };
  }

  const refreshToken = (event, record) => ({
    ...metadata.of("refresh token", event, "refresh_token", (changed) => record("refresh_token_metadata", { metadata: changed })),
    setExpiresAt: expiry(record, "refresh_token_expiry", "absolute"),
    setIdleExpiresAt: expiry(record, "refresh_token_expiry", "idle"),
    revoke: (reason) => void record("refresh_token_revoke", { reason }),
  });

  const session = (event, record) => ({
    ...metadata.of("session", event, "session", (changed) => record("session_metadata", { metadata: changed })),
    setExpiresAt: expiry(record, "session_expiry", "absolute"),
    setIdleExpiresAt: expiry(record, "session_expiry", "idle"),
    revoke: (reason, given) => void record("session_revoke", { reason, options: given }),
    setCookieMode(mode) {
      if (!mode) throw new Error("Cookie mode must be provided");
      if (!["persistent", "non-persistent"].includes(mode)) {
        throw new Error(`Invalid cookie mode: ${mode}. Valid values are 'persistent' and 'non-persistent'.`);
      }
      if (event.session) event.session.cookie = { ...event.session.cookie, mode };
      record("session_cookie_mode", { mode });
    },
  });

  function recordMethod(options, record) {
    return (url) => {
      if (options.handler !== "onContinuePostLogin") {
        throw new Error("api.authentication.recordMethod() is only available in onContinuePostLogin.");
      }
      if (!WEB.test(new URL(kit.text(url, "The provider_url")).protocol)) throw new Error("The provider_url must be an http: or https: URL.");
      return record("method", { url });
    };
  }

  return function build(event, options, record) {
    // What /continue brought is read before the Action can change its event.
    const params = { ...event.request.query, ...event.request.body };
    const unsupported = (name) => kit.unsupported(record, name);
    const rejected = (name) => async () => unsupported(name)();
    return {
      access: { deny: (reason) => record("deny", { reason }) },
      accessToken: {
        setCustomClaim: kit.claimSetter(record, "access"),
        addScope: (scope) => void record("scope", { add: kit.text(scope, "A scope") }),
        removeScope: (scope) => void record("scope", { remove: kit.text(scope, "A scope") }),
      },
      idToken: { setCustomClaim: kit.claimSetter(record, "id") },
      authentication: {
        ...authentication.factors(record),
        setPrimaryUser: authentication.setPrimaryUser(record),
        recordMethod: recordMethod(options, record),
      },
      cache: kit.cache(options.instance),
      groups: { getUserGroups: rejected("groups.getUserGroups"), hasGroupMembership: rejected("groups.hasGroupMembership") },
      multifactor: authentication.multifactor(record, unsupported),
      prompt: { render: unsupported("prompt.render") },
      redirect: redirect(event, params, options, record),
      refreshToken: refreshToken(event, record),
      roles: authentication.roles(options.roles ?? []),
      rules: { wasExecuted: () => false },
      samlResponse: kit.refusing(record, "samlResponse", options.samlMethods),
      session: session(event, record),
      transaction: { setMetadata: metadata.ofTransaction(event, record) },
      user: kit.metadataSetters(event, record),
      validation: kit.validation(record),
    };
  };
});
