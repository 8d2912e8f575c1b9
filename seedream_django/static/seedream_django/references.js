// <seedream-references>: what an order is made from. Its buttons send the form, which comes back with what was given;
// with this script only this part of the page is renewed, and moving a picture needs nobody.
class SeedreamReferences extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("change", this);
    // Not earlier: by then the browser has put back what was written elsewhere in the form.
    window.addEventListener("pageshow", () => this.recall(), { once: true });
  }

  get rows() {
    return [...this.querySelectorAll("[data-row]")];
  }

  handleEvent(event) {
    const { target } = event;
    if (event.type === "change") {
      // Nothing else can be done with a file that was chosen: it is kept at once, and shown.
      if (target.type === "file" && target.files.length) this.renew(this.querySelector("button[value=add]"));
      else if (target.matches("[data-row] select")) this.keep();
      return;
    }
    const button = target.closest("button[name$='-do']");
    if (!button) return;
    event.preventDefault();
    const [what] = button.value.split("-");
    if (what === "up" || what === "down") this.move(button, what);
    else this.renew(button);
  }

  move(button, what) {
    const row = button.closest("[data-row]");
    const other = what === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (what === "up") other.before(row);
    else other.after(row);
    this.number();
    this.keep();
    button.focus();
    const words = { name: row.querySelector("[data-name]").textContent, number: this.rows.indexOf(row) + 1 };
    this.say(this.dataset.moved, words);
  }

  number() {
    const { rows } = this;
    rows.forEach((row, index) => {
      row.querySelector("[data-number]").textContent = index + 1;
      for (const button of row.querySelectorAll("button")) {
        button.value = button.value.replace(/\d+$/, index + 1);
        const ends = (button.value.startsWith("up-") && !index) || (button.value.startsWith("down-") && index === rows.length - 1);
        button.toggleAttribute("aria-disabled", ends);
        if (ends) button.setAttribute("aria-disabled", "true");
      }
    });
  }

  get given() {
    return this.rows.map((row) => [...row.querySelectorAll("[name$='-item'], [name$='-role']")].map((field) => field.value));
  }

  // Whoever comes back to the page, or loads it again, gets the server's list: without this one the next order would be
  // made from fewer pictures, and nobody would notice.
  keep() {
    history.replaceState({ ...history.state, [this.id]: this.given }, "");
  }

  recall() {
    const given = history.state?.[this.id];
    if (!given || JSON.stringify(given) === JSON.stringify(this.given)) return;
    const name = this.querySelector("[name$='-page']").name.replace(/-page$/, "-do");
    this.renew({ name, value: "add" }, given);
  }

  // With `given` it shows these, and leaves the keyboard where it is.
  async renew(button, given) {
    if (this.hasAttribute("aria-busy")) return;
    const form = this.closest("form");
    const data = new FormData(form);
    data.set(button.name, button.value);
    if (given) this.put(data, given);
    this.setAttribute("aria-busy", "true");
    this.say(this.dataset.busy);
    const had = this.rows.length;
    try {
      const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: data, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = answer.ok && page.getElementById(this.id);
      if (!fresh) throw new Error();
      this.replaceChildren(...fresh.childNodes);
      this.keep();
      if (!given) this.focusAfter(button, had);
      this.say(this.dataset.count, { count: this.rows.length });
    } catch {
      this.say(this.dataset.failed);
    }
    this.removeAttribute("aria-busy");
  }

  put(data, given) {
    const name = this.querySelector("[name$='-page']").name.replace(/page$/, "");
    for (const each of ["item", "role"]) data.delete(name + each);
    for (const [item, role] of given) {
      data.append(`${name}item`, item);
      data.append(`${name}role`, role);
    }
  }

  // To what is wrong, to what is new, to the button that was pressed, or to the heading: never lost.
  focusAfter(button, had) {
    const wrong = this.querySelector("[data-errors] li");
    if (wrong) wrong.tabIndex = -1;
    const fresh = this.rows.length > had && this.rows[had].querySelector("select");
    const same = this.querySelector(`button[value="${button.value}"]`);
    (wrong || fresh || same || this.querySelector("summary")).focus();
  }

  say(text, words = {}) {
    this.querySelector("[data-news]").textContent = text.replace(/\{(\w+)\}/g, (_, name) => words[name]);
  }
}

customElements.define("seedream-references", SeedreamReferences);
