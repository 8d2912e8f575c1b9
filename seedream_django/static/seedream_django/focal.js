// <seedream-focal data-said="… {x} … {y}" data-label>: a click on the picture inside sets its focal point, in two inputs
// of percents: those whose ids data-for-x and data-for-y say, or inside, with names that end with focal_x and focal_y.
const make = (tag, name, values) => Object.assign(document.createElement(tag), { className: `seedream-focal-${name}` }, values);
// Which of the two an arrow moves, and where to: by 1, with Shift by 10.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1], ArrowDown: [1, 1] };
// NaN is what an input holds while something else than a number is typed into it.
const within = (percent) => Math.min(Math.max(percent || 0, 0), 100);

customElements.define("seedream-focal", class extends HTMLElement {
  connectedCallback() {
    this.inputs = ["x", "y"].map((axis) => {
      const id = this.getAttribute(`data-for-${axis}`);
      return id ? document.getElementById(id) : this.querySelector(`input[name$="focal_${axis}"]`);
    });
    this.image = this.querySelector("img");
    // Who may only look has no inputs.
    if (!this.image || this.inputs.includes(null)) return;
    this.pad = this.querySelector(".seedream-focal-pad") || this.makePad();
    this.mark = this.querySelector(".seedream-focal-mark");
    this.said = this.querySelector(".seedream-focal-said");
    this.pad.addEventListener("click", this);
    for (const place of [this.pad, ...this.inputs]) for (const type of ["keydown", "input"]) place.addEventListener(type, this);
    this.show();
  }

  makePad() {
    const { label } = this.dataset;
    // An application has the arrow keys to itself.
    const pad = make("span", "pad", { tabIndex: 0, role: "application", ariaLabel: label });
    this.image.replaceWith(pad);
    pad.append(this.image, make("span", "mark"));
    this.append(make("output", "said"), make("span", "label", { textContent: label }));
    return pad;
  }

  get point() {
    return this.inputs.map(({ value }) => (value.trim() ? within(Number(value)) : 50));
  }

  handleEvent(event) {
    if (event.type === "input") this.show();
    else if (event.type === "keydown") this.key(event);
    else {
      const box = this.image.getBoundingClientRect();
      this.move((100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height);
    }
  }

  key(event) {
    const { point } = this;
    const [axis, step] = STEPS[event.key] || [];
    // In an input an arrow alone is the browser's own, and up is more.
    const typed = this.inputs.indexOf(event.currentTarget);
    if (!step || event.altKey || event.ctrlKey || event.metaKey || (typed >= 0 && !(event.shiftKey && axis))) return;
    event.preventDefault();
    point[typed < 0 ? axis : typed] += (typed < 0 ? step : -step) * (event.shiftKey ? 10 : 1);
    this.move(...point);
  }

  move(...point) {
    // First both: nobody is told of half a step.
    this.inputs.forEach((input, at) => (input.value = within(Math.round(point[at]))));
    for (const input of this.inputs) for (const type of ["input", "change"]) input.dispatchEvent(new Event(type, { bubbles: true }));
  }

  show() {
    const [x, y] = this.point;
    Object.assign(this.mark.style, { left: `${x}%`, top: `${y}%` });
    this.said.value = (this.dataset.said || "").replace("{x}", x).replace("{y}", y);
  }
});
