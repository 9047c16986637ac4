// The console page of the sandbox: the tabs, how to connect, and who shows what of what the sandbox tells.
//
// Each module uses only those above it. Every tab and card has one, which shows its part of what the sandbox tells and
// keeps for itself what it needs of it.
//
//     making elements     elements, words (numbers, moments and JSON for people), rows (tables of numbered rows)
//     the sandbox         asking (its APIs, and its events)
//     the tabs            requests, deliveries, objects
//     the cards           rate, faults, clock, state (which has the objects read again)
//     the page            console

import { API, hear } from "./asking.js";
import { showClock } from "./clock.js";
import { countDeliveries, forgetDeliveries, readDeliveries, showDeliveries } from "./deliveries.js";
import { $, copy } from "./elements.js";
import { showFaults } from "./faults.js";
import { showObjects } from "./objects.js";
import { showRate } from "./rate.js";
import { countRequests, forgetRequests, readRequests, showRequests } from "./requests.js";
import { showSeed, showSnapshots } from "./state.js";

// Tabs

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", chosen);
    other.tabIndex = chosen ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = !chosen;
  }
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const goal = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (goal === undefined) return;
    event.preventDefault();
    const next = tabs[(goal + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
  event.preventDefault();
  choose($("tab-requests"));
  $("filter").focus();
});

// How to connect

function showConnection({ api_key: key, version }) {
  $("version").textContent = version;
  $("base-url").textContent = API;
  $("api-key").textContent = key;
  $("env").textContent = `export PAYMO_BASE_URL=${API}\nexport PAYMO_API_KEY=${key}`;
  $("curl").textContent = `curl -u ${key}:x ${API}projects`;
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy($(button.dataset.copy)));
}

// What the sandbox tells

const renderers = { // by the part of the state that changed; each gets that part, and all of it
  objects: showObjects,
  rate_limit: showRate,
  faults: showFaults,
  clock: showClock,
  snapshots: showSnapshots,
  seed: (_, all) => showSeed(all),
  number: (_, all) => showSeed(all),
  api_key: (_, all) => showConnection(all),
  requests: countRequests,
  deliveries: countDeliveries,
};

const state = {}; // as told until now: after the first event, only what changed comes
let beginning = true; // until the first state after the connection was made, or made again

function showState(changed) {
  if (beginning && state.requests && changed.requests.total < state.requests.total) {
    forgetRequests(); // another sandbox on the same port, which counts from 1
    forgetDeliveries();
  }
  Object.assign(state, changed);
  for (const [name, render] of Object.entries(renderers)) if (name in changed) render(changed[name], state);
  if (beginning) catchUp(state);
  beginning = false;
}

/** Shows the log as it is, before more of it comes. */
async function catchUp({ requests, deliveries }) {
  await readRequests(requests);
  await readDeliveries(deliveries);
}

function showLive(words, on) {
  $("live").textContent = words;
  $("live").classList.toggle("on", on);
}

hear({
  connected: () => {
    beginning = true;
    showLive("live", true);
  },
  lost: () => showLive("no answer, reconnecting", false),
  told: { state: showState, requests: showRequests, deliveries: showDeliveries },
});
