"use strict";
// The `event` and `api` of one execution: which trigger's they are, the handler's name says.
(function open({ recorder, parse }, postLogin, triggers) {
  return function start(eventText, options, note) {
    const event = parse(eventText);
    const api = {};
    const record = recorder(api, note);
    const build = triggers[options.handler] ?? postLogin;
    Object.assign(api, build(event, options, record));
    return { event, api };
  };
});
