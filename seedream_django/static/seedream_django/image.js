// <seedream-image>: a picture's place in a form. Without this script the panel can order when the form is saved.
const tell = (control, type = "input") => control.dispatchEvent(new Event(type, { bubbles: true }));

// Behind a closed door nothing takes the keyboard.
function reveal(control) {
  for (let door = control; (door = door.parentElement?.closest("details")); ) door.open = true;
  control.focus();
}

customElements.define("seedream-image", class extends HTMLElement {
  connectedCallback() {
    // With a control of the host's own: what is done there says something too.
    this.around = this.closest(".seedream-beside") || this;
    for (const type of ["click", "keydown", "input", "change", "seedream:news"]) this.around.addEventListener(type, this);
    // What a refused form chose can still be undone.
    this.began = this.choice(this.field("was").value.split(":")[0]) || this.chosen;
    this.part("undo").hidden = this.chosen === this.began;
    this.kept();
    this.button = this.part("generate");
    if (!this.button) return;
    this.button.hidden = false;
    this.renew();
    this.part("renew")?.removeAttribute("hidden");
  }

  part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }

  field(name) {
    return this.querySelector(`[name="${this.prefix}-${name}"]`);
  }

  // Cloned inlines rename their inputs. Not "name": the script that renames sets that of whatever has one.
  get prefix() {
    return this.part("slot").name.replace(/-slot$/, "");
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
    else if (part === "renew") this.open();
  }

  write(name) {
    const what = name.slice(this.prefix.length + 1);
    // Unused pictures are those of the words and the shape that were sent, whatever the number.
    if (what === "prompt" || what === "shape") this.ask();
    if (what === "alt" || what === "decorative") this.part("proposed").hidden = true;
    if (what === "decorative" && this.field(what).checked) this.field("alt").value = "";
    if (what === "alt" && this.field(what).value) this.field("decorative").checked = false;
    if (what.startsWith("focal_")) this.kept();
  }

  // Enter in the panel would save the whole form, or spend money.
  key(event) {
    const { key, target } = event;
    const door = target.closest("details.seedream-door[open]");
    if (key === "Escape" && door && !target.matches("summary, select")) {
      door.open = false;
      door.querySelector("summary").focus();
    } else if (key === "Enter" && this.part("panel")?.contains(target)) {
      if (event.ctrlKey || event.metaKey) this.order();
      else if (!target.matches("input")) return;
    } else return;
    event.preventDefault();
  }

  open() {
    reveal(this.field("prompt"));
    this.querySelector("seedream-content button")?.click();
  }

  // Each order has its own, so that a double click is one order, and the same panel in a cloned inline another.
  renew() {
    this.field("nonce").value = crypto.getRandomValues(new Uint32Array(4)).join("-");
  }

  async order(anyway = "") {
    // Not disabled: that would take the keyboard away from whoever pressed it.
    if (this.button.ariaDisabled === "true") return;
    this.button.ariaDisabled = "true";
    this.complain({});
    try {
      const answer = await fetch(this.dataset.order, { method: "POST", body: this.data(anyway) });
      const type = answer.headers.get("Content-Type") || "";
      const said = type.includes("json") && (await answer.json());
      if (said?.src) this.run(said);
      else if (said?.unused) this.ask(said.unused);
      else if (said) this.complain(said.errors);
      else if (type.startsWith("text/plain")) this.complain({ "": [await answer.text()] });
      else this.complain({ "": [answer.status === 403 ? this.dataset.stale : this.dataset.failed] });
    } catch {
      this.complain({ "": [this.dataset.failed] });
    }
    this.button.ariaDisabled = "false";
  }

  // What the panel holds, under names without this field's.
  data(anyway) {
    const data = new FormData();
    for (const [name, value] of new FormData(this.button.form)) {
      if (this.part("panel").querySelector(`[name="${name}"]`)) data.append(name.slice(this.prefix.length + 1), value);
    }
    data.set("anyway", anyway);
    data.set("spot", this.dataset.spot);
    data.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value || "");
    return data;
  }

  // What there is already, before the same is paid for once more; or nothing.
  ask(html = "") {
    const place = this.part("unused");
    if (!place || (!html && !place.firstChild)) return;
    place.innerHTML = html;
    // Whoever saves without an answer is asked again.
    if (html) this.part("began").value = "";
    this.button.hidden = Boolean(html);
    place.querySelector("[tabindex]")?.focus();
  }

  run({ slot, src }) {
    this.ask();
    this.part("slot").value = slot;
    this.part("began").value = this.field("prompt").value;
    this.renew();
    // It is ordered: saving must not order it again.
    this.field("order").checked = false;
    this.fold();
    const status = this.copy("status");
    status.setAttribute("src", src);
    this.part("running").prepend(status);
  }

  // Many open panels make a long page.
  fold() {
    const more = this.part("parameters");
    if (more.contains(document.activeElement)) more.firstElementChild.focus();
    more.open = false;
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

  // Finished pictures are choices; the first one is chosen if nothing was chosen or given yet.
  offerNew(status) {
    const images = [...status.querySelectorAll("[data-image]")].filter(({ dataset }) => !this.choice(dataset.image));
    for (const image of images) this.add(image);
    if (images.length && !this.chosen?.value && this.chosen === this.began && !this.isGiven) this.choose(images[0]);
  }

  get isGiven() {
    return "filled" in this.dataset || this.around.querySelector(`input[type=file][name="${this.prefix}"]`)?.files.length;
  }

  // The host's own control has a file by now, or is cleared.
  given(control) {
    if ((control.files?.length || control.checked) && this.chosen?.value) this.undo(this.dataset.file);
  }

  // An unused one becomes the choice.
  take(image) {
    if (!this.choice(image.dataset.image)) this.add(image);
    reveal(this.choose(image));
    this.field("order").checked = false;
    this.ask();
  }

  choose({ dataset }) {
    const input = this.choice(dataset.image);
    input.checked = true;
    tell(input, "change");
    return input;
  }

  undo(words) {
    const had = this.contains(document.activeElement);
    this.began.checked = true;
    tell(this.began, "change");
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
    this.dispatchEvent(new CustomEvent("seedream:chosen", { bubbles: true, detail: { image: value, src } }));
  }

  describe({ value, dataset }) {
    const place = this.part("words");
    if (!place || this.part("about").value === value) return;
    place.hidden = !value;
    this.part("about").value = value;
    const decorative = "decorative" in dataset;
    const alt = dataset.alt || (!decorative && dataset.proposal) || "";
    this.field("alt").value = alt;
    this.field("title").value = dataset.words || "";
    this.field("decorative").checked = decorative;
    this.part("proposed").hidden = !alt || alt === dataset.alt;
    place.open = alt !== dataset.alt || !(alt || decorative);
    if (value) this.fillHost(this.dataset.altField, alt), this.fillHost(this.dataset.titleField, dataset.words);
  }

  // The object's own fields for a picture's words, where nothing is written yet.
  fillHost(name, text = "") {
    const host = name && this.closest("form").querySelector(`[name="${this.prefix.replace(/[^-]+$/, name)}"]`);
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
    if (src) this.part("whole").src = this.part("kept").src = src;
    tell(this.field("focal_x"));
  }

  // The part that is seen, as pictures.cut() reckons it: the point is in its middle where there is room.
  kept() {
    const kept = this.part("kept");
    if (!kept || !this.part("whole").getAttribute("src")) return;
    kept.src ||= this.part("whole").src;
    const { aspect } = kept.dataset;
    const wide = kept.naturalWidth / kept.naturalHeight / aspect;
    const [x, y] = [["focal_x", 1 / wide], ["focal_y", wide]].map(([name, seen]) =>
      seen < 1 ? Math.min(Math.max((this.field(name).value / 100 - seen / 2) / (1 - seen), 0), 1) * 100 : 50,
    );
    Object.assign(kept.style, { aspectRatio: aspect, objectPosition: `${x}% ${y}%` });
    kept.parentElement.hidden = false;
    kept.onload = () => this.kept();
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
