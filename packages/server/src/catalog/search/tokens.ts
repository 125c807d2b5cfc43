import { KINDS } from "./document-numbers.js";
import type { SearchKind } from "./search-text.js";

/**
 * The index holds every three consecutive characters (a trigram) of a document's text. What a
 * document is narrowed down by is stored the same way: as three private-use characters, which no
 * text has. The first says what the token means, the others are a number.
 */
const MEANING = { scope: 0xe001, kind: 0xe002, arch: 0xe003, signed: 0xe004 } as const;

/** First of the characters that stand for digits, in a supplementary private-use area. */
const FIRST_DIGIT = 0xf_0000;
const DIGIT_BITS = 14;
const DIGIT_MASK = (1 << DIGIT_BITS) - 1;

/** Most trigrams in one query. More make it slower and exclude hardly anything. */
const MAX_TRIGRAMS = 12;

/** The scope of what everybody may see. */
export const PUBLIC_SCOPE = 0;

/**
 * The scope of what is private in an entity: 1 to 2^28, from the random end of the entity's id. Two
 * entities may have the same scope, because a scope is a hint: it decides what a query looks at,
 * never what a viewer sees.
 */
export function privateScope(entityId: string): number {
  return 1 + Number.parseInt(entityId.slice(-7), 16);
}

/** What a document is narrowed down by. */
export interface DocumentFilters {
  readonly scope: number;
  readonly kind: SearchKind;
  readonly arches: readonly string[];
  readonly isSigned: boolean;
}

/** What the index stores beside the text of a document, to be searched for with {@link matchOf}. */
export function filterTokens({ scope, kind, arches, isSigned }: DocumentFilters): string {
  return [scopeToken(scope), kindToken(kind), signedToken(isSigned), ...arches.map(archToken)].join(
    "",
  );
}

/** What to look for in the index. */
export interface IndexQuery {
  /** In the form of `searchedText`, at least three characters. */
  readonly text: string;
  readonly kind: SearchKind;
  /** Documents of any of these scopes; absent: of all. */
  readonly scopes?: readonly number[] | undefined;
  /** Documents of any of these arches; empty: of all. */
  readonly arches: readonly string[];
  readonly isSigned?: boolean | undefined;
}

/**
 * The expression for FTS5 that finds all documents with the text, and some that have its trigrams
 * without having the text. Undefined if the text is too short for the index.
 */
export function matchOf(query: IndexQuery): string | undefined {
  const trigrams = trigramsOf(query.text);
  if (trigrams.length === 0) return undefined;
  const { scopes, arches, isSigned } = query;
  return [
    ...trigrams.map(quote),
    quote(kindToken(query.kind)),
    ...(scopes === undefined ? [] : [anyOf(scopes.map(scopeToken))]),
    ...(arches.length === 0 ? [] : [anyOf(arches.map(archToken))]),
    ...(isSigned === undefined ? [] : [quote(signedToken(isSigned))]),
  ].join(" AND ");
}

/** Different trigrams of a text, spread over all of it. */
function trigramsOf(text: string): string[] {
  // oxlint-disable-next-line typescript/no-misused-spread -- the index takes code points too
  const characters = [...text];
  const all = new Set<string>();
  for (let at = 0; at + 3 <= characters.length; at++) {
    all.add(characters.slice(at, at + 3).join(""));
  }
  const trigrams = [...all];
  if (trigrams.length <= MAX_TRIGRAMS) return trigrams;
  const step = (trigrams.length - 1) / (MAX_TRIGRAMS - 1);
  const chosen = Array.from({ length: MAX_TRIGRAMS }, (_, n) => trigrams[Math.round(n * step)]);
  return chosen.filter((trigram) => trigram !== undefined);
}

function scopeToken(scope: number): string {
  return token(MEANING.scope, scope);
}

function kindToken(kind: SearchKind): string {
  return token(MEANING.kind, KINDS.indexOf(kind));
}

function signedToken(isSigned: boolean): string {
  return token(MEANING.signed, isSigned ? 1 : 0);
}

// Arches with the same number only add documents to look at.
function archToken(arch: string): string {
  let hash = 0;
  for (const character of arch) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return token(MEANING.arch, hash);
}

function token(meaning: number, number: number): string {
  const high = (number >>> DIGIT_BITS) & DIGIT_MASK;
  return String.fromCodePoint(meaning, FIRST_DIGIT + high, FIRST_DIGIT + (number & DIGIT_MASK));
}

function anyOf(tokens: readonly string[]): string {
  return `(${tokens.map(quote).join(" OR ")})`;
}

function quote(trigram: string): string {
  return `"${trigram.replaceAll('"', '""')}"`;
}
