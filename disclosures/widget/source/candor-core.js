/* Candor's client for site code: one site, one visitor, what she has chosen. No interface and no dependency.

   Nothing is stored before the first choice; afterwards one entry: a random number, how things stand, since when.
   What is unknown, refused, expired or not yet read is "not allowed". A no counts at once, a yes once it is recorded. */

export const VERSION = "source"; // the build puts the digest of all sources here
const FRESH = 36e5; // for an hour a known browser's choices are not read again
const AGAIN = /offer-(expired|used|foreign|outdated|altered)$/;
const number = () => crypto.randomUUID().replaceAll("-", "");
export const home = import.meta.url.split("/widget/")[0];

export function client({ site, lang = "en", api = home, token }) {
  const bus = new EventTarget(), slot = "candor." + site, session = number(), wish = {}, seen = {};
  const signal = navigator.globalPrivacyControl === true;
  let kept, config, mine, receipt, reading, fresh;
  try { kept = JSON.parse(localStorage.getItem(slot)); } catch { /* storage is barred: each visit is the first */ }

  const tell = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));
  const fail = (error) => tell("error", { error });

  /* Who asks: the number that is given, else the customer as the site vouches for her, else the number that is known. */
  const by = (device = !token && kept?.device) => ({ "X-Candor-Site": site, ...(device ? { "X-Candor-Device": device } : token && { Authorization: "Bearer " + token }) });

  const call = (path, body, device, key = number()) => read(path, body ? {
    method: "POST", headers: { ...by(device), "Content-Type": "application/json", "Idempotency-Key": key }, body: JSON.stringify(body), keepalive: true,
  } : { headers: by(device) });

  async function read(path, options) {
    const answer = await fetch(api + path, { credentials: "omit", signal: AbortSignal.timeout(2e4), ...options });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(Error(told.title), { problem: told });
    return told;
  }

  const configure = async (cache) => (config = await read(`/v1/widget/${site}/${lang}`, { cache }));

  /* Ask how things stand for this person, and for the offer that a choice has to bring back. */
  async function refresh(surface = "panel", device) {
    const got = await call(`/v1/offers?lang=${config.lang}&surface=${surface}`, 0, device);
    if (got.version !== config.version) await configure("reload");
    mine = got;
    keep();
    changed("api");
    return state();
  }

  function keep(device = kept?.device) {
    if (!device || token) return;
    kept = { device, states: mine.states, all_off: mine.all_off, at: Date.now() };
    try { localStorage.setItem(slot, JSON.stringify(kept)); } catch { /* kept for this page only */ }
  }

  const standing = () => mine || (!token && kept?.at > Date.now() - FRESH ? kept : null);

  /* How one purpose stands, by what is recorded. */
  function stands(purpose) {
    const known = standing(), one = known?.states[purpose.id];
    const on = known ? one?.on === true : purpose.on && !token && !kept;
    const why = one?.why || "default", bySignal = on && signal && purpose.gpc && why === "default";
    return { ...one, on: on && !bySignal, why: bySignal ? "signal" : why };
  }

  const purposeOf = (id) => config?.purposes.find((one) => one.id === id);

  function allowed(id) {
    const purpose = purposeOf(id);
    return !!purpose && wish[id] !== false && wish["*"] !== false && stands(purpose).on;
  }

  function state() {
    const choices = {}, states = {};
    for (const one of config?.purposes || []) {
      choices[one.id] = allowed(one.id);
      states[one.id] = stands(one);
    }
    return { gpc: signal || !!mine?.gpc.signal, version: config?.version, subject: mine?.subject, allOff: !!standing()?.all_off, wish, choices, states };
  }

  let before;
  function changed(source) {
    const { choices } = state(), old = before;
    before = choices;
    tell("state");
    if (old && JSON.stringify(old) !== JSON.stringify(choices)) tell("change", { choices, before: old, source });
  }

  function word(id, on) {
    const purpose = purposeOf(id);
    if (!purpose || purpose.on) return on ? "opt_out_reversed" : "opted_out"; // also of everything, "*"
    if (!on) return mine.states[id].on ? "withdrawn" : "refused";
    return purpose.explicit ? (stands(purpose).step ? "explicitly_given" : "requested") : "given";
  }

  async function send(id, on, again) {
    const device = token ? "" : kept?.device || (fresh ||= number());
    // a signal is recorded before what the person says herself, so that her word is the later one
    if (!mine?.offer || (mine.gpc.signal && !kept)) await refresh("panel", device);
    const one = mine.states[id] || {}, { step } = one;
    if (id === "*" ? mine.all_off !== on : on ? one.on : !one.on && !step && one.why === "choice") {
      one.why = "choice"; // said now where it was only the default: from here on a signal does not speak for her
      keep();
      return { same: true };
    }
    const choice = { purpose: id, state: word(id, on), confirms: (on && step) || undefined };
    try {
      const made = await call("/v1/choices", { offer: mine.offer, choices: [choice] }, device);
      const done = made.choices.find((one) => one.purpose === id);
      if (made.receipt) receipt = made.receipt;
      mine.offer = made.offer;
      const asked = choice.state === "requested";
      for (const other of made.gpc.honoured) if (other !== id) mine.states[other] = { on: false, why: "signal" };
      if (id !== "*") mine.states[id] = { on: on && !asked && !mine.all_off, why: "choice", pending: asked, step: asked && done.id };
      keep(device);
      if (id === "*") await refresh().catch(() => (mine = null));
      return { receipt: made.receipt, pending: asked };
    } catch (error) {
      mine.offer = null;
      if (again || !AGAIN.test(error.problem?.type)) throw error;
      return send(id, on, true);
    }
  }

  /* Say yes or no to a purpose, or to everything with "*". An explicit purpose takes two calls to allow, one to refuse. */
  async function set(id, on) {
    if (id !== "*" && purposeOf(id)?.locked !== false) throw Error(id);
    wish[id] = on;
    changed("user");
    try {
      const done = await (reading = Promise.resolve(reading).catch(() => 0).then(() => send(id, on)));
      delete wish[id];
      tell("saved", done);
      return done;
    } catch (error) {
      delete wish[id];
      fail(error);
      throw error;
    } finally { changed("user"); }
  }

  /* Report that a notice has become visible: proof of what was shown, once for each surface and conversation. */
  async function shown(notice, more) {
    const facts = { notice: notice.id, version: notice.version, lang: notice.lang || config.lang, build: VERSION, session, ...more };
    const known = JSON.stringify(facts);
    if (seen[known]) return;
    seen[known] = 1;
    await call("/v1/showings", facts).catch(fail);
    return { disclosure: notice.id, version: notice.version, surface: facts.surface };
  }

  async function begin() {
    await configure();
    if (token || (kept && !standing())) await refresh("app").catch(fail);
    changed("api");
    return state();
  }

  const self = {
    api, bus, by, keep, allowed, set, refresh, shown, call, state, read,
    get config() { return config; },
    receipt: () => receipt,
    known: () => !!(kept || token),
    vouched: () => !!token,
    setSubject(given) { token = given || undefined; mine = null; return begin(); },
    ready: begin(),
  };
  self.ready.then(() => tell("ready", state()), fail);
  return self;
}
