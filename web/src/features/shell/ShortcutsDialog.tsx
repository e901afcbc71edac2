import { Dialog } from "@/ui/Dialog";
import { shortcutSheet } from "./commands";

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose} size="medium">
      <div className="overflow-y-auto p-4">
        {shortcutSheet.map((group) => (
          <section key={group.title} className="mb-4 last:mb-0">
            <h3 className="mb-1 text-xs font-semibold text-soft">{group.title}</h3>
            <dl className="divide-y divide-line">
              {group.keys.map(([keys, what]) => (
                <div key={keys} className="flex items-baseline justify-between gap-4 py-1.5">
                  <dd>{what}</dd>
                  <dt className="order-last text-right">
                    <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs text-soft">{keys}</kbd>
                  </dt>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
