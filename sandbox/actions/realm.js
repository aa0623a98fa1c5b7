"use strict";
// Evaluated once in every new realm. Errors thrown by Node's own functions (crypto, fetch, URL) belong to
// another realm; without this `error instanceof Error` would be false in an Action though it is true on Auth0.
(function adapt(host) {
  for (const [name, isOne] of Object.entries(host.errorTests)) {
    const own = globalThis[name];
    Object.defineProperty(own, Symbol.hasInstance, {
      value(candidate) {
        return Function.prototype[Symbol.hasInstance].call(this, candidate) || (this === own && isOne(candidate));
      },
    });
  }
  // The sandbox's clock can be moved; an Action must see the same time as the tenant that runs it.
  const RealDate = Date;
  const now = () => RealDate.now() + host.clockOffset();
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, given, type) =>
      Reflect.construct(target, given.length > 0 ? given : [now()], type === globalThis.Date ? target : type),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  RealDate.prototype.constructor = globalThis.Date;
  globalThis.global = globalThis;
});
