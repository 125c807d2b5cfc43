import { sql } from "kysely";

import type { SqlWords } from "../session/adapter.js";

/** The words of SQLite. */
export const SQLITE_WORDS: SqlWords = {
  elementsOf: (json) => sql<string>`(select value from json_each(${json}))`,
  arrayOf: (value, order) => sql<string>`json_group_array(${value} order by ${order})`,
  tupleOf: (...columns) => sql`json_array(${sql.join(columns)})`,
};
