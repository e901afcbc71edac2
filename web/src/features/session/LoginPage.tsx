import { Copy } from "lucide-react";
import { type SyntheticEvent, useEffect, useRef, useState } from "react";
import { loginProblem, probe, signIn, tokenOf } from "@/api/connection";
import { Mark } from "@/features/shell/Mark";
import { Button, IconButton } from "@/ui/Button";
import { copyText } from "@/ui/clipboard";
import { ErrorLine } from "@/ui/Note";
import { useStore } from "@/ui/store";
import { Toasts } from "@/ui/Toasts";

const command = "stardrive open";

/** Shown without a session. There are no passwords: the person at this machine asks the daemon for a link. */
export function LoginPage() {
  const earlier = useStore(loginProblem);
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  // A link opened in another tab signs this one in too.
  useEffect(() => {
    const look = () => void probe();
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, []);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    const token = tokenOf(input.current?.value ?? "");
    if (token === "") {
      setProblem(new Error("That does not look like a login link."));
      return;
    }
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(token);
    } catch (thrown) {
      setProblem(thrown);
    }
    setBusy(false);
  };

  const shown = problem ?? earlier;
  return (
    <main className="flex min-h-dvh items-center justify-center p-5">
      <div className="flex w-full max-w-sm flex-col gap-5">
        <div className="flex items-center gap-3">
          <Mark className="size-9" />
          <h1 className="text-lg font-semibold tracking-tight">Sign in to Stardrive</h1>
        </div>
        {shown !== undefined && <ErrorLine error={shown} />}
        <section className="flex flex-col gap-2">
          <p className="text-soft">There is no account and no password. Ask the daemon on this machine for a login link: run this in a terminal, and the page opens signed in.</p>
          <p className="flex items-center justify-between rounded-md border border-line bg-surface py-1 pr-1 pl-3">
            <code className="font-mono text-sm">{command}</code>
            <IconButton icon={Copy} label="Copy the command" onClick={() => void copyText(command, "Command")} />
          </p>
        </section>
        <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-1.5">
          <label htmlFor="login-link" className="text-soft">
            Or paste a link that <code className="font-mono">stardrive serve</code> printed:
          </label>
          <div className="flex gap-2">
            <input
              ref={input}
              id="login-link"
              type="text"
              autoComplete="off"
              spellCheck={false}
              placeholder="http://127.0.0.1:…/#login=…"
              className="h-9 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2.5 font-mono text-xs focus:border-accent focus:outline-none"
            />
            <Button look="primary" type="submit" disabled={busy} className="h-9">
              {busy ? "Signing in…" : "Sign in"}
            </Button>
          </div>
        </form>
      </div>
      <Toasts />
    </main>
  );
}
