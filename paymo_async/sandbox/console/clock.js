// The card of the clock: the sandbox's time, which goes on between what it tells, and how to move it.

import { control } from "./asking.js";
import { $, whenSent } from "./elements.js";
import { dayAndTime } from "./words.js";

let clock = null; // as the sandbox told it last
let read = 0; // when that was, by the page's own clock

export function showClock(told) {
  clock = told;
  read = performance.now();
  $("clock-state").hidden = !clock.frozen;
  $("clock-freeze").textContent = clock.frozen ? "Go on" : "Freeze";
  $("clock-freeze").setAttribute("aria-pressed", clock.frozen);
  tick();
}

function tick() {
  if (!clock) return;
  const passed = clock.frozen ? 0 : (performance.now() - read) / 1000;
  const words = dayAndTime(clock.seconds + passed);
  $("clock").textContent = `${words} UTC`;
  $("fact-clock").textContent = words.slice(0, 16) + (clock.frozen ? " frozen" : "");
}

async function change(what) {
  const told = await control("POST", "clock", what);
  if (told) showClock(told);
}

setInterval(tick, 500);
$("clock-freeze").addEventListener("click", () => change(clock.frozen ? { resume: true } : { freeze: true }));
$("clock-reset").addEventListener("click", () => change({ reset: true }));
for (const button of document.querySelectorAll("[data-move]")) {
  button.addEventListener("click", () => change({ move: { [button.dataset.move]: 1 } }));
}
whenSent("clock-form", (form) => {
  const text = form.get("set"); // a browser leaves seconds of zero out
  change({ set: `${text.length === 16 ? `${text}:00` : text}Z` });
});
