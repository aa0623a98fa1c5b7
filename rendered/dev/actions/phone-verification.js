// Has a phone number proven, once: docs/protocol.md of auth0-phone.
const crypto = require("node:crypto");

const STAGE = {
"allowWithoutRedirect":[],
"channel":"sms",
"claimNamespace":"https://phone-dev.acme.example/",
"codeSeconds":600,
"contract":{
"appMetadata":{
"consent":"phone_consent",
"hintDigest":"phone_hint",
"pending":"phone_pending",
"phone":"phone_number",
"verified":"phone_number_verified",
"verifiedAt":"phone_verified_at"
},
"claims":{
"status":"phone_status"
},
"denyCodes":{
"abandoned":"phone_abandoned",
"codeExpired":"phone_code_expired",
"codeWrong":"phone_code_wrong",
"hostUnlisted":"phone_host_unlisted",
"internal":"phone_internal",
"locked":"phone_locked",
"misconfigured":"phone_misconfigured",
"numberMissing":"phone_number_missing",
"numberRefused":"phone_number_refused",
"resultInvalid":"phone_result_invalid",
"unavailable":"phone_unavailable",
"unverified":"phone_unverified"
},
"request":{
"alg":"dir",
"audience":"auth0-phone/form",
"claims":{
"flow":"flow",
"loginHost":"host",
"notice":"notice",
"phone":"phone",
"proven":"proven",
"skippable":"skippable"
},
"enc":"A256GCM",
"keyInfo":"auth0-phone/request/v1",
"lifetimeSeconds":600,
"notices":[
"code_wrong"
],
"parameter":"phone_request",
"typ":"phone-request+jwe"
},
"result":{
"alg":"HS256",
"audience":"auth0-phone/action",
"claims":{
"consentAt":"consent_at",
"consentVersion":"consent_version",
"outcome":"outcome",
"sealed":"sealed",
"state":"state"
},
"lifetimeSeconds":180,
"outcomes":[
"verified",
"submitted",
"abandoned",
"locked"
],
"parameter":"phone_result",
"sealedClaims":{
"code":"code",
"phone":"phone"
},
"sealedKeyInfo":"auth0-phone/result/v1",
"sealedTyp":"phone-sealed+jwe",
"typ":"JWT"
},
"secrets":{
"requestKey":"PHONE_REQUEST_KEY",
"resultKey":"PHONE_RESULT_KEY",
"resultKeyPrevious":"PHONE_RESULT_KEY_PREVIOUS",
"twilioApiKey":"TWILIO_API_KEY",
"twilioApiSecret":"TWILIO_API_SECRET",
"twilioVerifyService":"TWILIO_VERIFY_SERVICE"
},
"userMetadata":{
"hint":"phone_number"
}
},
"dialPrefixes":[
"+1",
"+44",
"+49"
],
"enforcement":"off",
"flow":"form",
"formUrl":"https://phone-dev.acme.example/verify",
"loginHosts":[
"acme-dev.eu.auth0.com"
],
"resendSeconds":30,
"scope":{
"applications":[],
"connections":[],
"organizations":[],
"percentage":100,
"startsAt":null
},
"smsConnection":"sms",
"trustedConnections":[],
"twilioVerifyUrl":"https://verify.twilio.com"
};

const { request: REQUEST, result: RESULT, secrets: SECRET, appMetadata: META, denyCodes: DENY } = STAGE.contract;
const [VERIFIED, SUBMITTED, ABANDONED, LOCKED] = RESULT.outcomes;
const OPTIONAL = STAGE.enforcement === "optional";
const IN_ACTION = STAGE.flow === "action";
const KEY_LENGTH = 43;
const MAX_FAILS = 5;
const MAX_SENDS = 5;
const MFA_SECONDS = 600;
const ASKED = "phone_asked";

const log = (line) => console.log(`auth0-phone: ${line}`.trim());
const seconds = () => Math.floor(Date.now() / 1000);
const age = (at) => (Date.now() - Date.parse(at)) / 1000;
const now = () => new Date().toISOString();
const base64url = (data) => Buffer.from(data).toString("base64url");
const parse = (part) => JSON.parse(Buffer.from(part, "base64url"));
const sha256 = (text) => crypto.createHash("sha256").update(text).digest();
const digest = (number) => (number ? base64url(sha256(number)) : "");
const jweKey = (secret, info) => Buffer.from(crypto.hkdfSync("sha256", secret, "", info, 32));
const isE164 = (value) => typeof value === "string" && /^\+[1-9]\d{6,14}$/.test(value);
const set = (api, name, value) => api.user.setAppMetadata(META[name], value);

