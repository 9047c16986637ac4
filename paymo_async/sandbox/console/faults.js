// The card of the faults: a switch for each effect, and the faults that are to happen.

import { control } from "./asking.js";
import { $, item, make } from "./elements.js";
import { whole } from "./words.js";

const EFFECTS = [
  ["In place of the answer", {
    "429": "The rate limit's refusal, with Retry-After of the given seconds.",
    "500": "The service's own error, in JSON.",
    "502": "A proxy's Bad Gateway, in HTML.",
    "503": "A proxy's Service Unavailable, in HTML.",
    "401": "A content network's refusal, in HTML.",
    "403": "Access to project denied, whoever asks.",
  }],
  ["On its way", {
    "latency": "The answer comes the given seconds later.",
    "reset": "The connection is lost before the request is processed.",
    "reset-after": "The connection is lost after the request was processed.",
    "cut-body": "Half of the body, then the connection is lost.",
    "long-length": "The headers promise more than the body holds.",
    "short-length": "The headers promise less than the body holds.",
    "stalled-body": "Half of the body, then silence.",
    "slow-body": "The body in ten pieces, with the given seconds before each.",
  }],
  ["Around it", {
    "wrong-type": "The right body, as text/html.",
    "drift": "Numbers as texts, attributes null or missing, unknown ones added.",
    "odd-key": "The list stands under another response key.",
  }],
  ["Of a list that changes while it is read", {
    "repeat-page": "A page shows what the page before it showed.",
    "stale-page": "The same answer as before, whatever changed since.",
    "moved-object": "One object shows on two pages, and another on none.",
  }],
];

const TIMED = ["latency", "slow-body", "429"]; // the effects that the field of seconds says something about

const switches = new Map(); // by effect
let holding = []; // the faults that the sandbox told of last

export function showFaults(faults) {
  holding = faults;
  $("fact-faults").textContent = faults.length || "none";
  $("fact-faults").parentElement.classList.toggle("on", faults.length > 0);
  for (const [effect, input] of switches) input.checked = faults.some((fault) => fault.effect === effect);
  $("faults").replaceChildren(...faults.map((fault) => item({ name: fault.effect, words: faultWords(fault) },
    make("button", { "aria-label": `Remove ${fault.effect}`, onclick: () => remove(fault) }, "Remove"))));
}

function faultWords(fault) {
  const parts = [fault.method === "*" ? "all of" : fault.method, fault.path];
  if (fault.probability < 1) parts.push(`${Number((fault.probability * 100).toFixed(2))} %`);
  if (TIMED.includes(fault.effect)) parts.push(`${fault.seconds} s`);
  if (fault.call !== null) parts.push(`call ${[fault.call].flat().join(", ")}`);
  if (fault.times !== null) parts.push(fault.times === 1 ? "once" : `${fault.times} times`);
  return `${parts.join(" ")} (acted ${whole(fault.acted)} of ${whole(fault.seen)})`;
}

function remove(fault) {
  return control("DELETE", `faults/${fault.id}`);
}

/** The fault of an effect, as the fields above the switches say. */
function written(effect) {
  const times = $("fault-times").value;
  return {
    effect,
    path: $("fault-path").value.trim().replace(/^\/+/, "") || "*",
    method: $("fault-method").value,
    probability: Number($("fault-probability").value) / 100,
    seconds: Number($("fault-seconds").value),
    times: times === "" ? null : Number(times),
  };
}

async function throwSwitch(effect, input) {
  input.disabled = true;
  if (input.checked) {
    await control("POST", "faults", written(effect));
  } else {
    for (const fault of holding.filter((one) => one.effect === effect)) await remove(fault);
  }
  input.disabled = false;
  // Asked for, since nothing is told after a refusal: the switch must go back then.
  const told = await control("GET", "faults");
  if (told) showFaults(told.faults);
}

function makeSwitch(effect, words) {
  const input = make("input", {
    type: "checkbox", role: "switch", id: `switch-${effect}`, "aria-description": words,
    onchange: () => throwSwitch(effect, input),
  });
  switches.set(effect, input);
  const hint = () => { $("fault-hint").textContent = words; };
  return make("label", { class: "switch", title: words, onfocusin: hint, onpointerenter: hint }, input, effect);
}

for (const [kind, effects] of EFFECTS) {
  const short = Object.keys(effects).every((effect) => effect.length < 4);
  const group = Object.entries(effects).map(([effect, words]) => makeSwitch(effect, words));
  $("switches").append(make("h3", {}, kind), make("div", { class: short && "short" }, ...group));
}
