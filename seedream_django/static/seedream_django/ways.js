// <seedream-ways>: two ways to say how many, each with its own number. Whoever writes a number means its way.
class SeedreamWays extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this);
  }

  handleEvent({ target }) {
    if (target.type === "radio") return;
    const way = target.closest("[data-way]")?.querySelector("input[type=radio]");
    if (!way || way.checked) return;
    way.checked = true;
    way.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("seedream-ways", SeedreamWays);
