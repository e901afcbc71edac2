import * as Context from "@radix-ui/react-context-menu";
import * as Dropdown from "@radix-ui/react-dropdown-menu";
import type { LucideIcon } from "lucide-react";
import { createContext, type ReactNode, use } from "react";
import { cx } from "./cx";

export interface MenuItem {
  label: string;
  icon: LucideIcon;
  run: () => void;
  keys?: string;
  danger?: boolean;
  disabled?: boolean;
  /** A line above the item. */
  apart?: boolean;
}

/**
 * Where menus are put in the page. Inside a modal dialog that must be the
 * dialog itself: everything beside it is inert, and lies below it.
 */
export const MenuGround = createContext<HTMLElement | null>(null);

const content = "z-50 min-w-48 overflow-hidden rounded-lg border border-line bg-raised p-1 shadow-pop animate-appear";

function itemClass(item: MenuItem): string {
  return cx(
    "flex h-8 items-center gap-2.5 rounded-md px-2 text-sm outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover pointer-coarse:h-10",
    item.danger === true ? "text-bad" : "text-ink",
  );
}

function Face({ item }: { item: MenuItem }) {
  return (
    <>
      <item.icon aria-hidden className="size-4 shrink-0 opacity-75" strokeWidth={1.75} />
      <span className="flex-1">{item.label}</span>
      {item.keys !== undefined && <span className="pl-4 text-xs text-faint pointer-coarse:hidden">{item.keys}</span>}
    </>
  );
}

// Both menus are not modal: modal ones lock scrolling with an injected <style>,
// which the page's policy refuses.

/** What a right click (or the menu key) on `children` offers. */
export function ContextMenu({ items, children }: { items: MenuItem[]; children: ReactNode }) {
  const ground = use(MenuGround);
  return (
    <Context.Root modal={false}>
      <Context.Trigger asChild disabled={items.length === 0}>
        {children}
      </Context.Trigger>
      <Context.Portal container={ground}>
        <Context.Content className={content} collisionPadding={8}>
          {items.map((item) => (
            <div key={item.label}>
              {item.apart === true && <Context.Separator className="mx-1 my-1 h-px bg-line" />}
              <Context.Item disabled={item.disabled ?? false} onSelect={item.run} className={itemClass(item)}>
                <Face item={item} />
              </Context.Item>
            </div>
          ))}
        </Context.Content>
      </Context.Portal>
    </Context.Root>
  );
}

/** The same items behind a button. */
export function DropdownMenu({ items, children }: { items: MenuItem[]; children: ReactNode }) {
  const ground = use(MenuGround);
  return (
    <Dropdown.Root modal={false}>
      <Dropdown.Trigger asChild>{children}</Dropdown.Trigger>
      <Dropdown.Portal container={ground}>
        <Dropdown.Content className={content} collisionPadding={8} sideOffset={4} align="start">
          {items.map((item) => (
            <div key={item.label}>
              {item.apart === true && <Dropdown.Separator className="mx-1 my-1 h-px bg-line" />}
              <Dropdown.Item disabled={item.disabled ?? false} onSelect={item.run} className={itemClass(item)}>
                <Face item={item} />
              </Dropdown.Item>
            </div>
          ))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}
