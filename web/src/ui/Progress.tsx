import { cx } from "./cx";

/** A bar; `value` runs from 0 to 1, undefined means that the end is not known. */
export function Progress({ value, label, tone = "accent", className }: { value: number | undefined; label: string; tone?: "accent" | "warn" | "bad" | "soft"; className?: string }) {
  const fill = { accent: "bg-accent", warn: "bg-warn", bad: "bg-bad", soft: "bg-faint" }[tone];
  const percent = value === undefined ? undefined : Math.round(Math.min(Math.max(value, 0), 1) * 100);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className={cx("h-1 overflow-hidden rounded-full bg-line", className)}
    >
      <div
        className={cx("h-full rounded-full transition-[width] duration-300", fill, percent === undefined && "w-2/5 animate-pulse")}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  );
}
