/** Whether this is a page or a worker of a browser, whose `fetch` follows the rules of browsers. */
export function runsInBrowser(): boolean {
  return "document" in globalThis || "WorkerGlobalScope" in globalThis;
}
