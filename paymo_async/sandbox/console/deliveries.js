// The tab of the webhooks: what was delivered, and one delivery as it was sent.

import { control } from "./asking.js";
import { $, make } from "./elements.js";
import { MOST_ROWS, Rows, cell, statusCell } from "./rows.js";
import { coloured, pretty, taken, timeOfDay, whole } from "./words.js";

const rows = new Rows($("deliveries"));
let open = null; // the number of the delivery that is looked into

export function showDeliveries(list) {
  for (const one of list.slice(-MOST_ROWS)) rows.put(one.number, deliveryRow(one));
  $("deliveries-empty").hidden = rows.size > 0;
}

/** Shows what was delivered before the page was connected, or connected again. */
export async function readDeliveries({ total }) {
  const told = await control("GET", `deliveries?since=${Math.max(0, total - MOST_ROWS)}`);
  if (told) showDeliveries(told.deliveries);
}

/** Shows how many there were, and forgets them when the sandbox has. */
export function countDeliveries({ total, kept }) {
  $("deliveries-total").textContent = whole(total);
  if (kept === 0) forgetDeliveries();
}

export function forgetDeliveries() {
  rows.clear();
  $("deliveries-empty").hidden = false;
  look(null);
}

function deliveryRow(one) {
  const button = make("button", { class: "link" }, one.event); // for the keyboard; its click is the row's
  return make("tr", { class: open === one.number ? "open" : "", onclick: () => look(one) },
    cell("when", timeOfDay(one.at)),
    cell("event", button),
    cell("path", one.url),
    statusCell(one.status, one.status || (one.error ? "failed" : "…"), one.error),
    cell("num ms", one.seconds ? taken(one.seconds) : "…"),
    cell("num size", one.attempt),
    cell("key", one.hook_id));
}

/** Shows a delivery below the table; null for none. */
function look(one) {
  rows.get(open)?.classList.remove("open");
  open = one ? one.number : null;
  rows.get(open)?.classList.add("open");
  $("delivery-detail").hidden = !one;
  if (!one) return;
  $("delivery-name").textContent = `${one.event} to hook ${one.hook_id}`;
  const headers = Object.entries(one.headers).map(([name, value]) => `${name}: ${value}\n`).join("");
  const failed = one.error ? `\n\n${one.error}` : "";
  $("delivery-detail").scrollIntoView({ block: "nearest" });
  $("delivery").replaceChildren(`POST ${one.url}\n${headers}\n`, coloured(pretty(one.body)), failed);
}

$("delivery-close").addEventListener("click", () => look(null));
