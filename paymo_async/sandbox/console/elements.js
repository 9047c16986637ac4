// The page's elements: making them, and what every part of the page does with its own.

export const $ = (id) => document.getElementById(id);

/** An element; children are elements or texts. Attributes of names that begin with `on` are listeners. There is no way
 *  to set HTML, so that what comes from requests, objects and deliveries is never more than text. */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return made;
}

/** An entry of a card's list: a name, words on it, and what can be done with it. */
export function item({ name, words, title }, ...actions) {
  return make("li", {}, make("span", { class: "what", title }, make("b", {}, name), ` ${words}`), ...actions);
}

/** Calls with what a form holds when it is sent, in place of leaving the page. */
export function whenSent(id, work) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    work(new FormData(event.target), event);
  });
}

let hiding; // the timer of the notice that shows

export function notice(text, bad = false) {
  const box = $("notice");
  box.textContent = text;
  box.classList.toggle("bad", bad);
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, bad ? 8000 : 2500);
}

/** Does something with a button that cannot be pressed meanwhile. */
export async function busy(button, words, work) {
  const label = button.textContent;
  button.disabled = true;
  if (words) button.textContent = words;
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.textContent = label;
  }
}

/** Whether a button is pressed for the second time: what cannot be undone asks once. */
export function sure(button) {
  const label = button.dataset.label ?? button.textContent;
  const settle = () => {
    button.classList.remove("sure");
    button.textContent = label;
  };
  if (button.classList.contains("sure")) {
    clearTimeout(button.dataset.timer);
    settle();
    return true;
  }
  button.dataset.label = label;
  button.textContent = "Really? Press again";
  button.classList.add("sure");
  button.dataset.timer = setTimeout(settle, 4000);
  return false;
}

export async function copy(element) {
  try {
    await navigator.clipboard.writeText(element.textContent);
    notice("Copied");
  } catch { // not allowed, as on a page that did not come from this machine
    getSelection().selectAllChildren(element);
    notice("Selected: copy it with your keyboard");
  }
}
