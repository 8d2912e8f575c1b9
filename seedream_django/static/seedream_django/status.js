// <seedream-status src="…?order=…">: a fragment, fetched again while something happens. All with one address ask
// together. Changes are told to a live region, and as "seedream:news".
const HIDDEN = 15000, AGAIN = 5000, GIVE_UP = 30000, MOST = 100;
// Milliseconds between what is told of one, and of two.
const QUIET = 5000, APART = 1000;
const TICKS = "[data-tick]";
const hubs = new Map();

function hubOf(address) {
  const members = new Set();
  let timer, asking;

  function plan() {
    clearTimeout(timer);
    const due = Math.min(...[...members].map((member) => member.due));
    if (asking || due === Infinity) return;
    const wait = due - performance.now();
    timer = setTimeout(look, document.hidden && due ? Math.max(wait, HIDDEN) : wait);
  }

  function hurry() {
    for (const member of members) if (member.next || !member.body) member.due = 0;
    plan();
  }

  async function look() {
    const now = performance.now();
    // With those whose time has nearly come.
    const due = [...members].filter((member) => member.due - now <= Math.max(member.next / 2, 50));
    const asked = due.sort((a, b) => a.due - b.due).slice(0, MOST);
    for (const member of asked) member.due = now + (member.next || AGAIN);
    asking = true;
    try {
      const url = new URL(address);
      for (const order of new Set(asked.map((member) => member.order))) if (order) url.searchParams.append("order", order);
      const answer = await fetch(url, { signal: AbortSignal.timeout(GIVE_UP) });
      const text = await answer.text();
      // Our own refusals are plain text.
      const refusal = answer.headers.get("Content-Type")?.startsWith("text/plain") && text;
      if (answer.ok && !answer.redirected) share(text, asked);
      else if (answer.status < 500) for (const member of asked) member.end(refusal || undefined);
    } catch {
      // The network comes back.
    }
    asking = false;
    plan();
  }

  return { members, plan, hurry };
}

function share(text, members) {
  const { body } = new DOMParser().parseFromString(text, "text/html");
  for (const member of members) {
    const part = member.order ? body.querySelector(`[data-order="${CSS.escape(member.order)}"]`) : body;
    if (part && "gone" in part.dataset) member.end();
    else if (part) member.show(part.cloneNode(true));
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const hub of hubs.values()) hub.hurry();
});

// The end of one is told at once, on the way only the latest.
const untold = new Map();
let telling, quietUntil = 0;

function tellNext() {
  clearTimeout(telling);
  const [next] = [...untold].sort(([, a], [, b]) => a.at - b.at);
  if (!next) return;
  const [status, { text, at }] = next;
  telling = setTimeout(() => {
    untold.delete(status);
    status.told = performance.now();
    status.news.textContent = text;
    quietUntil = status.told + APART;
    tellNext();
  }, Math.max(at, quietUntil) - performance.now());
}

// What counts on is no news, nor the forms' token.
function stillOf(part) {
  const still = part.cloneNode(true);
  for (const tick of still.querySelectorAll(`${TICKS}, [name=csrfmiddlewaretoken]`)) tick.replaceWith(tick.tagName);
  return still.innerHTML.trim();
}

const nameOf = ({ id, href, dataset }) => id || dataset.post || href;

customElements.define("seedream-status", class extends HTMLElement {
  connectedCallback() {
    this.fragment = this.querySelector("[data-fragment]");
    this.news = this.querySelector("[data-news]");
    this.classList.add("seedream-live");
    this.addEventListener("click", this);
    const url = new URL(this.getAttribute("src"), document.baseURI);
    this.order = url.searchParams.get("order");
    url.searchParams.delete("order");
    this.due = 0;
    if (this.body) {
      this.last = stillOf(this.fragment);
      this.wait();
    }
    const { href } = url;
    if (!hubs.has(href)) hubs.set(href, hubOf(href));
    this.hub = hubs.get(href);
    this.hub.members.add(this);
    this.hub.plan();
  }

  disconnectedCallback() {
    untold.delete(this);
    this.hub.members.delete(this);
    this.hub.plan();
  }

  get body() {
    return this.fragment.querySelector("[data-state]");
  }

  get next() {
    return Number(this.body?.dataset.next || 0);
  }

  wait() {
    this.due = performance.now() + (this.next || Infinity);
  }

  // Nothing looks as if it went on.
  end(text = this.dataset.gone) {
    this.last = null;
    this.due = Infinity;
    if (!this.body) this.fragment.innerHTML = '<p class="seedream-said"></p>';
    this.fragment.querySelector(".seedream-said").textContent = text;
    this.body?.classList.add("seedream-ended");
    this.tell(text);
  }

  show(part) {
    const still = stillOf(part);
    if (still !== this.last) this.renew(part, still);
    else for (const [at, { value, textContent }] of part.querySelectorAll(TICKS).entries()) {
      Object.assign(this.fragment.querySelectorAll(TICKS)[at], { value, textContent });
    }
    // Who pressed a button meanwhile is asked for at once.
    if (this.due) this.wait();
  }

  renew(part, still) {
    this.last = still;
    const had = this.fragment.contains(document.activeElement) && document.activeElement;
    // What is there is not loaded again; the new grows in.
    for (const image of part.querySelectorAll("[data-image]")) {
      const present = this.fragment.querySelector(`[data-image="${image.dataset.image}"]`);
      if (present) image.replaceWith(present);
      else if (this.body) image.closest("li").classList.add("seedream-fresh");
    }
    this.fragment.replaceChildren(...part.childNodes);
    const links = had ? [...this.fragment.querySelectorAll("a, button")] : [];
    (links.find((link) => nameOf(link) === nameOf(had)) || links[0])?.focus();
    this.tell(this.body?.dataset.say, !this.next);
    this.dispatchEvent(new Event("seedream:news", { bubbles: true }));
  }

  tell(text, now = true) {
    untold.delete(this);
    if (text && this.news.textContent !== text) untold.set(this, { text, at: now ? 0 : (this.told ?? -QUIET) + QUIET });
    tellNext();
  }

  async handleEvent(event) {
    const button = event.target.closest("[data-post]");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
    const sent = { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" };
    const answer = await fetch(button.dataset.post, sent).catch(() => 0);
    button.disabled = false;
    // Disabled, it lost focus.
    if (document.activeElement === document.body) button.focus();
    // What still changes tells of itself.
    if (!this.next && answer.type !== "opaqueredirect") return this.end();
    this.due = 0;
    this.hub.hurry();
  }
});
