import { useQuery } from "@tanstack/react-query";
import { Check, Plus, Trash2 } from "lucide-react";
import { type SyntheticEvent, useRef, useState } from "react";
import { presetsQuery, queryClient, rulesQuery } from "@/api/queries";
import type { Location, NewRule, Rule } from "@/api/types";
import { ops } from "@/gen/client";
import { Button, IconButton } from "@/ui/Button";
import { ErrorLine, Waiting } from "@/ui/Note";

/** The rules of a location: what they leave out is not indexed. */
export function RulesEditor({ location }: { location: Location }) {
  const rules = useQuery(rulesQuery(location.id));
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);

  /** Changes the rules; tells whether that worked. */
  const change = async (how: () => Promise<{ items: Rule[] }>): Promise<boolean> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { items } = await how();
      queryClient.setQueryData(rulesQuery(location.id).queryKey, items);
      return true;
    } catch (thrown) {
      setProblem(thrown);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const add = (rule: NewRule) => change(() => ops.rulesAdd({ location: location.id, ...rule }));
  const remove = async (rule: Rule) => {
    await change(() => ops.rulesRemove({ location: location.id, rule: rule.id }));
    heading.current?.focus(); // the button is gone
  };

  return (
    <section aria-labelledby="rules-heading" className="flex flex-col gap-3">
      <div>
        <h3 id="rules-heading" ref={heading} tabIndex={-1} className="font-semibold outline-none">
          Rules
        </h3>
        <p className="text-soft">What they leave out is not indexed; the files stay where they are. The last rule that matches decides.</p>
      </div>
      {rules.error ? (
        <ErrorLine error={rules.error} />
      ) : rules.data === undefined ? (
        <Waiting className="py-2">Reading the rules…</Waiting>
      ) : (
        <>
          <RuleList rules={rules.data} busy={busy} remove={remove} />
          <PatternForm busy={busy} add={add} />
          <Presets rules={rules.data} busy={busy} add={add} />
        </>
      )}
      {problem !== undefined && <ErrorLine error={problem} />}
    </section>
  );
}

function RuleList({ rules, busy, remove }: { rules: readonly Rule[]; busy: boolean; remove: (rule: Rule) => Promise<void> }) {
  if (rules.length === 0) return <p className="rounded-md border border-dashed border-line-strong px-3 py-2 text-soft">No rules: everything is indexed.</p>;
  return (
    <ol aria-label="Rules" className="divide-y divide-line rounded-md border border-line">
      {rules.map((rule) => {
        const words = rule.words.charAt(0).toUpperCase() + rule.words.slice(1);
        return (
          <li key={rule.id} className="flex items-center gap-2 py-1 pr-1.5 pl-3">
            <span className="min-w-0 flex-1 break-words">{words}</span>
            <IconButton icon={Trash2} label={`Remove: ${words}`} small disabled={busy} onClick={() => void remove(rule)} />
          </li>
        );
      })}
    </ol>
  );
}

function PatternForm({ busy, add }: { busy: boolean; add: (rule: NewRule) => Promise<boolean> }) {
  const [value, setValue] = useState("");
  const [include, setInclude] = useState(false);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (value.trim() !== "" && (await add({ kind: "pattern", value: value.trim(), include }))) setValue("");
  };
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-wrap items-end gap-2">
      <label className="flex flex-col gap-1">
        <span className="text-soft">What matches is</span>
        <select
          value={include ? "in" : "out"}
          onChange={(event) => setInclude(event.target.value === "in")}
          className="h-8 rounded-md border border-line-strong bg-surface px-1.5 pointer-coarse:h-10"
        >
          <option value="out">left out</option>
          <option value="in">taken in again</option>
        </select>
      </label>
      <label className="flex min-w-36 flex-1 flex-col gap-1">
        <span className="text-soft">Pattern, as in .gitignore</span>
        <input
          value={value}
          onChange={(event) => setValue(event.target.value)}
          placeholder="*.tmp"
          spellCheck={false}
          autoComplete="off"
          autoCapitalize="off"
          className="h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2.5 font-mono text-xs focus:border-accent focus:outline-none pointer-coarse:h-10"
        />
      </label>
      <Button type="submit" disabled={busy || value.trim() === ""}>
        Add rule
      </Button>
    </form>
  );
}

/** Ready-made rules, each added by one click. */
function Presets({ rules, busy, add }: { rules: readonly Rule[]; busy: boolean; add: (rule: NewRule) => Promise<boolean> }) {
  const { data: presets = [] } = useQuery(presetsQuery);
  const choices: { name: string; words: string; title: string; rule: NewRule; held: boolean }[] = [
    ...presets.map((preset) => ({
      name: preset.name,
      words: preset.words,
      title: preset.patterns.slice(0, 12).join("  ") + (preset.patterns.length > 12 ? "  …" : ""),
      rule: { kind: "preset" as const, value: preset.name },
      held: rules.some((rule) => rule.kind === "preset" && rule.value === preset.name),
    })),
    { name: ".gitignore", words: "what .gitignore files name", title: "", rule: { kind: "gitignore" }, held: rules.some((rule) => rule.kind === "gitignore") },
  ];
  return (
    <div className="flex flex-col gap-1">
      <p className="text-soft">Leave out at one click:</p>
      <ul className="flex flex-col">
        {choices.map((choice) => (
          <li key={choice.name}>
            <button
              type="button"
              title={choice.title}
              aria-disabled={busy || choice.held} // not disabled: it keeps the focus
              onClick={() => {
                if (!busy && !choice.held) void add(choice.rule);
              }}
              className="ring-inside flex w-full items-start gap-2.5 rounded-md px-2 py-1 text-left hover:bg-hover aria-disabled:hover:bg-transparent pointer-coarse:py-2.5"
            >
              {choice.held ? <Check aria-hidden className="mt-0.75 size-3.5 shrink-0 text-good" /> : <Plus aria-hidden className="mt-0.75 size-3.5 shrink-0 text-soft" />}
              <span className="w-20 shrink-0 font-medium">{choice.name}</span>
              <span className="min-w-0 text-soft">
                {choice.words}
                {choice.held && <span className="sr-only"> (added)</span>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
