// One Action version: its realm, its module scope (kept warm between users) and its handlers.
import { readFileSync } from "node:fs";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createRequire } from "node:module";
import { types } from "node:util";
import vm from "node:vm";
import { cacheOf } from "./cache.mjs";

const builtin = createRequire(import.meta.url);
const script = (name) => new vm.Script(readFileSync(new URL(name, import.meta.url), "utf8"), { filename: name });
const [realmScript, apiScript] = [script("./realm.js"), script("./api.js")];

// What an Action may require of Node; no files, processes, threads or contexts.
const MODULES = new Set([
  "assert", "assert/strict", "buffer", "crypto", "dns", "dns/promises", "events", "http", "https", "path", "punycode",
  "querystring", "stream", "stream/promises", "string_decoder", "timers", "timers/promises", "url", "util",
  "util/types", "zlib",
]);

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
  "btoa", "clearImmediate", "clearInterval", "clearTimeout", "crypto", "fetch", "performance", "queueMicrotask",
  "setImmediate", "setInterval", "setTimeout", "structuredClone",
];

const errorTests = { Error: types.isNativeError };
for (const type of [TypeError, RangeError, SyntaxError, ReferenceError]) {
  errorTests[type.name] = (candidate) => candidate instanceof type;
}

let clockOffset = 0;
export function moveClock(milliseconds) {
  clockOffset = milliseconds;
}

function requireModule(name) {
  const bare = String(name).replace(/^node:/, "");
  if (MODULES.has(bare)) return builtin(`node:${bare}`);
  throw Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });
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
    cache: (clock) => cacheOf(trigger, clock),
  };
}

// A syntax error in `code`, or null; nothing of it is executed.
export function syntaxError(code) {
  try {
    compile(code, undefined);
    return null;
  } catch (error) {
    const line = /^action\.js:(\d+)/.exec(error.stack ?? "")?.[1];
    return `${error.name}: ${error.message}${line ? ` (line ${line})` : ""}`;
  }
}

function compile(code, parsingContext) {
  const parameters = ["exports", "require", "module"];
  return vm.compileFunction(code, parameters, { filename: "action.js", parsingContext });
}

export class Action {
  #exports;
  #problem;
  #context;
  #code;
  #open;

  constructor(code, trigger, console) {
    const globals = Object.fromEntries(GLOBALS.map((name) => [name, globalThis[name]]));
    this.#context = vm.createContext({ ...globals, console, process: processFacade() });
    const services = host(trigger);
    realmScript.runInContext(this.#context)(services);
    this.#open = apiScript.runInContext(this.#context)(services);
    this.#code = code;
  }

  // Module scope runs on the first execution, so that what it logs belongs to that execution. An error there
  // stays until the next deployment, as in Auth0's runtime.
  #load() {
    if (this.#problem) throw this.#problem;
    if (this.#exports) return this.#exports;
    const module = { exports: {} };
    try {
      compile(this.#code, this.#context)(module.exports, requireModule, module);
    } catch (error) {
      this.#problem = error ?? new Error("Unknown error");
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

  // Start a handler; `done` settles with it, `commands` fills while it runs.
  start(handlerName, eventText, rules) {
    const handler = this.#handler(handlerName);
    const options = { handler: handlerName, ...rules, samlMethods: SAML_METHODS };
    const { event, api, commands } = this.#open(eventText, options);
    return { commands, done: handler(event, api) };
  }
}
