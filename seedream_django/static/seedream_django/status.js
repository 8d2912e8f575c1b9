// <seedream-status src="…?order=…">: shows a server-rendered fragment and fetches it again while something happens.
// All on a page that look at one address ask together. Changes are told to a live region, and as "seedream:news".
const HIDDEN = 15000, AGAIN = 5000, GIVE_UP = 30000, MOST = 100;
// Milliseconds between what is told of one, and of one after another.
const QUIET = 5000, APART = 1000;
const hubs = new Map();

class Hub {
  members = new Set();

  constructor(address) {
    this.address = address;
  }

  plan() {
    clearTimeout(this.timer);
    const due = Math.min(...[...this.members].map((member) => member.due));
    if (this.asking || due === Infinity) return;
    const wait = due - performance.now();
    this.timer = setTimeout(() => this.look(), document.hidden && due ? Math.max(wait, HIDDEN) : wait);
  }

  hurry() {
    for (const member of this.members) if (member.next || !member.body) member.due = 0;
    this.plan();
  }

  async look() {
    const now = performance.now();
    // Those whose time is nearly come as well: so all of a page soon ask together.
    const due = [...this.members].filter((member) => member.due - now <= Math.max(member.next / 2, 50));
    const asked = due.sort((a, b) => a.due - b.due).slice(0, MOST);
    for (const member of asked) member.due = now + (member.next || AGAIN);
    this.asking = true;
    try {
      const url = new URL(this.address);
      for (const order of new Set(asked.map((member) => member.order))) if (order) url.searchParams.append("order", order);
      const answer = await fetch(url, { signal: AbortSignal.timeout(GIVE_UP) });
      const text = await answer.text();
      // Our own refusals are plain text; Django's, a proxy's and a login page are not for reading aloud.
      const refusal = answer.headers.get("Content-Type")?.startsWith("text/plain") && text;
      if (answer.ok && !answer.redirected) this.share(text, asked);
      else if (answer.status < 500) for (const member of asked) member.end(refusal || member.dataset.gone);
    } catch {
      // The network comes back.
    }
    this.asking = false;
    this.plan();
  }

  share(text, members) {
    const { body } = new DOMParser().parseFromString(text, "text/html");
    for (const member of members) {
      const part = member.order ? body.querySelector(`[data-order="${CSS.escape(member.order)}"]`) : body;
      if (part && "gone" in part.dataset) member.end(member.dataset.gone);
      else if (part) member.show(part.cloneNode(true));
    }
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) for (const hub of hubs.values()) hub.hurry();
});

// The end of one is told at once, of what changes on the way only the latest, and one after the other.
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

// What only counts on is no news, nor is the forms' token, which is another one each time.
function stillOf(part) {
  const still = part.cloneNode(true);
  for (const tick of still.querySelectorAll("[data-tick], [name=csrfmiddlewaretoken]")) tick.replaceWith(tick.tagName);
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
    if (!hubs.has(url.href)) hubs.set(url.href, new Hub(url.href));
    this.hub = hubs.get(url.href);
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

  // Nothing may look as if it still went on.
  end(text) {
    this.last = null;
    this.due = Infinity;
    if (!this.body) this.fragment.innerHTML = '<p class="seedream-said"></p>';
    this.fragment.querySelector(".seedream-said").textContent = text;
    this.body?.classList.add("seedream-ended");
    this.tell(text);
  }

  show(part) {
    const still = stillOf(part);
    if (still === this.last) this.count(part);
    else this.renew(part, still);
    // Who pressed a button meanwhile is asked for at once.
    if (this.due) this.wait();
  }

  count(part) {
    const fresh = part.querySelectorAll("[data-tick]");
    for (const [at, tick] of this.fragment.querySelectorAll("[data-tick]").entries()) {
      Object.assign(tick, { value: fresh[at].value, textContent: fresh[at].textContent });
    }
  }

  renew(part, still) {
    this.last = still;
    const had = this.fragment.contains(document.activeElement) && document.activeElement;
    this.keepPictures(part);
    this.fragment.replaceChildren(...part.childNodes);
    const links = [...this.fragment.querySelectorAll("a, button")];
    if (had) (links.find((link) => nameOf(link) === nameOf(had)) || links[0])?.focus();
    this.tell(this.body?.dataset.say, !this.next);
    this.dispatchEvent(new CustomEvent("seedream:news", { bubbles: true, detail: { state: this.body?.dataset.state } }));
  }

  // A picture that is there already is not loaded and drawn again; one that has just come grows in.
  keepPictures(fresh) {
    for (const image of fresh.querySelectorAll("[data-image]")) {
      const present = this.fragment.querySelector(`[data-image="${image.dataset.image}"]`);
      if (present) image.replaceWith(present);
      else if (this.body) image.closest("li").classList.add("seedream-fresh");
    }
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
    const token = (this.closest("form") || document).querySelector("[name=csrfmiddlewaretoken]")?.value || "";
    try {
      await fetch(button.dataset.post, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
    } finally {
      button.disabled = false;
      // Disabled, it lost focus.
      if (document.activeElement === document.body) button.focus();
      this.hub.hurry();
    }
  }
});
