// api.cache: small, short-lived and shared by all executions of a trigger
// (limits: auth0.com/docs/customize/actions/limitations).
const MAX_ENTRIES = 20;
const MAX_KEY_BYTES = 64;
const MAX_VALUE_BYTES = 4096;
const MAX_TOTAL_BYTES = 8192;
const MAX_LIFE = 24 * 60 * 60 * 1000;
const DEFAULT_LIFE = 15 * 60 * 1000;

const caches = new Map();
const bytes = (text) => Buffer.byteLength(text, "utf8");
const failure = (code) => ({ type: "error", code });

function expiryOf(now, { ttl, expires_at: at } = {}) {
  const given = [];
  if (ttl !== undefined) given.push(now + ttl);
  if (at !== undefined) given.push(at);
  return Math.floor(Math.min(...(given.length > 0 ? given : [now + DEFAULT_LIFE]), now + MAX_LIFE));
}

function sizeProblem(entries, key, value) {
  if (bytes(key) > MAX_KEY_BYTES) return "CacheKeySizeExceeded";
  if (bytes(value) > MAX_VALUE_BYTES) return "CacheValueSizeExceeded";
  let total = bytes(key) + bytes(value);
  for (const [other, record] of entries) if (other !== key) total += bytes(other) + bytes(record.value);
  if (total > MAX_TOTAL_BYTES || (!entries.has(key) && entries.size >= MAX_ENTRIES)) return "CacheSizeExceeded";
  return null;
}

function set(entries, now, key, value, options) {
  const problem = sizeProblem(entries, key, value);
  if (problem) return failure(problem);
  const expires = expiryOf(now, options);
  if (!Number.isSafeInteger(expires)) return failure("InvalidExpiry");
  if (expires <= now) return failure("ItemAlreadyExpired");
  entries.set(key, { value, expires_at: expires });
  return { type: "success", record: { value, expires_at: expires } };
}

// The api.cache object of one trigger; `clock` returns milliseconds.
export function cacheOf(trigger, clock) {
  if (!caches.has(trigger)) caches.set(trigger, new Map());
  const entries = caches.get(trigger);
  const evict = () => {
    for (const [key, record] of entries) if (record.expires_at < clock()) entries.delete(key);
  };
  return {
    get(key) {
      evict();
      const record = entries.get(key);
      return record && { ...record };
    },
    set(key, value, options) {
      evict();
      return set(entries, clock(), String(key), String(value), options);
    },
    delete: (key) => (entries.delete(key) ? { type: "success" } : failure("CacheKeyDoesNotExist")),
  };
}
