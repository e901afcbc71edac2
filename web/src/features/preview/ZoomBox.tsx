import { Minus, Plus, RotateCw, Scan } from "lucide-react";
import { type Dispatch, type PointerEvent, type ReactNode, type SetStateAction, useEffect, useRef, useState } from "react";
import { IconButton } from "@/ui/Button";
import { fitted, type Look, turned, zoomed } from "./zoom";

interface ZoomBoxProps {
  children: ReactNode;
  /** How it is looked at, where others are looked at in the same way. */
  look?: Look;
  setLook?: Dispatch<SetStateAction<Look>>;
  /** Another of these has the buttons and the keys. */
  bare?: boolean;
}

/** A picture that can be looked at from near: wheel and double click, drag, and the keys + - 0 R. */
export function ZoomBox({ children, look: shared, setLook: setShared, bare = false }: ZoomBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const [own, setOwn] = useState(fitted);
  const look = shared ?? own;
  const setLook = setShared ?? setOwn;
  const from = useRef<{ x: number; y: number }>(undefined);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const middle = (event: MouseEvent) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: event.clientX - left - width / 2, y: event.clientY - top - height / 2 };
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault(); // the page behind would zoom
      setLook((before) => zoomed(before, Math.exp(-event.deltaY / 300), middle(event)));
    };
    const onDouble = (event: MouseEvent) => setLook((before) => (before.scale > 1 ? { ...before, scale: 1, x: 0, y: 0 } : zoomed(before, 3, middle(event))));
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof Element && event.target.matches("input, select, textarea"))) return;
      if (event.key === "+" || event.key === "=") setLook((before) => zoomed(before, 1.5, { x: 0, y: 0 }));
      else if (event.key === "-") setLook((before) => zoomed(before, 1 / 1.5, { x: 0, y: 0 }));
      else if (event.key === "0") setLook(fitted);
      else if (event.key === "r" || event.key === "R") setLook(turned);
    };
    const dialog = element.closest("dialog");
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("dblclick", onDouble);
    if (!bare) dialog?.addEventListener("keydown", onKey);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("dblclick", onDouble);
      dialog?.removeEventListener("keydown", onKey);
    };
  }, [setLook, bare]);
  const onPointerMove = (event: PointerEvent) => {
    const start = from.current;
    if (!start) return;
    from.current = { x: event.clientX, y: event.clientY };
    setLook((before) => ({ ...before, x: before.x + event.clientX - start.x, y: before.y + event.clientY - start.y }));
  };
  const { scale, x, y, turn } = look;
  return (
    <div className="group relative flex h-full w-full overflow-hidden">
      <div
        ref={box}
        data-zoom={scale.toFixed(2)}
        data-turn={turn}
        onPointerDown={(event) => {
          if (scale === 1 || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = { x: event.clientX, y: event.clientY };
        }}
        onPointerMove={onPointerMove}
        onPointerUp={() => (from.current = undefined)}
        className={scale > 1 ? "flex h-full w-full cursor-grab touch-none items-center justify-center active:cursor-grabbing" : "flex h-full w-full items-center justify-center"}
      >
        <div className="flex h-full w-full items-center justify-center" style={{ transform: `translate(${x}px, ${y}px) scale(${scale}) rotate(${turn}deg)` }}>
          {children}
        </div>
      </div>
      {!bare && <div role="group" aria-label="Look at the picture" className="absolute right-2 bottom-2 flex gap-0.5 rounded-lg border border-line bg-raised p-0.5 shadow-pop">
        <IconButton icon={Minus} small label="Farther" keys="-" disabled={scale === 1} onClick={() => setLook(zoomed(look, 1 / 1.5, { x: 0, y: 0 }))} />
        <IconButton icon={Plus} small label="Nearer" keys="+" onClick={() => setLook(zoomed(look, 1.5, { x: 0, y: 0 }))} />
        <IconButton icon={Scan} small label="All of it" keys="0" onClick={() => setLook(fitted)} />
        <IconButton icon={RotateCw} small label="Turn the view" keys="R" onClick={() => setLook(turned(look))} />
      </div>}
    </div>
  );
}
