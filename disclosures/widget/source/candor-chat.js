/* The elements that stand where AI acts: <candor-label>, <candor-chat-notice>, <candor-human>.
   Loaded by candor.js when a page has one of them; the widget's base class and its tools come as arguments. */

export function define({ Candor, make, said, fill }) {
  class Label extends Candor {
    async begin() {
      const kind = this.getAttribute("kind"), use = this.client.config.uses.find((one) => one.id === this.getAttribute("ref"));
      const notice = this.client.config.notices.find((one) => one.id === use?.notice), own = this.textContent.trim();
      const words = own || notice?.label || (kind === "chat" ? this.t.chat_ai : (await this.words())["label_" + (kind || "generated")]);
      const open = () => {
        const widget = [...document.querySelectorAll("candor-widget")].find((one) => one.client === this.client);
        widget?.dialog ? widget.open(use ? "use-" + use.id : "uses") : location.assign(this.link("page"));
      };
      this.show("inline", make("button", { class: "mark", part: "label", "aria-haspopup": "dialog", onclick: open }, make("slot", { name: "icon" }), own ? make("slot") : words));
    }
  }

  class ChatNotice extends Candor {
    static observedAttributes = ["handler"];
    attributeChangedCallback(name, before, now) { if (this.line && before !== now) this.hand(now); }

    async begin() {
      const { uses, notices } = this.client.config, at = this.getAttribute("touchpoint");
      const use = uses.find((one) => (at ? one.id === at : one.kind === "chatbot"));
      this.notice = notices.find((one) => one.id === use?.notice);
      this.line = make("p", {}, make("b", {}));
      this.more = make("p", { class: "soft" });
      this.person = make("button", { part: "button", onclick: () => this.human(use) }, this.notice?.human || this.t.person);
      this.place = make("div");
      const live = make("div", { role: "status" });
      live.append(this.line);
      this.show("line", live, this.more, this.person, this.place);
      await this.hand(this.getAttribute("handler") || "ai");
      if (!this.notice) return;
      const facts = { surface: "chat", touchpoint: use.id, conversation: this.getAttribute("conversation") || undefined, position: "first-line" };
      const seen = new IntersectionObserver((entries) => {
        if (!entries.some((one) => one.isIntersecting)) return;
        seen.disconnect();
        this.report(this.notice, facts);
      });
      seen.observe(this.box);
    }

    /* Say who answers from now on: "ai", "human" or "mixed". */
    async hand(handler) {
      const words = handler === "ai" ? {} : await this.words();
      const text = handler === "human" ? words.chat_human : handler === "mixed" ? words.chat_mixed : this.notice?.text || this.t.chat_ai;
      this.line.className = handler === "human" ? "human" : "machine";
      const line = this.line.firstChild;
      line.dir = "auto";
      line.textContent = text;
      this.more.textContent = handler === "human" ? "" : this.notice?.more || (await this.words()).chat_limits;
      this.person.hidden = handler === "human";
    }

    human(use) {
      if (this.fire("human", { topic: use?.id, conversation: this.getAttribute("conversation") }, { cancelable: true })) this.place.replaceChildren(this.contact(use?.contact || undefined));
    }
  }

  class Human extends Candor {
    static observedAttributes = ["minutes"];
    attributeChangedCallback() { this.box && this.begin(); }

    async begin() {
      const words = await this.words(), minutes = this.getAttribute("minutes");
      const place = make("div", { role: "status" });
      const ask = () => {
        if (!this.fire("human", { topic: this.getAttribute("topic"), conversation: this.getAttribute("conversation") }, { cancelable: true })) return;
        place.replaceChildren(make("p", {}, words.person_none), this.contact());
      };
      const wait = minutes === null ? null : words.wait[new Intl.PluralRules(this.client.config.lang).select(+minutes)] || words.wait.other;
      this.show("line", make("button", { part: "button", onclick: ask }, this.t.person), wait && make("p", { class: "soft" }, fill(wait, { n: minutes })), place);
    }
  }

  for (const [name, kind] of Object.entries({ label: Label, "chat-notice": ChatNotice, human: Human }))
    if (!customElements.get("candor-" + name)) customElements.define("candor-" + name, kind);
}
