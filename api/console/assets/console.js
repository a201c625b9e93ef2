// Conveniences of the consoles. Every page works without them.
(() => {
  // The one way from text to elements (Trusted Types), and no way at all from text to code.
  const refuse = () => () => { throw new Error("no code from text") };
  const policy = window.trustedTypes
    ? trustedTypes.createPolicy("candor", { createHTML: text => text })
    : { createHTML: text => text };
  window.htmx?.registerExtension("candor", { init: api => api.initSecurity(policy, refuse, refuse) });

  const cookies = Object.fromEntries(document.cookie.split("; ").map(pair => pair.split("=")));
  if (!cookies.candor_zone) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone) document.cookie = `candor_zone=${zone}; path=/console; max-age=31536000; samesite=lax`;
  }

  // single keys (WCAG 2.1.4): only outside fields, and not if switched off
  if (cookies.candor_keys !== "off") addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input,select,textarea,[contenteditable]")) return;
    const rows = [...document.querySelectorAll("tbody tr a.go")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "/") document.querySelector("[data-first]")?.focus();
    else if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    else {
      const there = [...document.querySelectorAll("[data-key]")].find(one => one.dataset.key === event.key);
      if (!there) return;
      const folded = there.closest("details");
      if (folded) folded.open = true;
      there.focus();
    }
    event.preventDefault();
  });

  addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.nextElementSibling.textContent = "Copied";
  });
  const changed = () => document.body.dispatchEvent(new Event("changed"));
  const show = (node, seconds) => {
    if (!node) return;
    node.hidden = false;
    clearTimeout(node.still);
    node.still = setTimeout(() => { node.hidden = true; }, seconds * 1000);
  };
  const send = (path, fields) => fetch(path, { method: "POST", headers: { "HX-Request": "true" }, body: new URLSearchParams(fields) });

  // a form that stays: its words go out under a key of their own, the page fetches what was said, a draft is never lost
  for (const form of document.querySelectorAll("form[data-stays]")) {
    const { text, key } = form.elements, place = `candor draft ${form.action}`, failed = form.querySelector("[role=status]");
    text.value ||= sessionStorage.getItem(place) || "";
    let typed = 0;
    text.addEventListener("input", () => {
      sessionStorage.setItem(place, text.value);
      if (!form.dataset.typing || Date.now() < typed + 4000) return;
      typed = Date.now();
      send(form.dataset.typing, { token: form.dataset.token }).catch(() => 0);
    });
    text.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const said = text.value;
      failed.textContent = "";
      try {
        const answer = await send(form.action, new FormData(form));
        if (!answer.ok) return form.submit(); // the page that answers says what is wrong
      } catch {
        failed.textContent = "Not sent: the connection is broken. Your words are still here. Send again.";
        return;
      }
      key.value = [...crypto.getRandomValues(new Uint8Array(8))].map(one => one.toString(16).padStart(2, "0")).join("");
      if (text.value === said) text.value = "";
      sessionStorage.setItem(place, text.value);
      typed = 0;
      changed();
    });
  }

  // one stream a page: it announces, and moves nothing under the pointer; a hidden tab does not listen
  const live = document.querySelector("[data-live]");
  let source;
  const listen = () => {
    source?.close();
    if (document.hidden) return;
    source = new EventSource(live.dataset.live);
    const on = (name, act) => source.addEventListener(name, event => act(JSON.parse(event.data)));
    on("new", ({ count, most }) => {
      const link = live.querySelector("a");
      link.hidden = !count;
      link.textContent = `${count < most ? count : `${most} or more`} new: show ${count === 1 ? "it" : "them"}`;
    });
    on("here", ({ names }) => {
      live.textContent = names.length ? `Also here now: ${names.join(", ")}` : "";
    });
    on("changed", changed);
    on("typing", () => show(document.querySelector("[data-typing-shown]"), 6));
    on("over", () => { source.close(); live.textContent = "Your session has ended."; });
  };
  if (live) {
    listen();
    addEventListener("visibilitychange", listen);
  }
  const undo = document.querySelector(".undo");
  if (undo) setTimeout(() => undo.remove(), 10000);
  for (const hidden of document.querySelectorAll("[data-script]")) hidden.hidden = false;
})();
