/* Candor on a page: <candor-widget> and <template data-candor-purpose>; the other elements are in
   candor-chat.js and candor-why.js. Text is only ever set as text; style is a constructed sheet; no page has to allow
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
.inline, .line { display: inline-block; } .line { max-inline-size: 40em; } .line > :not(:empty) + :not(:empty) { margin-block-start: 1em; } .line p + *, .line ul + *, .line ol + * { margin-block-start: .5em; }
@supports (color: light-dark(#000, #fff)) {
  .c { --ink: var(--candor-text, light-dark(#1b1d22, #ecebe6)); --soft: var(--candor-muted, light-dark(#4d525c, #b4b6bc)); --paper: var(--candor-surface, light-dark(#fbfaf7, #15171b)); --line: var(--candor-border, light-dark(#c9c6bd, #3c4048)); --edge: light-dark(#6d717a, #8b909a); --acc: var(--candor-accent, light-dark(#0a5f73, #6cc3d5)); --onacc: var(--candor-on-accent, light-dark(#fff, #10191c)); --human: light-dark(#5b3b8c, #c3a9f0); --stop: light-dark(#8c2f1b, #f0a08c); }
}
*, ::before, ::after { box-sizing: border-box; }
h2, h3, p, ul, ol { margin: 0; padding: 0; font-size: 1em; } ul { margin-block: .75em; }
h2, h3 { line-height: 1.3; font-weight: 650; text-wrap: balance; }
h2 { font-size: 1.5625em; } h3 { font-size: 1.25em; margin-block: 1.4em .2em; }
h2:focus, h3:focus { outline: none; }
[hidden] { display: none !important; }
li { list-style: none; padding-block: .75em; border-block-start: 1px solid var(--line); }
.counts { margin: .25em 0; padding-inline-start: 1.25em; } .counts li { padding: 0; border: 0; list-style: inherit; }
.soft { color: var(--soft); font-size: .875em; }
b { font-weight: 650; } .lines { white-space: pre-line; }
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
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: var(--candor-radius, 8px); inline-size: min(38em, 100vw - 1em); max-inline-size: none; max-block-size: calc(100dvh - 1em); padding: 0; margin: auto; box-shadow: 0 1em 3em #0004; overflow: hidden; }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: #0008; }
.head { flex: none; display: flex; gap: 1em; align-items: center; justify-content: space-between; padding: .75em 1.25em; background: var(--paper); border-block-end: 1px solid var(--line); }
.head > h2 { flex: 1 1 0; min-inline-size: 0; } .head > button { flex: none; }
.note > .pair { margin-block-end: 0; }
.body { padding: .75em 1.25em 1.5em; overflow: auto; overscroll-behavior: contain; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .25em 1em; align-items: center; }
.row > .wide { grid-column: 1 / -1; }
.machine { padding-inline-start: .75em; border-inline-start: 4px dashed var(--acc); }
.human { padding-inline-start: .75em; border-inline-start: 4px solid var(--human); }
.gpc { margin-block: .75em; padding: .6em .75em; border: 1px solid var(--edge); border-inline-start: 6px solid var(--acc); }
.told:not(:empty) { flex: none; margin: .75em 1.25em 0; padding: .5em .75em; border: 1px solid var(--edge); border-inline-start: 6px solid var(--ink); }
.told.bad { border-inline-start-color: var(--stop); }
.say { display: flex; align-items: center; gap: .6em; }
[role=switch] { border: 0; padding: 0; background: none; border-radius: 1em; }
.word { font-weight: 600; }
.track { flex: none; display: inline-flex; inline-size: 3em; block-size: 1.625em; padding: .1875em; border: 2px solid var(--ink); border-radius: 1em; }
.knob { inline-size: 1em; block-size: 1em; border: 2px solid var(--ink); border-radius: 50%; }
[aria-checked=true] .track { justify-content: flex-end; }
[aria-checked=true] .knob { border-width: .5em; }
.mark { min-block-size: 24px; min-inline-size: 24px; padding: 0 .5em; border-width: 1px; border-style: dashed; font-size: .875em; color: inherit; background: none; }
@media (max-width: 30em) { h2 { font-size: 1.25em; } h3 { font-size: 1.125em; } }
@media (max-width: 22em) { .pair { grid-template-columns: 1fr; } }
@media (prefers-reduced-motion: no-preference) { dialog[open] { animation: in 120ms; } @keyframes in { from { opacity: 0; } } }
@media (forced-colors: active) { .knob, .track { border-color: ButtonText; } button, .badge { background: ButtonFace; color: ButtonText; border-color: ButtonBorder; } }
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
    if (!where) return make("p", {}, this.t.person_none || make("a", { class: "go", href: this.link("page") }, this.t.person));
    const [before, after] = this.t.contact.split("{contact}");
    return make("p", { class: "human" }, before, make("a", { href: where.includes("@") ? "mailto:" + where : where, dir: "auto" }, where), after);
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
    for (const name of ["change", "saved", "error"]) this.client.bus.addEventListener(name, (event) => this.fire(name, event.detail), this.gone);
    const ahead = () => this.words().catch(() => 0);
    this.badge = make("button", { part: "badge", class: "badge", "aria-haspopup": "dialog", onclick: () => this.open(), onpointerenter: ahead, onfocus: ahead }, this.t.badge);
    this.live = make("p", { role: "status", part: "status", class: "told" });
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

  async open(section) {
    if (!this.dialog || this.dialog.open || !this.fire("open", { section }, { cancelable: true })) return;
    try { await this.words(); } catch { return location.assign(this.link("choices")); }
    this.say("");
    this.draw();
    this.dialog.showModal();
    const there = this.shadowRoot.getElementById(section || "title");
    if (there) { there.focus(); if (section) there.scrollIntoView(); }
    this.client.refresh("panel").catch(() => 0); // a failure shows when a choice is made; nothing is claimed before
    for (const notice of this.client.config.notices) this.report(notice, { surface: "panel", touchpoint: notice.uses[0], position: "panel" });
  }

  close() { this.dialog?.close(); }
  closed() { dismissed.add(this.client); this.rest(); this.badge.focus(); this.fire("close", {}); }

  say(text, bad) {
    this.live.classList.toggle("bad", !!bad);
    this.live.replaceChildren(text, ...(this.client.receipt() && !bad && text ? [" ", make("a", { href: "#", onclick: (event) => { event.preventDefault(); this.save(); } }, this.t.receipt)] : []));
  }

  /* Hand out the signed receipt as a file. */
  save() {
    const made = this.client.receipt(), url = URL.createObjectURL(new Blob([JSON.stringify(made, null, 1)], { type: "application/json" }));
    make("a", { href: url, download: made.id + ".json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 9e3);
  }

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

  draw() {
    const { config } = this.client, { t } = this;
    const head = (id, text) => make("h3", { id, part: "section", tabindex: -1 }, text);
    const button = (text, onclick) => make("button", { part: "button", onclick }, text);
    const wanted = this.getAttribute("purposes")?.split(/[\s,]+/);
    this.rows = config.purposes.filter((one) => !wanted || wanted.includes(one.id)).map((one) => this.row(one));
    this.gpc = make("p", { class: "gpc", hidden: true }, t.gpc);
    this.dialog.replaceChildren(
      make("div", { class: "head" }, make("h2", { id: "title", part: "title", tabindex: -1 }, t.badge), button(t.close, () => this.close())),
      this.live,
      make("div", { class: "body" },
        make("p", {}, fill(t.lead, { org: config.org })),
        this.gpc,
        head("choices", t.choices),
        make("div", { class: "pair" }, button(t.all_off, () => this.set("*", false)), button(t.all_on, () => this.set("*", true))),
        make("p", { class: "soft" }, t.all_note),
        make("ul", { role: "list" }, ...this.rows.map((row) => row.item)),
        ...(config.uses.length ? [head("uses", t.uses), make("ul", { role: "list" }, ...config.uses.map((use) => this.use(use)))] : []),
        head("person", t.person),
        this.contact(),
        make("p", {}, make("a", { class: "go", href: this.link("choices") }, t.details)),
        this.stored = make("p", { class: "soft" }, t.stored)));
    this.update();
  }

  use(use) {
    const notice = this.client.config.notices.find((one) => one.id === use.notice);
    return make("li", {},
      make("p", { class: "machine", id: "use-" + use.id, tabindex: -1 }, said("b", use.name, use)),
      said("p", use.text, use),
      notice && notice.text !== use.text && said("p", notice.text, notice),
      notice?.more && said("p", notice.more, notice, { class: "soft" }));
  }

  row(purpose) {
    const { t } = this, id = "p-" + purpose.id, word = make("span", { class: "word", "aria-hidden": "true" });
    const why = make("p", { class: "soft wide" });
    const toggle = purpose.locked ? null : make("button", {
      role: "switch", part: "switch", "aria-labelledby": id, "aria-describedby": id + "-why",
      onclick: () => toggle.disabled || this.set(purpose.id, toggle.getAttribute("aria-checked") !== "true"),
    }, make("span", { class: "track" }, make("span", { class: "knob" })));
    why.id = id + "-why";
    const confirm = purpose.explicit && make("div", { class: "wide", hidden: true, role: "group", "aria-labelledby": id },
      make("p", {}, t.explicit),
      make("div", { class: "pair" },
        make("button", { part: "button", onclick: () => this.set(purpose.id, false) }, t.no),
        make("button", { part: "button", onclick: () => this.set(purpose.id, true) }, t.yes)));
    const item = make("li", { class: "row" }, said("b", purpose.name, purpose, { id }), toggle && make("span", { class: "say" }, word, toggle), said("p", purpose.text, purpose, { class: "wide" }), why, confirm);
    return { purpose, item, toggle, word, why, confirm };
  }

  /* Bring what is drawn in line with what is recorded; nothing is drawn anew, so the focus stays. */
  update() {
    if (!this.rows) return;
    const { t } = this, { states, wish, gpc, allOff } = this.state;
    this.gpc.hidden = !gpc;
    this.stored.hidden = this.client.known();
    for (const { purpose, toggle, word, why, confirm } of this.rows) {
      const now = states[purpose.id], on = wish[purpose.id] ?? (wish["*"] === false ? false : now.on);
      const asks = !!now.step && wish[purpose.id] === undefined;
      if (confirm && confirm.hidden === asks) {
        const within = confirm.contains(this.shadowRoot.activeElement);
        confirm.hidden = !asks;
        toggle.parentNode.hidden = asks;
        (asks ? confirm.querySelector("button") : within && toggle)?.focus?.();
      }
      why.textContent = purpose.locked ? t.locked : allOff ? t.all_is_off : now.why === "signal" ? t.by_signal : now.why === "default" && !on ? t.undecided : "";
      why.hidden = !why.textContent;
      if (!toggle) continue;
      toggle.setAttribute("aria-checked", on && !asks);
      toggle.disabled = allOff;
      word.textContent = on ? t.on : t.off;
    }
  }
}

/* <template data-candor-purpose="id">: its content stands behind it as long as the purpose is allowed. */
const inserted = new WeakMap();

/* The scripts of the other elements, each loaded once a page has one of its elements. */
const CARRIED = { "candor-chat.js": "candor-label,candor-chat-notice,candor-human", "candor-why.js": "candor-why" };
const parts = {};

/* Load one of them. The hash is checked by the preload, whose answer the import then takes. */
function part(name) {
  const href = new URL(name, import.meta.url).href;
  return (parts[name] ||= new Promise((done, failed) => {
    if (!PARTS[name]) return done();
    document.head.append(make("link", { rel: "modulepreload", href, integrity: PARTS[name], crossorigin: "anonymous", onload: done, onerror: failed }));
  }).then(() => import(href)).then((found) => found.define({ Candor, make, said, fill })));
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
