// <seedream-status src="…">: shows a server-rendered fragment and fetches it again while something happens.
// Fast while somebody looks, slowly when the page is hidden, not at all once it is final. Each change is told
// to a live region that stays in place, and to others as a "seedream:news" event.
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
      else if (answer.status < 500) return this.tell(text.length < 300 ? text : answer.statusText);
    } catch {
      // The network comes back; what is on the page stays until then.
    }
    this.body ? this.settle() : (this.timer = setTimeout(() => this.look(), 5000));
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
    this.tell(this.body?.dataset.say);
    this.dispatchEvent(new CustomEvent("seedream:news", { bubbles: true, detail: { state: this.body?.dataset.state } }));
  }

  // A picture that is there already is not loaded and drawn again.
  keepPictures(fresh) {
    for (const image of fresh.querySelectorAll("[data-image]")) {
      const present = this.fragment.querySelector(`[data-image="${image.dataset.image}"]`);
      if (present) image.replaceWith(present);
    }
  }

  tell(text) {
    if (text && this.news.textContent !== text) this.news.textContent = text;
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
