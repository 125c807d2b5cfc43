import {
  type ByteSink,
  isLibraryError,
  LibraryClient,
  type LibraryClientOptions,
  type TransferProgress,
} from "@sifshelf/client";

/**
 * A task for a page; everything can be passed from a test to a page, and from there to a worker.
 */
export interface TransferRequest {
  readonly baseUrl: string;
  readonly authToken?: string;
  /** `entity/collection/container`. */
  readonly path: string;
  readonly tag?: string;
  readonly client?: Pick<LibraryClientOptions, "timeoutMs" | "retry">;
}

/** What came of it. */
export interface TransferOutcome {
  /** `ok`, the code of a `LibraryError`, or the name of any other error. */
  readonly code: string;
  readonly message: string;
  /** With a push: whether bytes were sent, and the image's hash. */
  readonly uploaded?: boolean;
  readonly hash?: string;
  /**
   * With a pull: the number of received bytes and their SHA-256, even if the stream failed after
   * them.
   */
  readonly sizeBytes?: number;
  readonly sha256?: string;
  /** The phases in order, and whether progress never went backwards. */
  readonly phases: readonly string[];
  readonly isSteady: boolean;
  readonly retries: number;
  readonly bytesDone: number;
}

/** The transfers by name; `file` is the file of the page's input. */
export const TRANSFERS = { push, pullStream, pullInParts } as const;

/** Runs a transfer by name. */
export async function runTransfer(
  name: keyof typeof TRANSFERS,
  request: TransferRequest,
  file: File | undefined,
): Promise<TransferOutcome> {
  const watch = watchProgress();
  try {
    const done = await TRANSFERS[name]({ request, file, watch });
    return { code: "ok", message: "", ...done, ...watch.seen };
  } catch (error) {
    const { name: errorName, message } = error instanceof Error ? error : new Error(String(error));
    const code = isLibraryError(error) ? error.code : errorName;
    return { code, message, ...watch.partial, ...watch.seen };
  }
}

interface Watch {
  readonly signal: AbortSignal;
  readonly progress: (event: TransferProgress) => void;
  readonly seen: Pick<TransferOutcome, "phases" | "isSteady" | "retries" | "bytesDone">;
  /** The bytes that a failed pull received. */
  partial: { sizeBytes?: number };
}

interface Transfer {
  readonly request: TransferRequest;
  readonly file: File | undefined;
  readonly watch: Watch;
}

let abort = () => {};

/** Aborts the most recent transfer. */
export function abortTransfer(): void {
  abort();
}

function watchProgress(): Watch {
  const controller = new AbortController();
  abort = () => controller.abort(new DOMException("given up by the user", "AbortError"));
  const seen = { phases: [] as string[], isSteady: true, retries: 0, bytesDone: 0 };
  return {
    signal: controller.signal,
    seen,
    partial: {},
    progress({ phase, bytesDone, retries }) {
      const isNew = phase !== seen.phases.at(-1);
      if (isNew) seen.phases.push(phase);
      else if (bytesDone < seen.bytesDone) seen.isSteady = false;
      Object.assign(seen, { bytesDone, retries: retries ?? 0 });
    },
  };
}

function clientOf({ baseUrl, authToken, client }: TransferRequest): LibraryClient {
  return new LibraryClient({ baseUrl, authToken, ...client });
}

async function push({ request, file, watch }: Transfer) {
  if (file === undefined) throw new Error("no file was chosen");
  const { path, tag = "latest" } = request;
  const { signal, progress } = watch;
  const options = { arch: "amd64", tags: [tag], signal, progress };
  const { image, uploaded } = await clientOf(request).uploadImage(file, path, options);
  return { uploaded, hash: image.hash };
}

async function pullStream({ request, watch }: Transfer) {
  const { path, tag } = request;
  const { signal, progress } = watch;
  const stream = await clientOf(request).downloadImage(path, { tag, signal, progress });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    chunks.push(new Uint8Array(read.value));
    watch.partial.sizeBytes = (watch.partial.sizeBytes ?? 0) + read.value.byteLength;
  }
  return factsOf(new Blob(chunks));
}

/** Pulls into a file of the page's own storage, written at any offset. */
async function pullInParts({ request, watch }: Transfer) {
  const { path, tag } = request;
  const { signal, progress } = watch;
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle("pulled.sif", { create: true });
  const writable = await handle.createWritable();
  const sink: ByteSink = {
    write: (position, bytes) =>
      writable.write({ type: "write", position, data: new Uint8Array(bytes) }),
  };
  try {
    const options = { tag, signal, progress };
    await clientOf(request).concurrentDownloadImage(sink, path, options);
    await writable.close();
  } catch (error) {
    await writable.abort();
    throw error;
  }
  const facts = await factsOf(await handle.getFile());
  await folder.removeEntry("pulled.sif");
  return facts;
}

async function factsOf(blob: Blob) {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  const bytes = [...new Uint8Array(digest)];
  const sha256 = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { sizeBytes: blob.size, sha256 };
}
