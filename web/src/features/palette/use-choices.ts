import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Clock, Command, FolderTree, HardDrive, type LucideIcon, MapPin, PanelLeft, RotateCw, Search, SlidersHorizontal, Sun, TextSearch } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { useGo, useGoSearch } from "@/app/go";
import { asApiError } from "@/api/errors";
import { locationsQuery, savedQuery, volumesQuery } from "@/api/queries";
import { shownPath } from "@/features/browse/address";
import { resolvePath } from "@/features/browse/place";
import { rescan } from "@/features/locations/rescan";
import { fromSaved, searchFor } from "@/features/search/address";
import { offered, runCommand } from "@/features/shell/commands";
import { chordWords, keysOf, useChosenKeys } from "@/features/shell/keymap";
import { carePages, ownPages } from "@/features/shell/pages";
import { showSpace, useSpaces } from "@/features/spaces/shown-space";
import { plainName } from "@/ui/names";
import { setPreferences, type Theme } from "@/ui/preferences";
import { say } from "@/ui/Toasts";
import { fitting } from "./match";
import { recentPlaces } from "./recent-places";

/** Something that can be chosen in the palette. */
export interface Choice {
  key: string;
  group: string;
  title: string;
  /** More words that it is found by, shown small. */
  more?: string;
  icon: LucideIcon;
  keys?: string;
  run: () => void;
}

const themes: [Theme, string][] = [["system", "Theme: as the system"], ["light", "Theme: light"], ["dark", "Theme: dark"]];

/** What fits what is typed: commands, places, searches, settings; and for a path, the way there. */
export function useChoices(typed: string): Choice[] {
  const { data: locations = [] } = useQuery(locationsQuery);
  const { data: volumes = [] } = useQuery(volumesQuery);
  const { data: saved = [] } = useQuery(savedQuery);
  const chosen = useChosenKeys();
  const go = useGo();
  const goSearch = useGoSearch();
  const { spaces } = useSpaces();
  const router = useRouter();
  const text = typed.trim();

  const goPath = (path: string) => {
    resolvePath(path).then(({ address, select }) => go(address, select), (thrown: unknown) => {
      const error = asApiError(thrown);
      say(error.kind === "not_found" ? `There is nothing at ${plainName(path)}.` : error.message, { bad: true });
    });
  };
  const commands = offered().map(({ id, title }): Choice => {
    const [first] = keysOf(id, chosen);
    return { key: id, group: "Commands", title, icon: Command, ...(first === undefined ? {} : { keys: chordWords(first) }), run: () => runCommand(id) };
  });
  const places: Choice[] = [
    ...locations.map((location): Choice => ({
      key: `location ${location.id}`, group: "Places", title: plainName(location.name), more: plainName(shownPath(location)), icon: FolderTree,
      run: () => go(location.entry === "" ? { path: location.path } : { id: location.entry }),
    })),
    ...volumes.filter(({ state, mount }) => state === "online" && mount !== "").map((volume): Choice => ({
      key: `volume ${volume.id}${volume.mount}`, group: "Places", title: plainName(volume.name), more: plainName(volume.mount), icon: HardDrive, run: () => go({ path: volume.mount }),
    })),
    { key: "page /", group: "Places", title: "Overview", icon: MapPin, run: () => void router.navigate({ to: "/" }) },
    ...[...ownPages, ...carePages].map(({ to, label, icon }): Choice => ({ key: `page ${to}`, group: "Places", title: label, icon, run: () => void router.navigate({ to }) })),
    ...(spaces.length < 2 ? [] : spaces).map((space): Choice => ({ key: `space ${space.id}`, group: "Places", title: `Sidebar: ${plainName(space.name)}`, icon: PanelLeft, run: () => showSpace(space) })),
    ...saved.map((one): Choice => ({ key: `saved ${one.name}`, group: "Places", title: plainName(one.name), more: one.query, icon: TextSearch, run: () => goSearch(fromSaved(one)) })),
  ];
  const recent = recentPlaces().map(({ title, path }): Choice => ({ key: `recent ${path}`, group: "Recent", title: plainName(title), more: plainName(path), icon: Clock, run: () => goPath(path) }));
  const settings: Choice[] = [
    ...themes.map(([theme, title]): Choice => ({ key: title, group: "Settings", title, icon: Sun, run: () => setPreferences({ theme }) })),
    ...locations.flatMap((location): Choice[] => [
      { key: `rules ${location.id}`, group: "Settings", title: `Rules and state of ${plainName(location.name)}`, icon: SlidersHorizontal, run: () => openDialog({ kind: "location", id: location.id }) },
      { key: `rescan ${location.id}`, group: "Settings", title: `Read ${plainName(location.name)} again`, icon: RotateCw, run: () => void rescan(location) },
    ]),
  ];
  const found = text === ""
    ? [...recent.slice(0, 5), ...places.slice(0, 8), ...commands]
    : [...fitting([...places, ...recent.filter(({ more }) => !places.some((place) => place.more === more))], text, 8), ...fitting(commands, text, 8), ...fitting(settings, text, 6)];
  const isPath = /^([/~]|sd:\/\/|[A-Za-z]:[\\/])/.test(text);
  if (isPath) found.unshift({ key: "path", group: "Go", title: `Go to ${plainName(text)}`, icon: MapPin, run: () => goPath(text) });
  else if (text !== "") found.push({ key: "search", group: "Search", title: `Search for “${plainName(text)}”`, icon: Search, run: () => goSearch(searchFor(text)) });
  return found;
}
