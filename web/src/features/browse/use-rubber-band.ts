import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";

/** A frame drawn by the mouse: a box in the element, told from its top left corner as it is seen. */
export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface Band {
  /** Heights in the plan of the list, and pixels from its left edge. */
  touched: (top: number, bottom: number, left: number, right: number, adding: boolean) => void;
  planY: (y: number) => number;
  begin: () => void;
}

const slack = 4; // so far a click may slip

/** Selecting by a frame that is drawn with the mouse, begun beside what can be dragged. */
export function useRubberBand(ref: RefObject<HTMLElement | null>, band: Band) {
  const [frame, setFrame] = useState<Frame>();
  const from = useRef<{ x: number; y: number; plan: number; adding: boolean; drawn: boolean }>(undefined);
  const latest = useRef(band);
  useEffect(() => {
    latest.current = band;
  });
  const scrolling = useRef<ReturnType<typeof setInterval>>(undefined);
  useEffect(() => () => clearInterval(scrolling.current), []);

  const onPointerDown = (event: PointerEvent) => {
    const target = event.target instanceof Element ? event.target : undefined;
    if (event.button !== 0 || event.pointerType !== "mouse" || event.shiftKey || target?.closest("[data-handle], button, input, [role=separator], [role=columnheader]") != null) return;
    const box = event.currentTarget.getBoundingClientRect();
    if (event.clientX - box.left > event.currentTarget.clientWidth) return; // the scroll bar
    const y = event.clientY - box.top;
    from.current = { x: event.clientX - box.left, y, plan: band.planY(y), adding: event.ctrlKey || event.metaKey, drawn: false };
  };
  const draw = (x: number, y: number) => {
    const start = from.current;
    const element = ref.current;
    if (!start || !element) return;
    const now = latest.current.planY(y);
    const shownFrom = y - (now - start.plan);
    const top = Math.max(Math.min(shownFrom, y), 0);
    const bottom = Math.min(Math.max(shownFrom, y), element.clientHeight);
    setFrame({ left: Math.min(start.x, x), width: Math.abs(x - start.x), top, height: bottom - top });
    latest.current.touched(Math.min(start.plan, now), Math.max(start.plan, now), Math.min(start.x, x), Math.max(start.x, x), start.adding);
  };
  const onPointerMove = (event: PointerEvent) => {
    const start = from.current;
    const element = ref.current;
    if (!start || !element) return;
    const box = element.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - box.left, 0), element.clientWidth);
    const y = event.clientY - box.top;
    if (!start.drawn) {
      if (Math.abs(x - start.x) + Math.abs(y - start.y) < slack) return;
      start.drawn = true;
      element.setPointerCapture(event.pointerId);
      latest.current.begin();
    }
    clearInterval(scrolling.current);
    const beyond = y < 40 ? y - 40 : y > element.clientHeight - 16 ? y - element.clientHeight + 16 : 0;
    if (beyond !== 0) {
      scrolling.current = setInterval(() => {
        element.scrollTop += beyond / 2;
        draw(x, y);
      }, 16);
    }
    draw(x, y);
  };
  const onPointerUp = () => {
    clearInterval(scrolling.current);
    setFrame(undefined);
    const drawn = from.current?.drawn === true;
    from.current = undefined;
    // The click that follows is none: it would select the row below the mouse.
    if (drawn) ref.current?.addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
  };
  return { frame, handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp } };
}
