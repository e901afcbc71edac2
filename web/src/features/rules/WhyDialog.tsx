import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { User, WandSparkles } from "lucide-react";
import { whyQuery } from "@/api/queries";
import type { Entry, Reason } from "@/api/types";
import { dropTag, markingOf, whatOf } from "@/features/marks/marking";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { fullTime, relativeTime } from "@/ui/format";
import { Name } from "@/ui/Name";
import { ErrorLine, Waiting } from "@/ui/Note";
import { plainName } from "@/ui/names";
import { words } from "./words";

/** Who gave a file a tag, when, and by what. */
export function WhyDialog({ entry, tag, onClose }: { entry: Entry; tag: { id: string; name: string }; onClose: () => void }) {
  const { data, error } = useQuery(whyQuery(tag.id, entry.id));
  const rules = data?.items.some(({ rule }) => rule !== undefined) === true;
  return (
    <Dialog title={words.whyTitle(plainName(tag.name), plainName(entry.name, entry.raw))} onClose={onClose}>
      <div className="flex flex-col gap-3 p-4">
        {error ? (
          <ErrorLine error={error} />
        ) : data === undefined ? (
          <Waiting className="p-0 text-left">{words.trying}</Waiting>
        ) : (
          <>
            {data.items.length === 0 && <p className="text-soft">{words.whyNone}</p>}
            <ul className="flex flex-col gap-3">{data.items.map((reason) => <Because key={`${reason.source} ${reason.at} ${reason.rule?.id ?? ""}`} reason={reason} />)}</ul>
            {data.refused === true && <p className="text-soft">{words.whyRefused}</p>}
          </>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {rules && (
            <Link to="/rules" onClick={onClose} className="mr-auto self-center rounded text-accent underline-offset-2 hover:underline">{words.toRules}</Link>
          )}
          <Button
            onClick={() => {
              onClose();
              void dropTag(tag, markingOf([entry]), whatOf([entry]));
            }}
          >
            {words.takeOff}
          </Button>
          <Button data-first-focus look="primary" onClick={onClose}>{words.close}</Button>
        </div>
      </div>
    </Dialog>
  );
}

function Because({ reason: { source, rule, at, here, via, confidence, reason } }: { reason: Reason }) {
  const who = rule ? words.whyRule(plainName(rule.name)) : source === "rule" ? words.whyRuleGone : source === "user" ? words.whyUser : words.whyOther(plainName(source));
  const Icon = source === "rule" ? WandSparkles : User;
  const more = [via !== undefined && via.length > 1 && words.whyVia(via.map((name) => plainName(name)).join(" › ")), here === true && words.whyHere, confidence !== undefined && confidence > 0 && confidence < 1 && words.sure(confidence)].filter(Boolean).join(", ");
  return (
    <li title={plainName(reason)} className="flex items-start gap-2.5">
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0 text-soft" strokeWidth={1.6} />
      <div className="min-w-0">
        <p className="break-words">
          {who} <span title={fullTime(at)} className="text-soft">{relativeTime(at)}</span>
        </p>
        {rule?.query !== undefined && (
          <p className="text-soft">
            {words.whySince}: <Name name={rule.query} className="rounded bg-sunken px-1.5 font-mono text-xs text-ink" />
          </p>
        )}
        {more !== "" && <p className="text-soft">{more}</p>}
      </div>
    </li>
  );
}
