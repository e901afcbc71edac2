// What was done last in this window, so that one key takes it back: a change of
// files, which the daemon knows as the last one, or of what users add, by its number.

const deeds: (string | undefined)[] = [];
const most = 100;

/** Something was done; `added` names a change of what users add. */
export function noteDeed(added?: string): void {
  deeds.push(added);
  if (deeds.length > most) deeds.shift();
}

/** A change of what users add was taken back in another way. */
export function forgetDeed(added: string): void {
  const at = deeds.lastIndexOf(added);
  if (at >= 0) deeds.splice(at, 1);
}

/** The change of what users add that is the last of all; undefined: that was one of files, or nothing is known. */
export const takeDeed = (): string | undefined => deeds.pop();
