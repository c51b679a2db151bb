// Makes TypeScript of the schemas in docs/openapi.json. `--check` only tells whether what is checked in is that.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const openapi = at("../../docs/openapi.json");
const target = at("../client/src/rest-types.ts");

/** Optional fields are absent, never null: see the description of the API's JSON. */
function typeOf(schema) {
  if (schema === undefined || schema === true) return "unknown";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) {
    const kinds = variants.filter(({ type }) => type !== "null");
    return kinds.map(typeOf).join(" | ");
  }
  if (schema.allOf) return schema.allOf.map((part) => grouped(typeOf(part))).join(" & ");
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const kind = [schema.type].flat().find((type) => type !== "null");
  switch (kind) {
    case "string":
    case "boolean":
      return kind;
    case "integer":
    case "number":
      return "number";
    case "array":
      if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
      return `${grouped(typeOf(schema.items))}[]`;
    case "object":
      if (schema.properties) return `{ ${fieldsOf(schema, () => "").join(" ")} }`;
      return schema.additionalProperties ? `Record<string, ${typeOf(schema.additionalProperties)}>` : "object";
    case undefined:
      return "unknown";
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

function grouped(type) {
  return type.includes(" | ") || type.includes(" & ") ? `(${type})` : type;
}

function fieldsOf(schema, remark = comment) {
  const required = new Set(schema.required);
  return Object.entries(schema.properties).map(
    ([field, of]) => `${remark(of.description, "  ")}  ${field}${required.has(field) ? "" : "?"}: ${typeOf(of)};`,
  );
}

function comment(text, indent = "") {
  return text ? `${indent}/** ${text.replaceAll("\n", " ")} */\n` : "";
}

function declaration([name, schema]) {
  if (schema.enum) {
    const words = schema.enum.map((word) => `\n  | ${JSON.stringify(word)}`).join("");
    return `${comment(schema.description)}export type ${name} =${words};\n`;
  }
  if (!schema.properties) return `${comment(schema.description)}export type ${name} = ${typeOf(schema)};\n`;
  return `${comment(schema.description)}export interface ${name} {\n${fieldsOf(schema).join("\n")}\n}\n`;
}

/** As the rest of the code is. */
function formatted(code) {
  const biome = at("../node_modules/.bin/biome");
  return execFileSync(biome, ["format", "--stdin-file-path=rest-types.ts"], {
    cwd: at(".."),
    input: code,
    encoding: "utf8",
  });
}

const { schemas } = JSON.parse(readFileSync(openapi, "utf8")).components;
const head = "// Made from docs/openapi.json by `npm run rest-types`; not to be edited.\n\n";
const made = formatted(head + Object.entries(schemas).map(declaration).join("\n"));
if (!process.argv.includes("--check")) {
  writeFileSync(target, made);
} else if (readFileSync(target, "utf8") !== made) {
  console.error("web/client/src/rest-types.ts is not what docs/openapi.json gives.");
  console.error("Mend it with: npm --prefix web run rest-types");
  process.exitCode = 1;
}
