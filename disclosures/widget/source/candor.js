/* Candor on a page: <candor-widget> and <template data-candor-purpose>; the other elements are in
   candor-marks.js and candor-why.js, the conversation with a person in candor-chat.js. Text is only ever set as text; style is a constructed sheet; no page has to allow
   anything but this script and the service. Until the configuration is there, and if it never comes, the element's own
   content (a link) stays. */

import { client, home, VERSION } from "./candor-core.js";

const PARTS = {}; // the build puts the hashes of the scripts that come later here
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: contents; }
:host([hidden]) { display: none; }
.c {
  all: initial; color-scheme: inherit; display: block; font: medium/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; font-family: var(--candor-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  --ink: #1b1d22; --soft: #4d525c; --paper: #fbfaf7; --line: #c9c6bd; --edge: #6d717a; --acc: #0a5f73; --onacc: #fff; --human: #5b3b8c; --stop: #8c2f1b;
  color: var(--ink); overflow-wrap: break-word;
}
.inline { display: inline-block; } .line { max-inline-size: 40em; } .line > :not(:empty) + :not(:empty) { margin-block-start: 1em; } .line p + *, .line ul + *, .line ol + * { margin-block-start: .5em; } .line button + * { margin-block-start: 1em; }
@supports (color: light-dark(#000, #fff)) {
  .c { --ink: var(--candor-text, light-dark(#1b1d22, #ecebe6)); --soft: var(--candor-muted, light-dark(#4d525c, #b4b6bc)); --paper: var(--candor-surface, light-dark(#fbfaf7, #15171b)); --line: var(--candor-border, light-dark(#c9c6bd, #3c4048)); --edge: light-dark(#6d717a, #8b909a); --acc: var(--candor-accent, light-dark(#0a5f73, #6cc3d5)); --onacc: var(--candor-on-accent, light-dark(#fff, #10191c)); --human: light-dark(#5b3b8c, #c3a9f0); --stop: light-dark(#8c2f1b, #f0a08c); }
}
*, ::before, ::after { box-sizing: border-box; }
h2, h3, p, ul, ol { margin: 0; padding: 0; font-size: 1em; } ul { margin-block: .75em; }
[hidden] { display: none !important; }
.soft { color: var(--soft); font-size: .875em; }
b { font-weight: 650; }
a { color: var(--acc); text-underline-offset: .2em; }
a.go { display: inline-block; padding-block: .65em; margin-inline-end: 1.5em; }
button { all: unset; box-sizing: border-box; display: inline-flex; align-items: center; justify-content: center; gap: .5em; min-block-size: 44px; min-inline-size: 44px; padding: .4em .9em; border: 2px solid var(--edge); border-radius: var(--candor-radius, 8px); background: var(--paper); color: var(--ink); font-weight: 600; line-height: 1.25; text-align: center; cursor: pointer; }
button:hover { border-color: var(--ink); }
:focus-visible { outline: 3px solid var(--acc); outline-offset: 2px; }
button:disabled { cursor: default; border-style: dashed; }
.float { position: fixed; z-index: var(--candor-z, 2147483000); inset-block-end: 1em; }
.start { inset-inline-start: 1em; } .end { inset-inline-end: 1em; }
.badge { background: var(--acc); color: var(--onacc); border-color: var(--acc); }
.note { max-inline-size: min(26em, 100vw - 2em); padding: 1em; background: var(--paper); border: 1px solid var(--edge); border-radius: var(--candor-radius, 8px); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: .75em; margin-block: .75em; }
.note > .pair { display: flex; flex-wrap: wrap; margin-block-end: 0; } .note button { flex: auto; }
.machine { padding-inline-start: .75em; border-inline-start: 4px dashed var(--acc); }
.human { padding-inline-start: .75em; border-inline-start: 4px solid var(--human); }
.mark { min-block-size: 24px; min-inline-size: 24px; margin-block: .125em; padding: 0 .5em; border-width: 1px; border-style: dashed; font-size: .875em; color: inherit; background: none; }
@media (max-width: 22em) { .pair { grid-template-columns: 1fr; } }
@media (forced-colors: active) { button, .badge { background: ButtonFace; color: ButtonText; border-color: ButtonBorder; } }
`);

const clients = new Map(), dismissed = new Set();

/* Widgets of the same site and language share one client: what is said in one is shown in all. */
function clientOf(site, lang, api, token) {
  const key = [api, site, lang].join();
  if (!clients.has(key)) {
    const made = client({ site, lang, api, token });
    clients.set(key, made);
    made.bus.addEventListener("state", look);
  }
  return clients.get(key);
}

function make(tag, props = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...inside.filter((one) => one != null && one !== false));
  return made;
}

const fill = (text, fields) => text.replace(/\{(\w+)\}/g, (all, name) => fields[name] ?? all);

/* The operator's words: of unknown direction, perhaps in another language than the rest. */
const said = (tag, text, of, props) => make(tag, { dir: "auto", lang: of?.lang, ...props }, text);

class Candor extends HTMLElement {
  connectedCallback() {
    if (!this.shadowRoot) {
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
      this.shadowRoot.append(make("slot"));
    }
    this.gone = new AbortController();
    const near = document.querySelector("candor-widget[site]");
    const site = this.getAttribute("site") || near?.getAttribute("site");
    const lang = this.getAttribute("lang") || near?.getAttribute("lang") || document.documentElement.lang || "en";
    if (!site) return;
    const api = this.getAttribute("src") || near?.getAttribute("src") || home;
    this.client = clientOf(site, lang, api.replace(/\/$/, ""), this.getAttribute("subject") || undefined);
    this.client.bus.addEventListener("state", () => this.update?.(), this.gone);
    this.ready = this.client.ready.then(() => this.gone.signal.aborted || this.begin());
    this.ready.catch((error) => this.fire("error", { error }));
  }

  disconnectedCallback() { this.gone?.abort(); }

  get t() { return { ...this.client.config.messages, ...this.client.later }; }

  /* The words that are not needed before somebody looks closer, group by group. */
  words(group = "words") {
    const one = this.client, { coming = {} } = one;
    one.coming = coming;
    return (coming[group] ||= one.read(`/widget/${VERSION}/${group}.${one.config.lang}.json`)
      .then((found) => (one.later = { ...one.later, ...found }), (error) => { delete coming[group]; throw error; }));
  }

  fire(name, detail, more) {
    return this.dispatchEvent(new CustomEvent("candor-" + name, { bubbles: true, composed: true, detail, ...more }));
  }

  report(notice, facts) { return this.client.shown(notice, facts).then((told) => told && this.fire("shown", told)); }

  link(name) { return this.client.api + this.client.config[name]; }

  /* Show the drawn content instead of the element's own. */
  show(kind, ...inside) {
    const { lang, dir } = this.client.config, theme = this.getAttribute("theme");
    this.box = make("div", { class: "c " + kind, lang, dir }, ...inside);
    if (theme && theme !== "inherit") this.box.style.colorScheme = theme === "system" ? "light dark" : theme;
    this.shadowRoot.replaceChildren(this.box);
  }

  contact(where = this.client.config.human.contact) {
    const way = make("a", { class: "go", href: this.link("page") + "/human" }, this.t.person);
    if (!where) return make("p", {}, way);
    const [before, after] = this.t.contact.split("{contact}");
    return make("p", { class: "human" }, before, make("a", { href: where.includes("@") ? "mailto:" + where : where, dir: "auto" }, where), after, " ", way);
  }
}

class Widget extends Candor {
  static observedAttributes = ["open", "subject", "lang", "site", "theme"];

  attributeChangedCallback(name, before, now) {
    if (!this.client || before === now) return;
    if (name === "subject") this.setSubject(now);
    else if (name === "open") now === null ? this.close() : this.open(now);
    else { this.disconnectedCallback(); this.connectedCallback(); }
  }

  begin() {
    this.panel = null; // of a former configuration
    for (const name of ["change", "saved", "error"]) this.client.bus.addEventListener(name, (event) => this.fire(name, event.detail), this.gone);
    const ahead = () => this.near().catch(() => 0);
    this.badge = make("button", { part: "badge", class: "badge", "aria-haspopup": "dialog", onclick: () => this.open(), onpointerenter: ahead, onfocus: ahead }, this.t.badge);
    this.dialog = make("dialog", { part: "dialog", "aria-labelledby": "title", onclose: () => this.closed(), onclick: (event) => event.target === this.dialog && this.close() });
    const place = this.getAttribute("placement") || "end", at = "float " + place;
    this.spot = make("div", { class: place === "inline" ? "inline" : at });
    this.show(place === "inline" ? "inline" : "", this.spot, this.dialog);
    this.rest();
    this.fire("ready", this.state);
    if (this.hasAttribute("open")) this.open(this.getAttribute("open"));
  }

  /* The badge, or on a first visit a note beside it that neither blocks nor takes the focus. */
  rest() {
    const wish = this.getAttribute("notice") || "none", { site } = this.client;
    const noted = wish === "always" || (wish === "first" && !this.client.known());
    if (!noted || dismissed.has(this.client)) return this.spot.replaceChildren(this.badge);
    const leave = () => { dismissed.add(this.client); this.rest(); this.badge.focus(); };
    this.spot.replaceChildren(make("div", { role: "region", "aria-label": this.t.badge, class: "note", part: "notice" },
      make("p", {}, this.t.notice),
      make("div", { class: "pair" }, make("button", { part: "button", onclick: () => this.open() }, this.t.badge), make("button", { part: "button", onclick: leave }, this.t.close))));
    this.fire("shown", { disclosure: null, version: this.client.config.version, surface: "notice" });
  }

  get state() { return this.client.state(); }
  allowed(id) { return this.client?.allowed(id) || false; }
  receipt() { return this.client.receipt(); }
  refresh() { return this.client.refresh(); }
  setSubject(token) { return this.client.setSubject(token); }

  /* The panel and its words, which most visitors never need. */
  near() { return Promise.all([part("candor-panel.js"), this.words()]); }

  async open(section) {
    const { dialog } = this;
    if (!dialog || dialog.open || !this.fire("open", { section }, { cancelable: true })) return;
    try { const [drawn] = await this.near(); if (dialog.open) return; this.panel = drawn(this); } catch { return location.assign(this.link("choices")); }
    dialog.showModal();
    const there = this.shadowRoot.getElementById(section || "title");
    if (there) { there.focus(); if (section) there.scrollIntoView(); }
    this.client.refresh("panel").catch(() => 0); // a failure shows when a choice is made; nothing is claimed before
    for (const notice of this.client.config.notices) this.report(notice, { surface: "panel", touchpoint: notice.uses[0], position: "panel" });
  }

  close() { this.dialog?.close(); }
  closed() { dismissed.add(this.client); this.rest(); this.badge.focus(); this.fire("close", {}); }
  update() { this.panel?.update(); }
  say(text, bad) { this.panel?.say(text, bad); }

  async set(id, on) {
    this.say("");
    try {
      const done = await this.client.set(id, on);
      if (!done.pending) this.say(done.same ? this.t.same : this.t.saved);
      return done;
    } catch (error) {
      this.say(/no-subject$/.test(error.problem?.type) ? this.t.account : this.t.failed, true);
    }
  }
}

/* <template data-candor-purpose="id">: its content stands behind it as long as the purpose is allowed. */
const inserted = new WeakMap();

/* The scripts of the other elements, each loaded once a page has one of its elements; the chat, once it is used. */
const CARRIED = { "candor-marks.js": "candor-label,candor-chat-notice,candor-human", "candor-why.js": "candor-why" };
const parts = {};

/* Load one of them. The hash is checked by the preload, whose answer the import then takes. */
function part(name) {
  const href = new URL(name, import.meta.url).href;
  return (parts[name] ||= new Promise((done, failed) => {
    if (!PARTS[name]) return done();
    document.head.append(make("link", { rel: "modulepreload", href, integrity: PARTS[name], crossorigin: "anonymous", onload: done, onerror: failed }));
  }).then(() => import(href)).then((found) => found.define({ Candor, make, said, fill, part })).catch((error) => { delete parts[name]; throw error; }));
}

function complete() {
  for (const [name, elements] of Object.entries(CARRIED))
    if (document.querySelector(elements)) part(name).catch(() => 0); // refused or not there: the elements' own content stays
}

function look() {
  complete();
  const [first] = clients.values();
  for (const template of document.querySelectorAll("template[data-candor-purpose]")) {
    const there = inserted.get(template), allowed = first?.allowed(template.dataset.candorPurpose);
    if (allowed && !there) {
      const content = [...document.importNode(template.content, true).childNodes];
      inserted.set(template, content);
      template.after(...content);
    } else if (!allowed && there) {
      there.forEach((node) => node.remove());
      inserted.delete(template);
    }
  }
}

new MutationObserver((seen) => seen.some((one) => one.addedNodes.length) && look()).observe(document, { childList: true, subtree: true });
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const one of clients.values()) if (one.known()) one.refresh().catch(() => 0);
});

/* What the page asked for before this script was there, and from now on. */
const acts = {
  ready: (one, then) => then(one.state()),
  allowed: (one, id, then) => { then(one.allowed(id)); one.bus.addEventListener("change", () => then(one.allowed(id))); },
  set: (one, id, on) => one.set(id, on).catch(() => 0),
  setSubject: (one, token) => one.setSubject(token),
  open: (one, section) => document.querySelector("candor-widget").open(section),
};

async function act([name, ...given]) {
  await customElements.whenDefined("candor-widget");
  const first = document.querySelector("candor-widget[site]")?.client;
  if (!first || !acts[name]) throw Error("candor: " + name);
  await first.ready.catch(() => 0);
  acts[name](first, ...given);
}

if (!customElements.get("candor-widget")) customElements.define("candor-widget", Widget);

const waiting = window.candor || [];
window.candor = { push: (...all) => all.forEach((one) => act(one).catch((error) => console.warn(error.message))) };
window.candor.push(...waiting);
look();
