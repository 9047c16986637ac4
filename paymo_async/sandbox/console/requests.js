// The tab of the requests: the newest that fit the filter.

import { control } from "./asking.js";
import { $, make } from "./elements.js";
import { MOST_ROWS, Rows, cell, statusCell } from "./rows.js";
import { bytes, taken, timeOfDay, whole } from "./words.js";

const MOST_KEPT = 2000; // requests that the filter looks at

const kept = new Map(); // by number
const rows = new Rows($("requests"));
let waiting = []; // while paused
let paused = false;

/** Shows requests; while paused, only how many. fresh: whether they came just now, which the eye is drawn to. */
export function showRequests(list, fresh = true) {
  if (paused) {
    waiting = [...waiting, ...list].slice(-MOST_KEPT);
    $("pause").textContent = `Go on (${whole(waiting.length)} new)`;
    return;
  }
  for (const one of list) kept.set(one.number, one);
  for (const number of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(number);
  }
  draw(list, fresh);
}

/** Shows what came before the page was connected, or connected again. */
export async function readRequests({ total }) {
  const told = await control("GET", `requests?since=${Math.max(0, total - MOST_ROWS)}&limit=${MOST_KEPT}`);
  if (told) showRequests(told.requests, false);
}

/** Shows how many there were, and forgets those that the sandbox has forgotten. */
export function countRequests({ total, kept: held }) {
  $("requests-total").textContent = whole(total);
  forgetBefore(total - held + 1);
}

export function forgetRequests() {
  forgetBefore(Infinity);
}

function draw(list, fresh) {
  for (const one of list.filter(isWanted).slice(-MOST_ROWS)) {
    const row = requestRow(one);
    if (fresh) row.classList.add("new");
    rows.put(one.number, row);
  }
  tellWhetherEmpty();
}

function drawAgain() {
  rows.clear();
  draw([...kept.values()].sort((one, other) => one.number - other.number), false);
}

function forgetBefore(number) {
  for (const each of [...kept.keys()]) if (each < number) kept.delete(each);
  waiting = waiting.filter((one) => one.number >= number);
  rows.forgetBefore(number);
  tellWhetherEmpty();
}

function tellWhetherEmpty() {
  const empty = $("requests-empty");
  empty.hidden = rows.size > 0;
  if (kept.size > 0) empty.textContent = "No request fits the filter.";
  else empty.textContent = "No request yet. Copy the curl line beside, or point your program at the base URL.";
}

function requestRow(one) {
  const query = one.query ? make("span", { class: "query" }, `?${decoded(one.query)}`) : "";
  return make("tr", {},
    cell("when", timeOfDay(one.at)),
    cell(`method ${/^[A-Z]+$/.test(one.method) ? one.method : ""}`, one.method),
    cell("path", `/${one.path}`, query, ...one.faults.map((fault) => make("span", { class: "tag" }, fault))),
    statusCell(one.status, statusOf(one)),
    cell("num ms", one.seconds ? taken(one.seconds) : "…"),
    cell("num size", bytes(one.size)),
    cell("key", one.key ? `…${one.key}` : "none"));
}

function statusOf(one) {
  if (one.status) return String(one.status);
  return one.seconds ? "lost" : "…";
}

function decoded(query) {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query; // a lone % of a program that did not encode
  }
}

/** Whether every word of the filter is somewhere in a request; 4xx is a word of each status from 400 to 499. */
function isWanted(one) {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const status = statusOf(one);
  const asked = `${one.method} /${one.path}?${decoded(one.query)}`;
  const text = `${asked} ${status} ${status[0]}xx ${one.faults.join(" ")} ${one.key}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

$("filter").addEventListener("input", drawAgain);
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", paused);
  $("pause").textContent = paused ? "Go on" : "Pause";
  if (!paused) showRequests(waiting.splice(0));
});
$("forget").addEventListener("click", () => control("DELETE", "requests"));
