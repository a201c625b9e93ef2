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
    else return;
    event.preventDefault();
  });

  addEventListener("click", async event => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.nextElementSibling.textContent = "Copied";
  });
  for (const hidden of document.querySelectorAll("[data-script]")) hidden.hidden = false;
})();
