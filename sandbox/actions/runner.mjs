// The process that executes Actions: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {id, op: "run", action: {key, version, trigger, code?, modules?, dependencies?}, handler, event, milliseconds, …}
//     -> {id, commands, console, calls, milliseconds, error: null | {kind, name, message, stack}} or {id, need: "code"}
//   {id, op: "check", code} -> {id, problem: null | text}
import { format } from "node:util";
import { Action, moveClock, syntaxError } from "./action.mjs";
import { current, observeHttp } from "./calls.mjs";
import { harden } from "./harden.mjs";
import { resolveLoopbackNames } from "./names.mjs";

const packages = process.argv[2] ?? ""; // the folder of the npm packages that Actions may have as dependencies
resolveLoopbackNames();
observeHttp();
const { stdin, stdout, end } = harden();

const MAX_ACTIONS = 100; // a tenant's limit, so that forgotten versions can't pile up
const MAX_CONSOLE_BYTES = 256 * 1024; // what Auth0's runtime keeps of one execution
const MAX_CONSOLE_LINES = 10_000;
const MAX_COMMANDS_BYTES = 1024 * 1024; // more than every documented limit of what an Action may set
const MAX_DEPTH = 100; // of a command's members
const MAX_ERROR_TEXT = 64 * 1024;
const actions = new Map(); // by Action: the newest deployed version only
const running = new Set();
const lateErrors = new WeakSet();

const send = (answer) => stdout.write(`${JSON.stringify(answer)}\n`);

function log(level, given) {
  const execution = current.getStore();
  if (!execution || execution.consoleBytes >= MAX_CONSOLE_BYTES) return;
  if (execution.console.length >= MAX_CONSOLE_LINES) return;
  const text = format(...given).slice(0, MAX_CONSOLE_BYTES - execution.consoleBytes);
  execution.consoleBytes += text.length;
  execution.console.push({ level, text });
}

const consoleOfActions = Object.fromEntries(
  ["log", "info", "warn", "error", "debug", "trace"].map((level) => [level, (...given) => log(level, given)]),
);

const isDeep = (value, left) =>
  typeof value === "object" && value !== null && (left === 0 || Object.values(value).some((one) => isDeep(one, left - 1)));

// A command comes as text, so that nothing of the Action's realm is asked when the answer is written.
function note(execution, text) {
  execution.commandBytes += text.length;
  if (execution.commandBytes > MAX_COMMANDS_BYTES) throw new Error("An Action can't ask for more than 1 MB in all.");
  const command = JSON.parse(text);
  if (isDeep(command, MAX_DEPTH)) throw new Error("What an Action asks for can't be nested that deeply.");
  execution.commands.push(command);
}

function find(given) {
  const { key, version, code } = given;
  const known = actions.get(key);
  if (known?.version === version) return known.action;
  if (code === undefined) return null;
  actions.delete(key);
  if (actions.size >= MAX_ACTIONS) actions.delete(actions.keys().next().value);
  const action = new Action(given, packages, consoleOfActions);
  actions.set(key, { version, action });
  return action;
}

// The frames in the Action's own code; ours and Node's say nothing to its author.
const ownFrames = (stack) =>
  String(stack).split("\n").filter((line) => !line.startsWith("    at ") || line.includes("action.js")).join("\n");

function describe(kind, error) {
  const known = error !== null && typeof error === "object" && "message" in error;
  const text = (value) => String(value).slice(0, MAX_ERROR_TEXT);
  return {
    kind,
    name: known ? text(error.name) : "Error",
    message: known ? text(error.message) : text(error ?? "Unknown error"),
    stack: known ? ownFrames(text(error.stack)) : "",
  };
}

// Whatever was thrown: asking it for its message runs the Action's own code again.
function described(error) {
  try {
    return error === null || !lateErrors.has(error) ? describe("thrown", error) : describe("timeout", error);
  } catch {
    return { kind: "thrown", name: "Error", message: "Unknown error", stack: "" };
  }
}

async function handle(execution, action, request) {
  const { promise: expired, reject } = withResolvers();
  execution.fail = reject;
  const expiry = () => {
    const late = new Error("The execution took too long.");
    lateErrors.add(late);
    reject(late);
  };
  const timer = setTimeout(expiry, request.milliseconds);
  try {
    const event = JSON.stringify(request.event);
    const rules = {
      validateToken: request.validateToken ?? {},
      redirects: request.redirects ?? true,
      roles: request.roles ?? [],
      instance: request.instance ?? "",
    };
    const done = action.start(request.handler, event, rules, (text) => note(execution, text));
    await Promise.race([done, expired]);
    return null;
  } catch (error) {
    return described(error);
  } finally {
    clearTimeout(timer);
  }
}

function withResolvers() {
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
  resolvers.promise.catch(() => {}); // losing the race is not an unhandled rejection
  return resolvers;
}

async function answer(request) {
  moveClock(request.clockOffset ?? 0);
  const action = find(request.action);
  if (!action) return { need: "code" };
  const execution = { console: [], consoleBytes: 0, calls: [], commands: [], commandBytes: 0, fail: () => {} };
  const started = performance.now();
  running.add(execution);
  const error = await current.run(execution, () => handle(execution, action, request));
  running.delete(execution);
  const milliseconds = performance.now() - started;
  const { commands, console, calls } = execution;
  return { commands, console, calls, milliseconds, error };
}

// Every request gets an answer: the tenant waits for it.
async function run(request) {
  const failed = (error) => ({ commands: [], console: [], calls: [], milliseconds: 0, error: described(error) });
  send({ id: request.id, ...(await answer(request).catch(failed)) });
}

// A promise nobody awaited or a callback that threw: on Auth0 it would take the whole container with it. Here it
// fails the execution it belongs to, or all of them when that can't be told.
function stray(error) {
  const owner = current.getStore();
  for (const execution of owner ? [owner] : running) execution.fail(error);
}
process.on("uncaughtException", stray);
process.on("unhandledRejection", stray);

function dispatch(line) {
  const request = JSON.parse(line);
  if (request.op === "check") send({ id: request.id, problem: syntaxError(request.code) });
  else run(request);
}

let pending = "";
stdin.setEncoding("utf8");
stdin.on("data", (chunk) => {
  const lines = (pending + chunk).split("\n");
  pending = lines.pop();
  for (const line of lines) dispatch(line);
});
stdin.on("end", () => end(0));
