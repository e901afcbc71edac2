import { CircleAlert, type LucideIcon, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { asApiError } from "@/api/errors";
import { Button } from "./Button";
import { cx } from "./cx";

/** A quiet message in the middle of an empty place: what is (not) here, and what to do. */
export function EmptyNote({ icon: Icon, title, children, action, className }: { icon: LucideIcon; title: string; children?: ReactNode; action?: ReactNode; className?: string }) {
  return (
    <div className={cx("flex flex-col items-center justify-center gap-1 px-6 py-10 text-center", className)}>
      <Icon aria-hidden className="mb-2 size-8 text-faint" strokeWidth={1.25} />
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-sm text-soft">{children}</div>}
      {action !== undefined && <div className="mt-4">{action}</div>}
    </div>
  );
}

/** What failed, why, and what a person can do about it. */
export function ErrorNote({ error, retry, className }: { error: unknown; retry?: () => void; className?: string }) {
  const e = asApiError(error);
  return (
    <div role="alert" className={cx("flex flex-col items-center justify-center gap-1 px-6 py-10 text-center", className)}>
      <CircleAlert aria-hidden className="mb-2 size-8 text-bad" strokeWidth={1.25} />
      <p className="font-medium">{e.title}</p>
      <p className="max-w-md break-words text-soft">{e.message}</p>
      {e.remedy !== "" && <p className="max-w-md text-ink">{e.remedy}</p>}
      {retry && (
        <Button icon={RotateCw} onClick={retry} className="mt-4">
          Try again
        </Button>
      )}
    </div>
  );
}

/** The same for a narrow place, on one or two lines. */
export function ErrorLine({ error, className }: { error: unknown; className?: string }) {
  const e = asApiError(error);
  return (
    <p role="alert" className={cx("rounded-md bg-bad-soft px-3 py-2 text-bad", className)}>
      {e.message} {e.remedy}
    </p>
  );
}

/** Says what is being waited for, once it takes long enough (200 ms) to be noticed. */
export function Waiting({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <p role="status" className={cx("animate-late px-6 py-10 text-center text-soft", className)}>
      {children}
    </p>
  );
}
