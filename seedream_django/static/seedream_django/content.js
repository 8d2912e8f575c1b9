// <seedream-content>: fills the prompt in from what is in the form now, as places.py does from what is saved.
const MARKS = /<!--|-->|<[/!?]?([a-zA-Z][a-zA-Z0-9]*)(?![a-zA-Z0-9])[^<>]*>/g;
const INLINE = /^(a|abbr|b|bdi|bdo|cite|code|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|small|span|strike|strong|sub|sup|time|u|var|wbr)?$/;
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\u202a-\u202e\u2066-\u2069]/gu;

export function fill(template, values) {
  let [text, some] = [null, false];
  for (const [, before, mark, name] of template.matchAll(/([^]*?)(\{\{|\}\}|\{([^{}]*)\}|$)/g)) {
    const value = name !== undefined && plain(values[name] || "");
    if (value === "") continue;
    text = (text === null ? before.replace(/^[ .,;:\-–—]+/, "") : text + before) + (value || mark.slice(0, 1));
    some ||= value;
  }
  return some ? text.trim() : "";
}

export function plain(text) {
  // A textarea knows “&eacute;”, and of tags there are none left.
  const area = document.createElement("textarea");
  area.innerHTML = [...seen([...text.slice(0, 40000)].slice(0, 20000).join(""))].join("").replaceAll("<", "&lt;");
  const lines = area.value.replace(CONTROLS, "").split(/[\n\r\x85\u2028\u2029]/);
  return lines.map((line) => line.trim().replace(/\s+/g, " ")).filter(Boolean).join("\n");
}

function* seen(text) {
  let [end, until] = [0, ""];
  for (const { 0: mark, 1: tag = "", index } of text.matchAll(MARKS)) {
    const [name, closes, next] = [tag.toLowerCase(), mark.startsWith("</"), index + mark.length];
    if (until) {
      if (until === "-->" ? mark.endsWith("-->") : closes && name === until) [until, end] = ["", next];
    } else if (mark !== "-->") {
      yield text.slice(end, index) + (INLINE.test(name) ? "" : "\n");
      end = next;
      until = name ? (!closes && /^(script|style)$/.exec(name)?.[0]) || "" : "-->";
    }
  }
  if (!until) yield text.slice(end);
}

export function cut(text, limit) {
  const letters = [...text];
  if (letters.length <= limit) return text;
  const space = Math.max(letters.lastIndexOf(" ", limit), letters.lastIndexOf("\n", limit));
  return letters.slice(0, space > limit - 100 ? space : limit).join("").trim();
}

customElements.define("seedream-content", class extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.panel = this.closest("details");
    this.area = this.panel?.querySelector("textarea[name$=-prompt]");
    if (!this.area) return;
    this.began = this.panel.querySelector("[data-part=began]");
    this.button.hidden = false;
    this.label ||= this.button.textContent;
    this.button.addEventListener("click", this);
    this.area.addEventListener("input", this);
    this.panel.addEventListener("toggle", this);
  }

  handleEvent({ type }) {
    if (type === "click") this.press();
    else if (type === "input") this.say();
    else if (this.panel.open && this.isOurs()) this.write();
  }

  // Words that somebody wrote are replaced at the second press alone.
  press() {
    if (this.asks || this.isOurs()) this.write() || this.say(this.dataset.empty);
    else this.say(this.dataset.asks, this.dataset.replace);
  }

  isOurs() {
    return ["", this.began.value.trim()].includes(this.area.value.trim());
  }

  write() {
    const whole = this.text();
    if (whole) {
      this.area.value = this.began.value = cut(whole, +this.dataset.limit);
      // Unlike the above it stays when the words are changed, or ordered.
      this.panel.querySelector("[data-part=text]").value = this.area.value;
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
      this.say(this.area.value === whole ? "" : this.dataset.cut);
    }
    return whole;
  }

  say(words = "", label = "") {
    this.asks = label;
    this.button.textContent = label || this.label;
    this.querySelector("[role=status]").textContent = words;
  }

  text() {
    // For editors that write into their control only when the form is sent.
    this.dispatchEvent(new Event("seedream:read", { bubbles: true }));
    const { template, field } = this.dataset;
    // Cloned inlines rename their controls: what stands before a field's name is read from the prompt's.
    const prefix = this.area.name.slice(0, -`${field}-prompt`.length);
    const names = [...template.matchAll(/\{([^{}]+)\}/g)].map((found) => found[1]);
    return fill(template, Object.fromEntries(names.map((name) => [name, this.value(prefix + name)])));
  }

  value(name) {
    const control = this.area.form?.elements.namedItem(name);
    if (control?.options) return [...control.selectedOptions].filter((each) => each.value).map((each) => each.text).join(", ");
    return (control?.type !== "checkbox" && control?.value) || "";
  }
});
