import { say } from "./Toasts";

/** Copies text and says so. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied.`);
  } catch {
    say(`The browser did not allow copying. ${what}: ${text}`, { bad: true });
  }
}
