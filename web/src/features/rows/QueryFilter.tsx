import { ListFilter } from "lucide-react";
import { useEffect, useState } from "react";

/** A field for a query that narrows a list; told on when the typing rests. */
export function QueryFilter({ value, change }: { value: string; change: (query: string) => void }) {
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  useEffect(() => {
    if (text === sent) return;
    const timer = setTimeout(() => {
      setSent(text);
      change(text.trim());
    }, 250);
    return () => clearTimeout(timer);
  });
  return (
    <label className="relative flex min-w-0 flex-1 items-center max-sm:basis-full sm:max-w-64">
      <ListFilter aria-hidden className="pointer-events-none absolute left-2 size-3.5 text-faint" />
      <input
        type="search"
        aria-label="Only what this search finds"
        placeholder="kind:image in:~/Photos …"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
        className="h-8 w-full min-w-0 rounded-md border border-line bg-sunken pr-2 pl-7 text-sm placeholder:text-faint focus:border-accent focus:bg-surface focus:outline-none pointer-coarse:h-10"
      />
    </label>
  );
}
