"use strict";
(() => {
  const live = document.getElementById("live");
  const news = document.getElementById("news");
  const phones = () => document.getElementById("phones");
  // The sandbox's clock can be ahead of this machine's.
  let ahead = 0;

  const clock = (at, seconds) =>
    at.toLocaleTimeString([], {
      hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined, hourCycle: "h23",
    });

  function tick() {
    for (const time of document.querySelectorAll("[data-clock]")) {
      time.textContent = clock(new Date(Date.now() + ahead), false);
    }
  }

  function dress() {
    ahead = Date.parse(phones().dataset.now) - Date.now();
    for (const time of document.querySelectorAll("[data-at]")) time.textContent = clock(new Date(time.dateTime), true);
    for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
    tick();
  }

  function connected(is) {
    live.hidden = false;
    live.classList.toggle("lost", !is);
    document.getElementById("live-text").textContent = is ? "Live" : "Reconnecting…";
  }

  async function redraw(before) {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const focused = document.activeElement.id;
    phones().replaceWith(page.getElementById("phones"));
    for (const message of document.querySelectorAll("[data-sequence]")) {
      message.classList.toggle("fresh", Number(message.dataset.sequence) > before);
    }
    dress();
    if (focused) document.getElementById(focused)?.focus();
  }

  async function listen() {
    const { latest, number } = phones().dataset;
    const query = new URLSearchParams({ since: latest, wait: "20" });
    if (number) query.set("to", number);
    const answer = await fetch("/messages?" + query);
    if (!answer.ok) throw new Error(String(answer.status));
    const read = await answer.json();
    connected(true);
    if (read.latest === Number(latest)) return;
    await redraw(Number(latest));
    const last = read.messages.at(-1);
    if (last) news.textContent = `New message to ${last.to}: ${last.code ? [...last.code].join(" ") : last.body}`;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "Copied";
    news.textContent = "Code copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });

  async function run() {
    for (;;) {
      try {
        await listen();
      } catch {
        connected(false);
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
    }
  }

  dress();
  setInterval(tick, 5000);
  connected(true);
  run();
})();
