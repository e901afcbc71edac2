import type { ReactNode } from "react";

/** How fields for text look. */
export const fieldLook = "h-9 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 focus:border-accent focus:outline-none pointer-coarse:h-11";

/** A field with its name above, and what helps below. */
export function Field({ label, help, children }: { label: string; help?: string; children: ReactNode }) {
  return (
    <label className="flex min-w-0 flex-col gap-1.5">
      <span className="font-medium">{label}</span>
      {children}
      {help !== undefined && <span className="text-xs text-soft">{help}</span>}
    </label>
  );
}
