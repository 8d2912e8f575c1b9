// <seedream-prompt>: counts what is left of a prompt, in characters as the provider counts them.
class SeedreamPrompt extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.count = this.querySelector(".seedream-count");
    this.area?.addEventListener("input", this);
    this.form = this.closest(".seedream-order");
    this.form?.addEventListener("keydown", this.key);
    this.tell();
  }

  disconnectedCallback() {
    this.area?.removeEventListener("input", this);
    this.form?.removeEventListener("keydown", this.key);
  }

  // Enter on a shape is meant as a choice; a browser takes it for the button, which costs money.
  key(event) {
    if (event.key === "Enter" && event.target.type === "radio") event.preventDefault();
  }

  handleEvent() {
    this.tell();
  }

  tell() {
    if (!this.area) return;
    const limit = Number(this.area.dataset.limit);
    // Code points, not UTF-16 units: an emoji is one character.
    const left = limit - [...this.area.value.trim()].length;
    const said = left < 0 ? this.count.dataset.over : this.count.dataset.left;
    this.count.textContent = said.replace("{count}", Math.abs(left).toLocaleString(document.documentElement.lang || "en"));
    this.count.classList.toggle("seedream-over", left < 0);
    // A screen reader hears of it near the end only, not at every key.
    this.count.setAttribute("aria-live", left < 100 ? "polite" : "off");
  }
}

customElements.define("seedream-prompt", SeedreamPrompt);
