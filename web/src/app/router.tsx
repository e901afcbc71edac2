import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { BrowsePage } from "@/features/browse/BrowsePage";
import type { DuplicatesParams } from "@/features/duplicates/DuplicatesPage";
import { HomePage } from "@/features/home/HomePage";
import type { RedundancyParams } from "@/features/redundancy/RedundancyPage";
import type { SearchParams } from "@/features/search/address";
import { SearchPage } from "@/features/search/SearchPage";
import { Shell } from "@/features/shell/Shell";
import { TopBar } from "@/features/shell/TopBar";
import { EmptyNote, ErrorNote } from "@/ui/Note";
import type { BrowseSearch } from "./go";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <>
      <TopBar>{undefined}</TopBar>
      <EmptyNote icon={Compass} title="There is no such page" className="flex-1 bg-surface" action={<Link to="/" className="text-accent underline">To the overview</Link>} />
    </>
  ),
  errorComponent: ({ error, reset }) => <ErrorNote error={error} retry={reset} className="h-dvh" />,
});

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const home = createRoute({ getParentRoute: () => root, path: "/", component: HomePage });
const browse = createRoute({
  getParentRoute: () => root,
  path: "/browse",
  component: BrowsePage,
  validateSearch: (given): BrowseSearch => ({
    id: text(given["id"]), path: text(given["path"]), select: text(given["select"]), view: text(given["view"]),
    rid: text(given["rid"]), rpath: text(given["rpath"]), rselect: text(given["rselect"]),
  }),
});

const search = createRoute({
  getParentRoute: () => root,
  path: "/search",
  component: SearchPage,
  validateSearch: (given): SearchParams => ({ q: text(given["q"]), in: text(given["in"]), exact: text(given["exact"]), sort: text(given["sort"]), order: text(given["order"]) }),
});

const duplicates = createRoute({
  getParentRoute: () => root,
  path: "/duplicates",
  component: lazyRouteComponent(() => import("@/features/duplicates/DuplicatesPage"), "DuplicatesPage"),
  validateSearch: (given): DuplicatesParams => ({ q: text(given["q"]), min: text(given["min"]), keep: text(given["keep"]), rule: text(given["rule"]), how: text(given["how"]) }),
});
const near = createRoute({ getParentRoute: () => root, path: "/similar-pictures", component: lazyRouteComponent(() => import("@/features/near/NearPage"), "NearPage"), validateSearch: (given) => ({ q: text(given["q"]) }) });
const copies = createRoute({
  getParentRoute: () => root,
  path: "/copies",
  component: lazyRouteComponent(() => import("@/features/redundancy/RedundancyPage"), "RedundancyPage"),
  validateSearch: (given): RedundancyParams => ({ q: text(given["q"]), on: text(given["on"]) }),
});
const damage = createRoute({ getParentRoute: () => root, path: "/damage", component: lazyRouteComponent(() => import("@/features/damage/DamagePage"), "DamagePage") });
const trash = createRoute({ getParentRoute: () => root, path: "/trash", component: lazyRouteComponent(() => import("@/features/changes/TrashPage"), "TrashPage") });
const history = createRoute({ getParentRoute: () => root, path: "/history", component: lazyRouteComponent(() => import("@/features/changes/HistoryPage"), "HistoryPage") });
const quarantine = createRoute({ getParentRoute: () => root, path: "/quarantine", component: lazyRouteComponent(() => import("@/features/quarantine/QuarantinePage"), "QuarantinePage") });
const jobs = createRoute({ getParentRoute: () => root, path: "/jobs", component: lazyRouteComponent(() => import("@/features/jobs/JobsPage"), "JobsPage") });
const problems = createRoute({ getParentRoute: () => root, path: "/problems", component: lazyRouteComponent(() => import("@/features/problems/ProblemsPage"), "ProblemsPage") });
const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("@/features/settings/SettingsPage"), "SettingsPage") });
const similar = createRoute({ getParentRoute: () => root, path: "/similar", component: lazyRouteComponent(() => import("@/features/similar/SimilarPage"), "SimilarPage"), validateSearch: (given) => ({ id: text(given["id"]) }) });

const tags = createRoute({ getParentRoute: () => root, path: "/tags", component: lazyRouteComponent(() => import("@/features/tags/TagsPage"), "TagsPage") });
const rules = createRoute({ getParentRoute: () => root, path: "/rules", component: lazyRouteComponent(() => import("@/features/rules/RulesPage"), "RulesPage") });
const fields = createRoute({ getParentRoute: () => root, path: "/fields", component: lazyRouteComponent(() => import("@/features/fields/FieldsPage"), "FieldsPage") });
const collection = createRoute({ getParentRoute: () => root, path: "/collection", component: lazyRouteComponent(() => import("@/features/collections/CollectionPage"), "CollectionPage"), validateSearch: (given) => ({ id: text(given["id"]) }) });

export const router = createRouter({
  routeTree: root.addChildren([home, browse, search, duplicates, near, copies, damage, quarantine, trash, history, jobs, problems, settings, similar, tags, rules, fields, collection]),
  // Plain strings: ids look like numbers and must not become some.
  parseSearch: (query) => Object.fromEntries(new URLSearchParams(query)),
  stringifySearch: (search) => {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(search)) if (typeof value === "string") query.set(key, value);
    const written = query.toString();
    return written === "" ? "" : `?${written}`;
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
