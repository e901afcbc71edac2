import { shownSdPath } from "@/features/browse/address";

/** What an upload is called: by the folder it comes into. */
export function titleOf(into: string): string {
  const name = shownSdPath(into).split(/[/\\]/).pop() ?? "";
  return name === "" ? "Upload" : `Upload to ${name}`;
}

/** How much of it is there, from 0 to 1. */
export const whole = (got: number, bytes: number): number => (bytes === 0 ? 0 : got / bytes);
