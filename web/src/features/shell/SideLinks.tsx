import { Link, useLocation } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import { useGoSearch, useOpenAsk } from "@/app/go";
import { searchFor } from "@/features/search/address";
import { cx } from "@/ui/cx";
import type { CarePage, OwnPage } from "./pages";

interface SideLinkProps {
  icon: LucideIcon;
  label: string;
  onGo?: (() => void) | undefined;
}

const look = (here: boolean) => cx("ring-inside flex w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left pointer-coarse:py-2.5", here ? "bg-accent-soft font-medium" : "hover:bg-hover");
const iconLook = (here: boolean) => cx("size-4", here ? "text-accent" : "text-soft");

/** A page of this program, in the sidebar. */
export function PageLink({ to, icon: Icon, label, onGo }: SideLinkProps & { to: "/" | OwnPage | CarePage }) {
  const here = useLocation().pathname === to;
  return (
    <Link to={to} data-line draggable={false} {...(onGo === undefined ? {} : { onClick: onGo })} aria-current={here ? "page" : undefined} className={look(here)}>
      <Icon aria-hidden className={iconLook(here)} strokeWidth={1.6} />
      {label}
    </Link>
  );
}

/** A search that everybody has. */
export function SearchLink({ query, icon: Icon, label, onGo }: SideLinkProps & { query: string }) {
  const goSearch = useGoSearch();
  const here = useOpenAsk()?.q.trim() === query;
  return (
    <button
      type="button"
      data-line
      aria-current={here ? "page" : undefined}
      onClick={() => {
        goSearch(searchFor(query));
        onGo?.();
      }}
      className={look(here)}
    >
      <Icon aria-hidden className={iconLook(here)} strokeWidth={1.6} />
      {label}
    </button>
  );
}
