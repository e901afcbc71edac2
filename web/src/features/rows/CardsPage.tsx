import { EllipsisVertical, type LucideIcon, Plus } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { undoLast } from "@/features/marks/marking";
import { JobsDock } from "@/features/jobs/JobsDock";
import { type Commands, useCommands } from "@/features/shell/commands";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { Button, IconButton } from "@/ui/Button";
import { walkLines } from "@/ui/line-keys";
import { ContextMenu, DropdownMenu, type MenuItem } from "@/ui/Menu";
import { EmptyNote, ErrorNote, Waiting } from "@/ui/Note";
import { Explained, ToolBar } from "./RowsPage";

interface CardsPageProps {
  title: string;
  /** What these things are, in a sentence or two. */
  help: string;
  add: { label: string; run: () => void };
  error: unknown;
  retry: () => void;
  /** Nothing has come yet: what is waited for. */
  waiting: string | undefined;
  empty: { icon: LucideIcon; title: string; words: string } | undefined;
  status: string;
  commands?: Commands;
  /** A Card for each. */
  children: ReactNode;
}

/** A page with a short list of things that people made themselves: rules, fields. */
export function CardsPage({ title, help, add, error, retry, waiting, empty, status, commands, children }: CardsPageProps) {
  useTabTitle(title);
  useCommands({ reload: retry, undo: () => void undoLast(), newFolder: add.run, ...commands });
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">{title}</h1>
      </TopBar>
      <main className="flex min-h-0 flex-1 flex-col bg-surface">
        <Explained>{help}</Explained>
        <ToolBar>
          <Button icon={Plus} title={`${add.label} (F7)`} onClick={add.run}>{add.label}</Button>
        </ToolBar>
        {error !== null && error !== undefined ? (
          <ErrorNote error={error} retry={retry} className="flex-1" />
        ) : waiting !== undefined ? (
          <Waiting className="flex-1">{waiting}</Waiting>
        ) : empty !== undefined ? (
          <EmptyNote icon={empty.icon} title={empty.title} className="flex-1" action={<Button look="primary" icon={Plus} onClick={add.run}>{add.label}</Button>}>
            {empty.words}
          </EmptyNote>
        ) : (
          // The keys walk through the cards, which have the focus.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <ul aria-label={title} onKeyDown={(event) => walkLines(event) && event.preventDefault()} className="min-h-0 flex-1 divide-y divide-line overflow-y-auto px-4 py-2">
            {children}
          </ul>
        )}
      </main>
      <footer className="flex h-9 shrink-0 items-center gap-3 border-t border-line bg-surface pr-2 pl-4 text-xs text-soft">
        <p role="status" className="min-w-0 flex-1 truncate tabular">{status}</p>
        <JobsDock />
      </footer>
    </>
  );
}

interface CardProps {
  icon: ReactNode;
  name: ReactNode;
  /** Read out for the button with more. */
  more: string;
  /** What Enter and a click do. */
  open: () => void;
  menu: MenuItem[];
  onKeyDown?: (event: KeyboardEvent) => void;
  /** Below the name. */
  children: ReactNode;
  /** At the right. */
  side?: ReactNode;
}

/** One of these things: its name opens it, F2 too, Delete removes it where the menu does. */
export function Card({ icon, name, more, open, menu, onKeyDown, children, side }: CardProps) {
  const keyed = (event: KeyboardEvent) => {
    const item = menu.find(({ keys, disabled }) => disabled !== true && keys === { F2: "F2", Delete: "Del" }[event.key]);
    if (item === undefined) {
      onKeyDown?.(event);
      return;
    }
    event.preventDefault();
    item.run();
  };
  return (
    <ContextMenu items={menu}>
      <li className="flex items-start gap-3 py-2.5">
        <span className="mt-1 shrink-0">{icon}</span>
        <div className="min-w-0 flex-1">
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5">
            <button type="button" data-line onClick={open} onKeyDown={keyed} className="max-w-full min-w-0 truncate rounded py-0.5 text-left font-medium hover:underline pointer-coarse:py-2">
              {name}
            </button>
            {side}
          </div>
          {children}
        </div>
        <DropdownMenu items={menu}>
          <IconButton icon={EllipsisVertical} label={more} small />
        </DropdownMenu>
      </li>
    </ContextMenu>
  );
}
