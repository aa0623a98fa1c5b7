// Runs a rendered Action against doubles of Auth0's event and api. One JSON object a line in, one a line out:
//   in  {code, handler, event, now, twilio?, fail?, lax?, times?, realFetch?, warm?, cache?}
//   out {calls, logs, fetches, redirect, denied, claims, app_metadata, transaction_metadata, notified, cache, threw, …}
// `twilio` are the answers to fetch, in order, whoever is asked.
// The doubles follow Auth0's reference (api objects of post-login and custom-phone-provider) and, for validateToken, the messages observed on
// the platform; with `lax` it checks the signature alone, so that what the Action checks itself can be seen.
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import vm from "node:vm";

const builtin = createRequire(import.meta.url);
const NOT_REDIRECTABLE = /^(oauth2-(resource-owner|password|refresh-token|token-exchange|access-token)|oidc-ciba$)/;
const contexts = new Map();

function hmac(secret, text) {
  return createHmac("sha256", secret).update(text).digest("base64url");
}

function validateToken({ request, user }, now, lax, { secret, tokenParameterName = "session_token" }) {
  const params = { ...request.query, ...request.body };
  if (!(tokenParameterName in params)) {
    throw new Error(`There is no parameter called '${tokenParameterName}' available in either the POST body or query string.`);
  }
  const [rawHeader, rawClaims, signature] = String(params[tokenParameterName]).split(".");
  const [header, claims] = [rawHeader, rawClaims].map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  const verify = (condition, message) => {
    if (!condition) throw new Error(`The session token is invalid: ${message}`);
  };
  verify(signature === hmac(secret, `${rawHeader}.${rawClaims}`), "Failed signature validation");
  if (lax) return claims;
  verify(claims.state === params.state, "State in the token does not match the /continue state.");
  verify(["sub", "iss", "exp", "iat"].every((name) => name in claims), "Missing or invalid standard claims");
  verify(header.typ?.toUpperCase() === "JWT", "Unexpected token payload type");
  verify(claims.sub === user.user_id, "The sub claim does not match the user_id.");
  verify(claims.exp > Math.floor(now / 1000), "Token has expired.");
  return claims;
}

function canRedirect({ transaction, request }) {
  const none = transaction?.prompt?.includes("none") || request.query?.prompt === "none";
  return !none && !NOT_REDIRECTABLE.test(transaction?.protocol ?? "");
}

// `fail` makes one step throw: {at: n, with} the n-th call of any kind, {call: name, with} every call of that name.
function doubles({ event, now, fail, lax, twilio = [], cache = {} }) {
  const state = {
    calls: [], fetches: [], redirect: null, denied: [], claims: {}, timeouts: [], notified: [], cache: { ...cache },
    app_metadata: { ...event.user?.app_metadata }, transaction_metadata: { ...event.transaction?.metadata },
  };
  const thrown = { error: new Error("boom +14155550123 ada@example.com"), null: null, text: "boom +14155550123" };
  const step = (name, effect) => (...given) => {
    state.calls.push(name);
    if (fail && (fail.at === state.calls.length || fail.call === name)) throw thrown[fail.with ?? "error"];
    return effect(...given);
  };
  const put = (target) => (key, value) => {
    if (value === null) delete target[key];
    else target[key] = JSON.parse(JSON.stringify(value));
  };
  const api = {
    cache: {
      get: step("cache.get", (key) => (state.cache[key] ? { value: state.cache[key].value } : undefined)),
      set: step("cache.set", (key, value, { ttl }) => {
        if (key.length > 64 || value.length > 4096) throw new Error("CacheSizeExceeded");
        state.cache[key] = { value, ttl };
        return { type: "success" };
      }),
    },
    notification: {
      drop: step("drop", (reason) => void state.notified.push(["drop", reason])),
      retry: step("retry", (reason) => void state.notified.push(["retry", reason])),
    },
    access: { deny: step("deny", (reason) => void state.denied.push(reason)) },
    idToken: { setCustomClaim: step("setCustomClaim", (key, value) => void (state.claims[key] = value)) },
    redirect: {
      canRedirect: step("canRedirect", () => canRedirect(event)),
      sendUserTo: step("sendUserTo", (url, options) => void (state.redirect = { url, query: options?.query ?? {} })),
      validateToken: step("validateToken", (options) => validateToken(event, now, lax, options)),
    },
    transaction: { setMetadata: step("setMetadata", put(state.transaction_metadata)) },
    user: { setAppMetadata: step("setAppMetadata", put(state.app_metadata)) },
  };
  const answers = [...twilio];
  const fetch = step("fetch", async (url, { headers, body, ...options }) => {
    state.fetches.push({ url: String(url), method: options.method, redirect: options.redirect, headers, body: String(body) });
    const answer = answers.shift() ?? { hang: true };
    if (answer.hang) {
      await new Promise((_, reject) => options.signal.addEventListener("abort", () => reject(options.signal.reason)));
    }
    if (answer.error) throw new TypeError(answer.error);
    const text = answer.text ?? JSON.stringify(answer.json ?? {});
    return { ok: answer.status >= 200 && answer.status < 300, status: answer.status, json: async () => JSON.parse(text) };
  });
  const signals = {
    timeout(milliseconds) {
      state.timeouts.push(milliseconds);
      return AbortSignal.timeout(Math.min(milliseconds, 20));
    },
  };
  return { api, fetch, signals, state };
}

function load({ code, warm }) {
  if (warm && contexts.has(code)) return contexts.get(code);
  const context = vm.createContext({ Buffer, URLSearchParams });
  const module = { exports: {} };
  vm.runInContext("globalThis.clock = { now: 0 }; Date.now = () => clock.now;"
    + "globalThis.Date = new Proxy(Date, { construct: (d, given) => new d(...(given.length ? given : [clock.now])) });", context);
  const started = process.hrtime.bigint();
  const required = [];
  const require = (name) => {
    required.push(name);
    return builtin(name);
  };
  vm.compileFunction(code, ["exports", "require", "module"], { parsingContext: context })(module.exports, require, module);
  const load_nanoseconds = Number(process.hrtime.bigint() - started);
  const loaded = { context, exports: module.exports, required, load_nanoseconds };
  if (warm) contexts.set(code, loaded);
  return loaded;
}

async function run(request) {
  const logs = [];
  const { context, exports, required, load_nanoseconds } = load(request);
  const { api, fetch, signals, state } = doubles(request);
  context.clock.now = request.now;
  context.console = { log: (...given) => logs.push(given.join(" ")) };
  context.fetch = request.realFetch ? globalThis.fetch : fetch;
  context.AbortSignal = request.realFetch ? AbortSignal : signals;
  const handler = exports[request.handler];
  const event = JSON.parse(JSON.stringify(request.event));
  let threw = null;
  const started = process.hrtime.bigint();
  try {
    for (let turn = 0; turn < (request.times ?? 1); turn += 1) await handler(event, api);
  } catch (error) {
    threw = String(error?.message ?? error);
  }
  const nanoseconds = Number(process.hrtime.bigint() - started) / (request.times ?? 1);
  const native = handler.constructor.name === "AsyncFunction";
  return { ...state, calls: state.calls.slice(0, 100), logs, required, threw, native, nanoseconds, load_nanoseconds };
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const answer = await run(JSON.parse(line)).catch((error) => ({ broken: String(error?.stack ?? error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
