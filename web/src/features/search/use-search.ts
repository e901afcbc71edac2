import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { searchQuery } from "@/api/queries";

const pause = 60; // ms between the last key and the question

/** The value, once it has stood still for a moment. Emptying counts at once. */
function useDebounced(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value]);
  return value === "" ? "" : settled;
}

/** Results as one types. Questions that were overtaken are aborted; the last results stay until the next come. */
export function useSearchResults(text: string, limit: number) {
  const query = useDebounced(text.trim());
  const result = useQuery(searchQuery(query, limit));
  return { query, ...result };
}
