import { BAD_NAMES, GOOD_NAMES } from "../../packages/protocol/src/refs/name.cases.js";
import { EXPANDED_REFS, REFUSED_REFS } from "../../packages/protocol/src/refs/expand-ref.cases.js";
import { HOSTILE_CHARACTERS } from "../../packages/protocol/src/refs/hostile-characters.cases.js";
import {
  BAD_IMAGE_HASHES,
  GOOD_IMAGE_HASHES,
} from "../../packages/protocol/src/refs/image-hash.cases.js";
import {
  BAD_PULL_REFS,
  BAD_PUSH_REFS,
  GOOD_PULL_REFS,
  GOOD_PUSH_REFS,
  LIBRARY_PATHS,
} from "../../packages/protocol/src/refs/library-path.cases.js";
import { PARSE_AMBIGUOUS_CASES } from "../../packages/protocol/src/refs/parse-ambiguous-library-ref.cases.js";
import { PARSE_CASES } from "../../packages/protocol/src/refs/parse-library-ref.cases.js";
import { HOST_CASES } from "../../packages/protocol/src/refs/url-host.cases.js";

/** All inputs of the tables that specify refs, names and hashes, each once. */
export function tabledRefs(): string[] {
  const keyed = [EXPANDED_REFS, REFUSED_REFS, LIBRARY_PATHS].flatMap((rows) =>
    rows.map(([input]) => input),
  );
  const parsed = [HOST_CASES, PARSE_CASES, PARSE_AMBIGUOUS_CASES].flat().map(([raw]) => raw);
  const texts = [GOOD_NAMES, BAD_NAMES, GOOD_IMAGE_HASHES, BAD_IMAGE_HASHES].flat();
  const refs = [GOOD_PULL_REFS, BAD_PULL_REFS, GOOD_PUSH_REFS, BAD_PUSH_REFS].flat();
  return [...new Set([...keyed, ...parsed, ...texts, ...refs])];
}

/** Fragments of refs: delimiters, escapes, hosts, ports and zones, names. */
const FRAGMENTS: readonly string[] = [
  ["library://", "library://", "library://", "library:", "library:/", "library:///", "LIBRARY:"],
  ["/", "/", "/", ":", ":", ",", "//", "?", "#", "@", "%", "%25", "%2", "%zz", "%41", "%2f"],
  ["%c3%a9", "%e4%be%8b", "%f0%9f%93%a6", "%ff", "%c3", "%80", "%ed%a0%80", "%20", "%00", "%3a"],
  ["[", "]", "[::1]", "[fe80::1%25en0]", "[fe80::1%25", "::", "::ffff:1.2.3.4", "fe80:", "0:0"],
  ["[1:2:3:4:5:6:7:8]", "1.2.3.4", ":443", ":80", ":x", "host", "example.com", "user:pass@"],
  ["a", "b", "alpine", "latest", "a-b", "a_b.c", "-", ".", "_", "..", "A", " ", "*", "+", "!", "<"],
].flat();

const HOSTS: readonly string[] = [
  [
    "host",
    "example.com",
    "127.0.0.1",
    "localhost",
    "h%C3%A9llo",
    "例え.jp",
    "a_b",
    "100%25",
    "a:b",
  ],
  ["[::1]", "[::]", "[1::8]", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7:8]", "[64:ff9b::192.0.2.33]"],
  ["[fe80::1%25en0]", "[fe80::1%25e%20n]", "[::1%25é]", "[::1%25a%25b]", "user@host", ""],
].flat();

const CHARACTERS: readonly string[] = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...HOSTILE_CHARACTERS.map(([, character]) => character),
];

/**
 * Returns `count` texts that follow from `seed`: well-formed refs, rows of the tables, and
 * fragments of refs in any order, with up to three edits each.
 */
export function randomRefs(seed: number, count: number): string[] {
  const random = randomIntegers(seed);
  const tabled = tabledRefs().filter((text) => text.length <= 200);
  return Array.from({ length: count }, () => {
    const texts = [composed(random), assembled(random), pick(tabled, random)];
    return mutated(pick(texts, random), random);
  });
}

type Random = (below: number) => number;

/** Marsaglia's 32-bit xorshift. */
function randomIntegers(seed: number): Random {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

function composed(random: Random): string {
  const port = pick(["", "", ":", ":80", ":443"], random);
  const heads = ["library:", "library:/", "library:///", "library://", ""];
  const head = pick([...heads, `library://${pick(HOSTS, random)}${port}/`], random);
  const names = Array.from({ length: 1 + random(5) }, () => pick(GOOD_NAMES.slice(0, 48), random));
  const tags = Array.from({ length: random(4) }, () => pick(GOOD_NAMES.slice(0, 48), random));
  return head + names.join("/") + (tags.length > 0 ? ":" : "") + tags.join(",");
}

function assembled(random: Random): string {
  const prefix = random(4) === 0 ? "" : "library:" + "/".repeat(random(4));
  return prefix + Array.from({ length: 1 + random(8) }, () => pick(FRAGMENTS, random)).join("");
}

function mutated(text: string, random: Random): string {
  let characters = Array.from(text);
  for (let edits = random(4) * random(2); edits > 0; edits--) {
    const at = random(characters.length + 1);
    const length = random(3);
    const inserted = [[], [pick(CHARACTERS, random)], Array.from(pick(FRAGMENTS, random))][
      random(3)
    ];
    characters = [
      ...characters.slice(0, at),
      ...(inserted ?? []),
      ...characters.slice(at + length),
    ];
  }
  return characters.join("");
}

function pick(list: readonly string[], random: Random): string {
  return list[random(list.length)] ?? "";
}
