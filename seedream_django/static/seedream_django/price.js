// <seedream-ways>: two ways to say how many; <seedream-price data-prices="$0.035|$0.07|…"> follows.
customElements.define("seedream-ways", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this);
  }

  handleEvent({ target }) {
    const way = target.closest("[data-way]");
    const { name, value } = way.querySelector("[type=number]");
    // Whoever writes a number means its way.
    way.querySelector("[type=radio]").checked = true;
    for (const place of this.closest("[data-part=panel], .seedream-order").querySelectorAll("seedream-price")) {
      const { prices, most } = place.dataset;
      // Nothing is reckoned in binary fractions.
      const price = prices.split("|")[value - 1];
      if (price) place.textContent = name.endsWith("sequence") && most ? most.replace("{price}", price) : price;
    }
  }
});
