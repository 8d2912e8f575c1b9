// <seedream-focal data-said data-label>: a click sets the focal point in two inputs of percents, those of data-for-x and
// data-for-y, or focal_x and focal_y.
const make = (tag, name, values) => Object.assign(document.createElement(tag), { className: `seedream-focal-${name}` }, values);
// Which an arrow moves, and where to.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, -1], ArrowDown: [1, 1] };
// NaN is no number yet.
const within = (percent) => Math.min(Math.max(percent || 0, 0), 100);

customElements.define("seedream-focal", class extends HTMLElement {
  connectedCallback() {
    this.inputs = ["x", "y"].map((axis) => document.getElementById(this.getAttribute(`data-for-${axis}`)) || this.querySelector(`[name$="focal_${axis}"]`));
    this.image = this.querySelector("img");
    // Who may only look has no inputs.
    if (!this.image || this.inputs.includes(null)) return;
    this.pad = this.querySelector(".seedream-focal-pad") || this.makePad();
    this.mark = this.querySelector(".seedream-focal-mark");
    this.said = this.querySelector(".seedream-focal-said");
    this.image.onload = () => this.show();
    for (const place of [this.pad, ...this.inputs]) for (const type of ["keydown", "input"]) place.addEventListener(type, this);
    this.pad.addEventListener("click", this);
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
    const { type, clientX, clientY } = event;
    const { left, top, width, height } = this.image.getBoundingClientRect();
    if (type === "input") this.show();
    else if (type === "keydown") this.key(event);
    else this.move((100 * (clientX - left)) / width, (100 * (clientY - top)) / height);
  }

  key(event) {
    const { point } = this;
    const { key, currentTarget, shiftKey, altKey, ctrlKey, metaKey } = event;
    const [axis, step] = STEPS[key] || [];
    // In an input an arrow alone is the browser's, and up is more.
    const typed = this.inputs.indexOf(currentTarget);
    if (!step || altKey || ctrlKey || metaKey || (typed >= 0 && !(shiftKey && axis))) return;
    event.preventDefault();
    point[typed < 0 ? axis : typed] += (typed < 0 ? step : -step) * (shiftKey ? 10 : 1);
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
    const kept = this.parentElement.querySelector("[data-aspect]");
    if (kept && this.image.naturalWidth) this.cut(kept, this.image);
  }

  // As pictures.cut() reckons it.
  cut(kept, { src, naturalWidth, naturalHeight }) {
    const aspectRatio = kept.dataset.aspect;
    const wide = naturalWidth / naturalHeight / aspectRatio;
    const at = [1 / wide, wide].map((seen, axis) => (seen < 1 ? within((this.point[axis] - 50 * seen) / (1 - seen)) : 50));
    if (kept.src !== src) kept.src = src;
    Object.assign(kept.style, { aspectRatio, objectPosition: `${at[0]}% ${at[1]}%` });
    kept.parentElement.hidden = false;
  }
});
