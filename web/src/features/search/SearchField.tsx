import { Search, X } from "lucide-react";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { IconButton } from "@/ui/Button";

interface SearchFieldProps {
  input: RefObject<HTMLInputElement | null>;
  text: string;
  setText: (text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  /** Whether what is below the field is open, and which of its options is chosen. */
  open: boolean;
  setOpen: (open: boolean) => void;
  active: string | undefined;
  /** What opens below the field. */
  children: ReactNode;
}

/** The field that is searched with, and what opens below it. That closes when the focus leaves both. */
export function SearchField({ input, text, setText, onKeyDown, open, setOpen, active, children }: SearchFieldProps) {
  return (
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions -- it only hears of the focus
    <div
      className="relative min-w-0 flex-1 sm:w-56 sm:flex-none lg:w-80"
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint pointer-coarse:top-3" strokeWidth={1.75} />
      <input
        ref={input}
        data-search
        type="search"
        role="combobox"
        aria-label="Search the library"
        aria-expanded={open}
        aria-controls="search-results"
        aria-autocomplete="list"
        aria-activedescendant={active}
        placeholder="Search"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onFocus={() => setOpen(true)}
        onChange={(event) => {
          setText(event.target.value);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-line bg-sunken pr-8 pl-8.5 text-sm placeholder:text-faint focus:border-accent focus:bg-surface focus:outline-none pointer-coarse:h-10 [&::-webkit-search-cancel-button]:hidden"
      />
      {text === "" ? (
        <kbd aria-hidden className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1.5 font-sans text-xs leading-4.5 text-faint pointer-coarse:hidden">/</kbd>
      ) : (
        <IconButton
          icon={X}
          label="Clear the search"
          small
          className="absolute top-1 right-1 pointer-coarse:top-0.5"
          onClick={() => {
            setText("");
            input.current?.focus();
          }}
        />
      )}
      {children}
    </div>
  );
}
