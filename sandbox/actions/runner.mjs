// The process that executes Actions: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {id, op: "run", action: {key, version, trigger, code?}, handler, event, milliseconds, clockOffset, …}
//     -> {id, commands, console, milliseconds, error: null | {kind, name, message, stack}} or {id, need: "code"}
//   {id, op: "check", code} -> {id, problem: null | text}
import { AsyncLocalStorage } from "node:async_hooks";
import { format } from "node:util";
import { Action, moveClock, syntaxError } from "./action.mjs";
import { resolveLoopbackNames } from "./names.mjs";

resolveLoopbackNames();
for (const name of Object.keys(process.env)) delete process.env[name];

const MAX_ACTIONS = 100; // a tenant's limit, so that forgotten versions can't pile up
const MAX_CONSOLE_BYTES = 256 * 1024; // what Auth0's runtime keeps of one execution
const actions = new Map(); // by Action: the newest deployed version only
const running = new Set();
const current = new AsyncLocalStorage();

const send = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

function log(level, given) {
  const execution = current.getStore();
  if (!execution || execution.consoleBytes > MAX_CONSOLE_BYTES) return;
  const text = format(...given);
  execution.consoleBytes += text.length;
  execution.console.push({ level, text });
}

const consoleOfActions = Object.fromEntries(
  ["log", "info", "warn", "error", "debug", "trace"].map((level) => [level, (...given) => log(level, given)]),
);

function find({ key, version, trigger, code }) {
  const known = actions.get(key);
  if (known?.version === version) return known.action;
  if (code === undefined) return null;
  actions.delete(key);
  if (actions.size >= MAX_ACTIONS) actions.delete(actions.keys().next().value);
  const action = new Action(code, trigger, consoleOfActions);
  actions.set(key, { version, action });
  return action;
}

// The frames in the Action's own code; ours and Node's say nothing to its author.
const ownFrames = (stack) =>
  String(stack).split("\n").filter((line) => !line.startsWith("    at ") || line.includes("action.js")).join("\n");

function describe(kind, error) {
  const known = error !== null && typeof error === "object" && "message" in error;
  return {
    kind,
    name: known ? String(error.name) : "Error",
    message: known ? String(error.message) : String(error ?? "Unknown error"),
    stack: known ? ownFrames(error.stack) : "",
  };
}

async function handle(execution, action, request) {
  const { promise: expired, reject } = withResolvers();
  execution.fail = reject;
  const timer = setTimeout(() => reject(new Expired()), request.milliseconds);
  try {
    const event = JSON.stringify(request.event);
    const { commands, done } = action.start(request.handler, event, {
      validateToken: request.validateToken ?? {},
      redirects: request.redirects ?? true,
    });
    execution.commands = commands;
    await Promise.race([done, expired]);
    return null;
  } catch (error) {
    return error instanceof Expired ? describe("timeout", error) : describe("thrown", error);
  } finally {
    clearTimeout(timer);
  }
}

class Expired extends Error {
  message = "The execution took too long.";
}

function withResolvers() {
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
  resolvers.promise.catch(() => {}); // losing the race is not an unhandled rejection
  return resolvers;
}

async function run(request) {
  moveClock(request.clockOffset ?? 0);
  const action = find(request.action);
  if (!action) return send({ id: request.id, need: "code" });
  const execution = { console: [], consoleBytes: 0, commands: [], fail: () => {} };
  const started = performance.now();
  running.add(execution);
  const error = await current.run(execution, () => handle(execution, action, request));
  running.delete(execution);
  const milliseconds = performance.now() - started;
  return send({ id: request.id, commands: execution.commands, console: execution.console, milliseconds, error });
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
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  const lines = (pending + chunk).split("\n");
  pending = lines.pop();
  lines.forEach(dispatch);
});
process.stdin.on("end", () => process.exit(0));
