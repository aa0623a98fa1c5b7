// One Action version: its realm, its module scope (kept warm between users) and its handlers.
import { readFileSync } from "node:fs";
import { createHmac, timingSafeEqual } from "node:crypto";
import { types } from "node:util";
import vm from "node:vm";
import { cacheOf } from "./cache.mjs";
import { fetch } from "./calls.mjs";
import { Modules, compile } from "./modules.mjs";

const script = (name) => new vm.Script(readFileSync(new URL(name, import.meta.url), "utf8"), { filename: name });
const [realmScript, ...apiScripts] = [
  "./realm.js", "./kit.js", "./tokens.js", "./metadata.js", "./authentication.js", "./post-login.js", "./triggers.js",
  "./api.js",
].map(script);

const SAML_METHODS = [
  "setAttribute", "setAudience", "setRecipient", "setCreateUpnClaim", "setPassthroughClaimsWithNoMapping",
  "setMapUnknownClaimsAsIs", "setMapIdentities", "setSignatureAlgorithm", "setDigestAlgorithm", "setDestination",
  "setLifetimeInSeconds", "setSignResponse", "setNameIdentifierFormat", "setNameIdentifierProbes",
  "setAuthnContextClassRef", "setSigningCert", "setIncludeAttributeNameFormat", "setTypedAttributes",
  "setEncryptionCert", "setEncryptionPublicKey", "setCert", "setKey", "setRelayState", "setIssuer",
  "setEncryptionAlgorithm",
];

const GLOBALS = [
  "AbortController", "AbortSignal", "Blob", "Buffer", "DOMException", "Event", "EventTarget", "FormData", "Headers",
  "Request", "Response", "TextDecoder", "TextEncoder", "URL", "URLSearchParams", "Uint8Array", "ArrayBuffer", "atob",
  "btoa", "clearImmediate", "clearInterval", "clearTimeout", "crypto", "performance", "queueMicrotask",
  "setImmediate", "setInterval", "setTimeout", "structuredClone",
];

const errorTests = { Error: types.isNativeError };
for (const type of [TypeError, RangeError, SyntaxError, ReferenceError]) {
  errorTests[type.name] = (candidate) => candidate instanceof type;
}

const FILE = "action.js";
const MAX_CODE_BYTES = 100_000;

let clockOffset = 0;
export function moveClock(milliseconds) {
  clockOffset = milliseconds;
}

const processFacade = () => ({
  env: {},
  argv: [],
  version: process.version,
  versions: { ...process.versions },
  platform: process.platform,
  arch: process.arch,
  nextTick: (callback, ...given) => process.nextTick(callback, ...given),
  hrtime: process.hrtime,
  uptime: () => process.uptime(),
  memoryUsage: () => process.memoryUsage(),
  cwd: () => "/",
  on: () => {},
  emitWarning: () => {},
});

function host(trigger) {
  const hmac = (secret, text) => createHmac("sha256", secret).update(text).digest("base64url");
  return {
    errorTests,
    clockOffset: () => clockOffset,
    hmac,
    verifies(secret, text, signature) {
      const [expected, given] = [Buffer.from(hmac(secret, text)), Buffer.from(String(signature))];
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
    base64url: (text) => Buffer.from(text).toString("base64url"),
    fromBase64url: (text) => Buffer.from(text, "base64url").toString(),
    bytes: (text) => Buffer.byteLength(text, "utf8"),
    cache: (clock, instance) => cacheOf(`${trigger} ${instance}`, clock),
  };
}

// A syntax error in `code`, or null; nothing of it is executed.
export function syntaxError(code) {
  try {
    compile(code, FILE, undefined);
    return null;
  } catch (error) {
    const line = /^action\.js:(\d+)/.exec(error.stack ?? "")?.[1];
    return `${error.name}: ${error.message}${line ? ` (line ${line})` : ""}`;
  }
}

// The scripts of the `api` objects, evaluated in the realm; the last one opens an execution.
function apiOf(context, services) {
  const [kitOf, tokensOf, metadataOf, authenticationOf, postLoginOf, triggersOf, opener] = apiScripts.map((one) =>
    one.runInContext(context),
  );
  const kit = kitOf(services);
  const parts = {
    tokens: tokensOf(services, kit),
    metadata: metadataOf(services, kit),
    authentication: authenticationOf(services, kit),
  };
  return opener(kit, postLoginOf(services, kit, parts), triggersOf(services, kit));
}

// The words: auth0.com/docs/customize/actions/manage-dependencies, "No native module support".
function explained(error) {
  if (error.code !== "MODULE_NOT_FOUND") return error;
  return Object.assign(new Error(`Compilation failed: ${error.message}`), { code: error.code });
}

export class Action {
  #exports;
  #problem;
  #context;
  #code;
  #open;
  #modules;

  // `given`: {code, trigger, modules, dependencies}; `packages` is the folder of npm packages, or "".
  constructor(given, packages, console) {
    const globals = Object.fromEntries(GLOBALS.map((name) => [name, globalThis[name]]));
    this.#context = vm.createContext({ ...globals, fetch, console, process: processFacade() });
    const services = host(given.trigger);
    realmScript.runInContext(this.#context)(services);
    this.#open = apiOf(this.#context, services);
    this.#modules = new Modules(this.#context, given, packages);
    this.#code = given.code;
  }

  // Module scope runs on the first execution, so that what it logs belongs to that execution. An error there
  // stays until the next deployment, as in Auth0's runtime.
  #load() {
    if (this.#problem) throw this.#problem;
    if (this.#exports) return this.#exports;
    const module = { exports: {} };
    try {
      if (Buffer.byteLength(this.#code) > MAX_CODE_BYTES) throw new Error("The code of an Action takes at most 100 kB.");
      compile(this.#code, FILE, this.#context)(module.exports, this.#modules.require, module);
    } catch (error) {
      this.#problem = explained(error ?? new Error("Unknown error"));
      throw this.#problem;
    }
    return (this.#exports = module);
  }

  #handler(name) {
    const { exports } = this.#load();
    if (typeof exports !== "object" || exports === null) throw new Error("The Action must export an object.");
    const handler = exports[name];
    // Auth0's runtime insists on a native async function.
    if (typeof handler === "function" && handler.constructor?.name === "AsyncFunction") return handler;
    throw new Error(
      `Invalid function signature for the "${name}" handler. ` +
        `Use "exports.${name} = async function(event, api) { }" as the signature.`,
    );
  }

  // Start a handler; its promise settles with it. `note` is given each command as JSON while it runs.
  start(handlerName, eventText, rules, note) {
    const handler = this.#handler(handlerName);
    const options = { handler: handlerName, ...rules, samlMethods: SAML_METHODS };
    const { event, api } = this.#open(eventText, options, note);
    return handler(event, api);
  }
}
