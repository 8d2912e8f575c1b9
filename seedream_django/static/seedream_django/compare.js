customElements.define("seedream-compare", class extends HTMLElement {
  connectedCallback() {
    this.oninput = ({ target }) => this.style.setProperty("--seedream-cut", `${target.value}%`);
  }
});
