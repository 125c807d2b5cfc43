import type { OnReadOpts, Socket } from "node:net";

import { type BlockPair, createBlockPair } from "./block-pair.js";
import type { BlockBody, BlockTaker } from "../transport.js";
import { type ReplyHead, MAX_HEAD_BYTES, parseReplyHead } from "./reply-head.js";

/** Longest time that received bytes wait for their block to fill, in milliseconds. */
const TAKE_INTERVAL_MS = 1_000;

/** A connection that reads replies into two reused blocks of memory. */
export interface BlockConnection {
  /**
   * Sends the head of a request without a body, and resolves once the head of the reply has
   * arrived. Another request may be sent once the connection reports that it is idle.
   *
   * Rejects with {@link NotPlainReply} when the reply cannot be read here, with {@link NoReply}
   * when the connection ended before any of it arrived, and with the connection's error when it
   * failed.
   */
  readonly ask: (requestHead: string) => Promise<BlockReply>;
  /** Ends the connection. Pending work rejects with the error. */
  readonly destroy: (error: Error) => void;
}

/** A reply whose body is still to be drained. */
export interface BlockReply {
  readonly head: ReplyHead;
  readonly blocks: BlockBody;
}

/** The reply is not one that is read here. */
export class NotPlainReply extends Error {}

/** The connection ended before any of the reply arrived. */
export class NoReply extends Error {}

/** How to connect, and callbacks for what happens to the connection. */
export interface BlockConnectionOptions {
  /** Connects and passes on where to put received bytes. */
  readonly connect: (onread: OnReadOpts) => Socket;
  /**
   * Whether reading stops immediately when told to. Encrypted connections still deliver what they
   * have decrypted.
   */
  readonly stopsAtOnce: boolean;
  /** Another request may be sent now. */
  readonly onIdle: () => void;
  readonly onClose: () => void;
}

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** The state of one exchange. All of it is undefined or 0 while the connection is idle. */
interface Exchange {
  /** Set while the head of a reply is awaited. */
  asked?: Settle<BlockReply> | undefined;
  head?: ReplyHead | undefined;
  /** Bytes of the body that have not arrived. */
  left: number;
  taker?: BlockTaker | undefined;
  drained?: Settle<void> | undefined;
  takenMs: number;
}

interface ConnectionState {
  readonly pair: BlockPair;
  readonly options: BlockConnectionOptions;
  exchange: Exchange;
  /** Reading is paused until what has arrived is taken. */
  isPaused: boolean;
  /** The other side sent more than the reply has, so the connection cannot be reused. */
  hasSurplus: boolean;
  failure: Error | undefined;
  isClosed: boolean;
  socket: Socket | undefined;
}

/** Where encrypted connections put what they read. TLS records have 16 KiB. */
const SCRATCH_BYTES = 64 * 1024;

const IDLE: Exchange = { left: 0, takenMs: 0 };

/** Opens a connection. */
export function openBlockConnection(options: BlockConnectionOptions): BlockConnection {
  const state: ConnectionState = {
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
    buffer: options.stopsAtOnce ? state.pair.room : () => scratch,
    callback(count, into) {
      const goesOn = onRead(state, into, count);
      state.isPaused = !goesOn;
      return goesOn;
    },
  });
  state.socket = socket;
  socket.on("error", (error) => (state.failure ??= error));
  socket.once("close", () => {
    state.isClosed = true;
    options.onClose();
    end(state);
  });
  return {
    ask: (requestHead) =>
      new Promise((resolve, reject) => {
        if (state.isClosed) return reject(new NoReply());
        state.exchange = { ...IDLE, asked: { resolve, reject } };
        socket.write(requestHead, "latin1");
      }),
    destroy: (error) => destroy(state, error),
  };
}

function destroy(state: ConnectionState, error: Error): void {
  state.failure ??= error;
  state.socket?.destroy();
}

/** Returns whether reading continues. */
function onRead(state: ConnectionState, into: Uint8Array, count: number): boolean {
  const { pair, exchange } = state;
  if (exchange.asked !== undefined) {
    pair.filled(into, count);
    return onHeadBytes(state, exchange.asked);
  }
  if (exchange.head === undefined) {
    // Nothing was requested: perhaps a notice before the other side closes.
    destroy(state, new Error("the other side sent data without a request"));
    return false;
  }
  const ours = bodyBytes(state, count);
  pair.filled(into, ours);
  return exchange.taker !== undefined && advance(state, exchange.taker, ours);
}

