// The words of this side for what the operations take and give. They are read
// off the generated functions, so they follow whatever the daemon's types are called.
import type { ops } from "../gen/client";

type In<Name extends keyof typeof ops> = NonNullable<Parameters<(typeof ops)[Name]>[0]>;
type Out<Name extends keyof typeof ops> = Awaited<ReturnType<(typeof ops)[Name]>>;

/** One file, folder, symlink or special file on a volume. */
export type Entry = Out<"entryList">["items"][number];
/** An entry with the folders above it and what is in it, where that is known. */
export type EntryInfo = Entry & Partial<Pick<Out<"entryInfo">, "parents" | "content" | "facts" | "sidecars">>;
/** What the bytes of a file are. */
export type About = NonNullable<EntryInfo["content"]>;
/** What is known of what is in a file. */
export type Facts = NonNullable<EntryInfo["facts"]>;
/** How one thing stands that was derived of a file. */
export type Sidecar = NonNullable<EntryInfo["sidecars"]>[number];
/** A file that could not be looked into: what could not be made of it, and why. */
export type Quarantined = Out<"sidecarFailed">["items"][number];
/** A file that could not be read, so that nothing is known of its bytes. */
export type UnreadFile = Out<"contentUnread">["items"][number];
export type EntrySort = NonNullable<In<"entryList">["sort"]>;
export type SearchHit = Out<"searchQuery">["items"][number];
export type SearchSort = NonNullable<In<"searchQuery">["sort"]>;
export type NewSaved = In<"savedCreate">;
export type Saved = Out<"savedList">["items"][number];
export type SearchOut = Out<"searchQuery">;
/** A file that fits by what is written in it, or by what it is about: the best of its copies. */
export type TextHit = NonNullable<SearchOut["texts"]>[number];
/** A stretch of its text, and which characters of it were looked for. */
export type Snippet = TextHit["snippets"][number];
export type Job = Out<"jobList">["items"][number];
export type JobState = Job["state"];
export type Location = Out<"locationList">["items"][number];
export type LocationMode = NonNullable<In<"locationAdd">["mode"]>;
export type Rule = Out<"rulesList">["items"][number];
export type NewRule = Omit<In<"rulesAdd">, "location">;
export type Volume = Out<"volumeList">["items"][number];
export type Plan = Out<"planShow">;
/** One thing in a folder of an archive. */
export type ArchiveItem = Out<"archiveList">["items"][number];
export type PlanItem = Out<"planItems">["items"][number];
export type TrashItem = Out<"trashList">["items"][number];
export type LibraryInfo = Out<"libraryInfo">;
export type Library = Out<"libraryList">["items"][number];
export type Problem = Out<"daemonStatus">["problems"][number];
export type DuplicateGroup = Out<"duplicatesList">["items"][number];
export type DuplicatesSummary = Out<"duplicatesSummary">;
export type Copy = DuplicateGroup["copies"][number];
/** What is to be done with duplicates. */
export type DedupeIn = In<"filesDedupe">;
export type NearGroup = Out<"nearList">["items"][number];
export type Spread = Out<"redundancyList">["items"][number];
export type Risk = NonNullable<In<"redundancyList">["on"]>;
export type Damage = Out<"damageList">["items"][number];
/** What users added to an entry, as lists show it. */
export type Marks = Out<"organizeMarks">["items"][number];
/** A tag as lists show it. */
export type Chip = NonNullable<Marks["tags"]>[number];
/** What users added to an entry, whole. */
export type Added = Out<"organizeOf">;
export type Tag = Out<"tagList">["items"][number];
export type TagType = Tag["type"];
export type Collection = Out<"collectionList">["items"][number];
/** One of several texts of a note that were written at the same time. */
export type WrittenNote = NonNullable<Added["notes"]>[number];
/** A rule that gives a tag, or puts into a collection, whatever its search finds. */
export type TagRule = Out<"ruleList">["items"][number];
/** What a rule would do. */
export type RuleTrial = Out<"ruleTest">;
/** Why a file is found by a tag. */
export type Why = Out<"tagWhy">;
export type Reason = Why["items"][number];
/** A field of the user's own, for values that files can have. */
export type FieldDef = Out<"fieldList">["items"][number];
export type FieldType = FieldDef["type"];
/** A value of such a field, on a file. */
export type Valued = NonNullable<Added["fields"]>[number];
/** A sidebar, and what is in it. */
export type Space = Out<"spaceShow">;
export type SpaceGroup = NonNullable<Space["groups"]>[number];
export type SpaceItem = SpaceGroup["items"][number];
export type SpaceFill = NonNullable<SpaceGroup["fill"]>;
/** How a change of what users add ended. */
export type Marked = Out<"tagApply">;
