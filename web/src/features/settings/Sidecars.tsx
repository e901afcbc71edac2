import { useQuery } from "@tanstack/react-query";
import { sidecarTotalsQuery } from "@/api/queries";
import { sidecarWords } from "@/features/inspect/fact-words";
import { ops } from "@/gen/client";
import { Button } from "@/ui/Button";
import { bytes, count } from "@/ui/format";
import { ErrorLine } from "@/ui/Note";
import { Progress } from "@/ui/Progress";
import { say, sayError } from "@/ui/Toasts";
import { words } from "./words";

/** What was made of files, what it takes, and the way to take away what nobody needs. */
export function Sidecars() {
  const { data, error, refetch } = useQuery(sidecarTotalsQuery);
  if (error) return <ErrorLine error={error} />;
  if (data === undefined) return null;
  const kinds = [...new Set(data.items.map(({ kind }) => kind))];
  const sum = (kind: string, status: string, of: "count" | "bytes") => data.items.filter((item) => item.kind === kind && (status === "" || item.status === status)).reduce((all, item) => all + item[of], 0);
  const clean = () => {
    ops.sidecarClean({ apply: true }).then((out) => {
      const parts = [out.older, out.orphaned, out.stray, out.over];
      say(words.cleaned(parts.reduce((n, part) => n + part.count, 0), parts.reduce((n, part) => n + part.bytes, 0)));
      void refetch();
    }, sayError);
  };
  return (
    <>
      <p className="mb-2 text-soft">{words.previewsHelp}</p>
      <table className="mb-3 w-full text-right tabular">
        <thead className="text-xs text-soft">
          <tr>
            <th scope="col" className="py-1 text-left font-normal">{words.kind}</th>
            <th scope="col" className="py-1 font-normal">{words.ready}</th>
            <th scope="col" className="py-1 font-normal">{words.failed}</th>
            <th scope="col" className="py-1 font-normal">{words.size}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-y border-line">
          {kinds.map((kind) => (
            <tr key={kind}>
              <th scope="row" className="py-1.5 text-left font-normal">{sidecarWords({ kind, status: "ready" }).what}</th>
              <td className="py-1.5">{count(sum(kind, "ready", "count"))}</td>
              <td className="py-1.5">{count(sum(kind, "failed", "count"))}</td>
              <td className="py-1.5">{bytes(sum(kind, "", "bytes"))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mb-1 text-xs text-soft">{words.budget(data.bytes, data.budget)}</p>
      <Progress value={data.budget > 0 ? data.bytes / data.budget : 0} label={words.previews} className="mb-3" />
      <Button onClick={clean}>{words.clean}</Button>
    </>
  );
}
