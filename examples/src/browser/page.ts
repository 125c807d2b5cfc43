/// <reference lib="dom" />
/** The script of the page: searches, pushes and pulls in the browser, with the same SDK. */
import { type Image, LibraryClient } from "@sifshelf/client";
import { blobByteSource, readSif, sifFacts } from "@sifshelf/sif";

/** Returns the element with that id, which must be of that kind. */
function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.querySelector(`#${id}`);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${kind.name} with the id ${id}`);
}

const token = element("token", HTMLInputElement);
const text = element("text", HTMLInputElement);
const file = element("file", HTMLInputElement);
const ref = element("ref", HTMLInputElement);
const results = element("results", HTMLUListElement);
const status = element("status", HTMLOutputElement);

// The library has the page's own origin. The token is kept in memory only.
const client = () => new LibraryClient({ baseUrl: location.origin, authToken: token.value });

async function searchLibrary(): Promise<string> {
  const { images } = await client().search({ value: text.value });
  results.replaceChildren(...images.map(resultItem));
  return `found ${images.length}`;
}

function resultItem(image: Image): HTMLLIElement {
  const item = document.createElement("li");
  const pull = document.createElement("button");
  pull.textContent = "Pull";
  pull.addEventListener("click", () => void report(() => pullImage(image)));
  const path = `${image.entityName}/${image.collectionName}/${image.containerName}`;
  item.append(`${path} ${image.tags?.join(",")} ${image.arch} `, pull);
  return item;
}

async function pullImage(image: Image): Promise<string> {
  const path = `${image.entityName}/${image.collectionName}/${image.containerName}`;
  // The stream fails instead of ending if the bytes do not match the hash.
  const stream = await client().downloadImage(path, { tag: image.hash });
  const bytes = await new Response(stream).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = `${image.containerName}.sif`;
  link.click();
  URL.revokeObjectURL(link.href);
  return `pulled ${bytes.size} bytes, verified`;
}

async function pushFile(): Promise<string> {
  const [chosen] = file.files ?? [];
  if (chosen === undefined) throw new Error("choose a file");
  const { arch } = sifFacts(await readSif(blobByteSource(chosen)));
  const pushed = await client().uploadImage(chosen, ref.value, {
    arch,
    progress: ({ phase, bytesDone, bytesTotal }) => {
      status.value = `${phase}: ${bytesDone} of ${bytesTotal} bytes`;
    },
  });
  return `pushed ${pushed.image.hash}`;
}

async function report(run: () => Promise<string>): Promise<void> {
  try {
    status.value = await run();
  } catch (error) {
    status.value = `failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function onSubmit(id: string, run: () => Promise<string>): void {
  element(id, HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    void report(run);
  });
}

onSubmit("search", searchLibrary);
onSubmit("push", pushFile);
status.value = "ready";
