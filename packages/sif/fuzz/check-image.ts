import { type ByteSource, memoryByteSource } from "../src/bytes/byte-source.js";
import { readSifDocuments } from "../src/format/documents.js";
import { sifFacts, sifImageId } from "../src/format/facts.js";
import { readSignatureObject } from "../src/integrity/signature-object.js";
import { readOciSif } from "../src/oci/read-oci-sif.js";
import { readSif, type SifImage } from "../src/format/read-sif.js";
import { dateFromSifTime } from "../src/format/header.js";
import { printableText } from "../src/printable-text.js";
import { outcomeOf, require } from "./outcome.js";

/** The header and the largest table that a file of this size can hold, without data. */
const HEADER_BYTES = 128;

/**
 * Reads everything that the package can tell about an image, and checks what must hold for each
 * result.
 */
export async function checkImage(bytes: Uint8Array): Promise<string> {
  let image: SifImage | null = null;
  const counted = countingSource(bytes);
  const outcome = await outcomeOf(async () => {
    image = await readSif(counted);
  });
  require(counted.count() <= HEADER_BYTES + bytes.length, "opening reads header and table");
  if (image === null) return outcome;
  checkObjects(image, bytes.length);
  const facts = sifFacts(image);
  sifImageId(image);
  printableText(JSON.stringify(facts));
  const documents = await readSifDocuments(image);
  printableText(`${documents.deffile}${JSON.stringify(documents)}`);
  for (const descriptor of descriptorsOf(image)) await readSignatureObject(image, descriptor);
  return `ok, oci ${await outcomeOf(() => readOciSif(image ?? never()))}`;
}

function checkObjects(image: SifImage, fileBytes: number): void {
  const ids = new Set<number>();
  let end = 0;
  for (const descriptor of descriptorsOf(image).toSorted((a, b) => a.offset - b.offset)) {
    const { id, offset, size, createdAt, name } = descriptor;
    require(Number.isSafeInteger(offset) && Number.isSafeInteger(size), "numbers are exact");
    require(offset >= image.header.dataOffset && size >= 0, "objects are in the data section");
    require(offset + size <= fileBytes, "objects are in the file");
    require(size === 0 || offset >= end, "objects do not overlap");
    require(id > 0 && !ids.has(id), "ids are unique");
    ids.add(id);
    if (size > 0) end = offset + size;
    dateFromSifTime(createdAt);
    printableText(name);
  }
}

function descriptorsOf({ descriptors }: SifImage): SifImage["descriptors"] {
  return descriptors;
}

function never(): never {
  throw new Error("there is no image");
}

/** A source that counts the bytes requested from it. */
function countingSource(bytes: Uint8Array): ByteSource & { count(): number } {
  const source = memoryByteSource(bytes);
  let asked = 0;
  return {
    size: source.size,
    count: () => asked,
    read(offset, length, options) {
      asked += length;
      return source.read(offset, length, options);
    },
  };
}
