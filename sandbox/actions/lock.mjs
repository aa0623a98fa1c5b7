// The objects that all Actions share: Node's own realm with its prototypes, classes and modules. An Action reaches
// them through anything of Node's it may use. What stays writable there would run for other Actions as well, with
// their events and secrets as arguments.
import { createRequire } from "node:module";
import { SHARED_MODULES } from "./modules.mjs";

const builtin = createRequire(import.meta.url);
const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys, preventExtensions } = Reflect;
const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

const GLOBALS = [
  "AbortController", "AbortSignal", "AggregateError", "Array", "ArrayBuffer", "Atomics", "BigInt", "BigInt64Array",
  "Blob", "Boolean", "Buffer", "DOMException", "DataView", "Date", "Error", "Event", "EventTarget",
  "FinalizationRegistry", "Float64Array", "FormData", "Function", "Headers", "Intl", "JSON", "Map", "Math", "Number",
  "Object", "Promise", "Proxy", "Reflect", "RegExp", "Request", "Response", "Set", "SharedArrayBuffer", "String",
  "Symbol", "TextDecoder", "TextEncoder", "URL", "URLSearchParams", "Uint8Array", "WeakMap", "WeakRef", "WeakSet",
  "MessageChannel", "MessagePort", "ReadableStream", "WritableStream", "TransformStream", "atob", "btoa",
  "clearImmediate", "clearInterval", "clearTimeout", "crypto", "fetch", "performance", "queueMicrotask",
  "setImmediate", "setInterval", "setTimeout", "structuredClone",
];

// Loaded first: some of Node's modules change the process when they are.
const modules = [...SHARED_MODULES].map((name) => builtin(`node:${name}`));
const globals = GLOBALS.map((name) => globalThis[name]);

// Prototypes that no name leads to.
const hidden = () => [
  async () => {}, function* () {}, async function* () {}, (function* () {})(), [][Symbol.iterator](),
  ""[Symbol.iterator](), new Map().entries(), new Set().entries(), "".matchAll(/x/g), setTimeout(() => {}, 0).unref(),
  setImmediate(() => {}),
];

// As fixed as a frozen member, but objects that inherit it can still have one of their own by assignment.
function fixed(holder, name, value, enumerable) {
  return {
    get: () => value,
    set(given) {
      if (this === holder) throw new TypeError(`Actions can't change ${String(name)} of what they share.`);
      const own = { value: given, writable: true, enumerable: true, configurable: true };
      if (isObject(this)) defineProperty(this, name, own);
    },
    enumerable,
    configurable: false,
  };
}

// Data of classes, Error.stackTraceLimit above all, and what Node fixed itself is Node's to change; what can be called
// is nobody's.
function lockMember(holder, name, isClass) {
  const found = getOwnPropertyDescriptor(holder, name);
  if (!("value" in found)) return defineProperty(holder, name, { configurable: false });
  const isData = typeof found.value !== "function" && name !== "prototype";
  if (isData && (isClass || !found.configurable)) return true;
  // Node shows an object by it, and older classes assign it; it decides only what arrays and their like make anew.
  const isMaker = name === "constructor" && !isData;
  if (isMaker && !(Symbol.species in found.value)) return true;
  if (!found.configurable || isMaker || (typeof name === "symbol" && !isData)) {
    return defineProperty(holder, name, { configurable: false, writable: false });
  }
  return defineProperty(holder, name, fixed(holder, name, found.value, found.enumerable));
}

function members(holder) {
  const found = [];
  for (const name of ownKeys(holder)) {
    const { value, get, set } = getOwnPropertyDescriptor(holder, name);
    found.push(value, get, set);
  }
  return found;
}

export function lockShared() {
  const prototypes = new Set(hidden().map(getPrototypeOf));
  const [seen, waiting] = [new Set([globalThis, process, console]), [...prototypes]];
  waiting.push(...globals, crypto.subtle, builtin("node:http").globalAgent, builtin("node:https").globalAgent);
  for (const loaded of modules) waiting.push(loaded, ...members(loaded));
  const locked = [];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (!isObject(one) || seen.has(one) || ArrayBuffer.isView(one)) continue;
    seen.add(one);
    waiting.push(getPrototypeOf(one));
    const isClass = typeof one === "function";
    const isPrototype = prototypes.has(one) || Object.hasOwn(one, "constructor");
    const isNamespace = [Object.prototype, null].includes(getPrototypeOf(one));
    const whole = isClass || isPrototype || isNamespace;
    if (whole) waiting.push(...members(one).filter((member) => typeof member === "function"));
    locked.push([one, isClass, whole]);
    if (isClass && isObject(one.prototype)) {
      prototypes.add(one.prototype);
      waiting.push(one.prototype);
    }
  }
  // Last, as what walks here uses what is locked here. An instance, like the agent of all requests, keeps its state.
  for (const [one, isClass, whole] of locked) {
    if (whole) for (const name of ownKeys(one)) lockMember(one, name, isClass);
    preventExtensions(one);
  }
}
