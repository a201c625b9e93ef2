/* The panel of <candor-widget>: what is used and why, a switch for each purpose, the way to a person. Loaded by candor.js
   when somebody comes near the button; the widget's tools come as arguments. */

export function define({ make, said, fill }) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
h2, h3 { line-height: 1.3; font-weight: 650; text-wrap: balance; word-break: auto-phrase; }
h2 { font-size: 1.5625em; } h3 { font-size: 1.25em; margin-block: 1.4em .2em; }
h2:focus, h3:focus { outline: none; }
li { list-style: none; padding-block: .75em; border-block-start: 1px solid var(--line); }
dialog { color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: var(--candor-radius, 8px); inline-size: min(38em, 100vw - 1em); max-inline-size: none; max-block-size: calc(100dvh - 1em); padding: 0; margin: auto; box-shadow: 0 1em 3em #0004; overflow: hidden; }
dialog[open] { display: flex; flex-direction: column; }
dialog::backdrop { background: #0008; }
.head { flex: none; display: flex; gap: 1em; align-items: center; justify-content: space-between; padding: .75em 1.25em; background: var(--paper); border-block-end: 1px solid var(--line); }
.head > h2 { flex: 1 1 0; min-inline-size: 0; } .head > button { flex: none; }
.body { padding: .75em 1.25em 1.5em; overflow: auto; overscroll-behavior: contain; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .25em 1em; align-items: center; }
.row > .wide { grid-column: 1 / -1; }
.gpc { margin-block: .75em; padding: .6em .75em; border: 1px solid var(--edge); border-inline-start: 6px solid var(--acc); }
.told:not(:empty) { flex: none; margin: .75em 1.25em; padding: .5em .75em; border: 1px solid var(--edge); border-inline-start: 6px solid var(--ink); }
.told:not(:empty) + .body { padding-block-start: 0; }
.told.bad { border-inline-start-color: var(--stop); }
.say { display: flex; align-items: center; gap: .6em; }
[role=switch] { border: 0; padding: 0; background: none; border-radius: 1em; }
.word { font-weight: 600; }
.track { flex: none; display: inline-flex; inline-size: 3em; block-size: 1.625em; padding: .1875em; border: 2px solid var(--ink); border-radius: 1em; }
.knob { inline-size: 1em; block-size: 1em; border: 2px solid var(--ink); border-radius: 50%; }
[aria-checked=true] .track { justify-content: flex-end; }
[aria-checked=true] .knob { border-width: .5em; }
@media (max-width: 30em) { h2 { font-size: 1.25em; } h3 { font-size: 1.125em; } }
@media (prefers-reduced-motion: no-preference) { dialog[open] { animation: in 120ms; } @keyframes in { from { opacity: 0; } } }
@media (forced-colors: active) { .knob, .track { border-color: ButtonText; } }
`);

  class Panel {
    /* Draw everything anew in the widget's dialog. */
    constructor(widget) {
      const { shadowRoot } = widget, { config } = widget.client, { t } = widget;
      this.widget = widget;
      this.client = widget.client;
      this.t = t;
      if (!shadowRoot.adoptedStyleSheets.includes(sheet)) shadowRoot.adoptedStyleSheets.push(sheet);
      const head = (id, text) => make("h3", { id, part: "section", tabindex: -1 }, text);
      const wanted = widget.getAttribute("purposes")?.split(/[\s,]+/);
      this.rows = config.purposes.filter((one) => !wanted || wanted.includes(one.id)).map((one) => this.row(one));
      this.live = make("p", { role: "status", part: "status", class: "told" });
      this.gpc = make("p", { class: "gpc", hidden: true }, t.gpc);
      this.stored = make("p", { class: "soft" }, t.stored);
      widget.dialog.replaceChildren(
        make("div", { class: "head" }, make("h2", { id: "title", part: "title", tabindex: -1 }, t.badge), this.button(t.close, () => widget.close())),
        this.live,
        make("div", { class: "body" },
          make("p", {}, fill(t.lead, { org: config.org })),
          this.gpc,
          head("choices", t.choices),
          make("div", { class: "pair" }, this.button(t.all_off, () => widget.set("*", false)), this.button(t.all_on, () => widget.set("*", true))),
          make("p", { class: "soft" }, t.all_note),
          make("ul", { role: "list" }, ...this.rows.map((row) => row.item)),
          ...(config.uses.length ? [head("uses", t.uses), make("ul", { role: "list" }, ...config.uses.map((use) => this.use(use)))] : []),
          head("person", t.person),
          widget.contact(),
          make("p", {}, make("a", { class: "go", href: widget.link("choices") }, t.details)),
          this.stored));
      this.update();
    }

    button(text, onclick) { return make("button", { part: "button", onclick }, text); }

    use(use) {
      const notice = this.client.config.notices.find((one) => one.id === use.notice);
      return make("li", {}, make("div", { class: "machine", id: "use-" + use.id, tabindex: -1 },
        make("p", {}, said("b", use.name, use)),
        said("p", use.text, use),
        notice && notice.text !== use.text && said("p", notice.text, notice),
        notice?.more && said("p", notice.more, notice, { class: "soft" })));
    }

    row(purpose) {
      const { t, widget } = this, id = "p-" + purpose.id, word = make("span", { class: "word", "aria-hidden": "true" });
      const why = make("p", { id: id + "-why", class: "soft wide" });
      const toggle = purpose.locked ? null : make("button", {
        role: "switch", part: "switch", "aria-labelledby": id, "aria-describedby": id + "-why",
        onclick: () => toggle.disabled || widget.set(purpose.id, toggle.getAttribute("aria-checked") !== "true"),
      }, make("span", { class: "track" }, make("span", { class: "knob" })));
      const confirm = purpose.explicit && make("div", { class: "wide", hidden: true, role: "group", "aria-labelledby": id },
        make("p", {}, t.explicit),
        make("div", { class: "pair" },
          this.button(t.no, () => widget.set(purpose.id, false)),
          this.button(t.yes, () => widget.set(purpose.id, true))));
      const item = make("li", { class: "row" }, said("b", purpose.name, purpose, { id }), toggle && make("span", { class: "say" }, word, toggle), said("p", purpose.text, purpose, { class: "wide" }), why, confirm);
      return { purpose, item, toggle, word, why, confirm };
    }

    /* Say what came of a choice; with it goes the signed receipt, where there is one. */
    say(text, bad) {
      this.live.classList.toggle("bad", !!bad);
      const receipt = text && !bad && this.client.receipt();
      this.live.replaceChildren(text, ...(receipt ? [" ", make("a", { href: "#", onclick: (event) => { event.preventDefault(); save(receipt); } }, this.t.receipt)] : []));
    }

    /* Bring what is drawn in line with what is recorded; nothing is drawn anew, so the focus stays. */
    update() {
      const { t } = this, { states, wish, gpc, allOff } = this.client.state();
      this.gpc.hidden = !gpc;
      this.stored.hidden = this.client.known();
      for (const { purpose, toggle, word, why, confirm } of this.rows) {
        const now = states[purpose.id], on = wish[purpose.id] ?? (wish["*"] === false ? false : now.on);
        const asks = !!now.step && wish[purpose.id] === undefined;
        if (confirm && confirm.hidden === asks) {
          const within = confirm.contains(this.widget.shadowRoot.activeElement);
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

  /* Hand out the signed receipt as a file. */
  function save(receipt) {
    const url = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 1)], { type: "application/json" }));
    make("a", { href: url, download: receipt.id + ".json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 9e3);
  }

  return (widget) => new Panel(widget);
}
