import type { OnReadOpts, Socket } from "node:net";

import { type BlockPair, createBlockPair } from "./block-pair.js";
import type { BlockBody, BlockTaker } from "../transport.js";
import { type ReplyHead, MAX_HEAD_BYTES, parseReplyHead } from "./reply-head.js";

/** Longest time that arrived bytes wait for their block to be full, in milliseconds. */
const TAKE_INTERVAL_MS = 1_000;

/** A connection over which answers are read into two blocks of memory that are used again and again. */
export interface BlockConnection {
  /**
   * Sends the head of a request without body, and resolves when the head of its answer is here. Another request may be
   * sent once the connection has told that it is idle.
   *
   * Rejects with {@link NotPlain} when the answer is not one that is read here, with {@link NoReply} when the
   * connection ended before anything of an answer came, and with its error when it failed.
   */
  readonly ask: (requestHead: string) => Promise<BlockReply>;
  /** Ends the connection; what is waited for rejects with the error. */
  readonly destroy: (error: Error) => void;
}

/** An answer whose body is still to be drained. */
export interface BlockReply {
  readonly head: ReplyHead;
  readonly blocks: BlockBody;
}

/** The answer is not one that is read here. */
export class NotPlain extends Error {}

/** The connection ended before anything of an answer came. */
export class NoReply extends Error {}

/** How a connection is made, and who is told what becomes of it. */
export interface BlockConnectionOptions {
  /** Connects, with a place for what is read. */
  readonly connect: (onread: OnReadOpts) => Socket;
  /** Whether reading stops as soon as it is told to. Encrypted connections still give what they have decrypted. */
  readonly stopsAtOnce: boolean;
  /** Another request may be sent now. */
  readonly onIdle: () => void;
  readonly onClose: () => void;
}

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** What a connection is at; all of it is undefined or 0 while it is idle. */
interface Exchange {
  /** The head of an answer is waited for. */
  asked?: Settle<BlockReply> | undefined;
  head?: ReplyHead | undefined;
  /** Bytes of the body that have not arrived. */
  left: number;
  taker?: BlockTaker | undefined;
  drained?: Settle<void> | undefined;
  takenMs: number;
}

interface Line {
  readonly pair: BlockPair;
  readonly options: BlockConnectionOptions;
  exchange: Exchange;
  /** Reading has stopped until somebody takes what is here. */
  isPaused: boolean;
  /** More came than was answered: the connection is of no use any more. */
  hasSurplus: boolean;
  failure: Error | undefined;
  isClosed: boolean;
  socket: Socket | undefined;
}

/** Where encrypted connections put what they read; TLS has records of 16 KiB. */
const SCRATCH_BYTES = 64 * 1024;

const IDLE: Exchange = { left: 0, takenMs: 0 };

/** A new connection. */
export function openBlockConnection(options: BlockConnectionOptions): BlockConnection {
  const line: Line = {
    pair: createBlockPair(),
    options,
    exchange: { ...IDLE },
    isPaused: false,
    hasSurplus: false,
    failure: undefined,
    isClosed: false,
    socket: undefined,
  };
  const scratch = new Uint8Array(options.stopsAtOnce ? 0 : SCRATCH_BYTES);
  const socket = options.connect({
    buffer: options.stopsAtOnce ? line.pair.room : () => scratch,
    callback(count, into) {
      const goesOn = onRead(line, into, count);
      line.isPaused = !goesOn;
      return goesOn;
    },
  });
  line.socket = socket;
  socket.on("error", (error) => (line.failure ??= error));
  socket.once("close", () => {
    line.isClosed = true;
    options.onClose();
    end(line);
  });
  return {
    ask: (requestHead) =>
      new Promise((resolve, reject) => {
        if (line.isClosed) return reject(new NoReply());
        line.exchange = { ...IDLE, asked: { resolve, reject } };
        socket.write(requestHead, "latin1");
      }),
    destroy: (error) => destroy(line, error),
  };
}

function destroy(line: Line, error: Error): void {
  line.failure ??= error;
  line.socket?.destroy();
}

/** Whether reading goes on. */
function onRead(line: Line, into: Uint8Array, count: number): boolean {
  const { pair, exchange } = line;
  if (exchange.asked !== undefined) {
    pair.filled(into, count);
    return onHeadBytes(line, exchange.asked);
  }
  if (exchange.head === undefined) {
    // Nothing was asked: perhaps a farewell.
    destroy(line, new Error("the other side sent what was not asked for"));
    return false;
  }
  const ours = bodyBytes(line, count);
  pair.filled(into, ours);
  return exchange.taker !== undefined && advance(line, exchange.taker, ours);
}

