import { describe, expect, it } from "vitest";

import type { TransferProgress } from "../index.js";
import {
  type CountingReader,
  fromProgressBar,
  fromUploadCallback,
  idInSlice,
  NoopProgressBar,
  prettyPrint,
  type ProgressBar,
  sliceWithoutId,
  stringInSlice,
} from "./index.js";

const hashing: TransferProgress[] = [
  { phase: "hash", bytesDone: 0, bytesTotal: 9 },
  { phase: "hash", bytesDone: 9, bytesTotal: 9 },
];
const moving: TransferProgress[] = [
  { phase: "transfer", bytesDone: 0, bytesTotal: 9 },
  { phase: "transfer", bytesDone: 4, bytesTotal: 9 },
  { phase: "transfer", bytesDone: 9, bytesTotal: 9 },
];

function last(ended: "complete" | "failed"): TransferProgress {
  return { phase: "transfer", bytesDone: 9, bytesTotal: 9, ended };
}

describe("slices", () => {
  it("finds and leaves out", () => {
    expect([idInSlice("a", ["a"]), idInSlice("b", ["a"])]).toEqual([true, false]);
    expect([stringInSlice("a", ["a"]), stringInSlice("a", [])]).toEqual([true, false]);
    expect(sliceWithoutId(["a", "b", "a"], "a")).toEqual(["b"]);
  });
});

describe("prettyPrint", () => {
  it("prints indented JSON", () => {
    const printed: string[] = [];
    prettyPrint({ a: [1] }, (text) => printed.push(text));
    prettyPrint(undefined, (text) => printed.push(text));
    expect(printed).toEqual(['{\n  "a": [\n    1\n  ]\n}', "null"]);
  });
});

describe("fromProgressBar", () => {
  function recordingBar() {
    const calls: string[] = [];
    const bar: ProgressBar = {
      init: (total) => void calls.push(`init ${total}`),
      proxyReader: (reader) => reader,
      incrBy: (bytes) => void calls.push(`incrBy ${bytes}`),
      abort: (drop) => void calls.push(`abort ${drop}`),
      wait: () => void calls.push("wait"),
    };
    return { bar, calls };
  }

  it("drives the bar with the moving of the bytes", () => {
    const { bar, calls } = recordingBar();
    [...hashing, ...moving, last("complete")].forEach(fromProgressBar(bar));
    expect(calls).toEqual(["init 9", "incrBy 4", "incrBy 5", "wait"]);
  });

  it("aborts the bar when the transfer fails", () => {
    const { bar, calls } = recordingBar();
    [...moving, last("failed")].forEach(fromProgressBar(bar));
    expect(calls.slice(-2)).toEqual(["abort true", "wait"]);
  });

  it("lets a bar that shows nothing be", () => {
    const bar = new NoopProgressBar();
    const reader = { read: () => {} };
    expect(bar.proxyReader(reader)).toBe(reader);
    expect(() => [...moving, last("failed")].forEach(fromProgressBar(bar))).not.toThrow();
  });
});

describe("fromUploadCallback", () => {
  function recordingCallback() {
    const calls: string[] = [];
    let reader: CountingReader = { read: () => {} };
    const callback = {
      initUpload(total: number, inner: CountingReader) {
        calls.push(`init ${total}`);
        reader = {
          read(bytes) {
            calls.push(`read ${bytes}`);
            inner.read(bytes);
          },
        };
      },
      getReader: () => reader,
      terminate: () => void calls.push("terminate"),
      finish: () => void calls.push("finish"),
    };
    return { callback, calls };
  }

  it("lets the callback count, and finishes", () => {
    const { callback, calls } = recordingCallback();
    [...hashing, ...moving, last("complete")].forEach(fromUploadCallback(callback));
    expect(calls).toEqual(["init 9", "read 4", "read 5", "finish"]);
  });

  it("terminates when the upload fails, and stays silent when nothing is sent", () => {
    const failed = recordingCallback();
    [...moving, last("failed")].forEach(fromUploadCallback(failed.callback));
    expect(failed.calls.at(-1)).toBe("terminate");
    const silent = recordingCallback();
    [...hashing, last("complete")].slice(0, 2).forEach(fromUploadCallback(silent.callback));
    expect(silent.calls).toEqual([]);
  });
});
