// What a plan says, in words for people.
import type { Plan, PlanItem } from "@/api/types";
import { bytes, countOf, duration } from "@/ui/format";

/** Whether nobody has to be asked: the change is what was just typed, nothing is lost, and it can be taken back. */
export function speaksForItself(plan: Plan): boolean {
  const { replaced, destroyed } = plan.summary;
  return plan.state === "planned" && plan.undecided === 0 && (plan.confirm ?? "") === "" && plan.warnings.length === 0 && replaced === 0 && destroyed === 0;
}

/** What a plan comes to, a line for each thing. */
export function summaryLines({ summary }: Plan): string[] {
  const { files, folders, bytes: size, write, saved, replaced, trashed, destroyed, seconds } = summary;
  const things = [files > 0 && countOf(files, "file"), folders > 0 && countOf(folders, "folder")].filter((part) => part !== false).join(" and ");
  return [
    things !== "" && `${things}${size > 0 ? `, ${bytes(size)}` : ""}`,
    write > 0 && `${bytes(write)} to be written`,
    saved > 0 && `${bytes(saved)} need not be written: the volume shares them with what is there`,
    replaced > 0 && `${countOf(replaced, "file")} replaced; ${replaced === 1 ? "the old one goes" : "the old ones go"} to the trash`,
    trashed > 0 && `${countOf(trashed, "thing")} to the trash, to be had back from there`,
    destroyed > 0 && `${countOf(destroyed, "thing")} gone for good: this cannot be undone`,
    seconds >= 1 && `about ${duration(seconds)}`,
  ].filter((line) => line !== false);
}

const choices: Readonly<Record<string, string>> = { skip: "Leave it out", "keep-both": "Keep both", replace: "Replace; the old one goes to the trash", merge: "Put them together" };

export const choiceWords = (choice: string): string => choices[choice] ?? choice;

/** The choices that several items share, for settling all at once. */
export function sharedChoices(items: readonly PlanItem[]): string[] {
  const [first, ...others] = items.filter(({ choices }) => choices !== undefined && choices.length > 0);
  return (first?.choices ?? []).filter((choice) => others.every(({ choices }) => choices?.includes(choice)));
}

/** A plan's title without the word that says it takes another back. */
const deed = (plan: Plan): string => (plan.undo_of === undefined ? plan.title : plan.title.replace(/^Undo: /, ""));

/** How a plan ended, for a toast or a row of the history. */
export function outcome(plan: Plan): { text: string; bad: boolean } {
  const done = plan.undo_of === undefined ? "Done" : "Undone";
  const failed = plan.failed > 0 ? `${countOf(plan.failed, "thing")} could not be changed` : "";
  const skipped = plan.skipped > 0 ? `${countOf(plan.skipped, "thing")} left alone` : "";
  const also = (words: string[]) => words.filter((part) => part !== "").join("; ");
  switch (plan.state) {
    case "done":
      return { text: `${also([`${done}: ${deed(plan)}`, skipped])}.`, bad: false };
    case "partial":
      return { text: `${also([`Not all of it was done: ${plan.title}`, failed, skipped, plan.error ?? ""])}.`, bad: true };
    case "failed":
      return { text: `${also([`Nothing was changed: ${plan.title}`, failed, plan.error ?? ""])}.`, bad: true };
    case "cancelled":
      return { text: `Stopped: ${plan.title}. What was done stays.`, bad: true };
    default:
      return { text: plan.title, bad: false };
  }
}

/** Whether a plan's phrase is typed as it stands. */
export const phraseTyped = (plan: Plan, typed: string): boolean => (plan.confirm ?? "") === "" || typed.trim() === plan.confirm;