/** Reading stops at the end of the head, until the body is wanted. */
function onHeadBytes(line: Line, { resolve, reject }: Settle<BlockReply>): boolean {
  const { pair, exchange } = line;
  const { buffer, byteOffset, byteLength } = pair.bytes();
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const length = bytes.indexOf("\r\n\r\n", 0, "latin1");
  if (length < 0 && bytes.byteLength < MAX_HEAD_BYTES) return true;
  const isHead = length >= 0 && length < MAX_HEAD_BYTES;
  const head = isHead ? parseReplyHead(bytes.toString("latin1", 0, length)) : undefined;
  exchange.asked = undefined;
  if (head === undefined) {
    reject(new NotPlain());
    destroy(line, new NotPlain());
    return false;
  }
  pair.dropFront(length + 4);
  exchange.head = head;
  exchange.left = head.length;
  pair.keepFront(bodyBytes(line, pair.bytes().byteLength));
  resolve({ head, blocks: { drain: (taker) => drain(line, taker) } });
  return false;
}

/** How many of the bytes that arrived are of the body. */
function bodyBytes(line: Line, count: number): number {
  const ours = Math.min(count, line.exchange.left);
  line.exchange.left -= ours;
  if (ours < count) line.hasSurplus = true;
  return ours;
}

function drain(line: Line, taker: BlockTaker): Promise<void> {
  const { exchange } = line;
  return new Promise((resolve, reject) => {
    exchange.drained = { resolve, reject };
    exchange.taker = taker;
    exchange.takenMs = Date.now();
    taker.waiting(true, 0);
    const goesOn = advance(line, taker, 0);
    if (line.isClosed) end(line);
    else if (goesOn) resume(line);
  });
}

/** Gives on what has arrived, if it is worth it. Whether there is room to read on. */
function advance(line: Line, taker: BlockTaker, arrivedBytes: number): boolean {
  const { pair, exchange } = line;
  do {
    pair.absorb();
    const isLate = Date.now() - exchange.takenMs > TAKE_INTERVAL_MS && pair.isOtherFree();
    const isEnd = exchange.left === 0 && !pair.isHolding();
    if (pair.isFree() && (pair.isFull() || isEnd || isLate)) giveOn(line, taker);
  } while (pair.isHolding() && pair.isFree());
  if (exchange.left === 0 && !pair.isHolding()) {
    finish(line, taker);
    return !line.hasSurplus && pair.isFree();
  }
  taker.waiting(pair.isFree(), arrivedBytes);
  return pair.isFree();
}

function giveOn(line: Line, taker: BlockTaker): void {
  if (line.pair.bytes().byteLength === 0) return;
  line.exchange.takenMs = Date.now();
  give(line, taker).catch((error: unknown) => fail(line, error));
}

/** Once a block is taken, there may be room again. */
async function give(line: Line, taker: BlockTaker): Promise<void> {
  const { pair, exchange } = line;
  await pair.give(taker.take);
  if (!line.isPaused || !pair.isFree()) return;
  if (pair.isHolding()) {
    if (!advance(line, taker, 0)) return;
  } else if (exchange.left > 0) {
    taker.waiting(true, 0);
  }
  resume(line);
}

function resume(line: Line): void {
  line.isPaused = false;
  line.socket?.resume();
}

/** All has arrived: once it is taken, the connection is free. */
function finish(line: Line, taker: BlockTaker): void {
  taker.waiting(false, 0);
  untilFree(line).catch((error: unknown) => fail(line, error));
}

async function untilFree(line: Line): Promise<void> {
  const { pair, exchange, options } = line;
  await pair.taken();
  const { drained, head } = exchange;
  line.exchange = { ...IDLE };
  if (head?.keepsAlive !== true || line.hasSurplus) line.socket?.destroy();
  else if (!line.isClosed) options.onIdle();
  drained?.resolve();
}

/** What was given could not be taken. */
function fail(line: Line, error: unknown): void {
  line.exchange.drained?.reject(error);
  line.exchange = { ...IDLE };
  line.socket?.destroy();
}

/** The connection has ended. What arrived of a body is given on all the same. */
function end(line: Line): void {
  const { exchange, pair } = line;
  const { asked, drained, taker } = exchange;
  const error = line.failure ?? new Error("the connection ended before the reply did");
  if (asked !== undefined) {
    const nothingCame = pair.bytes().byteLength === 0;
    asked.reject(nothingCame ? new NoReply("", { cause: error }) : error);
    return;
  }
  // Whoever drains the body later learns it then.
  if (drained === undefined || taker === undefined || exchange.left === 0) return;
  giveRest(line, taker).then(
    () => drained.reject(error),
    () => {},
  );
}

async function giveRest(line: Line, taker: BlockTaker): Promise<void> {
  const { pair } = line;
  await pair.taken();
  for (pair.absorb(); pair.bytes().byteLength > 0; pair.absorb()) {
    giveOn(line, taker);
    await pair.taken();
  }
}
