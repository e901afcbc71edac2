import { type RefObject, useLayoutEffect, useMemo, useState } from "react";
import { type Drawn, type RowPlan, scrollScale, tallest } from "./row-plan";

interface RowWindow {
  drawn: Drawn[];
  /** Height of the element that scrolls. */
  height: number;
  /** What is to be added to the top of a drawn row. */
  shift: number;
  /** Brings an entry into view. */
  show: (index: number, align?: "auto" | "center") => void;
  /** The height in the plan of a point in the list, told from the top of what is seen. */
  planY: (y: number) => number;
}

/** The rows of a plan that are on the screen. `head` is covered at the top by what stays there. */
export function useRowWindow(ref: RefObject<HTMLElement | null>, plan: RowPlan, head: number, overscan: number): RowWindow {
  const [seen, setSeen] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const look = () => setSeen((before) => (before.top === element.scrollTop && before.height === element.clientHeight ? before : { top: element.scrollTop, height: element.clientHeight }));
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [ref]);

  const view = Math.max(seen.height - head, 1);
  const scale = scrollScale(plan.height, view);
  const virtual = seen.top * scale;
  const extra = overscan * plan.rowHeight;
  // What is drawn changes only as whole rows come and go.
  const from = Math.floor(virtual / plan.rowHeight) * plan.rowHeight - extra;
  const drawn = useMemo(() => plan.between(from, from + view + 2 * extra + plan.rowHeight), [plan, from, view, extra]);

  const show = (index: number, align: "auto" | "center" = "auto") => {
    const element = ref.current;
    if (!element) return;
    const room = Math.max(element.clientHeight - head, 1);
    const by = scrollScale(plan.height, room);
    const top = plan.topOf(index);
    const now = element.scrollTop * by;
    if (align === "center") element.scrollTop = (top - (room - plan.rowHeight) / 2) / by;
    else if (top < now) element.scrollTop = top / by;
    else if (top + plan.rowHeight + 6 > now + room) element.scrollTop = (top + plan.rowHeight + 6 - room) / by;
  };
  return {
    drawn,
    height: Math.min(plan.height, tallest),
    shift: scale === 1 ? 0 : seen.top - virtual,
    show,
    planY: (y) => (ref.current?.scrollTop ?? 0) * scale + y - head,
  };
}
