import { useCallback, useMemo, useState } from "react";
import type { Entry } from "@/api/types";
import { type Address, keyOf } from "./address";
import { nothing, type Selection } from "./selection";

function remember(places: ReadonlyMap<string, Selection>, place: string, selection: Selection): ReadonlyMap<string, Selection> {
  const after = new Map(places);
  after.delete(place);
  after.set(place, selection);
  const oldest = after.keys().next().value;
  if (after.size > 50 && oldest !== undefined) after.delete(oldest);
  return after;
}

/** The row of every entry. While a list only grows, what is known of it is kept: a million rows come in a hundred pages. */
export class Rows {
  private items: readonly Entry[] = [];
  private rows = new Map<string, number>();

  of(items: readonly Entry[]): ReadonlyMap<string, number> {
    const last = this.items.length - 1;
    const grown = last >= 0 && items.length > last && items[0] === this.items[0] && items[last] === this.items[last];
    if (!grown) this.rows = new Map();
    for (let i = grown ? last + 1 : 0; i < items.length; i++) {
      const entry = items[i];
      if (entry) this.rows.set(keyOf(entry), i);
    }
    this.items = items;
    return this.rows;
  }
}

/** The selection of each folder that was visited; going back finds it as it was. */
export function useSelection(address: Address, items: readonly Entry[]) {
  const place = JSON.stringify([address.id, address.path]);
  const [places, setPlaces] = useState<ReadonlyMap<string, Selection>>(new Map());
  const selection = places.get(place) ?? nothing;
  const select = useCallback((next: Selection) => setPlaces((before) => remember(before, place, next)), [place]);
  const [rows] = useState(() => new Rows());
  const indexes = useMemo(() => rows.of(items), [rows, items]);
  const selected = useMemo(() => {
    const found = [...selection.keys].map((key) => indexes.get(key)).filter((i) => i !== undefined);
    return found.sort((a, b) => a - b).flatMap((i) => items[i] ?? []);
  }, [selection, indexes, items]);
  return { selection, select, selected, indexes };
}
