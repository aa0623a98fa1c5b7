// One login as openid-client does it: a line out, the address to open; a line in, the address it led to; then
// everything else, told as one line of JSON. The first argument says what to do.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const { issuer, client_id, client_secret, redirect_uri, flow, audience } = JSON.parse(process.argv[2]);
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (told) => console.log(JSON.stringify(told));
const come_back = async (url) => {
  say({ url: url.href });
  return new URL((await answers.next()).value);
};

const config = await client.discovery(new URL(issuer), client_id, client_secret);
const verifier = client.randomPKCECodeVerifier();
const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
const parameters = {
  redirect_uri,
  scope: "openid profile email offline_access",
  state: checks.expectedState,
  nonce: checks.expectedNonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  ...(audience ? { audience } : {}),
};

async function code() {
  const pushed = flow === "par";
  const url = pushed
    ? await client.buildAuthorizationUrlWithPAR(config, parameters)
    : client.buildAuthorizationUrl(config, { ...parameters, max_age: "60" });
  const back = await come_back(url);
  const tokens = await client.authorizationCodeGrant(config, back, { ...checks, ...(pushed ? {} : { maxAge: 60 }) });
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  await client.tokenRevocation(config, refreshed.refresh_token ?? tokens.refresh_token);
  const reused = await client
    .refreshTokenGrant(config, refreshed.refresh_token ?? tokens.refresh_token)
    .then(() => "accepted", (error) => error.error);
  const logout = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: new URL(redirect_uri).origin,
    id_token_hint: tokens.id_token,
  });
  say({ claims, userinfo, refreshed: refreshed.access_token !== tokens.access_token, reused, logout: logout.href });
}

async function hybrid() {
  client.useCodeIdTokenResponseType(config);
  const back = await come_back(client.buildAuthorizationUrl(config, { ...parameters, response_type: "code id_token" }));
  const tokens = await client.authorizationCodeGrant(config, back, checks);
  say({ claims: tokens.claims() });
}

async function implicit() {
  client.useIdTokenResponseType(config);
  const { code_challenge, code_challenge_method, ...rest } = parameters;
  const back = await come_back(client.buildAuthorizationUrl(config, { ...rest, response_type: "id_token" }));
  const claims = await client.implicitAuthentication(config, back, checks.expectedNonce, {
    expectedState: checks.expectedState,
  });
  say({ claims });
}

async function machine() {
  const tokens = await client.clientCredentialsGrant(config, { audience });
  say({ token_type: tokens.token_type, scope: tokens.scope });
}

async function refused() {
  const told = (error) => ({ kind: error.constructor.name, error: error.error, status: error.status });
  say(await client.clientCredentialsGrant(config, { audience }).then(() => "accepted", told));
}

await { code, par: code, hybrid, implicit, machine, refused }[flow]();
process.exit(0);
