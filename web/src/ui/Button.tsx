import type { ButtonHTMLAttributes, Ref } from "react";
import type { LucideIcon } from "lucide-react";
import { cx } from "./cx";

type Look = "plain" | "primary" | "danger";

const looks: Record<Look, string> = {
  plain: "border border-line-strong bg-surface text-ink hover:bg-hover",
  primary: "bg-accent text-on-accent hover:bg-accent-strong",
  danger: "bg-bad text-[light-dark(#fff,#2b0a0c)] hover:opacity-90",
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: LucideIcon;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "plain", icon: Icon, className, children, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(
        "inline-flex h-8 items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium whitespace-nowrap transition-colors disabled:opacity-50 pointer-coarse:h-10",
        looks[look],
        className,
      )}
      {...rest}
    >
      {Icon && <Icon aria-hidden className="size-4 shrink-0" strokeWidth={1.75} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> {
  icon: LucideIcon;
  /** What the button does; read out, and shown on hover. */
  label: string;
  /** A key that does the same, shown on hover. */
  keys?: string;
  small?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({ icon: Icon, label, keys, small = false, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={keys === undefined ? label : `${label} (${keys})`}
      className={cx(
        "inline-flex shrink-0 items-center justify-center rounded-md text-soft transition-colors hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-40 aria-pressed:bg-accent-soft aria-pressed:text-accent-strong",
        small ? "size-6 pointer-coarse:size-9" : "size-8 pointer-coarse:size-10",
        className,
      )}
      {...rest}
    >
      <Icon aria-hidden className={small ? "size-3.5" : "size-4"} strokeWidth={1.75} />
    </button>
  );
}
