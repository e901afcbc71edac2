// The way of a change: it is planned, shown, approved, followed to its end, and
// can be taken back. Nothing is changed before it is approved.
import { queryClient } from "@/api/queries";
import type { Plan } from "@/api/types";
import { foldersChanged } from "@/features/browse/open-folders";
import { ops } from "@/gen/client";
import { createStore } from "@/ui/store";
import { say, sayError } from "@/ui/Toasts";
import { noteDeed } from "./last-deed";
import { outcome, speaksForItself } from "./plan-words";

interface Asked {
  plan: Plan;
  /** Told once the change has ended. */
  then?: ((plan: Plan) => void) | undefined;
}

/** The plan that waits for a yes or no. */
export const asked = createStore<Asked | undefined>(undefined);

interface Way {
  /** Changes that speak for themselves are done at once. */
  quiet?: boolean;
  /** Told once the change has ended. */
  then?: (plan: Plan) => void;
}

/** Plans a change and shows it, or does it at once where it speaks for itself. */
export async function propose(make: () => Promise<Plan>, { quiet = false, then }: Way = {}): Promise<void> {
  try {
    const plan = await make();
    if (quiet && speaksForItself(plan)) await approve(plan, "", then);
    else asked.set({ plan, then });
  } catch (thrown) {
    sayError(thrown);
  }
}

/** Gives up a plan that waits. */
export function giveUp(plan: Plan): void {
  asked.set(undefined);
  ops.planDiscard({ plan: plan.id }).catch(() => undefined); // it expires by itself
}

const moved = () => {
  for (const key of ["trash", "history", "locations", "volumes"]) void queryClient.invalidateQueries({ queryKey: [key] });
};

/** Does what a plan says, and tells how it ended. Rejects when it could not begin. */
export async function approve(plan: Plan, confirm: string, then?: (plan: Plan) => void): Promise<void> {
  const begun = await ops.planCommit({ plan: plan.id, wait: 1, ...(confirm === "" ? {} : { confirm }) });
  asked.set(undefined);
  noteDeed();
  moved();
  void ended(begun).then((last) => {
    foldersChanged("all");
    moved();
    tell(last);
    then?.(last);
  }, sayError);
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** The plan once nothing happens to it any more. The job dock shows how far it is. */
async function ended(plan: Plan): Promise<Plan> {
  let now = plan;
  for (let wait = 300; now.state === "committing"; wait = Math.min(wait * 1.5, 3000)) {
    await pause(wait);
    now = await ops.planShow({ plan: plan.id }).catch(() => now); // a daemon that restarts goes on with it
  }
  return now;
}

function tell(plan: Plan): void {
  const { text, bad } = outcome(plan);
  say(text, { bad, ...(plan.undoable && plan.undone_by === undefined ? { undo: () => void undo(plan) } : {}) });
}

/** Takes a change back: the last one where none is named. */
export function undo(plan?: Plan): Promise<void> {
  return propose(() => ops.planUndo(plan === undefined ? {} : { plan: plan.id }), { quiet: true });
}

/** Does what is not done yet of a plan that ended early. */
export function retry(plan: Plan): void {
  approve(plan, "").catch(() => asked.set({ plan })); // it wants its phrase, say
}
