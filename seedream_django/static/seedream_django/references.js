// <seedream-references>: what an order is made from. Its buttons send the form; with this script only this part of the
// page is renewed, and moving a picture needs nobody.
customElements.define("seedream-references", class extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("change", this);
    // By then the browser has put back what was written elsewhere in the form.
    window.addEventListener("pageshow", () => this.recall(), { once: true });
  }

  get rows() {
    return [...this.querySelectorAll("[data-row]")];
  }

  handleEvent(event) {
    const { type, target } = event;
    const button = target.closest("button[name$='-do']");
    if (type === "change") {
      if (target.files?.length) this.renew(this.querySelector("button[value=add]"));
      else if (target.matches("[data-row] select")) this.keep();
    } else if (button) {
      event.preventDefault();
      if (/^(up|down)-/.test(button.value)) this.move(button);
      else this.renew(button);
    }
  }

  move(button) {
    const row = button.closest("[data-row]");
    const other = button.value.startsWith("up") ? row.previousElementSibling : row.nextElementSibling?.nextElementSibling;
    if (button.ariaDisabled === "true") return;
    row.parentElement.insertBefore(row, other || null);
    this.number();
    this.keep();
    button.focus();
    this.say(this.dataset.moved, { name: row.querySelector("[data-name]").textContent, number: this.rows.indexOf(row) + 1 });
  }

  number() {
    const { rows } = this;
    rows.forEach((row, at) => {
      row.querySelector("[data-number]").textContent = at + 1;
      for (const button of row.querySelectorAll("button")) {
        button.value = button.value.replace(/\d+$/, at + 1);
        button.ariaDisabled = ["up-1", `down-${rows.length}`].includes(button.value) || null;
      }
    });
  }

  get start() {
    return this.querySelector("[name$='-page']").name.replace(/page$/, "");
  }

  get given() {
    return this.rows.map((row) => [...row.querySelectorAll("[name$='-item'], [name$='-role']")].map((field) => field.value));
  }

  // Whoever comes back to the page gets the server's list: the next order would be made from fewer pictures, unnoticed.
  keep() {
    history.replaceState({ ...history.state, [this.id]: this.given }, "");
  }

  recall() {
    const given = history.state?.[this.id];
    if (given && JSON.stringify(given) !== JSON.stringify(this.given)) this.renew({ name: `${this.start}do`, value: "add" }, given);
  }

  // With `given` it shows these, and leaves the keyboard where it is.
  async renew(button, given) {
    if (this.ariaBusy) return;
    const form = this.closest("form");
    const data = new FormData(form);
    data.set(button.name, button.value);
    if (given) for (const [at, each] of ["item", "role"].entries()) {
      data.delete(this.start + each);
      for (const row of given) data.append(this.start + each, row[at]);
    }
    this.ariaBusy = "true";
    this.say(this.dataset.busy);
    const had = this.rows.length;
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: data });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = answer.ok && page.getElementById(this.id);
      // What is no such page throws as well.
      this.replaceChildren(...fresh.childNodes);
      this.keep();
      if (!given) this.focusAfter(button, had);
      this.say(this.dataset.count, { count: this.rows.length });
    } catch {
      this.say(this.dataset.failed);
    }
    this.ariaBusy = null;
  }

  // To what is wrong, to what is new, to the button that was pressed, or to the heading: never lost.
  focusAfter(button, had) {
    const wrong = this.querySelector("[data-errors] li");
    wrong?.setAttribute("tabindex", -1);
    const fresh = this.rows[had]?.querySelector("select");
    const same = this.querySelector(`button[value="${button.value}"]`);
    (wrong || fresh || same || this.querySelector("summary")).focus();
  }

  say(text, words = {}) {
    this.querySelector("[data-news]").textContent = text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
  }
});
