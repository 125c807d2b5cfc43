import Database from "better-sqlite3";
import { beforeEach, describe, expect, it } from "vitest";

import { prepareStatement } from "./statement.js";

let database: Database.Database;
beforeEach(() => {
  database = new Database(":memory:");
  database.exec("create table things (id integer primary key, name text)");
  database.exec("insert into things values (1, 'a'), (2, null)");
});

describe("prepareStatement", () => {
  it("returns rows as better-sqlite3 does, by the names of their columns", () => {
    const text =
      "select things.*, 0.5 as half, x'ff' as bytes from things where id >= ? order by id";
    const statement = prepareStatement(database, text);

    expect(statement).toMatchObject({ reader: true, readonly: true });
    expect(statement.all(1)).toStrictEqual(database.prepare(text).all(1));
    expect(statement.get(2)).toStrictEqual(database.prepare(text).get(2));
    expect(statement.get(2)).toMatchObject({ id: 2, name: null });
    expect(statement.get(3)).toBeUndefined();
    expect(statement.all(3)).toEqual([]);
  });

  it("returns rows of its own for each run", () => {
    const statement = prepareStatement(database, "select * from things where id = ?");
    const [first, second] = [statement.get(1), statement.get(2)];

    expect(first).toEqual({ id: 1, name: "a" });
    expect(second).toEqual({ id: 2, name: null });
  });

  it("runs what returns no rows, and what returns the rows that it changed", () => {
    const insert = prepareStatement(database, "insert into things values (?, ?)");
    expect(insert).toMatchObject({ reader: false, readonly: false });
    expect(insert.run(3, "c").changes).toBe(1);

    const remove = prepareStatement(database, "delete from things where id = ? returning name");
    expect(remove).toMatchObject({ reader: true, readonly: false });
    expect(remove.all(3)).toEqual([{ name: "c" }]);
  });

  it("notices a column that is added after it was prepared", () => {
    const statement = prepareStatement(database, "select things.*, 'end' as last from things");
    expect(statement.get()).toEqual({ id: 1, name: "a", last: "end" });
    database.exec("alter table things add column size integer default 7");

    expect(statement.get()).toEqual({ id: 1, name: "a", size: 7, last: "end" });
  });
});
