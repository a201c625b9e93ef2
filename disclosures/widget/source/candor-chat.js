/* A conversation with a person, inside <candor-human>: loaded when somebody asks for one, or comes back to one.
   Events come down as a stream that resumes where it broke off, else by long polls; words go up once each. Text only;
   every line says who speaks; nothing is drawn anew, so the focus stays where it is. */

const style = new CSSStyleSheet();
style.replaceSync(`
.talk { inline-size: 36em; max-inline-size: 100%; padding: 1em; border: 1px solid var(--edge); border-radius: var(--candor-radius, 8px); background: var(--paper); }
.title { font-size: 1.125em; font-weight: 650; } .title:focus { outline: none; }
.talk > * + *, form > * + * { margin-block-start: .75em; }
.log { max-block-size: 22em; overflow: auto; }
.log:not(:has(li)) { display: none; }
li { list-style: none; padding: .25em .75em; margin-block-end: .5em; white-space: pre-wrap; }
li b { display: block; font-size: .875em; }
li.soft { padding: 0; }
.own { margin-inline-start: 15%; border-inline-end: 4px solid var(--edge); text-align: end; }
.talk .typing { min-block-size: 1.5em; margin-block: 0; }
label, legend { display: block; font-weight: 600; padding: 0; }
textarea, select { font: inherit; color: inherit; background: var(--paper); border: 2px solid var(--edge); border-radius: var(--candor-radius, 8px); padding: .5em; min-block-size: 44px; inline-size: 100%; }
.acts { display: flex; flex-wrap: wrap; gap: .75em; } .talk .acts > * { margin: 0; }
fieldset { border: 0; margin: 0; padding: 0; }
fieldset label { display: inline-flex; align-items: center; min-block-size: 44px; min-inline-size: 48px; }
.bad { padding: .5em .75em; border: 1px solid var(--edge); border-inline-start: 6px solid var(--stop); }`);

/* The lines that events are told in; every other shows in how the case stands. */
const LINES = { accepted: "joined", transferred: "passed", passed_on: "passed", resolved: "ended", returned_to_ai: "returned", reopened: "reopened", callback_missed: "missed" };

const rest = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1e3); addEventListener("online", done, { once: true }); });
const tell = (node, text) => { if (node.textContent !== text) node.textContent = text; };

