// <seedream-image>: a picture's place in a form. Without it the form orders when it is saved.
const tell = (control, type = "input") => control.dispatchEvent(new Event(type, { bubbles: true }));

// Behind a closed door nothing takes the keyboard.
function reveal(control) {
  for (let door = control; (door = door.parentElement?.closest("details")); ) door.open = true;
  control.focus();
}

customElements.define("seedream-image", class extends HTMLElement {
  connectedCallback() {
    // With the host's own control.
    this.around = this.closest(".seedream-beside") || this;
    for (const type of ["click", "keydown", "input", "change", "seedream:news"]) this.around.addEventListener(type, this);
    this.addEventListener("toggle", this, true);
    // What a refused form chose can be undone.
    this.began = this.choice(this.field("was").value.split(":")[0]) || this.chosen;
    this.part("undo").hidden = this.chosen === this.began;
    this.button = this.part("generate");
    if (this.button) this.renew();
  }

  part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  field(name) {
    return this.querySelector(`[name="${this.prefix}-${name}"]`);
  }

  // Cloned inlines rename whatever has a "name".
  get prefix() {
    return this.part("slot").name.replace(/-slot$/, "");
  }

  // What another field of the object is called.
  beside(name) {
    return this.prefix.replace(/[^-]+$/, name);
  }

  get radio() {
    return this.prefix + ("beside" in this.dataset ? "-picture" : "");
  }

  get chosen() {
    return this.querySelector(`input[name="${this.radio}"]:checked`);
  }

  choice(pk) {
    return this.querySelector(`input[name="${this.radio}"][value="${pk}"]`);
  }

  handleEvent(event) {
    const { type, target } = event;
    if (!this.contains(target)) type === "change" && this.given(target);
    else if (type === "seedream:news") this.offerNew(target);
    else if (type === "toggle") target.matches(".seedream-panel[open]") && this.fill();
    else if (type === "keydown") this.key(event);
    else if (type === "input") this.write(target.name);
    else if (type === "change") target.name === this.radio && this.changed();
    else this.press(target.closest("button"));
  }

  press(button) {
    const { part, anyway, take } = button?.dataset || {};
    if (take !== undefined) this.take(button.querySelector("img"));
    else if (anyway || part === "generate") this.order(anyway);
    else if (part === "undo") this.undo(this.dataset.undone);
    else if (part === "renew") reveal(this.field("prompt"));
    else if (part === "older") this.find(button.value);
    if (part === "fill" || part === "renew") this.fill(true);
  }

  write(name) {
    const what = name.slice(this.prefix.length + 1);
    if (what === "prompt" || what === "shape") this.ask();
    if (what === "prompt") this.say();
    if (what === "alt" || what === "decorative") this.part("proposed").hidden = true;
    if (what === "decorative" && this.field(what).checked) this.field("alt").value = "";
    if (what === "alt" && this.field(what).value) this.field("decorative").checked = false;
  }

  // Enter would save the whole form, or spend money.
  key(event) {
    const { key, target, ctrlKey, metaKey } = event;
    if (key !== "Enter") return;
    if (target === this.part("sought")) this.find();
    else if (!this.part("panel")?.contains(target)) return;
    else if (ctrlKey || metaKey) this.order();
    else if (!target.matches("input")) return;
    event.preventDefault();
  }

  // Over typed words at the second press alone.
  async fill(pressed) {
    const [area, began] = [this.field("prompt"), this.part("began")];
    const { value } = area;
    const { fields, asks, replace, failed } = this.part("content")?.dataset || {};
    if (!fields) return;
    const typed = value.trim() && value.trim() !== began.value.trim();
    if (typed && !(pressed && this.asks)) return pressed && this.say(asks, replace);
    // For editors that write late.
    tell(this, "seedream:read");
    const form = new FormData(this.button.form);
    const data = new URLSearchParams();
    for (const name of fields.split(" ")) for (const each of form.getAll(this.beside(name))) data.append(`from-${name}`, each);
    const answer = this.post(data, "fill", 1);
    const { text, said } = await answer.then((each) => each.json()).catch(() => ({ said: failed }));
    // Who wrote meanwhile is not written over.
    if (area.value !== value) return;
    if (text) {
      // It stays when the words are changed, or ordered.
      area.value = began.value = this.part("text").value = text;
      tell(area);
    }
    this.say(said);
  }

  say(words = "", label) {
    const button = this.part("fill");
    if (!button) return;
    this.label ||= button.textContent;
    this.asks = label;
    button.textContent = label || this.label;
    this.part("filled").textContent = words;
  }

  // A double click is one order; a cloned inline's is another.
  renew() {
    this.field("nonce").value = crypto.getRandomValues(new Uint32Array(4)).join("-");
  }

  async order(anyway = "") {
    // Not disabled: it would lose the keyboard.
    if (this.button.ariaDisabled === "true") return;
    this.button.ariaDisabled = "true";
    this.complain({});
    const { failed, stale } = this.dataset;
    try {
      const answer = await this.post(this.data(), "anyway", anyway);
      const type = answer.headers.get("Content-Type") || "";
      const { src, slot, unused, errors } = type.includes("json") ? await answer.json() : {};
      if (src) this.run(slot, src);
      else if (unused) this.ask(unused);
      else if (type.startsWith("text/plain")) this.complain({ "": [await answer.text()] });
      else this.complain(errors || { "": [answer.status === 403 ? stale : failed] });
    } catch {
      this.complain({ "": [failed] });
    }
    this.button.ariaDisabled = "false";
  }

  // What the panel holds, under names without this field's.
  data() {
    const data = new FormData();
    for (const [name, value] of new FormData(this.button.form)) {
      if (this.part("panel").querySelector(`[name="${name}"]`)) data.append(name.slice(this.prefix.length + 1), value);
    }
    return data;
  }

  post(data, what, value) {
    data.set(what, value);
    data.set("spot", this.dataset.spot);
    data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value || "");
    return fetch(this.dataset.order, { method: "POST", body: data });
  }

  // What there is of the same; or nothing.
  ask(html = "") {
    const place = this.part("unused");
    if (!place || (!html && !place.firstChild)) return;
    place.innerHTML = html;
    // Who saves without an answer is asked again.
    if (html) this.part("began").value = "";
    this.button.hidden = html !== "";
    place.querySelector("[tabindex]")?.focus();
  }

  run(slot, src) {
    this.ask();
    this.part("slot").value = slot;
    this.part("began").value = this.field("prompt").value;
    this.renew();
    // Saving must not order it again.
    this.field("order").checked = false;
    // Many open panels make a long page.
    const more = this.part("parameters");
    if (more.contains(document.activeElement)) more.firstElementChild.focus();
    more.open = false;
    const status = this.copy("status");
    status.setAttribute("src", src);
    this.part("running").prepend(status);
  }

  copy(name) {
    return this.part(name).content.firstElementChild.cloneNode(true);
  }

  complain(errors) {
    const list = this.part("errors");
    list.replaceChildren();
    for (const [name, texts] of Object.entries(errors)) {
      const field = name && this.field(name);
      const label = field && this.querySelector(`label[for="${field.id}"]`)?.textContent;
      for (const text of texts) list.appendChild(document.createElement("li")).textContent = label ? `${label}: ${text}` : text;
      if (field) reveal(field);
    }
  }

  // Those before stay, unseen: one may be chosen.
  async find(older = "") {
    const place = this.part("offers"), more = this.part("more"), sought = this.part("sought");
    const data = new FormData();
    data.set("older", older);
    const words = older ? this.words || "" : sought.value;
    const answer = await this.post((this.asked = data), "find", words).catch(() => data);
    const text = answer.ok && (await answer.text());
    if (this.asked !== data) return;
    if (!text) return (more.firstChild.textContent = more.dataset.failed);
    this.words = words;
    const { body } = new DOMParser().parseFromString(text, "text/html");
    for (const each of place.children) each.hidden = each.control.value && !each.control.checked;
    for (const input of body.querySelectorAll("input")) {
      input.parentElement.remove();
      const there = place.querySelector(`[value="${input.value}"]`) || input;
      there.name = this.radio;
      there.parentElement.hidden = false;
      place.append(there.parentElement);
      if (older) there.focus(), (older = "");
    }
    more.replaceChildren(...body.children);
    if (older) sought.focus();
  }

  offerNew(status) {
    const images = [...status.querySelectorAll("[data-image]")].filter(({ dataset }) => !this.choice(dataset.image));
    for (const image of images) this.add(image);
    const given = "filled" in this.dataset || this.around.querySelector(`[type=file][name="${this.prefix}"]`)?.files.length;
    if (images.length && !this.chosen?.value && this.chosen === this.began && !given) this.choose(this.choice(images[0].dataset.image));
  }

  // The host's own control has a file, or is cleared.
  given(control) {
    if ((control.files?.length || control.checked) && this.chosen?.value) this.undo(this.dataset.file);
  }

  take(image) {
    const pk = image.dataset.image;
    if (!this.choice(pk)) this.add(image);
    this.choose(this.choice(pk));
    reveal(this.chosen);
    this.field("order").checked = false;
    this.ask();
  }

  choose(input) {
    input.checked = true;
    input.parentElement.hidden = false;
    tell(input, "change");
  }

  undo(words) {
    const had = this.contains(document.activeElement);
    this.choose(this.began);
    this.part("news").textContent = words;
    if (had) this.querySelector("summary").focus();
  }

  changed() {
    const { chosen } = this;
    const { value, dataset } = chosen;
    const shown = this.part("shown");
    const src = value ? chosen.parentElement.querySelector("img")?.src : shown.dataset.first;
    this.part("undo").hidden = chosen === this.began;
    this.part("news").textContent = value && this.dataset.chosen.replace("{title}", dataset.title);
    if (src) shown.src = src;
    shown.hidden = !src;
    this.part("title").textContent = dataset.title || "";
    this.part("now").hidden = !src && !value;
    this.describe(chosen);
    this.cut(chosen, src);
  }

  describe({ value, dataset }) {
    const place = this.part("words");
    if (!place || this.part("about").value === value) return;
    place.hidden = !value;
    this.part("about").value = value;
    const { words = "", proposal = "" } = dataset;
    const decorative = "decorative" in dataset;
    const alt = dataset.alt || (decorative ? "" : proposal);
    this.field("alt").value = alt;
    this.field("title").value = words;
    this.field("decorative").checked = decorative;
    this.part("proposed").hidden = !alt || alt === dataset.alt;
    place.open = alt !== dataset.alt || !(alt || decorative);
    if (value) this.fillHost(this.dataset.altField, alt), this.fillHost(this.dataset.titleField, words);
  }

  // The object's own fields, while blank.
  fillHost(name, text) {
    const host = name && this.closest("form").querySelector(`[name="${this.beside(name)}"]`);
    if (!host || host.value) return;
    host.value = text;
    tell(host);
  }

  cut(chosen, src) {
    const place = this.part("cut");
    if (!place) return;
    place.hidden = !chosen.value || !src;
    place.open = chosen !== this.began;
    [this.field("focal_x").value, this.field("focal_y").value] = (chosen.dataset.focal || "50 50").split(" ");
    if (src) this.part("whole").src = src;
    tell(this.field("focal_x"));
  }

  add({ src, alt, dataset }) {
    const offer = this.copy("offer");
    const [input, image, words] = offer.children;
    Object.assign(input, { name: this.radio, value: dataset.image });
    Object.assign(input.dataset, dataset);
    image.src = src;
    words.textContent = alt;
    this.part("fresh").lastElementChild.append(offer);
  }
});
