import { X } from "lucide-react";
import { type ReactNode, useLayoutEffect, useId, useRef } from "react";
import { IconButton } from "./Button";
import { cx } from "./cx";

const sizes = {
  small: "max-w-md",
  medium: "max-w-xl",
  large: "h-[calc(100dvh-4rem)] max-h-none max-w-[min(72rem,calc(100vw-4rem))] max-sm:h-[calc(100dvh-1.5rem)]",
};

interface DialogProps {
  title: ReactNode;
  onClose: () => void;
  children: ReactNode;
  /** Shown left of the closing button. */
  tools?: ReactNode;
  size?: keyof typeof sizes;
  /** Keys pressed anywhere inside, before the dialog's own handling. */
  onKeyDown?: (event: React.KeyboardEvent) => void;
}

/**
 * A modal dialog on the browser's own <dialog>: it traps and gives back the
 * focus, makes the page behind inert and closes on Escape, without the injected
 * style elements that the page's policy forbids. Rendered means open.
 */
export function Dialog({ title, onClose, children, tools, size = "small", onKeyDown }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the element leaves the page: a dialog that is gone gives no focus back.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    (dialog?.querySelector<HTMLElement>("[data-first-focus]") ?? dialog)?.focus(); // not the first button, which would be the one that closes
    return () => dialog?.close();
  }, []);
  return (
    // A click on the backdrop lands on the dialog element itself; keys close it through the cancel event.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={ref}
      tabIndex={-1}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
      onKeyDown={(event) => {
        onKeyDown?.(event);
        event.stopPropagation(); // the page's own shortcuts rest while a dialog is open
      }}
      className={cx(
        "m-auto w-full overflow-hidden rounded-xl border border-line bg-raised p-0 shadow-pop outline-none animate-appear backdrop:bg-black/45 max-sm:max-w-[calc(100vw-1.5rem)]",
        sizes[size],
      )}
    >
      <div className="flex h-full max-h-[inherit] flex-col">
        <header className="flex items-center gap-2 border-b border-line py-2.5 pr-2.5 pl-4">
          <h2 id={heading} className="min-w-0 flex-1 truncate text-sm font-semibold">
            {title}
          </h2>
          {tools}
          <IconButton icon={X} label="Close" keys="Esc" small onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
