/**
 * The yardstick, a separate process: a bare `node:http` handler that runs the same prepared SQL as
 * the server did and sends the same bytes, without log, routing or access checks.
 *
 * node yardstick.js CATALOG RECORDED
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

import Database from "better-sqlite3";

import type { RecordedRequest } from "./recording.js";

const [catalogPath = "", recordedPath = ""] = process.argv.slice(2);
const database = new Database(catalogPath, { readonly: true });
database.pragma("cache_size = -65536");
database.pragma("mmap_size = 1073741824");
database.function("lower", { deterministic: true }, (text: unknown) =>
  typeof text === "string" ? text.toLowerCase() : text,
);

const requests: RecordedRequest[] = JSON.parse(readFileSync(recordedPath, "utf8"));
const prepared = new Map<string, Database.Statement>();
const replies = new Map(requests.map((request) => [request.path, replyTo(request)]));

function replyTo({ statements, body, contentType }: RecordedRequest) {
  const queries = statements.map(({ sql, parameters }) => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return { statement, parameters };
  });
  const bytes = Buffer.from(body);
  const headers = { "content-type": contentType, "content-length": bytes.length };
  return { queries, bytes, headers };
}

const server = createServer((request, response) => {
  const reply = replies.get(request.url ?? "");
  if (reply === undefined) {
    response.writeHead(404).end();
    return;
  }
  for (const { statement, parameters } of reply.queries) statement.all(...parameters);
  response.writeHead(200, reply.headers).end(reply.bytes);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
