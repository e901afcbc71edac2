// Listens to every page: nothing may be logged as an error, no policy may be
// broken, and no request may leave for another host than the daemon's.
/** That a file has no picture is an answer; browsers log it as an error. */
const noPicture = (message) => message.location().url.includes("/v1/sidecar/") && /status of (404|422|501|503)/.test(message.text());

export class Watchman {
  #complaints = [];
  #allowed = [];

  constructor(origin) {
    this.host = new URL(origin).hostname;
  }

  async follow(context) {
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (e) => console.error(`policy broken: ${e.violatedDirective} ${e.blockedURI}`));
    });
    context.on("page", (page) => {
      page.on("console", (message) => {
        if (noPicture(message)) return;
        if (message.type() === "error" || message.type() === "warning") this.#complain(`console: ${message.text()} (${message.location().url})`);
      });
      page.on("pageerror", (error) => this.#complain(`uncaught: ${error.message}`));
    });
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.hostname !== this.host) this.#complain(`request to a foreign host: ${request.url()}`);
    });
  }

  #complain(text) {
    if (!this.#allowed.some((pattern) => pattern.test(text))) this.#complaints.push(text);
  }

  /** Complaints that match are expected until the next settle(). */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  forget() {
    this.#complaints = [];
    this.#allowed = [];
  }

  /** Fails when there was anything to complain about. */
  settle() {
    const all = this.#complaints;
    this.forget();
    if (all.length > 0) throw new Error(`the page complained:\n${[...new Set(all)].join("\n")}`);
  }
}
