"use strict";
// Evaluated inside each Action's own realm, so that every object an Action touches (event, api, errors)
// is an instance of that realm's own classes. What the scripts of the `api` objects share.
(function kit(host) {
  const isObject = (value) => value != null && typeof value === "object" && !Array.isArray(value);
  // An Action may change its own realm's JSON.
  const { parse, stringify } = JSON;
  const copy = (value) => (value === undefined ? undefined : parse(stringify(value)));

  // The commands one execution gives; every one is a snapshot of what was asked for, and can be chained. Text is
  // all that leaves the realm: an object would bring `toJSON` and getters of the Action's along.
  const recorder = (api, note) => (type, fields = {}) => {
    note(stringify({ __proto__: null, type, ...fields }));
    return api;
  };

  // What JavaScript leaves out of JSON would reach the tenant as nothing at all.
  function text(value, what) {
    if (typeof value !== "string") throw new Error(`${what} must be a string.`);
    return value;
  }

  const claimSetter = (record, target) => (key, value) =>
    record("claim", { target, key: text(key, "The name of a claim"), value });

  // A documented call that the sandbox can't carry out: said in the execution log, and an error in the Action.
  const unsupported = (record, name) => () => {
    record("unsupported", { name });
    throw new Error(`api.${name} is not supported by this sandbox yet.`);
  };
  const refusing = (record, prefix, names) =>
    Object.fromEntries(names.map((name) => [name, unsupported(record, `${prefix}.${name}`)]));

  const metadataSetters = (event, record) => {
    const setter = (target, label) => (key, value) => {
      if (!isObject(event.user[target] ?? {})) throw new Error(`Unexpected ${target} format. ${label}`);
      return record(target, { key: text(key, "The name of a metadata property"), value });
    };
    return {
      setAppMetadata: setter("app_metadata", "Must be a valid JSON object"),
      setUserMetadata: setter("user_metadata", "Must be a valid JSON object."),
    };
  };

  const validation = (record) => ({
    error(code, message) {
      if (typeof code !== "string" || typeof message !== "string") throw new Error("errorCode and errorMessage must be strings");
      return record("validation_error", { code, message });
    },
  });

  // Another `instance` has another cache: what was kept before a redirect need not be there after it.
  const cache = (instance = "") => host.cache(() => Date.now(), instance);

  return { isObject, copy, parse, text, recorder, claimSetter, unsupported, refusing, metadataSetters, validation, cache };
});
