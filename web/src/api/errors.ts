/** The wire codes of errors (internal/errs), and two of this side's own. */
export type ErrorKind =
  | "internal" | "invalid" | "not_found" | "conflict" | "denied"
  | "unavailable" | "unsupported" | "approval_needed" | "cancelled"
  | "unreachable" // the daemon did not answer at all
  | "signed_out"; // no session, or it has ended

const titles: Record<ErrorKind, string> = {
  internal: "Something went wrong inside Stardrive",
  invalid: "That cannot be done as asked",
  not_found: "Not found",
  conflict: "This has changed in the meantime",
  denied: "Not allowed",
  unavailable: "Not available right now",
  unsupported: "Not supported here",
  approval_needed: "Waiting for your approval",
  cancelled: "Cancelled",
  unreachable: "Stardrive is not answering",
  signed_out: "Signed out",
};

/** What an operation failed with: its class, the words for people, and what they can do. */
export class ApiError extends Error {
  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly remedy = "",
    readonly path = "",
  ) {
    super(message);
    this.name = "ApiError";
  }

  get title(): string {
    return titles[this.kind];
  }
}

function isKind(value: unknown): value is ErrorKind {
  return typeof value === "string" && value in titles;
}

const kindOfStatus: Record<number, ErrorKind> = {
  400: "invalid", 401: "signed_out", 403: "denied", 404: "not_found",
  409: "conflict", 422: "invalid", 501: "unsupported", 503: "unavailable",
};

/** Reads a problem+json body; a body of any other shape still gives a usable error. */
export function fromProblem(status: number, body: unknown): ApiError {
  const field = (name: string): string => {
    const value = typeof body === "object" && body !== null ? (body as Record<string, unknown>)[name] : undefined;
    return typeof value === "string" ? value : "";
  };
  const named = field("kind");
  const kind = status === 401 ? "signed_out" : isKind(named) ? named : (kindOfStatus[status] ?? "internal");
  const message = field("detail") || field("message") || field("title") || `The daemon answered with status ${status}.`;
  return new ApiError(kind, sentence(message), sentence(field("remedy")), field("path"));
}

/** Errors of the daemon are phrases ("no such folder"); people read sentences. */
export function sentence(words: string): string {
  const text = words.trim().replaceAll("`", "”").replace(/”([^”]*)”/g, "“$1”");
  if (text === "") return "";
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");
}

/** Turns whatever was thrown into an ApiError. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError("internal", thrown instanceof Error ? thrown.message : String(thrown), "Reload the page and try again.");
}

export function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}
