// One columnar engine: loads the firms, answers the gate, waits for a line, counts.
import { readFileSync, existsSync } from "node:fs";
import { createInterface } from "node:readline";

const [name, file] = process.argv.slice(2);
const q = JSON.parse(readFileSync(file, "utf8"));
const say = (o) => process.stdout.write(JSON.stringify({ Engine: name, ...o }) + "\n");
const seconds = () => Number(process.hrtime.bigint()) / 1e9;

async function duckdb() {
  const { DuckDBInstance, version } = await import("@duckdb/node-api");
  const db = await DuckDBInstance.create(":memory:");
  const c = await db.connect();
  const one = async (sql) => (await c.runAndReadAll(sql)).getRows()[0].map(Number);
  await c.run("SET preserve_insertion_order = true");
  const columns = q.Columns.map((x) => `'${x.Name}': '${x.Type}'`).join(", ");
  await c.run(`CREATE TABLE f AS SELECT * FROM read_csv('${q.CSV}', header = false, columns = {${columns}})`);
  await c.run(`COPY f TO '${q.Parquet}' (FORMAT parquet)`);
  await c.run("SET threads = 1");
  return {
    version: typeof version === "function" ? version() : "",
    form: "table in memory, whole numbers, ratios ready, one thread, counts of one plane",
    tally: (where) => one(`SELECT count(*), coalesce(sum(id), 0) FROM f WHERE ${where}`),
    count: async (where) => (await one(`SELECT count(*) FROM f WHERE ${where}`))[0],
  };
}

async function polars() {
  const pl = (await import("nodejs-polars")).default;
  if (!existsSync(q.Parquet)) throw new Error("DuckDB has written no table for it");
  const f = pl.readParquet(q.Parquet);
  const sql = pl.SQLContext({ f });
  const one = (text) => Object.values(sql.execute(text, { eager: true }).toRecords()[0]).map((v) => Number(v ?? 0));
  return {
    version: pl.version ?? "",
    form: "frame in memory, whole numbers, ratios ready, one thread, counts of one plane",
    tally: (where) => one(`SELECT COUNT(*) AS n, SUM(id) AS s FROM f WHERE ${where}`),
    count: (where) => one(`SELECT COUNT(*) AS n FROM f WHERE ${where}`)[0],
  };
}

try {
  const begin = seconds();
  const engine = await { duckdb, polars }[name]();
  const Loaded = seconds() - begin;
  const Yes = [];
  const Open = [];
  for (const rule of q.Rules) {
    for (const [list, where] of [[Yes, rule], [Open, `(${rule}) IS NULL`]]) {
      const [N, Sum] = await engine.tally(`id < ${q.Gate} AND ${where}`);
      list.push({ N, Sum });
    }
  }
  say({ Version: engine.version, Form: engine.form, Loaded, Yes, Open });
  await new Promise((go) => createInterface({ input: process.stdin }).once("line", go));
  const Counts = [];
  const start = seconds();
  const used = process.cpuUsage();
  for (const rule of q.Rules.slice(0, q.Time)) Counts.push(await engine.count(rule));
  const took = seconds() - start;
  const { user, system } = process.cpuUsage(used);
  say({ Counts, Seconds: took, Processor: (user + system) / 1e6 });
  process.exit(0);
} catch (err) {
  say({ Skipped: String(err?.message ?? err).split("\n")[0] });
  process.exit(0);
}
