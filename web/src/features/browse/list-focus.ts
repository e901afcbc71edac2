// After going somewhere the keys belong to the list that opens there, unless
// the person has moved on in the meantime.

let wanted = false;

function forget(): void {
  wanted = false;
}

/** The list that keys are meant for; of two the one in use. */
export function openEntryList(): HTMLElement | null {
  return document.querySelector<HTMLElement>("[data-active-pane] [data-entry-list]") ?? document.querySelector<HTMLElement>("[data-entry-list]");
}

/** The list that is open, or opens next, is to have the focus. */
export function wantListFocus(): void {
  wanted = true;
  openEntryList()?.focus({ preventScroll: true });
  for (const type of ["keydown", "pointerdown"]) addEventListener(type, forget, { capture: true, once: true });
}

/** A list has opened: it takes the focus if it was wanted, or if nothing has it. */
export function takeListFocus(list: HTMLElement | null): void {
  if (wanted || document.activeElement === document.body) list?.focus({ preventScroll: true });
  wanted = false;
}
