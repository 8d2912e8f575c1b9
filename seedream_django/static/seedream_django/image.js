// <seedream-image>: a picture's place in a form. Without this script the panel can order when the form is saved;
// with it also at once, and the pictures appear while the writing goes on.
class SeedreamImage extends HTMLElement {
  connectedCallback() {
    this.button = this.part("generate");
    if (!this.button || !this.dataset.order) return;
    this.button.hidden = false;
    this.renew();
    this.addEventListener("click", this);
    this.addEventListener("keydown", this);
    this.addEventListener("input", this);
    this.addEventListener("seedream:news", this);
  }

  part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  field(name) {
    return this.querySelector(`[name="${this.name}-${name}"]`);
  }

  // Cloned inlines rename their inputs, so the name is read from one of them.
  get name() {
    return this.part("slot").name.replace(/-slot$/, "");
  }

  handleEvent(event) {
    if (event.type === "seedream:news") this.offerNew(event.target);
    else if (event.type === "keydown") this.key(event);
    else if (event.type === "input") this.change(event.target);
    else this.press(event.target.closest("button")?.dataset || {}, event.target);
  }

  press({ part, anyway, take }, target) {
    if (take !== undefined) this.take(target.closest("button").querySelector("img"));
    if (anyway) this.anyway = anyway;
    if (anyway || part === "generate") this.order();
  }

  // Unused pictures are those of the words and the shape that were sent, whatever the number.
  change(control) {
    if (control.name === `${this.name}-prompt` || control.name === `${this.name}-shape`) this.ask();
  }

  // Enter in the number field would save the whole form.
  key(event) {
    if (event.key === "Enter" && event.target === this.field("results")) {
      event.preventDefault();
      this.order();
    }
  }

  // Each order has its own nonce, so that a double click is one order and the next click, or the same panel
  // in another cloned inline, is not taken for one.
  renew() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    this.field("nonce").value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async order() {
    if (this.button.disabled) return;
    this.button.disabled = true;
    this.complain([]);
    try {
      const answer = await fetch(this.dataset.order, { method: "POST", body: this.data(), credentials: "same-origin" });
      const type = answer.headers.get("Content-Type") || "";
      const said = type.includes("json") ? await answer.json() : null;
      if (said?.src) this.run(said);
      else if (said?.unused) this.ask(said.unused);
      else if (said) this.complain(Object.entries(said.errors));
      else if (type.startsWith("text/plain")) this.complain([["", [await answer.text()]]]);
      else this.complain([["", [answer.status === 403 ? this.dataset.stale : this.dataset.failed]]]);
    } catch {
      this.complain([["", [this.dataset.failed]]]);
    }
    this.button.disabled = false;
  }

  data() {
    const data = new FormData();
    for (const name of ["prompt", "results", "nonce"]) data.set(name, this.field(name).value);
    data.set("shape", this.querySelector(`[name="${this.name}-shape"]:checked`)?.value || "");
    data.set("anyway", this.anyway || "");
    data.set("model", this.dataset.model);
    data.set("field", this.dataset.field);
    data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value || "");
    return data;
  }

  // Before the same is paid for once more: what there is of it, or nothing.
  ask(html = "") {
    const place = this.part("unused");
    place.innerHTML = html;
    this.button.hidden = Boolean(html);
    place.querySelector("[tabindex]")?.focus();
  }

  run({ slot, src }) {
    // What was known is done with: the same once more is asked about anew.
    this.anyway = "";
    this.ask();
    this.part("slot").value = slot;
    this.renew();
    // It is ordered: saving must not order it again.
    this.field("order").checked = false;
    const status = document.createElement("seedream-status");
    status.className = "seedream-status";
    status.setAttribute("src", src);
    status.dataset.gone = this.dataset.gone;
    status.innerHTML = '<div data-fragment></div><p role="status" class="seedream-news" data-news></p>';
    this.part("running").prepend(status);
  }

  complain(errors) {
    const list = this.part("errors");
    list.replaceChildren();
    for (const [name, texts] of errors) {
      const label = name && this.querySelector(`label[for="${this.field(name)?.id}"]`)?.textContent;
      for (const text of texts) list.append(Object.assign(document.createElement("li"), { textContent: label ? `${label}: ${text}` : text }));
      if (name) this.field(name)?.focus();
    }
    list.hidden = !errors.length;
  }

  // A finished picture becomes a choice; the first one is chosen if nothing was chosen yet.
  offerNew(status) {
    for (const image of status.querySelectorAll("[data-image]")) {
      if (this.choice(image)) continue;
      const present = this.part("offers").querySelector("input:checked");
      this.add(image);
      if (!present?.value) this.choose(image);
    }
  }

  // An unused one becomes the choice, as if it had been picked: nothing is ordered.
  take(image) {
    if (!this.choice(image)) this.add(image);
    this.choose(image).focus();
    this.field("order").checked = false;
    this.ask();
  }

  choice(image) {
    return this.querySelector(`input[type=radio][value="${image.dataset.image}"][name="${this.name}"]`);
  }

  choose(image) {
    const input = this.choice(image);
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return input;
  }

  add(image) {
    const offer = this.offer(image.dataset.image, image);
    const none = this.part("offers").querySelector(".seedream-offer-none");
    none ? none.after(offer) : this.part("offers").prepend(offer);
  }

  offer(value, image) {
    const label = Object.assign(document.createElement("label"), { className: "seedream-offer" });
    const input = Object.assign(document.createElement("input"), { type: "radio", name: this.name, value });
    const small = Object.assign(document.createElement("img"), { src: image.src, alt: "" });
    label.append(input, small, Object.assign(document.createElement("span"), { textContent: image.dataset.title }));
    return label;
  }
}

customElements.define("seedream-image", SeedreamImage);
