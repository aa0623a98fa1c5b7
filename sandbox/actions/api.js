"use strict";
// Evaluated inside each Action's own realm, so that every object an Action touches (event, api, errors)
// is an instance of that realm's own classes. The last expression is a function: host -> open(...).
// Behaviour follows Auth0's API reference (auth0.com/docs/actions/reference/post-login/post-login-api-object)
// and the argument checks of Auth0's own @auth0/actions package.
(function build(host) {
  const REDIRECTLESS = ["oauth2-resource-owner", "oauth2-refresh-token", "oauth2-password", "oauth2-webauthn"];
  const METADATA_KEY = /^[a-zA-Z0-9_-]{1,255}$/;
  const MAX_METADATA_ENTRIES = 25;
  const MAX_METADATA_VALUE = 255;
  const TOKEN_LIFE_SECONDS = 900;

  const seconds = () => Math.floor(Date.now() / 1000);
  const isObject = (value) => value != null && typeof value === "object" && !Array.isArray(value);
  const copy = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

  function encodeToken(event, { secret, payload, expiresInSeconds }) {
    if (typeof secret !== "string" || secret === "") throw new Error("secretOrPrivateKey must have a value");
    const issued = seconds();
    const claims = {
      iat: issued,
      iss: event.request.hostname,
      sub: event.user.user_id,
      exp: issued + (expiresInSeconds ?? TOKEN_LIFE_SECONDS),
      ip: event.request.ip,
      ...payload,
    };
    const body = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return `${body}.${host.hmac(secret, body)}`;
  }

  const encode = (value) => host.base64url(JSON.stringify(value));

  function decode(part) {
    try {
      return JSON.parse(host.fromBase64url(part ?? ""));
    } catch {
      return null;
    }
  }

  function validateToken(params, event, { secret, tokenParameterName = "session_token" }, given) {
    const token = params[tokenParameterName];
    if (!token) {
      throw new Error(
        `There is no parameter called '${tokenParameterName}' available in either the POST body or query string.`,
      );
    }
    const [rawHeader, rawClaims, signature] = String(token).split(".");
    const [header, claims] = [decode(rawHeader), decode(rawClaims)];
    const expect = (condition, reason) => {
      if (!condition) throw new Error(`The session token is invalid: ${reason}`);
    };
    const now = seconds();
    expect(isObject(header) && isObject(claims), "Failed signature validation");
    expect(claims.state === params.state, "State in the token does not match the /continue state.");
    expect(header.alg === "HS256" && host.verifies(secret, `${rawHeader}.${rawClaims}`, signature), "Failed signature validation");
    expect(["sub", "iss", "exp", "iat"].every((name) => name in claims), "Missing or invalid standard claims");
    expect(Number.isFinite(claims.exp) && Number.isFinite(claims.iat), "Missing or invalid standard claims");
    expect(String(header.typ).toUpperCase() === "JWT", "Unexpected token payload type");
    const issuer = given.checksIssuer ? event.request.hostname : claims.iss;
    expect(claims.iss === issuer, "Missing or invalid standard claims");
    expect(claims.sub === event.user.user_id, "The sub claim does not match the user_id.");
    expect(claims.exp > now, "Token has expired.");
    expect(claims.exp >= now + (given.minimumLife ?? 0), "Missing or invalid standard claims");
    return claims;
  }

  function metadataProblem(metadata) {
    const entries = Object.entries(metadata);
    if (entries.length > MAX_METADATA_ENTRIES) return "Metadata must not contain more than 25 entries";
    if (entries.some(([key]) => key.length > 255)) return "All metadata keys must be at most 255 characters long";
    if (entries.some(([key]) => !METADATA_KEY.test(key))) {
      return "Metadata keys may only include letters, numbers, underscores, or hyphens";
    }
    if (entries.some(([, value]) => value.length > MAX_METADATA_VALUE)) {
      return "All metadata values must be at most 255 characters long";
    }
    return null;
  }

  // Sessions and refresh tokens carry the same kind of metadata, with the same limits.
  function metadataOf(name, event, member, save) {
    let metadata = copy(event[member]?.metadata) ?? {};
    const keep = (changed) => {
      metadata = changed;
      if (event[member]) event[member].metadata = copy(metadata);
      save(copy(metadata));
    };
    const set = (key, value) => {
      if (member === "session" && !event.session) throw new Error("Cannot set metadata on a session that does not exist.");
      if (typeof key !== "string") throw new Error("Invalid metadata: Metadata key must be a string");
      if (value !== null && typeof value !== "string") throw new Error("Invalid metadata: Metadata value must be a string");
      const { [key]: previous, ...rest } = metadata;
      if (value === null && previous === undefined) return;
      const changed = value === null ? rest : { ...metadata, [key]: value };
      const problem = metadataProblem(changed);
      if (problem) throw new Error(`Invalid metadata: ${problem}`);
      keep(changed);
    };
    return {
      setMetadata(key, value) {
        try {
          set(key, value);
        } catch (error) {
          throw new Error(`Failed to set ${name} metadata: ${error.message}`);
        }
      },
      deleteMetadata(key) {
        const { [key]: previous, ...rest } = metadata;
        if (previous !== undefined) keep(rest);
      },
      evictMetadata() {
        if (Object.keys(metadata).length > 0) keep({});
      },
    };
  }

  function transactionMetadata(event, record) {
    const bytes = (value) => host.bytes(JSON.stringify(value));
    return function setMetadata(key, value) {
      if (typeof key !== "string" || key.length > 64) throw new Error("Transaction metadata keys are strings of at most 64 characters.");
      if (value !== null && !["string", "number", "boolean"].includes(typeof value)) {
        throw new Error("Transaction metadata values are strings, numbers or booleans.");
      }
      if (bytes(value) > 8192) throw new Error("A transaction metadata value takes at most 8 KB.");
      const { [key]: _, ...rest } = event.transaction?.metadata ?? {};
      const changed = value === null ? rest : { ...rest, [key]: value };
      if (bytes(changed) > 16384) throw new Error("Transaction metadata takes at most 16 KB in all.");
      event.transaction = { ...event.transaction, metadata: changed };
      record("transaction_metadata", { key, value });
    };
  }

  return function open(eventText, options) {
    const event = JSON.parse(eventText);
    // What /continue brought is read before the Action can change its event.
    const params = { ...event.request.query, ...event.request.body };
    const commands = [];
    const api = {};
    const record = (type, fields = {}) => {
      commands.push({ type, ...copy(fields) });
      return api;
    };
    const unsupported = (name) => () => {
      record("unsupported", { name });
      throw new Error(`api.${name} is not supported by this sandbox yet.`);
    };
    const group = (prefix, names, make = unsupported) =>
      Object.fromEntries(names.map((name) => [name, make(`${prefix}.${name}`)]));
    const rejected = (name) => async () => unsupported(name)();

    if (options.handler === "onExecuteCustomPhoneProvider") {
      // auth0.com/docs/actions/reference/custom-phone-provider/custom-phone-provider-api-object
      const told = (type) => (reason) => record(type, { reason: String(reason ?? "") });
      Object.assign(api, {
        cache: host.cache(() => Date.now()),
        notification: { drop: told("drop"), retry: told("retry") },
      });
      return { event, api, commands };
    }

    function setUserData(target, label) {
      return (key, value) => {
        if (!isObject(event.user[target])) throw new Error(`Unexpected ${target} format. ${label}`);
        return record(target, { key, value });
      };
    }

    function expiry(type, member) {
      return (at) => {
        if (!at) throw new Error("Either inactivity or absolute expiration time must be provided");
        if (!Number.isFinite(at)) throw new Error(`${member} must be a number`);
        record(type, { [member]: at });
      };
    }

    Object.assign(api, {
      access: { deny: (reason) => record("deny", { reason }) },
      accessToken: {
        setCustomClaim: (key, value) => record("claim", { target: "access", key, value }),
        addScope: (scope) => void record("scope", { add: scope }),
        removeScope: (scope) => void record("scope", { remove: scope }),
      },
      idToken: { setCustomClaim: (key, value) => record("claim", { target: "id", key, value }) },
      authentication: {
        ...group("authentication", ["challengeWith", "challengeWithAny", "enrollWith", "enrollWithAny", "setPrimaryUser"]),
        recordMethod(url) {
          if (options.handler !== "onContinuePostLogin") {
            throw new Error("api.authentication.recordMethod() is only available in onContinuePostLogin.");
          }
          if (!/^https?:$/.test(new URL(url).protocol)) throw new Error("The provider_url must be an http: or https: URL.");
          return record("method", { url });
        },
      },
      cache: host.cache(() => Date.now()),
      groups: group("groups", ["getUserGroups", "hasGroupMembership"], rejected),
      multifactor: group("multifactor", ["enable"]),
      prompt: group("prompt", ["render"]),
      redirect: {
        encodeToken: (given) => encodeToken(event, given),
        sendUserTo(url, given) {
          const target = new URL(url);
          for (const [name, value] of Object.entries(given?.query ?? {})) target.searchParams.set(name, value);
          return record("redirect", { url: target.href });
        },
        canRedirect: () =>
          options.redirects &&
          event.request.query?.prompt !== "none" &&
          !REDIRECTLESS.includes(event.transaction?.protocol ?? "unknown-protocol"),
        validateToken: (given) => validateToken(params, event, given, options.validateToken),
      },
      refreshToken: {
        ...metadataOf("refresh token", event, "refresh_token", (metadata) => record("refresh_token_metadata", { metadata })),
        setExpiresAt: expiry("refresh_token_expiry", "absolute"),
        setIdleExpiresAt: expiry("refresh_token_expiry", "idle"),
        revoke: (reason) => void record("refresh_token_revoke", { reason }),
      },
      roles: group("roles", ["getUserEffectiveRoles", "getUserEffectiveRolesByIds", "getUserEffectiveRolesByNames"], rejected),
      rules: { wasExecuted: () => false },
      samlResponse: group("samlResponse", options.samlMethods),
      session: {
        ...metadataOf("session", event, "session", (metadata) => record("session_metadata", { metadata })),
        setExpiresAt: expiry("session_expiry", "absolute"),
        setIdleExpiresAt: expiry("session_expiry", "idle"),
        revoke: (reason, given) => void record("session_revoke", { reason, options: given }),
        setCookieMode(mode) {
          if (!mode) throw new Error("Cookie mode must be provided");
          if (!["persistent", "non-persistent"].includes(mode)) {
            throw new Error(`Invalid cookie mode: ${mode}. Valid values are 'persistent' and 'non-persistent'.`);
          }
          if (event.session) event.session.cookie = { ...event.session.cookie, mode };
          record("session_cookie_mode", { mode });
        },
      },
      transaction: { setMetadata: transactionMetadata(event, record) },
      user: {
        setAppMetadata: setUserData("app_metadata", "Must be a valid JSON object"),
        setUserMetadata: setUserData("user_metadata", "Must be a valid JSON object."),
      },
      validation: {
        error(code, message) {
          if (typeof code !== "string" || typeof message !== "string") throw new Error("errorCode and errorMessage must be strings");
          return record("validation_error", { code, message });
        },
      },
    });
    return { event, api, commands };
  };
});
