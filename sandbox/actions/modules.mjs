// What an Action may require: a part of Node's own modules, Action modules (`actions:NAME`), and the npm packages
// it declares as dependencies, where they are installed in this sandbox's folder for them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import vm from "node:vm";

const builtin = createRequire(import.meta.url);

// What an Action may require of Node; no files, processes, threads or contexts.
const OF_ACTIONS = new Set([
  "assert", "assert/strict", "buffer", "crypto", "dns", "dns/promises", "events", "http", "https", "path", "punycode",
  "querystring", "stream", "stream/promises", "string_decoder", "timers", "timers/promises", "url", "util",
  "util/types", "zlib",
]);
// What packages ask for besides, most of them without using it; Node's permissions hold for them as well.
const OF_PACKAGES = new Set([
  ...OF_ACTIONS, "async_hooks", "constants", "diagnostics_channel", "fs", "fs/promises", "http2", "net", "os",
  "path/posix", "path/win32", "perf_hooks", "stream/web", "sys", "tls", "tty", "v8",
]);

export const SHARED_MODULES = OF_PACKAGES;

const missing = (name) => Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });

// A module of Node's, as this Action's own: what it changes of it, other Actions don't see.
function own(loaded) {
  if (typeof loaded !== "object") return loaded;
  const copy = {};
  for (const [name, described] of Object.entries(Object.getOwnPropertyDescriptors(loaded))) {
    const set = (value) => Object.defineProperty(copy, name, { value, writable: true, enumerable: true });
    const accessor = { get: described.get, set, enumerable: described.enumerable, configurable: true };
    Object.defineProperty(copy, name, described.get ? accessor : described);
  }
  return copy;
}

export const compile = (code, filename, parsingContext, parameters = []) =>
  vm.compileFunction(code, ["exports", "require", "module", ...parameters], { filename, parsingContext });

// `modules`: {name: {code, secrets}}; `dependencies`: [{name, version}]; `packages`: a folder with node_modules, or "".
export class Modules {
  #context;
  #given;
  #packages;
  #loaded = new Map();

  constructor(context, { modules = {}, dependencies = [] }, packages) {
    this.#context = context;
    this.#given = { modules, dependencies };
    this.#packages = packages;
  }

  require = (name) => this.#find(String(name), OF_ACTIONS, (wanted) => this.#dependency(wanted));

  #find(name, builtins, otherwise) {
    const bare = name.replace(/^node:/, "");
    if (builtins.has(bare)) return this.#once(`node:${bare}`, () => own(builtin(`node:${bare}`)));
    if (name.startsWith("actions:")) return this.#actionModule(name.slice("actions:".length), name);
    return otherwise(name);
  }

  #once(key, load) {
    if (!this.#loaded.has(key)) this.#loaded.set(key, load());
    return this.#loaded.get(key);
  }

  // A module of the tenant's runs in the Action that requires it, with secrets of its own, and can't require another.
  #actionModule(name, asked) {
    const known = Object.hasOwn(this.#given.modules, name) ? this.#given.modules[name] : null;
    if (!known) throw missing(asked);
    return this.#once(asked, () => {
      const module = { exports: {} };
      const actions = { secrets: { ...known.secrets } };
      const require = (wanted) => {
        if (String(wanted).startsWith("actions:")) throw missing(wanted);
        return this.require(wanted);
      };
      compile(known.code, `${name}.js`, this.#context, ["actions"])(module.exports, require, module, actions);
      return module.exports;
    });
  }

  #dependency(name) {
    const declared = this.#given.dependencies.find((one) => name === one.name || name.startsWith(`${one.name}/`));
    if (!declared || !this.#packages) throw missing(name);
    const from = createRequire(join(this.#packages, "package.json"));
    const installed = this.#version(declared.name);
    if (!installed || !["latest", "", installed].includes(declared.version ?? "")) throw missing(name);
    return this.#file(this.#resolve(from, name));
  }

  #version(name) {
    try {
      return JSON.parse(readFileSync(join(this.#packages, "node_modules", name, "package.json"), "utf8")).version;
    } catch {
      return null;
    }
  }

  #resolve(from, name) {
    try {
      return from.resolve(name);
    } catch {
      throw missing(name);
    }
  }

  // One file of a package, in the Action's realm. Native code can't be loaded, on Auth0 either.
  #file(path) {
    if (this.#loaded.has(path)) return this.#loaded.get(path).exports;
    if (extname(path) === ".node" || extname(path) === ".mjs") throw missing(path);
    const module = { exports: {}, filename: path, id: path, loaded: false };
    this.#loaded.set(path, module);
    const text = readFileSync(path, "utf8");
    if (extname(path) === ".json") return (module.exports = JSON.parse(text));
    const from = createRequire(path);
    const require = (name) =>
      this.#find(String(name), OF_PACKAGES, (wanted) => this.#file(this.#resolve(from, wanted)));
    require.resolve = (name) => this.#resolve(from, name);
    const run = compile(text.replace(/^#!.*/, ""), path, this.#context, ["__filename", "__dirname"]);
    run.call(module.exports, module.exports, require, module, path, join(path, ".."));
    module.loaded = true;
    return module.exports;
  }
}
