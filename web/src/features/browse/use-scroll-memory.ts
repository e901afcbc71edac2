import { type RefObject, useLayoutEffect } from "react";

/** Where each list was scrolled to, so that going back leads to the same place. */
const scrolled = new Map<string, number>();

export function useScrollMemory(ref: RefObject<HTMLElement | null>, key: string, restore: boolean): void {
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    if (restore) element.scrollTop = scrolled.get(key) ?? 0;
    const remember = () => {
      scrolled.delete(key);
      scrolled.set(key, element.scrollTop);
      const oldest = scrolled.keys().next().value;
      if (scrolled.size > 100 && oldest !== undefined) scrolled.delete(oldest);
    };
    element.addEventListener("scroll", remember, { passive: true });
    return () => element.removeEventListener("scroll", remember);
  }, [ref, key, restore]);
}
