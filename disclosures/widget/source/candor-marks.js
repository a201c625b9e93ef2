/* The elements that stand where AI acts: <candor-label>, <candor-chat-notice>, <candor-human>.
   Loaded by candor.js when a page has one of them; the widget's base class and its tools come as arguments. */

export function define({ Candor, make, said, fill, part }) {
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

  const conversation = (one) => one.getAttribute("conversation") || "";
  const together = (one, name) => [...document.querySelectorAll(name)].filter((other) => conversation(other) === conversation(one));

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

    /* Say who answers from now on: "ai", "waiting" (nobody yet: no AI either), "human" or "mixed". */
    async hand(handler) {
      const words = handler === "ai" ? {} : await this.words(handler === "waiting" ? "talk" : undefined);
      const text = { human: words.chat_human, mixed: words.chat_mixed, waiting: words.talk_waiting }[handler] || this.notice?.text || this.t.chat_ai;
      const person = handler === "human" || handler === "waiting", line = this.line.firstChild;
      this.line.className = person ? "human" : "machine";
      line.dir = "auto";
      line.textContent = text;
      this.more.textContent = person ? "" : this.notice?.more || (await this.words()).chat_limits;
      this.person.hidden = person || together(this, "candor-human").length > 0; // one way to a person, where the page put it
    }

    /* The page's own <candor-human> of this conversation answers, or one that opens here. */
    async human(use) {
      let [one] = together(this, "candor-human");
      if (!one) {
        one = make("candor-human", { topic: use?.id });
        for (const name of ["conversation", "site", "lang", "src"]) if (this.hasAttribute(name)) one.setAttribute(name, this.getAttribute(name));
        this.place.replaceChildren(one);
      }
      await one.ready;
      one.ask();
    }
  }

  /* The way to a person: how soon, one press, and the conversation itself. Whatever breaks, another way stands there. */
  class Human extends Candor {
    static observedAttributes = ["minutes"];
    attributeChangedCallback() { this.hint && this.soon(); }

    async begin() {
      await Promise.all([this.words(), this.words("talk")]);
      this.button = make("button", { part: "button", onclick: () => this.ask() }, this.t.person);
      this.hint = make("p", { class: "soft" });
      this.trouble = make("div", { role: "status" });
      this.place = make("div");
      this.show("line", this.button, this.hint, this.trouble, this.place);
      this.talk = this.id = this.whose = undefined;
      const seen = new IntersectionObserver((entries) => entries.some((one) => one.isIntersecting) && (seen.disconnect(), this.soon()));
      seen.observe(this.box);
      this.update();
    }

    when(at) { return new Date(at).toLocaleString(this.client.config.lang, { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit" }); }

    wait(minutes) {
      const { wait, talk_nobody: nobody } = this.t;
      return minutes === null ? nobody : fill(wait[new Intl.PluralRules(this.client.config.lang).select(minutes)] || wait.other, { n: minutes });
    }

    elsewhere() { return make("p", {}, make("a", { class: "go", part: "elsewhere", href: this.link("page") + "/human" }, this.t.talk_elsewhere)); }

    /* How soon: as the site says, or as the queue is now; where neither is known nothing is promised. */
    async soon() {
      const given = this.getAttribute("minutes");
      if (given !== null) return (this.hint.textContent = this.wait(+given));
      const found = await this.client.call(`/v1/queues/${this.getAttribute("queue") || "main"}/availability`).catch(() => 0);
      if (!found) return;
      const { is_open: open, next_opening: next, wait_seconds: wait } = found;
      this.hint.textContent = open ? this.wait(wait === null ? null : Math.max(1, Math.round(wait / 60))) : next ? fill(this.t.talk_opens, { time: this.when(next) }) : "";
    }

    /* Somebody else sits here now, or it is known at last who: show her case, and nobody else's. */
    update() {
      if (!this.hint) return;
      const { client } = this, whose = client.vouched() ? client.state().subject : client.by()["X-Candor-Device"];
      if (whose === this.whose || (client.vouched() && !whose)) return;
      this.whose = whose;
      if (this.talk && this.device && !this.over) return; // begun before signing in: it goes on to its end
      this.close();
      if (whose) this.resume().catch(() => 0);
    }

    close() {
      this.stop?.abort();
      this.talk = this.id = undefined;
      this.place.replaceChildren();
      this.button.hidden = this.hint.hidden = false;
    }

    async resume() {
      const { items } = await this.client.call("/v1/handoffs"), found = items.find((one) => one.conversation === conversation(this));
      if (!found || found.id === this.id || (this.talk && !this.over) || found.state === "cancelled" || (found.ended_at && Date.now() - Date.parse(found.ended_at) > 9e5)) return;
      this.open(await part("candor-chat.js"), found, this.client.by()["X-Candor-Device"]);
    }

    /* Ask for a person: nothing is mandatory, and asked twice it is the same case. */
    async ask() {
      const { client } = this, topic = this.getAttribute("topic"), queue = this.getAttribute("queue");
      if (this.asking || !this.fire("human", { topic, conversation: this.getAttribute("conversation") }, { cancelable: true })) return;
      this.asking = true;
      const known = client.known(), device = client.vouched() ? undefined : client.by()["X-Candor-Device"] || crypto.randomUUID().replaceAll("-", "");
      const wanted = { language: client.config.lang, conversation: conversation(this) || undefined, touchpoint: client.config.uses.some((use) => use.id === topic) ? topic : undefined, queue: queue || undefined };
      try {
        const talk = await part("candor-chat.js");
        const found = await client.call("/v1/handoffs", wanted, device);
        this.trouble.replaceChildren();
        this.open(talk, found, device);
        this.talk.focus();
        if (!known) client.refresh("chat", device).then(() => client.keep(device), () => 0); // to be found again after a reload
      } catch (error) {
        this.trouble.replaceChildren(make("p", {}, this.t.talk_failed), this.contact());
        this.fire("error", { error });
      } finally { this.asking = false; }
    }

    open(talk, found, device) {
      this.stop?.abort();
      this.stop = new AbortController();
      Object.assign(this, { device, id: found.id });
      this.talk = talk(this, device, AbortSignal.any([this.stop.signal, this.gone.signal]));
      this.place.replaceChildren(this.talk.box);
      this.button.hidden = this.hint.hidden = true;
      this.talk.begin(found);
    }

    /* The conversation tells how it stands: the page hears of it, and its chat notice says who answers. */
    told(now) {
      this.over = !!now.ended_at;
      const { id, state, handler, reference, name, position, minutes, ai_may_speak } = now;
      this.fire("human-update", { id, state, handler, reference, name, position, minutes, ai_may_speak });
      for (const one of together(this, "candor-chat-notice")) one.setAttribute("handler", handler);
    }
  }

  for (const [name, kind] of Object.entries({ label: Label, "chat-notice": ChatNotice, human: Human }))
    if (!customElements.get("candor-" + name)) customElements.define("candor-" + name, kind);
}
