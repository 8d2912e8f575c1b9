// <seedream-status src="…">: shows a server-rendered fragment and fetches it again while something happens.
// Fast while somebody looks, slowly when the page is hidden, not at all once it is final. Changes are told to a
// live region that stays in place, at most every few seconds, and each to others as a "seedream:news" event.
const QUIET = 5000;

// Our own refusals are plain text; Django's, a proxy's and a login page are not for reading aloud.
const isPlain = (answer) => answer.headers.get("Content-Type")?.startsWith("text/plain");

class SeedreamStatus extends HTMLElement {
  connectedCallback() {
    this.fragment = this.querySelector("[data-fragment]");
    this.news = this.querySelector("[data-news]");
    this.classList.add("seedream-live");
    this.addEventListener("click", this);
    this.seen = () => document.hidden || this.look();
    document.addEventListener("visibilitychange", this.seen);
    this.body ? this.settle() : this.look();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    clearTimeout(this.later);
    this.removeEventListener("click", this);
    document.removeEventListener("visibilitychange", this.seen);
  }

  get body() {
    return this.fragment.querySelector("[data-state]");
  }

  settle() {
    clearTimeout(this.timer);
    const wait = Number(this.body?.dataset.next);
    if (wait) this.timer = setTimeout(() => this.look(), document.hidden ? Math.max(wait, 15000) : wait);
  }

  async look() {
    clearTimeout(this.timer);
    if (this.body && !this.body.dataset.next) return;
    try {
      const answer = await fetch(this.getAttribute("src"), { credentials: "same-origin" });
      const text = await answer.text();
      if (answer.ok && !answer.redirected) this.show(text);
      else if (answer.status < 500) return this.end(isPlain(answer) ? text : this.dataset.gone);
    } catch {
      // The network comes back; what is on the page stays until then.
    }
    this.body ? this.settle() : (this.timer = setTimeout(() => this.look(), 5000));
  }

  // Nothing is asked any more, until somebody comes back to the page: so nothing may look as if it still went on.
  end(text) {
    this.last = null;
    const said = this.fragment.querySelector(".seedream-said") || document.createElement("p");
    said.className = "seedream-said";
    said.textContent = text;
    if (!this.fragment.contains(said)) this.fragment.prepend(said);
    this.body?.classList.add("seedream-ended");
    this.tell(text);
  }

  show(html) {
    // The token in the forms is another one each time, and says nothing.
    const news = html.replace(/ name="csrfmiddlewaretoken" value="[^"]*"/g, "");
    if (news === this.last) return;
    this.last = news;
    const focused = this.fragment.contains(document.activeElement) ? document.activeElement.id : null;
    const template = document.createElement("template");
    template.innerHTML = html;
    this.keepPictures(template.content);
    this.fragment.replaceChildren(template.content);
    if (focused) (document.getElementById(focused) || this.fragment.querySelector("a, button"))?.focus();
    this.tell(this.body?.dataset.say, !this.body?.dataset.next);
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

  // The end is told at once. Of what changes on the way only the latest is told, so that twenty pictures do not
  // talk over the one who listens.
  tell(text, now = true) {
    clearTimeout(this.later);
    const wait = now ? 0 : (this.told || 0) + QUIET - Date.now();
    if (wait > 0) this.later = setTimeout(() => this.say(text), wait);
    else this.say(text);
  }

  say(text) {
    if (!text || this.news.textContent === text) return;
    this.told = Date.now();
    this.news.textContent = text;
  }

  async handleEvent(event) {
    const button = event.target.closest("[data-post]");
    if (!button) return;
    event.preventDefault();
    button.disabled = true;
    const form = this.closest("form");
    const token = (form || document).querySelector("[name=csrfmiddlewaretoken]")?.value || "";
    try {
      await fetch(button.dataset.post, { method: "POST", headers: { "X-CSRFToken": token }, redirect: "manual" });
    } finally {
      button.disabled = false;
      this.look();
    }
  }
}

customElements.define("seedream-status", SeedreamStatus);
