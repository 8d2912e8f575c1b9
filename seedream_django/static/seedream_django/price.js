// <seedream-price data-prices="$0.035|$0.07|…">: the price on a button follows the number of pictures beside it.
class SeedreamPrice extends HTMLElement {
  connectedCallback() {
    this.place = this.closest("[data-part=panel], form");
    this.place?.addEventListener("input", this);
  }

  disconnectedCallback() {
    this.place?.removeEventListener("input", this);
  }

  handleEvent(event) {
    if (!event.target.name?.endsWith("results")) return;
    // The server says each of them: nothing is reckoned here, in binary fractions, or written as another would.
    const price = this.dataset.prices.split("|")[Number(event.target.value) - 1];
    if (price) this.textContent = price;
  }
}

customElements.define("seedream-price", SeedreamPrice);
