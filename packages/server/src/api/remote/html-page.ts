import { createHash } from "node:crypto";

import type { FastifyReply } from "fastify";

const STYLE =
  "body{font:1rem/1.5 system-ui,sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}" +
  "pre{overflow:auto;padding:.5rem;border:1px solid}";

/** Nothing is loaded, run, framed or submitted; only our own style applies. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Text of which a page consists, escaped already. */
export class Markup {
  readonly text: string;

  /** @param text Use {@link markup} to build it from text that is not ours. */
  constructor(text: string) {
    this.text = text;
  }
}

/** A value of a {@link markup} template. */
type MarkupValue = string | number | Markup | readonly Markup[];

/** A template of markup. Values are escaped, unless they are {@link Markup} or lists of it. */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  const texts = values.map((value, index) => textOf(value) + (parts[index + 1] ?? ""));
  return new Markup((parts[0] ?? "") + texts.join(""));
}

function textOf(value: MarkupValue): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return String(value).replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Sets a page's headers and returns its text: UTF-8, no script, never framed. */
export function page(reply: FastifyReply, title: string, content: Markup): string {
  void reply.headers({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
  });
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
${content}
</body>
</html>
`.text;
}
