import type { Session } from "../session/adapter.js";
import { type PreparedQuery, type Values, compilePrepared } from "../session/prepared.js";
import { createBuilder, runStatement } from "./builder.js";
import { isBusy, retryWhileBusy } from "./busy.js";
import type { Connection, Connections } from "./connections.js";
import { toLibraryFault } from "./faults.js";
import { type Statement, prepareStatement } from "./statement.js";
import type { Turns } from "./turns.js";
import { SQLITE_WORDS } from "./words.js";

/** What sessions run on. */
export interface SessionSource {
  readonly connections: Connections;
  /** Turns at the writer. */
  readonly turns: Turns;
  /** When a wait that starts now ends, on the clock of `performance.now()`. */
  readonly deadline: () => number;
}

/** Prepares the same statement on any connection. */
type Preparation = (connection: Connection) => Statement;

/** Runs `use` on a prepared statement, on the right connection at the right time. */
type Run = <T>(preparation: Preparation, use: (statement: Statement) => T) => Promise<T>;

/**
 * The session outside transactions: reads run at once on the reader, writes in turn on the writer.
 */
export function createOutsideSession(source: SessionSource): Session {
  const { reader, writer } = source.connections;
  const inTurn = createRunInTurn(source);
  const run: Run = async (preparation, use) => {
    // In memory there is one connection, and what is read must not be in the middle of a
    // transaction.
    if (reader === writer) return inTurn(preparation, use);
    try {
      const statement = preparation(reader);
      if (statement.readonly && statement.reader) return use(statement);
    } catch (error) {
      // Another process opens or closes the file, the only time that a reader can be held up.
      if (isBusy(error)) return retryWhileBusy(() => use(preparation(reader)), source.deadline());
      throw error;
    }
    return inTurn(preparation, use);
  };
  return { ...createSession(run), isTransaction: false };
}

/** The session of the transaction that has its turn at the writer. */
export function createInsideSession({ writer }: Connections): Session {
  const run: Run = async (preparation, use) => use(preparation(writer));
  return { ...createSession(run), isTransaction: true };
}

function createRunInTurn({ connections, turns, deadline }: SessionSource): Run {
  return async (preparation, use) => {
    const deadlineMs = deadline();
    const endTurn = await turns.take();
    try {
      return await retryWhileBusy(() => use(preparation(connections.writer)), deadlineMs);
    } finally {
      endTurn();
    }
  };
}

function createSession(run: Run): Omit<Session, "isTransaction"> {
  const runSafely: Run = (preparation, use) =>
    run(preparation, use).catch((error: unknown) => {
      throw toLibraryFault(error);
    });
  const db = createBuilder((text, parameters) =>
    runSafely(
      ({ statements }) => statements.prepare(text),
      (statement) => runStatement(statement, parameters),
    ),
  );
  const known = new Map<object, Prepared>();
  const preparedOf = <V extends Values, Row>(query: PreparedQuery<V, Row>): Prepared => {
    const found = known.get(query);
    if (found !== undefined) return found;
    const { sql, bind } = compilePrepared(query, db, SQLITE_WORDS);
    const prepared = { bind, preparation: keepPrepared(sql) };
    known.set(query, prepared);
    return prepared;
  };
  return {
    db,
    // The builder's types say which rows a query returns.
    /* oxlint-disable typescript/no-unsafe-type-assertion -- see above */
    rows<V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) {
      const { bind, preparation } = preparedOf(query);
      return runSafely(preparation, (statement) => statement.all(...bind(values)) as Row[]);
    },
    first<V extends Values, Row>(query: PreparedQuery<V, Row>, values: V) {
      const { bind, preparation } = preparedOf(query);
      return runSafely(
        preparation,
        (statement) => statement.get(...bind(values)) as Row | undefined,
      );
    },
    /* oxlint-enable typescript/no-unsafe-type-assertion */
    change<V extends Values>(query: PreparedQuery<V, unknown>, values: V) {
      const { bind, preparation } = preparedOf(query);
      return runSafely(preparation, (statement) => statement.run(...bind(values)).changes);
    },
  };
}

interface Prepared {
  readonly bind: (values: Values) => unknown[];
  readonly preparation: Preparation;
}

/**
 * Prepares the text once for each connection. There are as many of these as queries in the code.
 */
function keepPrepared(text: string): Preparation {
  const statements = new Map<Connection, Statement>();
  return (connection) => {
    const kept = statements.get(connection);
    if (kept !== undefined) return kept;
    const statement = prepareStatement(connection.database, text);
    statements.set(connection, statement);
    return statement;
  };
}
