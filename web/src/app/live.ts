// What the daemon says changes what the page holds: the only place that knows
// both the events and the caches.
import { connection, lost } from "@/api/connection";
import { EventStream, type FeedEvent } from "@/api/events";
import { libraryQuery, locationsQuery, putJob, queryClient, statusQuery, volumesQuery } from "@/api/queries";
import { foldersChanged, refreshLive } from "@/features/browse/open-folders";
import { listsMoved } from "@/features/rows/open-lists";
import { addedMoved } from "@/features/marks/marking";
import { marksMoved } from "@/features/marks/use-marks";
import { picturesMade } from "@/features/thumbs/use-thumb";
import { searchesMoved } from "@/features/search/searches";

/** Runs fn at once, and then at most once in `ms`, the last time included. */
function calmly(fn: () => void, ms: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  return function run() {
    if (timer !== undefined) {
      again = true;
      return;
    }
    fn();
    timer = setTimeout(() => {
      timer = undefined;
      if (again) run();
      again = false;
    }, ms);
  };
}

const refresh = (...keys: (readonly unknown[])[]) => {
  for (const queryKey of keys) void queryClient.invalidateQueries({ queryKey });
};
const groupsMoved = calmly(listsMoved, 5000); // the daemon goes through all files for these
const entriesMoved = calmly(() => {
  refresh(["entry"], ["search"]);
  searchesMoved();
  groupsMoved();
}, 1000);
const addedNews = calmly(() => {
  addedMoved();
  refresh(["search"]); // that ask for tags, say
  searchesMoved();
}, 500);
const placesMoved = calmly(() => refresh(locationsQuery.queryKey, libraryQuery.queryKey, ["rules"], ["added", "space"]), 1000);
const volumesMoved = calmly(() => refresh(volumesQuery.queryKey, locationsQuery.queryKey, ["added", "space"]), 1000);

function everything(): void {
  marksMoved();
  // Not the links to content: another address would start a film anew.
  void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "link" });
  foldersChanged("all");
  searchesMoved();
  listsMoved();
}

function apply(event: FeedEvent): void {
  switch (event.type) {
    case "folders.changed":
      foldersChanged(event.more === true ? "all" : new Set(event.folders ?? []));
      entriesMoved();
      break;
    case "entry.created":
    case "entry.modified":
    case "entry.moved":
    case "entry.absent":
    case "entry.returned":
    case "entry.excluded":
    case "entry.changed":
    case "entry.removed":
      foldersChanged(new Set([event.parent ?? "", event.id]));
      entriesMoved();
      break;
    case "location.created":
    case "location.changed":
    case "location.indexed":
    case "location.removed":
      placesMoved();
      break;
    case "volume.created":
    case "volume.changed":
    case "volume.online":
    case "volume.offline":
    case "volume.removed":
      volumesMoved();
      break;
    case "job.changed": {
      putJob(event);
      if (event.state !== "running") {
        entriesMoved(); // what files hold may be known now
        placesMoved();
        refresh(statusQuery.queryKey, ["trash"], ["history"], ["care"]);
      }
      break;
    }
    case "sidecar.made":
      picturesMade(event.entries ?? []);
      entriesMoved(); // facts of files, and texts that searches find
      break;
    case "organize.changed":
      addedNews();
      break;
    case "content.damaged":
      entriesMoved();
      break;
    case "lagged":
      everything();
      break;
  }
}

/** Follows the daemon while there is a session. Returns what ends it. */
export function followDaemon(): () => void {
  const stream = new EventStream({
    onEvent: apply,
    onOpen: (again) => {
      if (connection.get() !== "signed_out") connection.set("online");
      if (again) everything();
    },
    onLost: lost,
  });
  let before = connection.get();
  let following = false;
  const settle = () => {
    const state = connection.get();
    if (state === "online" && (!following || before !== "online")) {
      following = true;
      stream.start();
      if (before !== "starting") everything();
    } else if (state === "signed_out" && following) {
      following = false;
      stream.stop();
      queryClient.clear();
    }
    before = state;
  };
  const end = connection.subscribe(settle);
  settle();
  addEventListener("focus", refreshLive);
  return () => {
    end();
    stream.stop();
    removeEventListener("focus", refreshLive);
  };
}
