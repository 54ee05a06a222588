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
    counts: (rules) => one(`SELECT ${rules.map((r) => `count(*) FILTER (WHERE ${r})`).join(", ")} FROM f`),
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
    counts: (rules) => one(`SELECT ${rules.map((r, i) => `SUM(CASE WHEN ${r} THEN 1 ELSE 0 END) AS c${i}`).join(", ")} FROM f`),
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
  // Once a query for each rule, and once twenty in each, which lets an engine share
  // what rules have in common; the quicker counts.
  const rules = q.Rules.slice(0, q.Time);
  const measure = async (how, ask) => {
    const start = seconds();
    const used = process.cpuUsage();
    const Counts = await ask();
    const Seconds = seconds() - start;
    const { user, system } = process.cpuUsage(used);
    return { Counts, Seconds, Processor: (user + system) / 1e6, How: how };
  };
  const each = await measure("a query a rule", async () => {
    const out = [];
    for (const rule of rules) out.push(await engine.count(rule));
    return out;
  });
  const many = await measure("20 rules a query", async () => {
    const out = [];
    for (let i = 0; i < rules.length; i += 20) out.push(...(await engine.counts(rules.slice(i, i + 20))));
    return out;
  });
  if (each.Counts.some((n, i) => n !== many.Counts[i])) throw new Error("it counts otherwise when it is asked for 20 rules at once");
  say({ ...(many.Processor < each.Processor ? many : each), Other: Math.max(many.Processor, each.Processor) });
  process.exit(0);
} catch (err) {
  say({ Skipped: String(err?.message ?? err).split("\n")[0] });
  process.exit(0);
}
