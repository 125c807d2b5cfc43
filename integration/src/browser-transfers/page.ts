import {
  abortTransfer,
  runTransfer,
  type TRANSFERS,
  type TransferOutcome,
  type TransferRequest,
} from "./transfers.js";

/** A transfer as it is sent to a worker. */
interface Message {
  readonly name: keyof typeof TRANSFERS;
  readonly request: TransferRequest;
  readonly file: File | undefined;
}

// The page and its worker run the same script.
if ("document" in globalThis)
  Object.assign(globalThis, { transfer, transferInWorker, abortTransfer });
else handleMessages();

function chosenFile(): File | undefined {
  const input = document.querySelector("input");
  return input?.files?.[0];
}

async function transfer(name: Message["name"], request: TransferRequest): Promise<TransferOutcome> {
  return runTransfer(name, request, chosenFile());
}

async function transferInWorker(
  name: Message["name"],
  request: TransferRequest,
): Promise<TransferOutcome> {
  const worker = new Worker("/page.js", { type: "module" });
  const outcome = new Promise<TransferOutcome>((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => resolve(data));
    worker.addEventListener("error", ({ message }) => reject(new Error(message)));
  });
  // Only messages to a window have a target origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage({ name, request, file: chosenFile() } satisfies Message);
  return outcome.finally(() => worker.terminate());
}

function handleMessages(): void {
  globalThis.addEventListener("message", ({ data }: MessageEvent<Message>) => {
    void runTransfer(data.name, data.request, data.file).then((outcome) => postMessage(outcome));
  });
}
