import { Merge, PencilLine, Search, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { openDialog } from "@/app/dialogs";
import type { Tag } from "@/api/types";
import { Fact, Facts } from "@/features/inspect/Facts";
import { Button } from "@/ui/Button";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { childrenOf } from "./tag-tree";
import { TagChip, TagDot } from "./TagFace";
import { words } from "./words";

/** What a tag is, what it stands in relation to, and what can be done with it. */
export function TagDetails({ tag, all, search, show }: { tag: Tag; all: readonly Tag[]; search: (tag: Tag) => void; show: (id: string) => void }) {
  const byId = new Map(all.map((one) => [one.id, one]));
  const named = (ids: readonly string[] | undefined) => (ids ?? []).flatMap((id) => byId.get(id) ?? []);
  const idle = named(tag.idle);
  const chips = (tags: readonly Tag[]): ReactNode => (
    <span className="flex flex-wrap gap-1">
      {tags.map((one) => (
        <button key={one.id} type="button" onClick={() => show(one.id)} className="max-w-full min-w-0 rounded-full hover:ring-1 hover:ring-accent">
          <TagChip tag={one} />
        </button>
      ))}
    </span>
  );
  const facts: [label: string, tags: readonly Tag[]][] = [
    [words.parents, named(tag.parents)], [words.below, childrenOf(all).get(tag.id) ?? []], [words.synonyms, named(tag.synonyms)], [words.related, named(tag.related)],
  ];
  return (
    <div className="flex flex-col gap-4">
      <div>
        <p className="flex items-center gap-2 font-semibold break-words">
          <TagDot tag={tag} className="size-4" />
          <Name name={tag.name} />
        </p>
        {tag.description !== undefined && <p className="mt-1 text-soft"><Name name={tag.description} /></p>}
      </div>
      <div className="grid grid-cols-2 gap-2">
        <Button icon={Search} onClick={() => search(tag)}>{words.openTag}</Button>
        <Button icon={PencilLine} onClick={() => openDialog({ kind: "tag", tag })}>{words.edit}</Button>
        <Button icon={Merge} onClick={() => openDialog({ kind: "choose-tag", tag, into: "merge" })}>{words.mergeShort}</Button>
        <Button icon={Trash2} disabled={tag.type === "system"} onClick={() => openDialog({ kind: "remove-tag", tag })}>{words.removeShort}</Button>
      </div>
      <Facts>
        <Fact label={words.used}>{words.usedFor(tag.files)}</Fact>
        <Fact label={words.type}>{words.types[tag.type]}</Fact>
        {tag.namespace !== undefined && tag.namespace !== "" && <Fact label={words.namespace}><Name name={tag.namespace} /></Fact>}
        {(tag.aliases ?? []).length > 0 && <Fact label={words.aliases}>{(tag.aliases ?? []).map((alias) => plainName(alias)).join(", ")}</Fact>}
        {facts.map(([label, tags]) => tags.length > 0 && <Fact key={label} label={label}>{chips(tags)}</Fact>)}
      </Facts>
      {idle.length > 0 && <p className="rounded-md bg-warn-soft px-3 py-2 text-warn">{words.idleHelp(idle.map(({ name }) => plainName(name)).join(", "))}</p>}
    </div>
  );
}
