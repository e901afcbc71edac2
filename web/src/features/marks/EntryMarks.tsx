import { Heart, StickyNote } from "lucide-react";
import type { Marks } from "@/api/types";
import { TagChip, TagDot } from "@/features/tags/TagFace";
import { plainName } from "@/ui/names";
import { Stars } from "./Stars";
import { useMarks } from "./use-marks";
import { words } from "./words";

const mostDots = 4;

/** What was added to an entry, in small behind its name. */
export function EntryMarks({ id, tags = true }: { id: string; tags?: boolean }) {
  const marks = useMarks(id);
  if (marks === undefined) return null;
  const chips = tags ? (marks.tags ?? []) : [];
  return (
    <span data-marks className="inline-flex shrink-0 items-center gap-1 pl-1 align-middle">
      {marks.favourite === true && <Heart role="img" aria-label={words.favouriteMark} className="size-3 fill-current text-bad" />}
      {marks.noted === true && <StickyNote role="img" aria-label={words.notedMark} className="size-3 text-soft" />}
      {chips.length > 0 && (
        <span role="img" aria-label={tagsWords(marks)} title={tagsWords(marks)} className="flex items-center">
          {chips.slice(0, mostDots).map((tag) => <TagDot key={tag.id} tag={tag} />)}
        </span>
      )}
      {marks.rating !== undefined && <Stars stars={marks.rating} />}
    </span>
  );
}

const tagsWords = ({ tags = [] }: Marks): string => words.tagsMark(tags.map(({ name }) => plainName(name)).join(", "));

/** The tags of an entry, in a column of a list. */
export function TagsCell({ id }: { id: string }) {
  const marks = useMarks(id);
  return (
    <span className="flex items-center gap-1 overflow-hidden" title={marks?.tags === undefined ? undefined : tagsWords(marks)}>
      {marks?.tags?.map((tag) => <TagChip key={tag.id} tag={tag} />)}
    </span>
  );
}

/** The stars of an entry, in a column of a list. */
export function StarsCell({ id }: { id: string }) {
  const rating = useMarks(id)?.rating;
  return rating === undefined ? null : <Stars stars={rating} />;
}
