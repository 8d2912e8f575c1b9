// <seedream-ways>: two ways to say how many, each with its own number. Whoever writes a number means its way.
customElements.define("seedream-ways", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this);
  }

  handleEvent({ target }) {
    const way = target.closest("[data-way]")?.querySelector("[type=radio]:not(:checked)");
    if (!way) return;
    way.checked = true;
    way.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
