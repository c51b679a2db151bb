// Makes TypeScript of the schemas in docs/openapi.json. `--check` only tells whether what is checked in is that.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const openapi = at("../../docs/openapi.json");
const target = at("../client/src/rest-types.ts");

/** Optional fields are absent, never null: see the description of the API's JSON. */
function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.oneOf) {
    const kinds = schema.oneOf.filter(({ type }) => type !== "null");
    return kinds.map(typeOf).join(" | ");
  }
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  const kind = [schema.type].flat().find((type) => type !== "null");
  switch (kind) {
    case "string":
    case "boolean":
      return kind;
    case "integer":
    case "number":
      return "number";
    case "array":
      return `${typeOf(schema.items)}[]`;
    case "object":
      return schema.additionalProperties ? `Record<string, ${typeOf(schema.additionalProperties)}>` : "object";
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

function comment(text, indent = "") {
  return text ? `${indent}/** ${text.replaceAll("\n", " ")} */\n` : "";
}

function declaration([name, schema]) {
  if (schema.enum) {
    const words = schema.enum.map((word) => `\n  | ${JSON.stringify(word)}`).join("");
    return `${comment(schema.description)}export type ${name} =${words};\n`;
  }
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties).map(([field, of]) => {
    const mark = required.has(field) ? "" : "?";
    return `${comment(of.description, "  ")}  ${field}${mark}: ${typeOf(of)};\n`;
  });
  return `${comment(schema.description)}export interface ${name} {\n${fields.join("")}}\n`;
}

const { schemas } = JSON.parse(readFileSync(openapi, "utf8")).components;
const head = "// Made from docs/openapi.json by `npm run rest-types`; not to be edited.\n\n";
const made = head + Object.entries(schemas).map(declaration).join("\n");
if (!process.argv.includes("--check")) {
  writeFileSync(target, made);
} else if (readFileSync(target, "utf8") !== made) {
  console.error("web/client/src/rest-types.ts is not what docs/openapi.json gives.");
  console.error("Mend it with: npm --prefix web run rest-types");
  process.exitCode = 1;
}
