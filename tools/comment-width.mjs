// Fails if a comment in a `.ts` or `.mjs` source is wider than 100 columns.
//
//   node tools/comment-width.mjs           checks every source of the repository
//   node tools/comment-width.mjs FOLDER…   checks the sources below these folders
//
// The formatter wraps code but leaves comments alone. Exempt are lines that cannot be wrapped:
// rows of Markdown tables, and lines whose last word is a URL or is too long by itself.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const COLUMNS = 100;
const SKIPPED_FOLDERS = new Set(["node_modules", "dist", "bundle"]);

/** Words after which a slash starts a regular expression. */
const BEFORE_REGEX = /(?:^|[^\w$.])(?:await|case|in|of|return|typeof|void|yield)$/;

/** Yields every comment of a TypeScript or JavaScript source, as where it starts and ends. */
export function* commentsIn(text) {
  // What closes each open template literal: a backtick, or the brace of a `${…}` inside it.
  const open = [];
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.startsWith.bind(text);
    if (rest("//", at) || rest("/*", at)) {
      const end = endOfComment(text, at);
      yield { start: at, end };
      at = end - 1;
    } else if (text[at] === "/" && startsRegex(text.slice(Math.max(0, at - 80), at))) {
      at = endOfRegex(text, at);
    } else if (text[at] === '"' || text[at] === "'") {
      at = endOfString(text, at);
    } else {
      at = stepInTemplate(text, at, open);
    }
  }
}

function endOfComment(text, start) {
  const isLine = text[start + 1] === "/";
  const end = text.indexOf(isLine ? "\n" : "*/", start + 2);
  if (end === -1) return text.length;
  return isLine ? end : end + 2;
}

function startsRegex(before) {
  const code = before.trimEnd();
  return code === "" || /[^\w$)\]}"'`]$/.test(code) || BEFORE_REGEX.test(code);
}

function endOfRegex(text, start) {
  let isInClass = false;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "[") isInClass = true;
    else if (text[at] === "]") isInClass = false;
    else if (text[at] === "/" && !isInClass) return at;
  }
  return start;
}

function endOfString(text, start) {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === text[start] || text[at] === "\n") return at;
  }
  return text.length;
}

/** Handles a character that may open or close a template literal or a `${…}` inside one. */
function stepInTemplate(text, at, open) {
  const character = text[at];
  if (character === "{" && open.length > 0) open.push("{");
  else if (character === "`") return skipTemplateText(text, at + 1, open);
  else if (character === "}" && open.length > 0 && open.pop() === "`") {
    return skipTemplateText(text, at + 1, open);
  }
  return at;
}

/** Returns where the text of a template literal pauses for a `${`, or where the literal ends. */
function skipTemplateText(text, start, open) {
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "`") return at;
    else if (text[at] === "$" && text[at + 1] === "{") {
      open.push("`");
      return at + 1;
    }
  }
  return text.length;
}

/** Returns the numbers, from 1, of the lines on which a comment is too wide. */
export function wideCommentLines(text) {
  const found = new Set();
  for (const { start, end } of commentsIn(text)) {
    let number = text.slice(0, start).split("\n").length;
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    for (const line of text.slice(lineStart, end).split("\n")) {
      if (line.length > COLUMNS && canBeWrapped(line)) found.add(number);
      number += 1;
    }
  }
  return [...found];
}

function canBeWrapped(line) {
  const words = line
    .replace(/\s*\*\/$/, "")
    .trim()
    .split(/\s+/);
  if (words[0] === "*" && words[1]?.startsWith("|")) return false;
  const last = words.at(-1) ?? "";
  return words.length > 2 && !/^\W*https?:\/\//.test(last) && last.length < COLUMNS - 20;
}

function* sourcesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const isHidden = entry.name.startsWith(".");
    if (entry.isDirectory() && !isHidden && !SKIPPED_FOLDERS.has(entry.name)) {
      yield* sourcesBelow(path);
    } else if (entry.isFile() && /\.(?:ts|mjs)$/.test(entry.name)) {
      yield path;
    }
  }
}

function main(folders) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const found = (folders.length > 0 ? folders : [root]).flatMap((folder) =>
    [...sourcesBelow(folder)].flatMap((path) =>
      wideCommentLines(readFileSync(path, "utf8")).map(
        (line) => `${relative(process.cwd(), path)}:${line}`,
      ),
    ),
  );
  if (found.length === 0) return 0;
  console.error(
    `${found.join("\n")}\ncomment lines wider than ${COLUMNS} columns: ${found.length}`,
  );
  return 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = main(process.argv.slice(2));
}
