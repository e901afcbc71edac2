import { Copy } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "@/ui/Button";
import { copyText } from "@/ui/clipboard";

/** A list of facts, in a group with a title where it has one; what is no fact stands before or after them. */
export function Facts({ title, before, after, children }: { title?: string; before?: ReactNode; after?: ReactNode; children?: ReactNode }) {
  return (
    <section aria-label={title} className="flex flex-col gap-2.5">
      {title !== undefined && <h3 className="border-t border-line pt-3 text-xs font-medium text-soft">{title}</h3>}
      {before}
      {children !== undefined && <dl className="flex flex-col gap-2.5">{children}</dl>}
      {after}
    </section>
  );
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[5.5rem_minmax(0,1fr)] gap-2">
      <dt className="text-soft">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** A value with a button that copies it. */
export function Copied({ text, what, children }: { text: string; what: string; children: ReactNode }) {
  return (
    <span className="flex items-start gap-1">
      <span className="min-w-0 flex-1">{children}</span>
      <IconButton icon={Copy} label={`Copy the ${what.toLowerCase()}`} small className="-mt-0.5" onClick={() => void copyText(text, what)} />
    </span>
  );
}
