import { Pin } from "lucide-react";
import { type DragEvent, useEffect, useState } from "react";
import { dropped, isNew } from "./pin-drag";
import { words } from "./words";

/** A place to drop what shall stand in the sidebar; it shows while something is dragged that may. */
export function PinZone() {
  const [shown, setShown] = useState(false);
  const [over, setOver] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        setShown(false);
        setOver(false);
      }, ms);
    };
    // Browsers tell of a drag over and over while it lasts, whether it moves or not.
    const drags = (event: globalThis.DragEvent) => {
      if (event.dataTransfer === null || !isNew(event.dataTransfer)) return;
      setShown(true);
      hide(1500);
    };
    const ends = () => hide(0); // after whoever takes what was dropped
    addEventListener("dragover", drags, { capture: true });
    for (const type of ["dragend", "drop"]) addEventListener(type, ends, { capture: true });
    return () => {
      clearTimeout(timer);
      removeEventListener("dragover", drags, { capture: true });
      for (const type of ["dragend", "drop"]) removeEventListener(type, ends, { capture: true });
    };
  }, []);
  if (!shown) return null;
  const drop = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
    void dropped(event, undefined);
  };
  return (
    // It is for the mouse alone; keys and menus pin by other ways.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      data-pin-zone
      onDragOver={(event) => {
        if (!isNew(event.dataTransfer)) return;
        event.preventDefault();
        event.stopPropagation();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`absolute inset-x-2 bottom-12 z-10 flex h-12 items-center justify-center gap-2 rounded-lg border-2 border-dashed ${over ? "border-accent bg-accent-soft text-accent-strong" : "border-line-strong bg-raised text-soft"}`}
    >
      <Pin aria-hidden className="size-4" />
      {words.dropHere}
    </div>
  );
}
