import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { ChevronsUpDown, Command, Heart, House, Keyboard, LibraryBig, type LucideIcon, Monitor, Moon, Plus, Sun, Tags } from "lucide-react";
import type { ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch, useOpenAsk } from "@/app/go";
import { asApiError } from "@/api/errors";
import { chooseLibrary } from "@/api/library";
import { collectionsQuery, jobsQuery, libraryQuery, locationsQuery, savedQuery, statusQuery, tagsQuery, volumesQuery } from "@/api/queries";
import { CollectionItem } from "@/features/collections/CollectionItem";
import { words as collectionWords } from "@/features/collections/words";
import { LocationItem } from "@/features/locations/LocationItem";
import { searchFor } from "@/features/search/address";
import { SavedItem } from "@/features/search/SavedItem";
import { TagsSection } from "@/features/tags/TagsSection";
import { words as tagWords } from "@/features/tags/words";
import { VolumeItem, volumeKey } from "@/features/volumes/VolumeItem";
import { IconButton } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { DropdownMenu } from "@/ui/Menu";
import { plainName } from "@/ui/names";
import { setPreferences, type Theme, usePreferences } from "@/ui/preferences";
import { Mark } from "./Mark";
import { type CarePage, carePages } from "./pages";

/** What there is: the library's locations, and the volumes they stand on. */
export function Sidebar({ onGo }: { onGo?: () => void }) {
  const locations = useQuery(locationsQuery);
  const volumes = useQuery(volumesQuery);
  const { data: jobs = [] } = useQuery(jobsQuery);
  const saved = useQuery(savedQuery);
  const tags = useQuery(tagsQuery);
  const collections = useQuery(collectionsQuery);
  const go = onGo === undefined ? {} : { onGo };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex h-11 shrink-0 items-center gap-2.5 px-4">
        <Mark className="size-5" />
        <LibraryName />
      </header>
      <nav aria-label="Library" className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <PageLink to="/" icon={House} label="Overview" {...go} />
        <Section
          title="Locations"
          error={locations.error}
          action={
            <IconButton
              icon={Plus}
              label="Add a location"
              small
              onClick={() => {
                onGo?.();
                openDialog({ kind: "add-location", path: "" });
              }}
            />
          }
        >
          {locations.data?.map((location) => <LocationItem key={location.id} location={location} jobs={jobs} {...go} />)}
          {locations.data?.length === 0 && <p className="px-2.5 py-1 text-soft">None yet. Add a folder to begin.</p>}
        </Section>
        {saved.data !== undefined && saved.data.length > 0 && (
          <Section title="Saved searches" error={saved.error}>
            {saved.data.map((one) => <SavedItem key={one.name} saved={one} {...go} />)}
          </Section>
        )}
        <Section
          title={tagWords.section}
          error={tags.error}
          action={
            <IconButton
              icon={Plus}
              label={tagWords.addTag}
              small
              onClick={() => {
                onGo?.();
                openDialog({ kind: "tag", tag: undefined });
              }}
            />
          }
        >
          <TagsSection {...go} />
          <PageLink to="/tags" icon={Tags} label={tagWords.all} {...go} />
        </Section>
        <Section
          title={collectionWords.section}
          error={collections.error}
          action={
            <IconButton
              icon={Plus}
              label={collectionWords.add}
              small
              onClick={() => {
                onGo?.();
                openDialog({ kind: "collection", collection: undefined });
              }}
            />
          }
        >
          <SearchLink query="is:favourite" icon={Heart} label={collectionWords.favourites} {...go} />
          {collections.data?.map((one) => <CollectionItem key={one.id} collection={one} {...go} />)}
        </Section>
        <Section title="Care" error={undefined}>
          {carePages.map(({ to, icon, label }) => <PageLink key={to} to={to} icon={icon} label={label} {...go} />)}
        </Section>
        <Section title="Volumes" error={volumes.error}>
          {[...(volumes.data ?? [])]
            .sort((a, b) => Number(b.state === "online") - Number(a.state === "online"))
            .map((volume) => <VolumeItem key={volumeKey(volume)} volume={volume} {...go} />)}
          {volumes.data?.length === 0 && <p className="px-2.5 py-1 text-soft">No volumes were found.</p>}
        </Section>
      </nav>
      <footer className="flex items-center gap-1 border-t border-line px-2 py-1">
        <ThemeButton />
        <IconButton
          icon={Command}
          label="Commands"
          keys="Ctrl K"
          onClick={() => {
            onGo?.();
            openDialog({ kind: "palette" });
          }}
        />
        <IconButton icon={Keyboard} label="Keyboard shortcuts" keys="?" onClick={() => openDialog({ kind: "shortcuts" })} className="pointer-coarse:hidden" />
      </footer>
    </div>
  );
}

