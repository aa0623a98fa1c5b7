// What this process could do to the machine, taken away before the first Action runs. The Action's own realm has
// none of it; this is for code that finds a way out of the realm, which `vm` does not promise to prevent.
// Files, child processes, worker threads and native code are closed by Node's permission model (see node.py).
import net from "node:net";
import { refuseControl } from "./calls.mjs";
import { lockShared } from "./lock.mjs";

const HANDLES = [
  "_debugEnd", "_debugProcess", "_kill", "_linkedBinding", "_rawDebug", "_startProfilerIdleNotifier",
  "_stopProfilerIdleNotifier", "abort", "binding", "chdir", "dlopen",
  "execPath", "execve", "exit", "getBuiltinModule", "initgroups", "kill", "loadEnvFile", "mainModule", "openStdin",
  "pid", "reallyExit", "report", "send", "setegid", "seteuid", "setgid", "setgroups", "setuid", "title",
  "umask",
];

// Node's own modules look at the streams for colours.
const STREAMS = ["stdin", "stdout", "stderr"];
const silent = () => ({ isTTY: false, write: () => true });

const refuse = (reason) => {
  throw Object.assign(new Error(reason), { code: "ERR_ACCESS_DENIED" });
};

// Sockets of this machine's services are files, and Node's permission model does not know them.
function overNetworkAlone() {
  const { connect } = net.Socket.prototype;
  const isPath = (given) => typeof given === "string" && !/^\d+$/.test(given);
  net.Socket.prototype.connect = function (...given) {
    const [target, ...rest] = Array.isArray(given[0]) ? given[0] : given;
    // A copy: a member that answers differently when asked again would pass.
    const options = target !== null && typeof target === "object" ? { ...target } : target;
    if (isPath(options) || options?.path) refuse("Actions can't connect to sockets in the file system.");
    return connect.call(this, options, ...rest);
  };
}

// Everything the runner itself still needs, handed out once.
export function harden() {
  const { stdin, stdout } = process;
  const end = process.reallyExit.bind(process);
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const name of HANDLES) {
    Object.defineProperty(process, name, { value: undefined, writable: true, configurable: true });
  }
  for (const name of ["argv", "execArgv"]) process[name] = []; // Node's TLS servers look at them
  for (const name of STREAMS) Object.defineProperty(process, name, { value: silent(), configurable: true });
  net.Server.prototype.listen = () => refuse("Actions can't listen for connections.");
  overNetworkAlone();
  refuseControl();
  lockShared();
  return { stdin, stdout, end };
}