/** Reading stops after the head, until the body is wanted. */
function onHeadBytes(state: ConnectionState, { resolve, reject }: Settle<BlockReply>): boolean {
  const { pair, exchange } = state;
  const { buffer, byteOffset, byteLength } = pair.bytes();
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const length = bytes.indexOf("\r\n\r\n", 0, "latin1");
  if (length < 0 && bytes.byteLength < MAX_HEAD_BYTES) return true;
  const isHead = length >= 0 && length < MAX_HEAD_BYTES;
  const head = isHead ? parseReplyHead(bytes.toString("latin1", 0, length)) : undefined;
  exchange.asked = undefined;
  if (head === undefined) {
    reject(new NotPlainReply());
    destroy(state, new NotPlainReply());
    return false;
  }
  pair.dropFront(length + 4);
  exchange.head = head;
  exchange.left = head.length;
  pair.keepFront(bodyBytes(state, pair.bytes().byteLength));
  resolve({ head, blocks: { drain: (taker) => drain(state, taker) } });
  return false;
}

/** Returns how many of the received bytes belong to the body. */
function bodyBytes(state: ConnectionState, count: number): number {
  const ours = Math.min(count, state.exchange.left);
  state.exchange.left -= ours;
  if (ours < count) state.hasSurplus = true;
  return ours;
}

function drain(state: ConnectionState, taker: BlockTaker): Promise<void> {
  const { exchange } = state;
  return new Promise((resolve, reject) => {
    exchange.drained = { resolve, reject };
    exchange.taker = taker;
    exchange.takenMs = Date.now();
    taker.waiting(true, 0);
    const goesOn = advance(state, taker, 0);
    if (state.isClosed) end(state);
    else if (goesOn) resume(state);
  });
}

/** Passes on what has arrived, if it is worthwhile. Returns whether there is room to read on. */
function advance(state: ConnectionState, taker: BlockTaker, arrivedBytes: number): boolean {
  const { pair, exchange } = state;
  do {
    pair.absorb();
    const isLate = Date.now() - exchange.takenMs > TAKE_INTERVAL_MS && pair.isOtherFree();
    const isEnd = exchange.left === 0 && !pair.isHolding();
    if (pair.isFree() && (pair.isFull() || isEnd || isLate)) giveOn(state, taker);
  } while (pair.isHolding() && pair.isFree());
  if (exchange.left === 0 && !pair.isHolding()) {
    finish(state, taker);
    return !state.hasSurplus && pair.isFree();
  }
  taker.waiting(pair.isFree(), arrivedBytes);
  return pair.isFree();
}

function giveOn(state: ConnectionState, taker: BlockTaker): void {
  if (state.pair.bytes().byteLength === 0) return;
  state.exchange.takenMs = Date.now();
  give(state, taker).catch((error: unknown) => fail(state, error));
}

/** Once a block is taken, there may be room again. */
async function give(state: ConnectionState, taker: BlockTaker): Promise<void> {
  const { pair, exchange } = state;
  await pair.give(taker.take);
  if (!state.isPaused || !pair.isFree()) return;
  if (pair.isHolding()) {
    if (!advance(state, taker, 0)) return;
  } else if (exchange.left > 0) {
    taker.waiting(true, 0);
  }
  resume(state);
}

function resume(state: ConnectionState): void {
  state.isPaused = false;
  state.socket?.resume();
}

/** Everything has arrived. Once it is taken, the connection is free. */
function finish(state: ConnectionState, taker: BlockTaker): void {
  taker.waiting(false, 0);
  untilFree(state).catch((error: unknown) => fail(state, error));
}

async function untilFree(state: ConnectionState): Promise<void> {
  const { pair, exchange, options } = state;
  await pair.taken();
  const { drained, head } = exchange;
  state.exchange = { ...IDLE };
  if (head?.keepsAlive !== true || state.hasSurplus) state.socket?.destroy();
  else if (!state.isClosed) options.onIdle();
  drained?.resolve();
}

/** The taker rejected. */
function fail(state: ConnectionState, error: unknown): void {
  state.exchange.drained?.reject(error);
  state.exchange = { ...IDLE };
  state.socket?.destroy();
}

/** The connection has ended. What arrived of a body is still passed on. */
function end(state: ConnectionState): void {
  const { exchange, pair } = state;
  const { asked, drained, taker } = exchange;
  const error = state.failure ?? new Error("the connection ended before the reply did");
  if (asked !== undefined) {
    const nothingCame = pair.bytes().byteLength === 0;
    asked.reject(nothingCame ? new NoReply("", { cause: error }) : error);
    return;
  }
  // A body that is drained later learns of it then.
  if (drained === undefined || taker === undefined || exchange.left === 0) return;
  giveRest(state, taker).then(
    () => drained.reject(error),
    () => {},
  );
}

async function giveRest(state: ConnectionState, taker: BlockTaker): Promise<void> {
  const { pair } = state;
  await pair.taken();
  for (pair.absorb(); pair.bytes().byteLength > 0; pair.absorb()) {
    giveOn(state, taker);
    await pair.taken();
  }
}
