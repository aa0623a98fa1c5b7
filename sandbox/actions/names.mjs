// Names below localhost are this machine (RFC 6761, 6.3). Browsers know that, not every system's resolver does,
// and Actions call services that have such names here.
import dns from "node:dns";

const system = dns.lookup;
const LOOPBACK = { 4: "127.0.0.1", 6: "::1" };

function lookup(name, given, done) {
  const callback = typeof given === "function" ? given : done;
  if (!String(name).toLowerCase().endsWith(".localhost")) return system.call(dns, name, given, done);
  const options = typeof given === "number" ? { family: given } : typeof given === "object" ? given ?? {} : {};
  const family = options.family === 6 || options.family === "IPv6" ? 6 : 4;
  const found = { address: LOOPBACK[family], family };
  process.nextTick(() => (options.all ? callback(null, [found]) : callback(null, found.address, found.family)));
}

export function resolveLoopbackNames() {
  dns.lookup = lookup;
}
