// <seedream-price data-prices="$0.035|$0.07|…">: the price on a button follows the number of pictures beside it.
customElements.define("seedream-price", class extends HTMLElement {
  connectedCallback() {
    this.place = this.closest("[data-part=panel], form");
    this.place?.addEventListener("input", this);
  }

  handleEvent({ target }) {
    if (!/(results|sequence|make)$/.test(target.name)) return;
    // Of two ways, the number of the one that is chosen.
    const way = this.place.querySelector("[data-way]:has(:checked)") || this.place;
    const number = way.querySelector("[name$=results], [name$=sequence]");
    // Nothing is reckoned here, in binary fractions.
    const price = this.dataset.prices.split("|")[Number(number?.value) - 1];
    if (!price) return;
    const most = number.name.endsWith("sequence") && this.dataset.most;
    this.textContent = most ? most.replace("{price}", price) : price;
  }
});