function refuse(name, reason = "") {
  throw Object.assign(new Error(reason), { deny: DENY[name] });
}

function normalise(text) {
  const number = typeof text === "string" && text.length <= 64
    && text.replace(/[\s().\u2010-\u2015-]/g, "").replace(/^00/, "+");
  return isE164(number) ? number : undefined;
}

function numbersOf({ user, connection, authentication }) {
  const meta = user.app_metadata ?? {};
  const number = meta[META.verified] === true && isE164(meta[META.phone]) ? meta[META.phone] : undefined;
  const { name, strategy } = connection ?? {};
  const used = user.identities?.filter((each) => each.connection === name);
  const { provider, user_id: id, profileData } = used?.length === 1 ? used[0] : {};
  const primary = !profileData && `${provider}|${id}` === user.user_id;
  const claims = primary ? user : profileData ?? {};
  const claimed = normalise(claims.phone_number);
  const hint = normalise(user.user_metadata?.[STAGE.contract.userMetadata.hint]) ?? claimed;
  const checked = claims.phone_verified;
  const bySms = strategy === "sms" && name === STAGE.smsConnection && checked !== false;
  const typed = authentication?.methods?.some((each) => each.name === "sms") ?? true;
  const proven = primary
    ? bySms && provider === "sms" && checked === true && claims.phone_number === claimed && typed
    : bySms || (checked === true && STAGE.trustedConnections.includes(name));
  return { meta, number, hint, proof: proven ? claimed : undefined };
}

function inScope({ client, connection, organization, user }) {
  const { applications, connections, organizations, percentage, startsAt } = STAGE.scope;
  const lists = (list, ...names) => !list.length || names.some((name) => list.includes(name));
  return lists(applications, client?.client_id) && lists(connections, connection?.name)
    && lists(organizations, organization?.id, organization?.name)
    && (sha256(user.user_id).readUInt32BE() / 2 ** 32) * 100 < percentage
    && !(Date.parse(startsAt) > Date.now());
}

function requireSecrets({ secrets }) {
  for (const [id, name] of Object.entries(SECRET)) {
    if (id === "resultKeyPrevious") continue;
    const least = id.startsWith("twilio") ? Number(IN_ACTION) : KEY_LENGTH;
    if ((secrets?.[name]?.length ?? 0) < least) refuse("misconfigured", `secret ${name} is missing or short`);
  }
  if (secrets[SECRET.requestKey] === secrets[SECRET.resultKey]) refuse("misconfigured", "both keys are the same");
}

function decide(event, api) {
  const { meta, number, hint, proof } = numbersOf(event);
  const known = !hint || hint === number || digest(hint) === meta[META.hintDigest];
  if (number && known) return { status: "verified" };
  if (!inScope(event)) return { status: "out_of_scope" };
  const mfa = event.authentication?.methods?.some((each) => each.name === "mfa" && age(each.timestamp) < MFA_SECONDS);
  if (proof && (!number || (mfa && proof === hint))) return { status: "would_verify", proof };

  const { transaction, request } = event;
  const passed = { status: "would_pass" };
  const skippable = Boolean(number) || OPTIONAL;
  const silent = request.method !== "POST"
    && (transaction?.prompt?.includes("none") || request.query?.prompt === "none");
  if (silent ? skippable : !api.redirect.canRedirect()) {
    return skippable || STAGE.allowWithoutRedirect.includes(event.client?.client_id) ? passed : refuse("unverified");
  }
  const host = STAGE.loginHosts.indexOf(request.hostname);
  if (host < 0) return number ? passed : refuse("hostUnlisted");
  const proven = mfa ? undefined : number;
  if (IN_ACTION && !silent && (proven || !hint)) return skippable ? passed : refuse("numberMissing");
  requireSecrets(event);
  return { status: "would_ask", ask: { hint, proven, skippable, silent, host } };
}

function seal(claims, secret) {
  const { alg, enc, typ, keyInfo } = REQUEST;
  const header = base64url(JSON.stringify({ alg, enc, typ }));
  const iv = crypto.randomBytes(12);
  const cipher = crypto.createCipheriv("aes-256-gcm", jweKey(secret, keyInfo), iv).setAAD(Buffer.from(header));
  const text = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()]);
  return [header, "", ...[iv, text, cipher.getAuthTag()].map(base64url)].join(".");
}

