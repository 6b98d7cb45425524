// What every peer is given (JSON on standard input) and gives back (JSON on standard output).
import { readFileSync, writeSync } from "node:fs";

export const letter = JSON.parse(readFileSync(0, "utf8"));

export function answer(made) {
  writeSync(1, `\n@@${JSON.stringify(made)}\n`);
  process.exit(0);
}

const SIGNS = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => SIGNS[sign]);
}
