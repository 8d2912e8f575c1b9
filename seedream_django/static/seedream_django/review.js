// Single keys, as long as they are wanted: never while something is typed, nor twice for one press.
customElements.define("seedream-keys", class extends HTMLElement {
  connectedCallback() {
    const box = this.querySelector("input"), name = "seedream-keys";
    let sent;
    box.checked = localStorage[name] !== "off";
    box.onchange = () => localStorage[name] = box.checked ? "on" : "off";
    document.addEventListener("submit", () => sent = true);
    document.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (!box.checked || sent || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!/^[a-z]$/i.test(key) || target.closest("input:not([type=checkbox]), textarea, select")) return;
      const wanted = document.querySelector(`[data-key=${key.toLowerCase()}]`);
      if (!wanted) return;
      event.preventDefault();
      wanted.name === "reason" ? wanted.focus() : wanted.click();
    });
    this.hidden = false;
  }
});
