// <seedream-price data-price="0.035">: the price on a button follows the number of pictures beside it.
const NUMBER = /\d(?:[\d.,\s]*\d)?/;

class SeedreamPrice extends HTMLElement {
  connectedCallback() {
    // As the server wrote it: a number of this script may be in digits of the language's own, not to be found again.
    this.words ??= this.textContent;
    this.place = this.closest("[data-part=panel], form");
    this.place?.addEventListener("input", this);
  }

  disconnectedCallback() {
    this.place?.removeEventListener("input", this);
  }

  handleEvent(event) {
    const count = Number(event.target.value);
    if (!event.target.name?.endsWith("results") || !(count >= 1 && count <= 20)) return;
    const digits = { minimumFractionDigits: 2, maximumFractionDigits: 4 };
    const total = (Number(this.dataset.price) * count).toLocaleString(document.documentElement.lang || "en", digits);
    // Currency and place are the server's, as this language writes them: only the number is put in.
    this.textContent = this.words.replace(NUMBER, total);
  }
}

customElements.define("seedream-price", SeedreamPrice);