function unseal(token, secret) {
  const [header, , ...rest] = token.split(".");
  if (parse(header).typ !== RESULT.sealedTyp) throw new Error();
  const [iv, text, tag] = rest.map((part) => Buffer.from(part, "base64url"));
  const key = jweKey(secret, RESULT.sealedKeyInfo);
  const decipher = crypto.createDecipheriv("aes-256-gcm", key, iv, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(header)).setAuthTag(tag);
  return JSON.parse(Buffer.concat([decipher.update(text), decipher.final()]));
}

function sendToForm(event, api, { hint, proven, skippable, host }, notice) {
  const { claims, audience: aud, lifetimeSeconds, parameter } = REQUEST;
  const iat = seconds();
  const request = {
    sub: event.user.user_id,
    aud,
    iat,
    exp: iat + lifetimeSeconds,
    jti: base64url(crypto.randomBytes(16)),
    [claims.loginHost]: host,
    [claims.flow]: STAGE.flow,
    [claims.phone]: hint,
    [claims.proven]: proven,
    [claims.notice]: notice,
    [claims.skippable]: skippable || undefined,
  };
  api.transaction.setMetadata(ASKED, [request.jti, ...digests(event)].join("."));
  api.redirect.sendUserTo(STAGE.formUrl, { query: { [parameter]: seal(request, event.secrets[SECRET.requestKey]) } });
}

function readResult(event, api, secret, asked) {
  const { query, body } = event.request;
  const { claims, parameter, lifetimeSeconds } = RESULT;
  const payload = api.redirect.validateToken({ secret, tokenParameterName: parameter });
  const { alg, typ } = parse(body[parameter].split(".")[0]);
  const { iss, aud, sub, iat, exp, state, jti } = payload;
  const { [claims.outcome]: outcome, [claims.consentAt]: at, [claims.consentVersion]: version } = payload;
  const proving = outcome === (IN_ACTION ? SUBMITTED : VERIFIED);
  const intended = !query?.[parameter] && alg === RESULT.alg && typ === RESULT.typ
    && iss === event.request.hostname && aud === RESULT.audience && sub === event.user.user_id && jti === asked
    && typeof state === "string" && [undefined, query?.state].includes(body.state)
    && [iat, exp].every(Number.isSafeInteger) && exp - iat <= lifetimeSeconds
    && exp > seconds() && iat <= seconds() + 60
    && (proving || [ABANDONED, LOCKED].includes(outcome));
  if (!intended) throw new Error();
  const opened = proving ? unseal(payload[claims.sealed], secret) : {};
  return { outcome, opened, consent: at && version ? { at, version } : undefined };
}

function resultOf(event, api, asked) {
  for (const name of [SECRET.resultKey, SECRET.resultKeyPrevious]) {
    const secret = event.secrets[name];
    try {
      if (secret?.length >= KEY_LENGTH) return readResult(event, api, secret, asked);
    } catch {
      log(`result refused under ${name}`);
    }
  }
  return refuse("resultInvalid");
}

function digests(event) {
  const { number, hint } = numbersOf(event);
  return [digest(number), digest(hint)];
}

function record(event, api, phone, [asked, hintDigest], consent) {
  const { meta, number } = numbersOf(event);
  const overtaken = number && number !== phone && digest(number) !== asked;
  if (overtaken || !isE164(phone)) refuse("resultInvalid", "number");
  const facts = { phone, verified: true, verifiedAt: now(), hintDigest, consent };
  for (const [name, fact] of Object.entries(facts)) if (fact) set(api, name, fact);
  if (meta[META.pending]) set(api, "pending", null);
  log("verified");
}

async function twilio({ secrets }, path, fields) {
  const login = Buffer.from(`${secrets[SECRET.twilioApiKey]}:${secrets[SECRET.twilioApiSecret]}`);
  const service = encodeURIComponent(secrets[SECRET.twilioVerifyService]);
  try {
    const response = await fetch(`${STAGE.twilioVerifyUrl}/v2/Services/${service}/${path}`, {
      method: "POST",
      headers: { authorization: `Basic ${login.toString("base64")}` },
      body: new URLSearchParams(fields),
      redirect: "error",
      signal: AbortSignal.timeout(5000),
    });
    return { ...(await response.json().catch(() => null)), ok: response.ok, http: response.status };
  } catch {
    return { http: 0 };
  }
}

function refuseFor({ http, code }) {
  const known = Number.isInteger(code) ? code : 0;
  let name = known > 21000 && [400, 403].includes(http) ? "numberRefused" : "unavailable";
  if ([401, 404].includes(http) || known === 60204) name = "misconfigured";
  if ([60202, 60203].includes(known)) name = "locked";
  refuse(name, `Twilio ${http} ${known}`);
}

