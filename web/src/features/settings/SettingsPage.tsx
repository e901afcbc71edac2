import { useQuery } from "@tanstack/react-query";
import { Keyboard, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import { librariesQuery, libraryQuery, locationsQuery, statusQuery } from "@/api/queries";
import { shownPath } from "@/features/browse/address";
import { CopyLimit } from "@/features/jobs/CopyLimit";
import { JobsDock } from "@/features/jobs/JobsDock";
import { TopBar } from "@/features/shell/TopBar";
import { goBack, goForward, useTabTitle } from "@/features/tabs/tabs";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { bytes, duration } from "@/ui/format";
import { languages } from "@/ui/messages";
import { Name } from "@/ui/Name";
import { setPreferences, type Theme, usePreferences } from "@/ui/preferences";
import { say, sayError } from "@/ui/Toasts";
import { Sidecars } from "./Sidecars";
import { words } from "./words";

const sections = ["appearance", "indexing", "copying", "previews", "search", "shortcuts", "libraries", "privacy", "about"] as const;
type Section = (typeof sections)[number];
const bodies: Record<Section, () => ReactNode> = { appearance: Appearance, indexing: Indexing, copying: Copying, previews: Sidecars, search: Search, shortcuts: Shortcuts, libraries: Libraries, privacy: Privacy, about: About };

/** What can be chosen, of the page and of the daemon. */
export function SettingsPage() {
  useTabTitle(words.title);
  return (
    <>
      <TopBar back={goBack} forward={goForward}>
        <h1 className="px-2 py-1 text-sm font-semibold">{words.title}</h1>
      </TopBar>
      <main className="flex min-h-0 flex-1 overflow-hidden bg-surface">
        <nav aria-label={words.sections} className="w-44 shrink-0 overflow-y-auto border-r border-line p-2 max-md:hidden">
          {sections.map((section) => (
            <button key={section} type="button" onClick={() => goTo(section)} className="ring-inside block w-full rounded-md px-2.5 py-1.5 text-left hover:bg-hover">
              {words[section]}
            </button>
          ))}
        </nav>
        <div className="min-w-0 flex-1 overflow-y-auto">
          <div className="mx-auto flex max-w-2xl flex-col gap-8 px-5 py-6">
            {sections.map((section) => {
              const Body = bodies[section];
              return (
                <section key={section} aria-labelledby={`settings-${section}`}>
                  <h2 id={`settings-${section}`} tabIndex={-1} className="mb-2 text-sm font-semibold outline-none">{words[section]}</h2>
                  <Body />
                </section>
              );
            })}
          </div>
        </div>
      </main>
      <footer className="flex h-9 shrink-0 items-center justify-end border-t border-line bg-surface px-2 text-xs text-soft">
        <JobsDock />
      </footer>
    </>
  );
}

function goTo(section: Section): void {
  const heading = document.getElementById(`settings-${section}`);
  heading?.scrollIntoView({ block: "start" });
  heading?.focus({ preventScroll: true });
}

const selectLook = "h-8 rounded-md border border-line-strong bg-surface px-1.5 pointer-coarse:h-10";

function Line({ label, help, children }: { label: string; help?: string; children: ReactNode }) {
  return (
    <label className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
      <span className="min-w-0">
        <span className="block">{label}</span>
        {help !== undefined && <span className="block text-xs text-soft">{help}</span>}
      </span>
      {children}
    </label>
  );
}

/** A sentence about a section. */
export function Help({ children }: { children: ReactNode }) {
  return <p className="mb-2 text-soft">{children}</p>;
}

function Appearance() {
  const { theme, showHidden, inspector, language } = usePreferences();
  const themes: [Theme, string][] = [["system", words.themeSystem], ["light", words.themeLight], ["dark", words.themeDark]];
  const speak = (code: string) => {
    setPreferences({ language: code });
    window.location.reload();
  };
  return (
    <>
      <Help>{words.here}</Help>
      <div className="divide-y divide-line border-y border-line">
        <Line label={words.theme}>
          <select value={theme} onChange={(event) => setPreferences({ theme: themes.find(([one]) => one === event.target.value)?.[0] ?? "system" })} className={selectLook}>
            {themes.map(([one, name]) => <option key={one} value={one}>{name}</option>)}
          </select>
        </Line>
        <Line label={words.hidden} help={words.hiddenHelp}>
          <input type="checkbox" checked={showHidden} onChange={(event) => setPreferences({ showHidden: event.target.checked })} className="size-4 accent-accent" />
        </Line>
        <Line label={words.details}>
          <input type="checkbox" checked={inspector} onChange={(event) => setPreferences({ inspector: event.target.checked })} className="size-4 accent-accent" />
        </Line>
        <Line label={words.language} help={words.languageHelp}>
          <select value={language} onChange={(event) => speak(event.target.value)} className={selectLook}>
            {languages.map(({ code, name }) => <option key={code} value={code}>{name}</option>)}
          </select>
        </Line>
      </div>
    </>
  );
}

function Indexing() {
  const { data: locations = [] } = useQuery(locationsQuery);
  return (
    <>
      <Help>{words.indexingHelp}</Help>
      {locations.length === 0 && <p className="text-soft">{words.noLocations}</p>}
      <ul className="mb-3 divide-y divide-line border-y border-line empty:hidden">
        {locations.map((location) => (
          <li key={location.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
            <span className="min-w-0">
              <span className="block truncate"><Name name={location.name} /></span>
              <span className="block truncate text-xs text-soft"><Name name={shownPath(location)} /></span>
            </span>
            <Button onClick={() => openDialog({ kind: "location", id: location.id })}>{words.rules}</Button>
          </li>
        ))}
      </ul>
      <Button icon={Plus} onClick={() => openDialog({ kind: "add-location", path: "" })}>{words.addLocation}</Button>
    </>
  );
}

function Copying() {
  return (
    <>
      <Help>{words.copyingHelp}</Help>
      <div className="-mx-4"><CopyLimit /></div>
    </>
  );
}

function Search() {
  const forget = () => {
    ops.recentForget({ all: true }).then(() => say(words.forgotten), sayError);
  };
  return (
    <>
      <Help>{words.searchHelp}</Help>
      <Button onClick={forget}>{words.forget}</Button>
    </>
  );
}

function Shortcuts() {
  return (
    <>
      <Help>{words.shortcutsHelp}</Help>
      <Button icon={Keyboard} onClick={() => openDialog({ kind: "shortcuts" })}>{words.openShortcuts}</Button>
    </>
  );
}

function Libraries() {
  const { data: libraries = [] } = useQuery(librariesQuery);
  const { data: shown } = useQuery(libraryQuery);
  return (
    <>
      <Help>{words.librariesHelp}</Help>
      <ul className="divide-y divide-line border-y border-line">
        {libraries.map((library) => (
          <li key={library.path} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-2">
            <span className="min-w-0">
              <span className="block truncate"><Name name={library.name} /></span>
              <span className="block text-xs break-all text-soft"><Name name={library.path} /></span>
              <span className={cx("block text-xs", library.state === "broken" ? "text-bad" : "text-soft")}>
                {[words.states(library.state), library.id === shown?.id && words.inUse, library.problem, library.remedy].filter(Boolean).join(" · ")}
              </span>
            </span>
            {library.state === "broken" && <Button onClick={() => openDialog({ kind: "rebuild-library", name: library.name })}>{words.rebuild}</Button>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Privacy() {
  return <Help>{words.privacyHelp}</Help>;
}

function About() {
  const { data: status } = useQuery(statusQuery);
  const facts: [string, string][] = status === undefined ? [] : [
    [words.version, status.version], [words.go, status.go], [words.device, status.device.name], [words.data, status.data], [words.address, status.address],
    [words.running, duration(status.uptime)], [words.memory, bytes(status.memory)], [words.watched, words.watch(status.watch.watched, status.watch.folders)],
  ];
  return (
    <>
      <dl className="mb-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1.5">
        {facts.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-soft">{label}</dt>
            <dd className="break-all tabular"><Name name={value} /></dd>
          </div>
        ))}
      </dl>
      <Help>{words.licences}</Help>
    </>
  );
}