export function define({ make, said, fill }) {
  /* One conversation in `element`, until `gone`; `device` is the number of a browser whose customer nobody vouches for. */
  return function talk(element, device, gone) {
    const { client, shadowRoot } = element;
    const word = (name) => element.t["talk_" + name];
    const outbox = [];
    let id, now, last = 0, listening, sending, typed, still, offered;

    const call = (path, body, once) => client.call(`/v1/handoffs/${id}${path}`, body, device, once);
    const button = (text, onclick) => make("button", { part: "button", type: "button", onclick }, text);
    const form = (onsubmit, ...inside) => make("form", { onsubmit: (event) => { event.preventDefault(); onsubmit(); } }, ...inside);
    const go = (text, main) => make("button", { part: "button", class: main && "badge" }, text);

    const title = make("p", { class: "title", part: "title", tabindex: -1 }, element.t.person); // the page knows its headings
    const number = make("p"), stand = make("p", { part: "status" }), lines = make("ol", { role: "list" });
    const log = make("div", { class: "log", part: "log", role: "log", tabindex: 0, "aria-label": element.t.person }, lines);
    const typing = make("p", { class: "soft typing" }), trouble = make("div", { role: "status" });
    const text = make("textarea", { id: "text", rows: 2, maxlength: 4000, dir: "auto", oninput: type, onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); say(); }
    } });
    const words = form(say, make("label", { for: "text" }, word("message")), text, go(word("send"), true));
    const back = make("div", { role: "group", "aria-labelledby": "back" }, make("p", { id: "back" }),
      make("div", { class: "acts" }, button(word("yes"), () => act("/return", { agreed: true })), button(word("no"), () => act("/return", { agreed: false }))));
    const slot = make("select", { id: "slot" });
    const calls = form(() => act("/choose", { choice: "callback", slot: slot.value }), make("label", { for: "slot" }, word("call")), slot, go(word("book")));
    const write = button(word("write"), () => act("/choose", { choice: "ticket" }));
    const keep = button(word("keep"), () => act("/choose", { choice: "keep_place" }));
    const record = button(word("record"), save), again = button(word("reopen"), () => act("/reopen", {}));
    const fresh = button(element.t.person, () => element.ask()), leave = button(word("leave"), () => act("/cancel", {}));

    /* How it was, asked once: the person, and the program apart. */
    const marks = (name, question) => make("fieldset", {}, make("legend", {}, question), ...[1, 2, 3, 4, 5].map((value) =>
      make("label", {}, make("input", { type: "radio", name, value, required: name === "human" }), value)));
    const survey = form(async () => {
      const given = new FormData(survey), mark = (name) => +given.get(name) || null;
      if (!await act("/survey", { human: mark("human"), ai: mark("ai") })) return;
      survey.replaceChildren(make("p", { tabindex: -1 }, word("thanks")));
      survey.firstChild.focus();
    }, marks("human", word("how")), marks("ai", word("how_ai")), make("p", { class: "soft" }, word("scale")), go(word("rate")));

    const box = make("section", { class: "talk", part: "talk", "aria-label": element.t.person }, title, number, stand, log, typing, trouble, back, words, survey, calls,
      make("div", { class: "acts" }, again, fresh, write, keep, record, leave));
    shadowRoot.adoptedStyleSheets = [shadowRoot.adoptedStyleSheets[0], style];

    /* Bring what is drawn in line with how the case stands. */
    function draw(next) {
      const { state, mode, name, handler } = next, can = new Set(next.steps.map((step) => step.code)), before = now, held = shadowRoot.activeElement;
      const show = (node, is) => { if (node.hidden === is) node.hidden = !is; };
      now = next;
      if (!before) number.append(...word("number").split(/(\{number\})/).map((part) => (part[0] === "{" ? make("b", { part: "number", dir: "ltr" }, next.reference) : part)));
      stand.setAttribute("aria-live", next.ended_at || state === "active" ? "off" : "polite"); // what the log says is said once
      stand.className = state === "active" ? "human" : "";
      tell(stand, standing());
      tell(back.firstChild, fill(word("return"), { name }));
      if (offered !== (offered = next.slots.join())) slot.replaceChildren(...next.slots.map((value) => make("option", { value }, when(value))));
      show(back, can.has("answer_return"));
      show(words, can.has("message"));
      show(calls, can.has("callback") && !!offered);
      show(write, can.has("ticket") && mode !== "ticket");
      show(keep, can.has("keep_place") && !!next.choice && next.choice !== "keep_place");
      show(survey, can.has("survey"));
      show(again, can.has("reopen"));
      show(fresh, can.has("ask_again"));
      show(record, can.has("receipt"));
      show(leave, can.has("cancel"));
      if (held && !held.checkVisibility()) title.focus();
      if (before?.state !== state || before.position !== next.position) element.told({ ...next, minutes: minutes() });
      if (before?.ended_at && !next.ended_at) listen();
    }

    const minutes = () => (now.wait_seconds == null ? null : Math.max(1, Math.round(now.wait_seconds / 60)));
    const when = (at) => element.when(at);

    function standing() {
      const { state, mode, choice, position } = now, time = now.due_at && when(now.due_at);
      if (state === "active") return fill(word("human"), now);
      if (state === "cancelled") return word("left");
      if (state === "resolved") return word(now.end_reason === "returned_to_ai" ? "returned" : "ended");
      if (state === "deferred") return fill(word(choice === "callback" ? "called" : "later"), { time });
      if (mode === "ticket") return word("written");
      return [word("waiting"), position && fill(word("place"), { n: position }), element.wait(minutes())].join(" ");
    }

    /* Stream; where streams do not get through, poll; where nothing does, say so, keep trying, and show the other way. */
    async function listen() {
      if (listening) return;
      listening = true;
      for (let polls = 0, failed = 0; !gone.aborted && !now.ended_at;) {
        try {
          if (polls) { await poll(failed ? 0 : 15); polls--; } else { await stream(); await rest(1); }
          failed = 0;
          broken();
        } catch (error) {
          if (!polls) { polls = 8; continue; }
          if (failed++) broken(error);
          await rest(Math.min(2 ** failed, 15) * (0.5 + Math.random()));
        }
      }
      listening = false;
    }

    async function stream() {
      const stop = new AbortController();
      let timer, begun = "";
      const alive = (seconds) => { clearTimeout(timer); timer = setTimeout(() => stop.abort(), seconds * 1e3); };
      alive(10);
      addEventListener("offline", () => stop.abort(), { signal: stop.signal }); // what is cut off does not always say so
      try {
        const headers = { ...client.by(device), Accept: "text/event-stream", "Last-Event-ID": last };
        const answer = await fetch(`${client.api}/v1/handoffs/${id}/events`, { headers, credentials: "omit", signal: AbortSignal.any([stop.signal, gone]) });
        if (!answer.ok) throw Error(answer.status);
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part; !(part = await reader.read()).done && !now.ended_at;) {
          alive(40);
          const blocks = (begun + part.value).split("\n\n");
          begun = blocks.pop();
          for (const block of blocks) {
            const [, name, data] = /^event: (.*)\ndata: (.*)$/m.exec(block) || [];
            if (data) hear(name, JSON.parse(data));
          }
          broken();
        }
      } finally { clearTimeout(timer); stop.abort(); }
    }

    async function poll(wait) {
      const found = await call(`/events?after=${last}&wait=${wait}`);
      found.events.forEach(add);
      draw(found.status);
    }

    function hear(name, told) {
      if (name === "status") return draw(told);
      if (name !== "typing") return add(told);
      if (told.actor !== "agent") return;
      tell(typing, told.typing ? fill(word("typing"), now) : "");
      clearTimeout(still);
      still = setTimeout(tell, 6e3, typing, "");
    }

    /* One thing that happened, once and in order: words with who said them, or a line that tells it. */
    function add({ seq, kind, actor, name, text }) {
      if (seq <= last) return;
      last = seq;
      if (LINES[kind]) line("soft", null, fill(word(LINES[kind]), { name }));
      if (kind !== "message" || text == null) return;
      const own = actor === "customer", machine = actor === "ai" || actor === "system";
      if (own) settle(outbox.find((one) => one.text === text));
      else tell(typing, "");
      line(own ? "own" : machine ? "machine" : "human", own ? word("you") : machine ? word(actor) : fill(word("person"), { name }), text);
    }

    function line(kind, who, text) {
      const low = log.scrollTop + log.clientHeight > log.scrollHeight - 40;
      const item = make("li", { class: kind }, who && make("b", {}, who), said("span", text));
      lines.insertBefore(item, outbox[0]?.item || null);
      if (low) log.scrollTop = log.scrollHeight;
      return item;
    }

    /* What was said here has come back as said: its line stands now where it belongs. */
    function settle(one) {
      if (!one) return;
      outbox.splice(outbox.indexOf(one), 1);
      one.item.remove();
    }

    function type() {
      if (now.state !== "active" || Date.now() < typed + 4e3) return;
      typed = Date.now();
      call("/typing", { typing: true }).catch(() => 0);
    }

    function say() {
      const said = text.value.trim();
      text.focus();
      if (!said) return;
      const item = line("own", word("you"), said), mark = make("span", { class: "soft" });
      item.append(mark);
      lines.append(item);
      outbox.push({ text: said, item, mark, key: crypto.randomUUID() });
      text.value = "";
      typed = 0;
      log.scrollTop = log.scrollHeight;
      send();
    }

    /* Send what waits, in order, each under a key of its own: however often it goes out, it is said once. */
    async function send() {
      if (sending) return;
      sending = true;
      for (let one; (one = outbox.find((other) => !other.done)) && !gone.aborted;) {
        try {
          const { seq } = await call("/messages", { text: one.text }, one.key);
          one.done = true;
          tell(one.mark, "");
          if (seq <= last && outbox.includes(one)) settle(one);
        } catch ({ problem }) {
          const final = [403, 404, 409, 413, 422].includes(problem?.status);
          tell(one.mark, "\n" + word(final ? "refused" : "unsent"));
          if (!final) { await rest(3); continue; }
          outbox.splice(outbox.indexOf(one), 1);
          text.value ||= one.text;
        }
      }
      sending = false;
    }

    /* Do one thing and show how it stands then; of what is not possible any more, what is. */
    async function act(path, body) {
      try {
        draw(await call(path, body));
        return true;
      } catch (error) {
        if (error.problem?.status !== 409) return void broken(error);
        await poll(0).catch(broken);
        return path === "/survey"; // it was answered before
      }
    }

    function broken(error) {
      if (!error === !trouble.firstChild) return;
      trouble.className = error ? "bad" : "";
      trouble.replaceChildren(...(error ? [make("p", {}, word("lost")), element.elsewhere()] : []));
      if (error) element.fire("error", { error });
    }

    /* Hand out the signed record of the conversation as a file. */
    async function save() {
      try {
        const href = URL.createObjectURL(new Blob([JSON.stringify(await call("/receipt"), null, 1)], { type: "application/json" }));
        make("a", { href, download: `handoff-${now.reference}.json` }).click();
        setTimeout(() => URL.revokeObjectURL(href), 9e3);
      } catch (error) { broken(error); }
    }

    return {
      box,
      begin(found) { id = found.id; draw(found); listen(); },
      focus() { (words.hidden ? title : text).focus(); },
    };
  };
}
