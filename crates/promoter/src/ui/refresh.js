// Loads the screen again every few seconds and shows what changed. The page is complete without it.
"use strict";
const EVERY_MS = 5000;

/** Whether somebody is in the middle of something that a new screen would take away. */
function busy() {
  const focus = document.activeElement;
  const typing = focus && focus.matches("input, select");
  return document.hidden || typing || String(document.getSelection()) !== "";
}

async function refresh() {
  if (busy()) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const shown = document.querySelector("main");
  if (!fresh || busy() || fresh.innerHTML === shown.innerHTML) return;
  // What a person opened or closed stays so.
  const opened = [...shown.querySelectorAll("details")].map((one) => one.open);
  const details = [...fresh.querySelectorAll("details")];
  if (details.length === opened.length) details.forEach((one, at) => { one.open = opened[at]; });
  const focus = [...shown.querySelectorAll("a, button, summary")].indexOf(document.activeElement);
  shown.replaceChildren(...fresh.childNodes);
  if (focus >= 0) shown.querySelectorAll("a, button, summary")[focus]?.focus({ preventScroll: true });
}

setInterval(() => { refresh().catch(() => {}); }, EVERY_MS);
