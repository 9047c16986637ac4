// The card of the rate limit: a meter for each key that asked last, and the form that sets another limit.

import { control } from "./asking.js";
import { $, make, whenSent } from "./elements.js";
import { whole } from "./words.js";

const MOST_METERS = 6;

const meters = new Map(); // by key; the same element stays, so that its change is drawn as a movement

/** Shows a limit and what is left of it; null for none. */
export function showRate(rate) {
  if (rate) fillForm(rate);
  const keys = (rate?.keys ?? []).slice(-MOST_METERS);
  $("rate-model").textContent = rate ? `${rate.limit} in ${rate.period} s, ${rate.model}` : "none";
  $("fact-rate").textContent = rate ? `${leastLeft(rate, keys)} of ${rate.limit}` : "no limit";
  if (keys.length) {
    $("rate-keys").replaceChildren(...keys.map(({ key, left }) => showMeter(key, left, rate.limit)));
    return;
  }
  const unlimited = "Every request is answered, as fast as it goes.";
  const unused = "No key has asked yet: each has its own allowance.";
  meters.clear();
  $("rate-keys").replaceChildren(make("p", { class: "dim" }, rate ? unused : unlimited));
}

function leastLeft(rate, keys) {
  return Math.min(rate.limit, ...keys.map(({ left }) => left));
}

/** Fills the form with what holds, unless somebody is writing into it. */
function fillForm(rate) {
  const form = $("rate-form");
  if (form.contains(document.activeElement)) return;
  for (const name of ["limit", "period", "model"]) form.elements[name].value = rate[name];
}

function showMeter(key, left, limit) {
  if (!meters.has(key)) meters.set(key, makeMeter(key));
  const meter = meters.get(key);
  const [, track, words] = meter.children;
  track.setAttribute("aria-valuemax", limit);
  track.setAttribute("aria-valuenow", left);
  track.firstElementChild.style.width = `${(100 * left) / limit}%`;
  words.textContent = `${whole(left)} of ${whole(limit)}`;
  meter.classList.toggle("out", left === 0);
  meter.classList.toggle("low", left > 0 && left <= limit * 0.4);
  return meter;
}

function makeMeter(key) {
  const label = `Requests left for the key ending in ${key}`;
  return make("div", { class: "meter" },
    make("code", {}, key ? `…${key}` : "none"),
    make("div", { class: "track", role: "meter", "aria-valuemin": 0, "aria-label": label },
      make("div", { class: "fill" })),
    make("span", { class: "left" }));
}

whenSent("rate-form", (form) => control("POST", "rate-limit", {
  limit: Number(form.get("limit")),
  period: Number(form.get("period")),
  model: form.get("model"),
}));
$("rate-none").addEventListener("click", () => control("POST", "rate-limit", { limit: null }));
