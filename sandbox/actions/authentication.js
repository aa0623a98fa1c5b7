"use strict";
// api.authentication and api.multifactor of the post-login trigger, and api.roles. What a factor is:
// auth0.com/docs/actions/reference/post-login/post-login-api-object
(function authentication(host, { isObject, copy }) {
  const CHALLENGES = ["push-notification", "phone", "email", "otp", "webauthn-roaming", "webauthn-platform", "recovery-code"];
  const ENROLLMENTS = ["push-notification", "push", "phone", "otp", "webauthn-roaming", "webauthn-platform", "recovery-code"];
  const PROVIDERS = ["any", "none", "guardian", "google-authenticator"];
  const MAX_USER_ID = 128;
  const MAX_ROLES = 100;

  function factorOf(given, known) {
    if (!isObject(given) || typeof given.type !== "string") throw new Error("A factor must be an object with a type.");
    if (!known.includes(given.type)) throw new Error(`Unsupported factor type: ${given.type}`);
    return { type: given.type, options: copy(given.options) ?? {} };
  }

  function factorsOf(given, known) {
    if (!Array.isArray(given) || given.length === 0) throw new Error("factors must be an array of at least one factor.");
    return given.map((one) => factorOf(one, known));
  }

  function factors(record) {
    const preferring = (purpose, known) => (factor, options) =>
      record("factors", {
        purpose,
        preferred: true,
        factors: factorsOf([factor, ...(options?.additionalFactors ?? [])], known),
      });
    const any = (purpose, known) => (given) =>
      record("factors", { purpose, preferred: false, factors: factorsOf(given, known) });
    return {
      challengeWith: preferring("challenge", CHALLENGES),
      challengeWithAny: any("challenge", CHALLENGES),
      enrollWith: preferring("enroll", ENROLLMENTS),
      enrollWithAny: any("enroll", ENROLLMENTS),
    };
  }

  function setPrimaryUser(record) {
    return (id) => {
      if (typeof id !== "string" || id === "") throw new Error("primary_user_id must be a non-empty string.");
      if (id.length > MAX_USER_ID) throw new Error("primary_user_id must be at most 128 characters long.");
      return record("primary_user", { id });
    };
  }

  const multifactor = (record, unsupported) => ({
    enable(provider, options) {
      if (provider === "duo") unsupported("multifactor.enable")();
      if (!PROVIDERS.includes(provider)) throw new Error(`Unsupported multifactor provider: ${provider}`);
      return record("multifactor", { provider, options: copy(options) ?? {} });
    },
  });

  function roles(known) {
    const page = ({ take = 50, from } = {}) => {
      const start = Number(from ?? 0);
      const end = start + Math.min(Math.max(1, take), MAX_ROLES);
      return { roles: copy(known.slice(start, end)), ...(end < known.length ? { next: String(end) } : {}) };
    };
    const filtered = (member, limit) => async (wanted) => {
      if (!Array.isArray(wanted) || wanted.length > limit) throw new Error(`Give an array of at most ${limit} ${member}s.`);
      return { roles: copy(known.filter((role) => wanted.includes(role[member]))) };
    };
    return {
      getUserEffectiveRoles: async (params) => page(params ?? {}),
      getUserEffectiveRolesByIds: filtered("id", 100),
      getUserEffectiveRolesByNames: filtered("name", 50),
    };
  }

  return { factors, setPrimaryUser, multifactor, roles };
});
