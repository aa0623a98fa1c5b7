"use strict";
// The `api` of the triggers beside post-login, by the name of their handler.
// Source: auth0.com/docs/actions/reference/<trigger>/<trigger>-api-object
(function triggers(host, kit) {
  const DENIALS = ["invalid_scope", "invalid_request", "server_error"];

  const caching = () => ({ cache: kit.cache() });

  function preUserRegistration(event, options, record) {
    return {
      access: { deny: (reason, userMessage) => record("deny", { reason, userMessage }) },
      cache: kit.cache(),
      user: kit.metadataSetters(event, record),
      validation: kit.validation(record),
    };
  }

  // Target scopes are an early access of Auth0's; what an Action sets shows in its event at once.
  function targetScopes(event, record) {
    const change = (scopes) => {
      event.transaction = { ...event.transaction, target_scopes: [...new Set(scopes)] };
      record("target_scopes", { scopes: event.transaction.target_scopes });
    };
    const current = () => event.transaction?.target_scopes ?? event.transaction?.requested_scopes ?? [];
    return {
      addTargetScope: (scope) => change([...current(), String(scope)]),
      removeTargetScope: (scope) => change(current().filter((one) => one !== scope)),
      setTargetScopes: (scopes) => change(Array.from(scopes, String)),
      clearTargetScopes: () => change([]),
    };
  }

  function credentialsExchange(event, options, record) {
    return {
      access: {
        deny(code, reason) {
          if (!DENIALS.includes(code)) throw new Error(`The code of a denial is one of ${DENIALS.join(", ")}.`);
          return record("deny", { code, reason });
        },
      },
      accessToken: { setCustomClaim: kit.claimSetter(record, "access") },
      cache: kit.cache(),
      transaction: targetScopes(event, record),
    };
  }

  function notifying(event, options, record) {
    const told = (type) => (reason) => record(type, { reason: String(reason ?? "") });
    return { cache: kit.cache(), notification: { drop: told("drop"), retry: told("retry") } };
  }

  return {
    onExecutePreUserRegistration: preUserRegistration,
    onExecutePostUserRegistration: caching,
    onExecuteCredentialsExchange: credentialsExchange,
    onExecutePostChangePassword: caching,
    onExecuteSendPhoneMessage: caching,
    onExecuteCustomPhoneProvider: notifying,
    onExecuteCustomEmailProvider: notifying,
  };
});
