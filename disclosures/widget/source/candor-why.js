/* <candor-why>: the reasons behind one decision at once, and the way to a full explanation, which is a request with a
   number and a date. Loaded by candor.js when a page has one; the widget's base class and its tools come as arguments. */

export function define({ Candor, make, said, fill }) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
.counts { margin: .25em 0; padding-inline-start: 1.25em; }
.lines { white-space: pre-line; }
`);

  class Why extends Candor {
    get decision() { return this.getAttribute("decision"); }

    async begin() {
      await this.words("why");
      this.reasons = make("div", { role: "status" });
      this.way = make("div");
      this.trouble = make("div", { role: "status" });
      this.shadowRoot.adoptedStyleSheets.push(sheet);
      this.show("line", this.button(this.t.why, () => this.explain()), this.reasons, this.way, this.trouble);
    }

    button(text, onclick) { return make("button", { part: "button", onclick }, text); }

    /* The reasons as they are known now; whatever comes of it, the ways to ask on stand below. */
    async explain() {
      this.reasons.replaceChildren(make("p", {}, this.t.why_wait));
      this.trouble.replaceChildren();
      this.fire("explain", { decision: this.decision });
      const { client } = this;
      try {
        const found = await client.call(`/v1/decisions/${encodeURIComponent(this.decision)}/why?language=${client.config.lang}`);
        this.fire("explain-update", { decision: found.decision, status: found.status });
        this.reasons.replaceChildren(...this.answer(found));
      } catch (error) {
        if (error.problem?.status < 500) this.reasons.replaceChildren(make("p", {}, this.t.why_none));
        else this.reasons.replaceChildren(make("p", {}, this.t.unreached), this.button(this.t.retry, () => this.explain())), this.fire("error", { error });
      }
      this.offer();
    }

    /* What a machine said, marked as that; reasons nobody has held against the model say so. */
    answer(found) {
      if (found.status === "person") return [make("p", {}, this.t.why_person)];
      if (!found.text && !found.factors.length) return [make("p", {}, this.t.why_none)];
      const told = found.text ? [said("p", found.text, null, { class: "lines" })]
        : [make("p", {}, this.t.why_most), make(found.order_certain ? "ol" : "ul", { class: "counts" }, ...found.factors.map((one) => make("li", {}, this.reason(one))))];
      return [make("div", { class: "machine" }, make("p", {}, said("b", found.outcome.label)), ...told, found.status === "stated" && make("p", { class: "soft" }, this.t.why_stated))];
    }

    reason(one) {
      const text = { against: this.t.why_against, for: this.t.why_for }[one.speaks] || "{reason}";
      const [before, after] = text.split("{reason}");
      return make("span", {}, before, said("bdi", one.feature.replaceAll("_", " ")), after);
    }

    /* A customer whom the site vouches for asks here with one press; everybody else on the page of its own. */
    offer() {
      if (this.asked) return;
      this.vouched = this.client.vouched();
      this.way.replaceChildren(this.vouched ? this.button(this.t.why_ask, () => this.ask()) : this.form(), this.contact());
    }

    form() { return make("a", { class: "go", part: "form", href: `${this.link("page")}/explain?decision=${encodeURIComponent(this.decision)}` }, this.t.why_ask); }

    update() { if (this.vouched !== undefined && this.vouched !== this.client.vouched()) this.offer(); }

    async ask() {
      if (this.asking) return;
      this.asking = true;
      this.trouble.replaceChildren();
      try {
        this.told(await this.client.call("/v1/explanation-requests", { decisions: [this.decision], language: this.client.config.lang }));
      } catch (error) {
        const status = error.problem?.status, again = !status || status > 499 || status === 409 || status === 429;
        this.trouble.replaceChildren(make("p", {}, again ? this.t.unreached : this.t.why_else), again ? "" : this.form());
        this.fire("error", { error });
      } finally { this.asking = false; }
    }

    /* The request has its number: say it, until when the answer comes, and where to look. The focus goes there too. */
    told({ number, due_at: due, link }) {
      const { lang } = this.client.config, [before, after] = this.t.why_asked.split("{number}");
      const day = due && new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(due));
      this.asked = make("div", { class: "human", part: "asked", tabindex: -1 },
        make("p", {}, before, make("b", { part: "number", dir: "ltr" }, number), after, day ? " " + fill(this.t.why_due, { date: day }) : ""),
        link && make("a", { class: "go", part: "request", href: link }, this.t.why_status));
      this.way.replaceChildren(this.asked, this.contact());
      this.asked.focus();
      this.fire("explain-update", { decision: this.decision, status: "asked", number, due });
    }
  }

  if (!customElements.get("candor-why")) customElements.define("candor-why", Why);
}