const heldPending = (event) => numbersOf(event).meta[META.pending] ?? {};

function livePending(event) {
  const pending = heldPending(event);
  const { phone, fails, sent_at } = pending;
  return isE164(phone) && Number.isInteger(fails) && age(sent_at) < STAGE.codeSeconds ? pending : undefined;
}

async function sendCode(event, api, phone) {
  const recent = (heldPending(event).sends ?? []).filter((at) => at > seconds() - 3600);
  const live = livePending(event);
  const earlier = live?.phone === phone ? live : undefined;
  const notice = earlier?.fails ? REQUEST.notices[0] : undefined;
  if (live?.fails >= MAX_FAILS) refuse("locked");
  if (earlier && age(earlier.sent_at) < STAGE.resendSeconds) return notice;
  if (recent.length >= MAX_SENDS) refuse("locked", "sends");
  if (!STAGE.dialPrefixes.some((prefix) => phone.startsWith(prefix))) refuse("numberRefused", "country");
  const sent = await twilio(event, "Verifications", { To: phone, Channel: STAGE.channel });
  if (!sent.ok || !sent.sid) return earlier && sent.code !== 60202 ? notice : refuseFor(sent);
  set(api, "pending", { sid: sent.sid, phone, sent_at: now(), fails: live?.fails ?? 0, sends: [...recent, seconds()] });
}

async function checkCode(event, api, code) {
  const pending = livePending(event);
  const end = (left, name) => {
    set(api, "pending", left);
    refuse(name);
  };
  const count = (fails) => end({ ...pending, fails }, fails < MAX_FAILS ? "codeWrong" : "locked");
  const { sends } = heldPending(event);
  const dead = sends ? { sends } : null;
  if (!pending) end(dead, "codeExpired");
  if (pending.fails >= MAX_FAILS) refuse("locked");
  if (!/^\d{4,10}$/.test(code)) count(pending.fails + 1);
  const checked = await twilio(event, "VerificationCheck", { VerificationSid: pending.sid, Code: code });
  const status = checked.ok && checked.status;
  if (status === "approved") return pending.phone;
  if (status === "pending") count(pending.fails + 1);
  if (status === "max_attempts_reached" || checked.code === 60202) count(MAX_FAILS);
  if (status || checked.http === 404) end(dead, "codeExpired");
  return refuseFor(checked);
}

async function start(event, api) {
  const { ask, proof } = decide(event, api);
  if (proof) record(event, api, proof, digests(event));
  if (!ask) return;
  let notice;
  try {
    if (IN_ACTION && !ask.silent) notice = await sendCode(event, api, ask.hint);
  } catch (error) {
    if (!ask.skippable || !error.deny) throw error;
    log(`not asked: ${error.deny} ${error.message}`);
    return;
  }
  sendToForm(event, api, ask, notice);
}

async function resume(event, api) {
  requireSecrets(event);
  const [jti, ...asked] = event.transaction?.metadata?.[ASKED]?.split(".") ?? refuse("resultInvalid", "not asked");
  const { outcome, opened, consent } = resultOf(event, api, jti);
  const { phone, code } = RESULT.sealedClaims;
  if (outcome === LOCKED) refuse("locked");
  if (outcome === VERIFIED) record(event, api, opened?.[phone], asked, consent);
  if (outcome === SUBMITTED) record(event, api, await checkCode(event, api, opened?.[code]), asked, consent);
  if (outcome !== ABANDONED) return;
  const [, hintDigest] = asked;
  if (!numbersOf(event).number && !OPTIONAL) refuse("abandoned");
  if (numbersOf(event).number && hintDigest) set(api, "hintDigest", hintDigest);
}

const tell = (api, status) => api.idToken.setCustomClaim(STAGE.claimNamespace + STAGE.contract.claims.status, status);
const deny = (api, code) => api.access.deny(code);

function guarded(handler, end) {
  return async (event, api) => {
    try {
      await handler(event, api);
    } catch (error) {
      const code = error?.deny ?? DENY.internal;
      log(`${code} ${error?.deny ? error.message : error?.name}`);
      end(api, code);
    }
  };
}

const pass = async () => {};
const observe = guarded(
  (event, api) => tell(api, decide(event, api).status),
  (api) => guarded(tell, pass)(api, "would_deny"),
);
const handlers = { off: [pass, pass], observe: [observe, pass] }[STAGE.enforcement];
[exports.onExecutePostLogin, exports.onContinuePostLogin] = handlers ?? [guarded(start, deny), guarded(resume, deny)];
