// Single keys, while they are wanted and nothing is typed; once for one press.
customElements.define("seedream-keys", class extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input");
    let sent;
    box.checked = localStorage["seedream-keys"] !== "off";
    box.onchange = () => (localStorage["seedream-keys"] = box.checked ? "on" : "off");
    document.addEventListener("submit", () => (sent = true));
    document.addEventListener("keydown", (event) => {
      const { target, key, repeat, ctrlKey, metaKey, altKey } = event;
      if (!box.checked || sent || repeat || ctrlKey || metaKey || altKey || !/^[a-z]$/i.test(key)) return;
      if (target.closest("input:not([type=checkbox]), textarea, select")) return;
      const wanted = document.querySelector(`[data-key=${key.toLowerCase()}]`);
      if (!wanted) return;
      event.preventDefault();
      wanted.name === "reason" ? wanted.focus() : wanted.click();
    });
    this.hidden = false;
  }
});
