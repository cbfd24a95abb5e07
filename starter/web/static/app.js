// Clocks that tick, lists that keep themselves fresh, keys that move. Every page works without it.
(() => {
  "use strict";

  const root = document.documentElement;
  const words = JSON.parse(root.dataset.ticking || "{}");
  // The server's clock counts, not this machine's.
  const offset = Date.parse(root.dataset.now || "") - Date.now() || 0;
  const now = () => Date.now() + offset;

  const MINUTE = 60, HOUR = 3600, DAY = 86400;
  const fill = (word, value) => (words[word] || "{}").replace("{}", value);
  const two = (value) => String(value).padStart(2, "0");

  // The same as starter/web/times.py: the two largest units that matter.
  function length(milliseconds) {
    const s = Math.abs(Math.trunc(milliseconds / 1000));
    const whole = Math.floor;
    if (s >= DAY) return [fill("day", whole(s / DAY)), fill("hour", whole((s % DAY) / HOUR))];
    if (s >= HOUR) return [fill("hour", whole(s / HOUR)), fill("minute", whole((s % HOUR) / MINUTE))];
    return [fill("minute", whole(s / MINUTE)), fill("second", two(s % MINUTE))];
  }

  // Server-sent events, while the page is looked at: a browser has few connections, and they are for all its pages.
  // `on` has what to do at each event; after `over`, when nobody is signed in any more, nothing is asked again.
  function listen(address, on) {
    let source = null, isOver = false;
    const close = () => { source?.close(); source = null; };
    function open() {
      if (source || isOver || document.hidden) return;
      source = new EventSource(address);
      for (const [name, act] of Object.entries(on)) source.addEventListener(name, (event) => act(event.data));
      source.addEventListener("over", () => { isOver = true; close(); });
      // The browser asks again by itself, but not after a refusal.
      source.addEventListener("error", () => {
        if (source?.readyState !== EventSource.CLOSED) return;
        close();
        setTimeout(open, 5000);
      });
    }
    document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
    open();
  }

  // For pages' own scripts: the server's time in milliseconds, and a length in the page's language.
  window.vocloop = { now, length: (milliseconds) => length(milliseconds).join(words.between || ""), listen };

  function setText(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  function tick(clock, at) {
    const due = Date.parse(clock.dataset.due);
    const yellow = Date.parse(clock.dataset.yellow || "");
    const light = at >= due ? "red" : at >= yellow ? "yellow" : "green";
    setText(clock.querySelector(".left"), fill(due > at ? "left" : "over", vocloop.length(due - at)));
    if (clock.classList.contains(`is-${light}`)) return;
    for (const each of [clock, clock.querySelector(".light")]) {
      each?.classList.remove("is-green", "is-yellow", "is-red");
      each?.classList.add(`is-${light}`);
    }
    setText(clock.querySelector(".light .word"), words[light] || light);
  }

  function tickAll() {
    if (document.hidden) return;
    const at = now();
    for (const clock of document.querySelectorAll("[data-due]")) tick(clock, at);
  }

  // Someone is at work in it: a form stands open, something plays, an answer is under way.
  function isBusy(list) {
    if (document.querySelector("dialog[open]") || list.querySelector("details[open], .htmx-request")) return true;
    return [...list.querySelectorAll("audio, video")].some((each) => !each.paused);
  }

  // A list that is looked at is fetched anew, as many rows as it shows, and laid over the old one without a jump.
  function refresh(list, isAsked) {
    if (!window.htmx) return;
    if ((document.hidden || isBusy(list)) && !isAsked) return;
    const address = new URL(list.dataset.refresh, location.href);
    address.searchParams.set("shown", list.querySelectorAll("[data-row]").length);
    if (isAsked) asked.add(list);
    // Its own source: of several requests from one, htmx would drop all but two.
    htmx.ajax("GET", address.pathname + address.search, { source: list, target: `#${list.id}`, swap: "outerMorph" });
  }

  // Who has opened a form since the list was asked for keeps it: what is attached there is in no answer.
  const asked = new WeakSet();
  function keepWhatIsBegun(event) {
    const list = event.detail.ctx?.sourceElement;
    if (!list?.dataset.refresh || asked.delete(list)) return;
    if (isBusy(list)) event.preventDefault();
  }

  // Until somebody comes back to this page there is nothing to ask: who has signed in elsewhere does.
  const isSignedOut = () => Boolean(document.querySelector("#said .stays"));

  // Whatever the page shows is asked for as if it were not known: with it comes the new session's token.
  function comeBack() {
    document.getElementById("said").replaceChildren();
    for (const list of document.querySelectorAll("[data-refresh*='mark=']")) {
      list.dataset.refresh = list.dataset.refresh.replace(/mark=[^&]*/, "mark=");
    }
  }

  // Whoever has signed in again has another token, and their forms here are to have it.
  function takeToken() {
    const token = document.querySelector("[data-session]")?.dataset.session;
    if (!token || token === document.body.dataset.csrf) return;
    document.body.dataset.csrf = token;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token;
  }

  function keepFresh(isAsked) {
    if (isSignedOut()) return;
    for (const list of document.querySelectorAll("[data-refresh]")) refresh(list, isAsked);
  }

  // j and k go down and up the rows, Enter opens the one in focus (it is a link), / goes to the search.
  function onKey(event) {
    if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") return focusOn(document.querySelector("[data-search]"), event);
    if (event.key !== "j" && event.key !== "k") return;
    const rows = [...document.querySelectorAll("[data-row]")];
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const next = here < 0 ? 0 : here + (event.key === "j" ? 1 : -1);
    focusOn(rows[Math.max(0, Math.min(rows.length - 1, next))]?.querySelector("a"), event);
  }

  function focusOn(element, event) {
    if (!element) return;
    event.preventDefault();
    element.focus();
    element.scrollIntoView({ block: "nearest" });
  }

  // A select inside a form marked data-submit sends the form as soon as something is chosen.
  function onChange(event) {
    const form = event.target.closest("form[data-submit]");
    if (form && event.target.matches("select, input[type=radio], input[type=checkbox]")) form.requestSubmit();
  }

  // A menu closes when one clicks or tabs elsewhere, or presses Escape.
  function closeMenus(event) {
    for (const menu of document.querySelectorAll("details.me[open], details.menu[open]")) {
      if (event.key === "Escape" || !menu.contains(event.target)) menu.open = false;
    }
  }

  // What was said at the foot of the page goes away by itself, a refusal later than a good word.
  let fading;
  function letFade() {
    const said = document.getElementById("said");
    clearTimeout(fading);
    if (!said || !said.childElementCount || isSignedOut()) return;
    fading = setTimeout(() => said.replaceChildren(), said.querySelector(".is-bad") ? 12000 : 6000);
  }

  // htmx sends the session's token with all that it posts.
  document.addEventListener("htmx:config:request", (event) => {
    const token = document.body.dataset.csrf;
    if (token && event.detail.ctx) event.detail.ctx.request.headers["X-CSRF-Token"] = token;
  });
  document.addEventListener("htmx:before:swap", keepWhatIsBegun);
  document.addEventListener("htmx:after:swap", () => { tickAll(); letFade(); takeToken(); });
  // An answer says with `HX-Trigger: fresh` that what is shown has changed.
  document.addEventListener("fresh", () => keepFresh(true));
  // A page that is told of what happens has its mark; what shows another one is fetched now, and else in its turn.
  const told = document.querySelector("[data-told]");
  if (told) listen(told.dataset.told, {
    over() { keepFresh(true); }, // the answer says that nobody is signed in
    changed(mark) {
      const lists = [...document.querySelectorAll("[data-refresh]")];
      lists.filter((list) => !list.dataset.refresh.includes(`mark=${mark}`)).forEach((list) => refresh(list, false));
    },
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && isSignedOut()) comeBack();
    tickAll();
    keepFresh(false);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenus(event); });
  document.addEventListener("click", closeMenus);
  document.addEventListener("focusin", closeMenus);
  document.addEventListener("change", onChange);
  setInterval(tickAll, 1000);
  setInterval(() => keepFresh(false), 15000);
  tickAll();
  letFade();
})();
