// What an Action calls outside: method, host, path without its query, status and duration, for its execution's log.
import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import http from "node:http";

export const current = new AsyncLocalStorage(); // the execution under way

const MAX_CALLS = 100;
const MAX_TEXT = 2048; // of a host or a path
const nativeFetch = globalThis.fetch;
const begun = new WeakMap();

function begin(method, host, path) {
  const calls = current.getStore()?.calls;
  if (!calls || calls.length >= MAX_CALLS) return () => {};
  const [shortHost, shortPath] = [host.slice(0, MAX_TEXT), path.slice(0, MAX_TEXT)];
  const call = { method, host: shortHost, path: shortPath, status: null, milliseconds: null };
  const started = performance.now();
  calls.push(call);
  return (outcome) => Object.assign(call, outcome, { milliseconds: performance.now() - started });
}

// Functions that fail tell a code; those of fetch have it in their cause.
const failure = (error) => ({ error: String(error?.cause?.code ?? error?.code ?? error?.name ?? "Error").slice(0, 100) });

// What steers the sandbox asks for no token, and tells everything that is stored: it is no part of a tenant.
const CONTROL = /^(?:[a-z][a-z\d+.-]*:\/\/[^/]*)?\/*_sandbox(?![^/?#;])/i;
function refuse(target) {
  const decoded = String(target).replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  if (!CONTROL.test(decoded)) return;
  throw Object.assign(new Error("Actions can't steer the sandbox."), { code: "ERR_ACCESS_DENIED" });
}

// Where every request line of http and https is written, whatever options led to it.
export function refuseControl() {
  const { _storeHeader: store } = http.OutgoingMessage.prototype;
  http.OutgoingMessage.prototype._storeHeader = function (firstLine, headers) {
    if (this instanceof http.ClientRequest) refuse(String(firstLine).split(" ")[1]);
    return store.call(this, firstLine, headers);
  };
}

// fetch sends every request through its dispatcher, those of redirects too.
const DISPATCHER = Symbol.for("undici.globalDispatcher.1");
const dispatcher = {
  dispatch(options, handler) {
    refuse(options.path);
    return globalThis[DISPATCHER].dispatch(options, handler);
  },
};

export async function fetch(input, options) {
  const request = new Request(input, options);
  const { host, pathname } = new URL(request.url);
  const end = begin(request.method, host, pathname);
  try {
    // Redirects are followed inside: they count as the one call that the Action made.
    const response = await nativeFetch(request, { dispatcher });
    end({ status: response.status });
    return response;
  } catch (error) {
    end(failure(error));
    throw error;
  }
}

export function observeHttp() {
  diagnostics.subscribe("http.client.request.start", ({ request }) => {
    const path = String(request.path).replace(/[?#].*$/s, "");
    begun.set(request, begin(request.method, String(request.getHeader("host") ?? request.host), path));
  });
  diagnostics.subscribe("http.client.response.finish", ({ request, response }) => {
    begun.get(request)?.({ status: response.statusCode });
  });
  diagnostics.subscribe("http.client.request.error", ({ request, error }) => begun.get(request)?.(failure(error)));
}
