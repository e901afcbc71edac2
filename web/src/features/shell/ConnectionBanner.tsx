import { CloudOff } from "lucide-react";
import { connection } from "@/api/connection";
import { useStore } from "@/ui/store";

/** Says that the daemon does not answer, and what to do. What was loaded stays readable. */
export function ConnectionBanner() {
  const state = useStore(connection);
  return (
    <div role="status">
      {state === "offline" && (
        <p className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-1.5 text-warn">
          <CloudOff aria-hidden className="size-4 shrink-0" />
          <span>
            Stardrive is not answering. Start it with <code className="font-mono">stardrive serve</code>; this page reconnects by itself.
          </span>
        </p>
      )}
    </div>
  );
}
