// Rebuilds the bundle into a temporary folder and compares it with the one checked in.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("..", import.meta.url));
const fresh = mkdtempSync(join(tmpdir(), "viva-web-"));

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

try {
  execFileSync("npm", ["run", "--silent", "build"], {
    cwd: web,
    env: { ...process.env, VIVA_WEB_OUT: fresh },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const checkedIn = join(web, "dist");
  const names = new Set([...files(checkedIn), ...files(fresh)]);
  const differing = [...names].filter((name) => {
    try {
      return !readFileSync(join(checkedIn, name)).equals(readFileSync(join(fresh, name)));
    } catch {
      return true;
    }
  });
  if (differing.length > 0) {
    console.error(`web/dist differs from a fresh build in: ${differing.join(", ")}`);
    console.error("Mend it with: npm --prefix web run build");
    process.exitCode = 1;
  } else {
    console.log(`web/dist is what the sources give (${names.size} files).`);
  }
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
