// Writes the golden vectors as one typed module, so that the compiler holds v1.ts against each of them.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const vectors = new URL("../vectors/v1/", import.meta.url);
const out = new URL("./generated/", import.meta.url);
const lines = ['import type { ClientMessage, ServerMessage } from "../../schema/v1.ts";', ""];
const { $defs } = JSON.parse(readFileSync(new URL("../schema/v1.schema.json", import.meta.url), "utf8"));
const clientTypes = new Set($defs.ClientMessage.oneOf.map(({ $ref }) => $defs[$ref.split("/").pop()].properties.type.const));
const files = readdirSync(vectors).filter((name) => name.endsWith(".json"));
for (const [index, name] of files.entries()) {
  const text = readFileSync(new URL(name, vectors), "utf8").trim();
  const direction = clientTypes.has(JSON.parse(text).type) ? "ClientMessage" : "ServerMessage";
  lines.push(`// ${name}`, `export const vector${index}: ${direction} = ${text};`, "");
}
mkdirSync(out, { recursive: true });
writeFileSync(new URL("vectors.ts", out), lines.join("\n"));
console.log(`${files.length} vectors to be held against v1.ts`);