type Page = "/" | "/tags" | CarePage;

function PageLink({ to, icon: Icon, label, onGo }: { to: Page; icon: LucideIcon; label: string; onGo?: () => void }) {
  const here = useLocation().pathname === to;
  return (
    <Link
      to={to}
      {...(onGo === undefined ? {} : { onClick: onGo })}
      aria-current={here ? "page" : undefined}
      className={cx("ring-inside flex items-center gap-2.5 rounded-md px-2.5 py-1.5 pointer-coarse:py-2.5", here ? "bg-accent-soft font-medium" : "hover:bg-hover")}
    >
      <Icon aria-hidden className={cx("size-4", here ? "text-accent" : "text-soft")} strokeWidth={1.6} />
      {label}
    </Link>
  );
}

/** A search that everybody has. */
function SearchLink({ query, icon: Icon, label, onGo }: { query: string; icon: LucideIcon; label: string; onGo?: () => void }) {
  const goSearch = useGoSearch();
  const here = useOpenAsk()?.q.trim() === query;
  return (
    <button
      type="button"
      aria-current={here ? "page" : undefined}
      onClick={() => {
        goSearch(searchFor(query));
        onGo?.();
      }}
      className={cx("ring-inside flex w-full items-center gap-2.5 rounded-md px-2.5 py-1.5 text-left pointer-coarse:py-2.5", here ? "bg-accent-soft font-medium" : "hover:bg-hover")}
    >
      <Icon aria-hidden className={cx("size-4", here ? "text-accent" : "text-soft")} strokeWidth={1.6} />
      {label}
    </button>
  );
}

/** The library's name, and a way to the others where there are some. */
function LibraryName() {
  const library = useQuery(libraryQuery);
  const status = useQuery(statusQuery);
  const others = (status.data?.libraries ?? []).filter((other) => other.id !== library.data?.id && other.state !== "broken");
  const name = <span className="min-w-0 truncate font-semibold">{plainName(library.data?.name ?? "Stardrive")}</span>;
  if (library.data === undefined || others.length === 0) return name;
  return (
    <DropdownMenu items={others.map((other) => ({ label: plainName(other.name), icon: LibraryBig, run: () => chooseLibrary(other.id) }))}>
      <button type="button" title="Show another library" className="-ml-1 flex h-8 min-w-0 items-center gap-1.5 rounded-md px-1 hover:bg-hover">
        {name}
        <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-faint" />
      </button>
    </DropdownMenu>
  );
}

function Section({ title, action, error, children }: { title: string; action?: ReactNode; error: unknown; children: ReactNode }) {
  return (
    <section className="mt-4">
      <div className="mb-0.5 flex h-6 items-center justify-between pr-1 pl-2.5">
        <h2 className="text-xs font-medium text-soft">{title}</h2>
        {action}
      </div>
      {children}
      {error !== null && error !== undefined && <p className="px-2.5 py-1 text-xs text-bad">{asApiError(error).message}</p>}
    </section>
  );
}

const themes: Record<Theme, { next: Theme; icon: typeof Sun; label: string }> = {
  system: { next: "light", icon: Monitor, label: "Theme: as the system. Change to light" },
  light: { next: "dark", icon: Sun, label: "Theme: light. Change to dark" },
  dark: { next: "system", icon: Moon, label: "Theme: dark. Change to the system's" },
};

function ThemeButton() {
  const { theme } = usePreferences();
  const { next, icon, label } = themes[theme];
  return <IconButton icon={icon} label={label} onClick={() => setPreferences({ theme: next })} />;
}
