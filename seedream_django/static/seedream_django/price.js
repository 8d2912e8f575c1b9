// <seedream-price data-prices="$0.035|$0.07|…">: the price on a button follows the number of pictures beside it.
class SeedreamPrice extends HTMLElement {
  connectedCallback() {
    this.place = this.closest("[data-part=panel], form");
    this.place?.addEventListener("input", this);
  }

  disconnectedCallback() {
    this.place?.removeEventListener("input", this);
  }

  // The number that counts: of two ways, the one that is chosen. Those for a place have one alone.
  get number() {
    const way = this.place.querySelector("[data-way]:has(input[type=radio]:checked)");
    return (way || this.place).querySelector("[name$=results], [name$=sequence]");
  }

  handleEvent({ target }) {
    if (!/(results|sequence|make)$/.test(target.name || "")) return;
    // The server says each of them: nothing is reckoned here, in binary fractions, or written as another would.
    const price = this.dataset.prices.split("|")[Number(this.number?.value) - 1];
    if (!price) return;
    const most = this.number.name.endsWith("sequence") && this.dataset.most;
    this.textContent = most ? most.replace("{price}", price) : price;
  }
}

customElements.define("seedream-price", SeedreamPrice);
