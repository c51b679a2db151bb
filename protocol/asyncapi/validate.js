// Reads the AsyncAPI document with AsyncAPI's own parser; any error or warning fails.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const path = new URL("../schema/asyncapi.v1.json", import.meta.url);
const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
// 0: error, 1: warning. Hints and information are advice.
const faults = diagnostics.filter((diagnostic) => diagnostic.severity <= 1);
for (const { message, path: at } of faults) console.error(`${at.join(".")}: ${message}`);
if (!document || faults.length > 0) process.exit(1);
console.log(`asyncapi.v1.json: ${document.allMessages().length} messages, ${document.allOperations().length} operations, no fault`);
