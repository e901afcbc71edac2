import { useQuery } from "@tanstack/react-query";
import { Heart, Tag as TagIcon } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { addedQuery } from "@/api/queries";
import type { Entry } from "@/api/types";
import { FieldFacts, SetFieldButton } from "@/features/fields/FieldFacts";
import { TagChip } from "@/features/tags/TagFace";
import { cx } from "@/ui/cx";
import { ErrorLine } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { dropTag, markingOf, rate, setFavourite, whatOf } from "./marking";
import { NoteEditor } from "./NoteEditor";
import { StarPicker } from "./Stars";
import { words } from "./words";

const small = "inline-flex h-6 items-center gap-1 rounded-full border border-line px-2 text-xs text-soft hover:bg-hover hover:text-ink pointer-coarse:h-9";

/** What was added to one entry, and ways to add more. */
export function AddedFacts({ entry }: { entry: Entry }) {
  const added = useQuery(addedQuery(entry.id));
  if (entry.id === "") return null;
  const { tags = [], favourite = false, rating = 0, note = "", notes = [], fields = [] } = added.data ?? {};
  const files = markingOf([entry]);
  const what = whatOf([entry]);
  return (
    <section aria-label={words.added} className="flex flex-col gap-2.5">
      <h3 className="border-t border-line pt-3 text-xs font-medium text-soft">{words.added}</h3>
      {added.error && <ErrorLine error={added.error} />}
      <div className="flex items-center justify-between">
        <StarPicker stars={rating} choose={(stars) => void rate(stars, files, what)} />
        <button
          type="button"
          aria-pressed={favourite}
          aria-label={favourite ? words.isFavourite : words.makeFavourite}
          title={favourite ? words.isFavourite : words.makeFavourite}
          onClick={() => void setFavourite(!favourite, files, what)}
          className="inline-flex size-7 items-center justify-center rounded hover:bg-hover pointer-coarse:size-10"
        >
          <Heart aria-hidden className={cx("size-4", favourite ? "fill-current text-bad" : "text-soft")} strokeWidth={1.75} />
        </button>
      </div>
      <ul aria-label={words.tags} className="flex flex-wrap items-center gap-1.5">
        {tags.map(({ tag, source, by, here }) => {
          const why = [words.why[source], by !== undefined && plainName(by), here === true && words.hereOnly].filter(Boolean).join(", ");
          return (
            <li key={tag.id + String(here)} className="max-w-full min-w-0">
              <TagChip tag={tag} title={[plainName(tag.description ?? ""), why].filter((part) => part !== "").join("\n")} press={{ label: words.whyTag(plainName(tag.name)), run: () => openDialog({ kind: "why", entry, tag }) }} remove={() => void dropTag(tag, files, what)}>
                {source !== "user" && <span className="text-2xs text-soft">{words.why[source] ?? source}</span>}
              </TagChip>
            </li>
          );
        })}
        <li>
          <button type="button" onClick={() => openDialog({ kind: "tags", entries: [entry] })} title={`${words.addTags} (T)`} className={small}>
            <TagIcon aria-hidden className="size-3" />
            {words.addTags}
          </button>
        </li>
        <li>
          <SetFieldButton entries={[entry]} className={small} />
        </li>
      </ul>
      <FieldFacts entry={entry} fields={fields} />
      {added.data !== undefined && <NoteEditor key={entry.id} entry={entry} note={note} texts={notes} />}
    </section>
  );
}

/** The same for several entries, where only adding makes sense. */
export function AddToSeveral({ entries }: { entries: readonly Entry[] }) {
  const files = markingOf(entries);
  const what = whatOf(entries);
  return (
    <section aria-label={words.added} className="flex flex-col gap-2.5">
      <h3 className="border-t border-line pt-3 text-xs font-medium text-soft">{words.added}</h3>
      <StarPicker stars={0} choose={(stars) => void rate(stars, files, what)} />
      <div className="flex flex-wrap gap-1.5">
        <button type="button" onClick={() => openDialog({ kind: "tags", entries })} title={`${words.addTags} (T)`} className={small}>
          <TagIcon aria-hidden className="size-3" />
          {words.addTags}
        </button>
        <SetFieldButton entries={entries} className={small} />
      </div>
    </section>
  );
}
