"use strict";
// The signed tokens of a redirect: api.redirect.encodeToken and api.redirect.validateToken.
// Source: auth0.com/docs/customize/actions/redirect-with-actions
(function tokens(host, { isObject }) {
  const LIFE_SECONDS = 900;
  const seconds = () => Math.floor(Date.now() / 1000);
  const encode = (value) => host.base64url(JSON.stringify(value));

  function encodeToken(event, { secret, payload, expiresInSeconds }) {
    if (typeof secret !== "string" || secret === "") throw new Error("secretOrPrivateKey must have a value");
    const issued = seconds();
    const claims = {
      iat: issued,
      iss: event.request.hostname,
      sub: event.user.user_id,
      exp: issued + (expiresInSeconds ?? LIFE_SECONDS),
      ip: event.request.ip,
      ...payload,
    };
    const body = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
    return `${body}.${host.hmac(secret, body)}`;
  }

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

  return { encodeToken, validateToken };
});
