import { CircleAlert, CircleCheck, X } from "lucide-react";
import { asApiError } from "@/api/errors";
import { Button, IconButton } from "./Button";
import { createStore, useStore } from "./store";

interface Toast {
  id: number;
  text: string;
  bad: boolean;
  undo: (() => void) | undefined;
}

const toasts = createStore<Toast[]>([]);
let next = 1;

function dismiss(id: number): void {
  toasts.set((all) => all.filter((t) => t.id !== id));
}

/** Says something in passing; it goes away by itself. */
export function say(text: string, { bad = false, undo }: { bad?: boolean; undo?: () => void } = {}): void {
  const id = next++;
  toasts.set((all) => [...all.slice(-3), { id, text, bad, undo }]);
  setTimeout(() => dismiss(id), bad || undo !== undefined ? 10_000 : 4000);
}

/** Says what went wrong, and the remedy. */
export function sayError(thrown: unknown): void {
  const e = asApiError(thrown);
  say(e.remedy === "" ? e.message : `${e.message} ${e.remedy}`, { bad: true });
}

export function Toasts() {
  const all = useStore(toasts);
  return (
    <div aria-live="polite" className="pointer-events-none fixed inset-x-3 bottom-12 z-50 flex flex-col items-center gap-2">
      {all.map((toast) => (
        <div key={toast.id} className="pointer-events-auto flex max-w-lg items-center gap-2.5 rounded-lg border border-line bg-raised py-1.5 pr-1.5 pl-3 shadow-pop animate-appear">
          {toast.bad ? <CircleAlert aria-hidden className="size-4 shrink-0 text-bad" /> : <CircleCheck aria-hidden className="size-4 shrink-0 text-good" />}
          <span className="min-w-0 break-words">{toast.text}</span>
          {toast.undo && (
            <Button
              onClick={() => {
                toast.undo?.();
                dismiss(toast.id);
              }}
            >
              Undo
            </Button>
          )}
          <IconButton icon={X} label="Dismiss" small onClick={() => dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
