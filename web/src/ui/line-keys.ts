import type { KeyboardEvent } from "react";

/** Walks with the arrow keys through the lines of a list, which bear data-line. Tells whether a key was taken. */
export function walkLines(event: KeyboardEvent<HTMLElement>): boolean {
  const back = event.key === "ArrowUp";
  const end = event.key === "Home" || event.key === "End";
  if ((!back && !end && event.key !== "ArrowDown") || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return false;
  if (event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return false;
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-line]:not(:disabled)")];
  const at = lines.findIndex((line) => line === document.activeElement);
  const to = event.key === "Home" ? lines[0] : event.key === "End" ? lines.at(-1) : lines[at < 0 ? 0 : at + (back ? -1 : 1)];
  if (to === undefined) return at >= 0;
  to.focus();
  to.scrollIntoView({ block: "nearest" });
  return true;
}
