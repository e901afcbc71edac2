import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CirclePause, CirclePlay, FlaskConical, Library, PencilLine, Search, Tag as TagIcon, Trash2, WandSparkles } from "lucide-react";
import { openDialog } from "@/app/dialogs";
import { useGoSearch } from "@/app/go";
import { tagRulesQuery, tagsQuery } from "@/api/queries";
import type { TagRule } from "@/api/types";
import { change } from "@/features/marks/marking";
import { Card, CardsPage } from "@/features/rows/CardsPage";
import { searchFor } from "@/features/search/address";
import { tagQuery } from "@/features/tags/tag-tree";
import { TagChip } from "@/features/tags/TagFace";
import { ops } from "@/gen/client";
import { cx } from "@/ui/cx";
import { Name } from "@/ui/Name";
import { plainName } from "@/ui/names";
import { say, sayError } from "@/ui/Toasts";
import { words } from "./words";

/** Rules that give tags, or put into collections. */
export function RulesPage() {
  const rules = useQuery(tagRulesQuery);
  const all = rules.data ?? [];
  return (
    <CardsPage
      title={words.page}
      help={words.pageHelp}
      add={{ label: words.add, run: () => openDialog({ kind: "rule", rule: undefined }) }}
      error={rules.error}
      retry={() => void rules.refetch()}
      waiting={rules.data === undefined ? words.looking : undefined}
      empty={all.length === 0 ? { icon: WandSparkles, title: words.empty, words: words.emptyHelp } : undefined}
      status={rules.data === undefined ? "" : words.count(all.length)}
    >
      {all.map((rule) => <RuleCard key={rule.id} rule={rule} />)}
    </CardsPage>
  );
}

async function apply(rule: TagRule): Promise<void> {
  try {
    await ops.ruleRun({ rule: rule.id });
    say(words.ran(plainName(rule.name)));
  } catch (thrown) {
    sayError(thrown);
  }
}

/** Pauses a rule, or has it followed again. */
function pause(rule: TagRule, on: boolean): void {
  const name = plainName(rule.name);
  void change(() => ops.ruleEdit({ rule: rule.id, ...(on ? { pause: true } : { resume: true }) }), on ? words.paused(name) : words.resumed(name));
}

function RuleCard({ rule }: { rule: TagRule }) {
  const goSearch = useGoSearch();
  const navigate = useNavigate();
  const { data: tags = [] } = useQuery(tagsQuery);
  const { name, query, state, paused = false, given, tag, collection } = rule;
  const edit = () => openDialog({ kind: "rule", rule });
  const known = tag && tags.find(({ id }) => id === tag.id);
  const showGift = () => {
    if (tag) goSearch(searchFor(tagQuery(tag, tags)));
    else if (collection) void navigate({ to: "/collection", search: { id: collection.id } });
  };
  return (
    <Card
      icon={<WandSparkles aria-hidden className={cx("size-4", state === "active" ? "text-accent" : state === "paused" ? "text-faint" : "text-warn")} strokeWidth={1.6} />}
      name={<Name name={name} />}
      more={words.more(plainName(name))}
      open={edit}
      menu={[
        { label: words.edit, icon: PencilLine, keys: "F2", run: edit },
        { label: words.show, icon: Search, run: () => goSearch(searchFor(query)) },
        { label: words.showGift, icon: tag ? TagIcon : Library, disabled: tag === undefined && collection === undefined, run: showGift },
        { label: words.run, icon: FlaskConical, disabled: paused, apart: true, run: () => void apply(rule) },
        paused ? { label: words.resume, icon: CirclePlay, run: () => pause(rule, false) } : { label: words.pause, icon: CirclePause, run: () => pause(rule, true) },
        { label: words.remove, icon: Trash2, keys: "Del", danger: true, apart: true, run: () => openDialog({ kind: "remove-rule", rule }) },
      ]}
      side={<span className={cx("text-xs", state === "active" || state === "paused" ? "text-soft" : "text-warn")}>{words.states[state]}</span>}
    >
      <p className="break-words">
        <Name name={query} className="rounded bg-sunken px-1.5 py-0.5 font-mono text-xs" />
      </p>
      <p className="mt-1.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-soft">
        <span>{collection ? words.into : words.gives}</span>
        {tag ? <TagChip tag={known ?? tag} /> : collection ? <Name name={collection.name} className="font-medium text-ink" /> : <span className="text-warn">{words.goneGift}</span>}
        <span className="tabular">{words.given(given)}</span>
        {rule.confidence !== undefined && rule.confidence < 1 && <span className="tabular">{words.sure(rule.confidence)}</span>}
      </p>
      {rule.problem !== undefined && rule.problem !== "" && <p className="mt-1 text-warn"><Name name={rule.problem} /></p>}
      {rule.description !== undefined && <p className="mt-1 text-soft"><Name name={rule.description} /></p>}
    </Card>
  );
}
