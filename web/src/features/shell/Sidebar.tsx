import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown, Command, House, Keyboard, LibraryBig, Monitor, Moon, Sun } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { chooseLibrary } from "@/api/library";
import { libraryQuery, statusQuery } from "@/api/queries";
import { Groups } from "@/features/spaces/Groups";
import { PinZone } from "@/features/spaces/PinZone";
import { useSpaces } from "@/features/spaces/shown-space";
import { SpaceSwitch } from "@/features/spaces/SpaceSwitch";
import { words } from "@/features/spaces/words";
import { IconButton } from "@/ui/Button";
import { walkLines } from "@/ui/line-keys";
import { DropdownMenu } from "@/ui/Menu";
import { plainName } from "@/ui/names";
import { setPreferences, type Theme, usePreferences } from "@/ui/preferences";
import { Mark } from "./Mark";
import { carePages } from "./pages";
import { PageLink } from "./SideLinks";

/** What a person wants at hand: the groups of the sidebar that is shown, between the overview and the pages of care. */
export function Sidebar({ onGo }: { onGo?: () => void }) {
  const { space } = useSpaces();
  return (
    <div className="relative flex h-full min-h-0 flex-col">
      <header className="flex h-11 shrink-0 items-center gap-2.5 pr-3 pl-4">
        <Mark className="size-5 shrink-0" />
        <LibraryName />
        <SpaceSwitch onGo={onGo} />
      </header>
      {/* The keys walk through its lines, which have the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <nav aria-label="Library" data-sidebar onKeyDown={(event) => walkLines(event) && event.preventDefault()} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <PageLink to="/" icon={House} label="Overview" onGo={onGo} />
        <Groups space={space} onGo={onGo} />
        <section aria-label={words.care} className="mt-4">
          <h2 className="mb-0.5 flex h-6 items-center pl-2.5 text-xs font-medium text-soft">{words.care}</h2>
          {carePages.map((page) => <PageLink key={page.to} {...page} onGo={onGo} />)}
        </section>
      </nav>
      <PinZone />
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
