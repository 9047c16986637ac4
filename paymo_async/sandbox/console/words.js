// Numbers, moments and JSON in words for people.

import { make } from "./elements.js";

const MOST_COLOURED = 200_000; // characters: a span for each token of more would make the page slow

const english = new Intl.NumberFormat("en");

export const whole = (number) => english.format(number);

export function bytes(size) {
  if (size < 1000) return `${size} B`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}

export function taken(seconds) {
  const ms = seconds * 1000;
  if (ms < 0.1) return "<0.1 ms";
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
}

export const dayAndTime = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ");
export const timeOfDay = (seconds) => dayAndTime(seconds).slice(11);

/** A text of JSON on many lines; any other text as it is. */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** JSON with coloured tokens; what is very long stays plain. */
export function coloured(text) {
  const made = document.createDocumentFragment();
  if (text.length > MOST_COLOURED) {
    made.append(text);
    return made;
  }
  const token = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|\b(true|false|null)\b/g;
  let last = 0;
  for (const found of text.matchAll(token)) {
    made.append(text.slice(last, found.index));
    const [all, string, colon, number] = found;
    const kind = colon ? "j-name" : string ? "j-text" : number ? "j-number" : "j-word";
    made.append(make("span", { class: kind }, string ?? all), colon ?? "");
    last = found.index + all.length;
  }
  made.append(text.slice(last));
  return made;
}
