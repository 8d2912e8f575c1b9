// <seedream-references>: what an order is made from. Without the script its buttons send the whole form.
const GIVEN = "[data-row] :is(input, select)";

customElements.define("seedream-references", class extends HTMLElement {
  connectedCallback() {
    for (const type of ["click", "change", "keydown"]) this.addEventListener(type, this);
    const around = this.closest(".seedream-studio");
    for (const type of ["dragover", "drop", "paste"]) around.addEventListener(type, this);
    // By then the browser has put the rest of the form back.
    window.addEventListener("pageshow", () => {
      const given = history.state?.[this.id];
      const { name } = this.querySelector("button[name$='-do']");
      if (given && given !== this.given) this.renew({ name, value: "add" }, given);
    }, { once: true });
  }

  button(value) {
    return this.querySelector(`button[value="${value}"]`);
  }

  handleEvent(event) {
    const { type, target, key } = event;
    const button = key === "Enter" && target.type === "search" ? target.nextElementSibling : target.closest("button[name$='-do']");
    if (event.dataTransfer || event.clipboardData) this.give(event);
    else if (type === "change") {
      if (target.files?.length) this.renew(this.button("add"));
      else if (target.matches("[data-row] select")) this.keep();
    } else if (button && (type === "click" || target !== button)) {
      event.preventDefault();
      if (button.ariaDisabled !== "true") this.renew(button);
    }
  }

  // As if it had been chosen; not the picture of a text that is pasted.
  give(event) {
    const { types, files } = event.dataTransfer || event.clipboardData;
    const input = this.querySelector("[type=file]");
    if (!types.includes("Files") || types.includes("text/plain")) return;
    event.preventDefault();
    if (!input || !files.length) return;
    input.files = files;
    this.renew(this.button("add"));
  }

  get given() {
    const fields = [...this.querySelectorAll(GIVEN)];
    return `${new URLSearchParams(fields.map(({ name, value }) => [name, value]))}`;
  }

  // Who comes back gets the server's list: the next order would be made from fewer.
  keep() {
    history.replaceState({ ...history.state, [this.id]: this.given }, "");
  }

  // `given` leaves the keyboard where it is.
  async renew(button, given) {
    if (this.ariaBusy) return;
    const data = new FormData(this.closest("form"));
    data.set(button.name, button.value);
    for (const field of given ? this.querySelectorAll(GIVEN) : []) data.delete(field.name);
    for (const [name, value] of new URLSearchParams(given)) data.append(name, value);
    this.ariaBusy = "true";
    this.say(this.dataset.busy);
    try {
      const answer = await fetch(location.href, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What is no such page throws as well.
      const [tray, news] = answer.ok && page.getElementById(this.id).children;
      this.firstElementChild.replaceWith(tray);
      this.keep();
      if (!given) this.take(this.button(button.value));
      this.say(news.textContent);
    } catch {
      this.say(this.dataset.failed);
    }
    this.ariaBusy = null;
  }

  // The keyboard goes to what is wrong, new or moved, else to the same button.
  take(same) {
    const wrong = this.querySelector("[data-errors] li");
    if (wrong) wrong.tabIndex = -1;
    (wrong || this.querySelector("[data-focus]") || same || this.querySelector("summary")).focus();
  }

  say(text) {
    this.lastElementChild.textContent = text;
  }
});
