import type { ErrorReport } from "../errors/error-report.js";
import type { Paint } from "./colour.js";
import { printableLine } from "./text.js";

/**
 * An error as text: what went wrong, what the library said, usage for wrong input, what to try
 * next.
 */
export function errorLines(report: ErrorReport, paint: Paint): string[] {
  const { code, message, status, serverMessage, requestId, usage, next, tagsSet } = report;
  const said = serverMessage === undefined ? undefined : JSON.stringify(serverMessage);
  const rest: (readonly [string, string | undefined])[] = [
    ["the library says", status === undefined ? said : `${said ?? "nothing"} (status ${status})`],
    ["request id", requestId],
    ["tags set before", tagsSet?.join(", ")],
    ["usage", usage],
    ["next", next],
  ];
  return [
    `${paint("error:", "red")} ${printableLine(message)} [${code}]`,
    ...rest
      .filter(([, text]) => text !== undefined && text !== "")
      .map(([label, text]) => `${label}: ${printableLine(text ?? "")}`),
  ];
}
