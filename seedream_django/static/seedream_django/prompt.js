// <seedream-prompt>: counts what is left of a prompt, as the provider counts.
customElements.define("seedream-prompt", class extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    this.area.addEventListener("input", this);
    this.handleEvent();
  }

  handleEvent() {
    const count = this.querySelector(".seedream-count");
    // Code points, not UTF-16 units: an emoji is one character.
    const left = this.area.dataset.limit - [...this.area.value.trim()].length;
    count.textContent = count.dataset[left < 0 ? "over" : "left"].replace("{count}", Math.abs(left).toLocaleString(document.documentElement.lang || "en"));
    count.classList.toggle("seedream-over", left < 0);
    // Read out near the end only, not at every key.
    count.ariaLive = left < 100 ? "polite" : "off";
  }
});

// Ctrl+Enter generates, in the studio; Escape folds what it is pressed in.
document.addEventListener("keydown", (event) => {
  const { key, target, ctrlKey, metaKey } = event;
  const door = target.closest(".seedream-studio details[open], .seedream-door[open]");
  const order = key === "Enter" && target.closest(".seedream-order");
  if (key === "Escape" && door && !target.matches("summary, select")) {
    door.open = false;
    door.firstElementChild.focus();
  } else if (order && (ctrlKey || metaKey)) order.querySelector("#generation_form")?.requestSubmit();
  // Enter on a shape means the shape, not the button, which costs money.
  else if (!order || target.type !== "radio") return;
  event.preventDefault();
});
