// <seedream-prompt>: counts what is left of a prompt, in characters as the provider counts them.
customElements.define("seedream-prompt", class extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.area.addEventListener("input", this);
    this.closest(".seedream-order")?.addEventListener("keydown", this.key);
    this.handleEvent();
  }

  // Enter on a shape is meant as a choice; a browser takes it for the button, which costs money.
  key(event) {
    if (event.key === "Enter" && event.target.type === "radio") event.preventDefault();
  }

  handleEvent() {
    const count = this.querySelector(".seedream-count");
    // Code points, not UTF-16 units: an emoji is one character.
    const left = this.area.dataset.limit - [...this.area.value.trim()].length;
    const said = left < 0 ? count.dataset.over : count.dataset.left;
    count.textContent = said.replace("{count}", Math.abs(left).toLocaleString(document.documentElement.lang || "en"));
    count.classList.toggle("seedream-over", left < 0);
    // A screen reader hears of it near the end only, not at every key.
    count.ariaLive = left < 100 ? "polite" : "off";
  }
});
