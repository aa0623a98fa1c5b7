"use strict";
// Metadata of sessions, refresh tokens and transactions, with their limits. Sources: the api reference of the
// post-login trigger, auth0.com/docs/customize/actions/limitations, and the checks of Auth0's @auth0/actions package.
(function metadata(host, { copy }) {
  const KEY = /^[a-zA-Z0-9_-]{1,255}$/;
  const MAX_ENTRIES = 25;
  const MAX_VALUE = 255;
  const TRANSACTION = { key: 64, value: 8192, total: 16384 };
  const bytes = (value) => host.bytes(JSON.stringify(value));

  function problem(entries) {
    if (entries.length > MAX_ENTRIES) return "Metadata must not contain more than 25 entries";
    if (entries.some(([key]) => key.length > 255)) return "All metadata keys must be at most 255 characters long";
    if (entries.some(([key]) => !KEY.test(key))) {
      return "Metadata keys may only include letters, numbers, underscores, or hyphens";
    }
    if (entries.some(([, value]) => value.length > MAX_VALUE)) {
      return "All metadata values must be at most 255 characters long";
    }
    return null;
  }

  // Sessions and refresh tokens carry the same kind of metadata, with the same limits.
  function of(name, event, member, save) {
    let current = copy(event[member]?.metadata) ?? {};
    const keep = (changed) => {
      current = changed;
      if (event[member]) event[member].metadata = copy(current);
      save(copy(current));
    };
    const set = (key, value) => {
      if (member === "session" && !event.session) throw new Error("Cannot set metadata on a session that does not exist.");
      if (typeof key !== "string") throw new Error("Invalid metadata: Metadata key must be a string");
      if (value !== null && typeof value !== "string") throw new Error("Invalid metadata: Metadata value must be a string");
      const { [key]: previous, ...rest } = current;
      if (value === null && previous === undefined) return;
      const changed = value === null ? rest : { ...current, [key]: value };
      const found = problem(Object.entries(changed));
      if (found) throw new Error(`Invalid metadata: ${found}`);
      keep(changed);
    };
    return {
      setMetadata(key, value) {
        try {
          set(key, value);
        } catch (error) {
          throw new Error(`Failed to set ${name} metadata: ${error.message}`);
        }
      },
      deleteMetadata(key) {
        const { [key]: previous, ...rest } = current;
        if (previous !== undefined) keep(rest);
      },
      evictMetadata() {
        if (Object.keys(current).length > 0) keep({});
      },
    };
  }

  function ofTransaction(event, record) {
    return function setMetadata(key, value) {
      if (typeof key !== "string" || key.length > TRANSACTION.key) {
        throw new Error("Transaction metadata keys are strings of at most 64 characters.");
      }
      if (value !== null && !["string", "number", "boolean"].includes(typeof value)) {
        throw new Error("Transaction metadata values are strings, numbers or booleans.");
      }
      const whole = typeof value === "number" && Math.floor(value) === value;
      if (typeof value === "number" && (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value)))) {
        throw new Error("Transaction metadata takes no unsafe numbers; serialize the value to a string.");
      }
      if (bytes(value) > TRANSACTION.value) throw new Error("A transaction metadata value takes at most 8 KB.");
      const { [key]: _, ...rest } = event.transaction?.metadata ?? {};
      const changed = value === null ? rest : { ...rest, [key]: value };
      if (bytes(changed) > TRANSACTION.total) throw new Error("Transaction metadata takes at most 16 KB in all.");
      event.transaction = { ...event.transaction, metadata: changed };
      record("transaction_metadata", { key, value });
    };
  }

  return { of, ofTransaction };
});
