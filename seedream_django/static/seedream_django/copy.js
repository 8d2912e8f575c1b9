customElements.define("seedream-copy", class extends HTMLElement {
  connectedCallback() {
    const [, text, button, said] = this.children;
    button.onclick = () => {
      text.select();
      if (document.execCommand("copy")) said.value = button.value;
    };
  }
});
