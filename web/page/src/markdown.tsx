// Markdown as elements, never as HTML: what an answer holds can neither run nor load anything. Marks like [1] become citations.
// While an answer grows, only its last block is drawn anew.

import { lexer, type Token, type Tokens } from "marked";
import { createContext, memo, type ReactNode, useContext, useMemo } from "react";

/** What stands in the place of a mark, by its number. */
export type DrawMark = (number: number, key: string) => ReactNode;

const Marks = createContext<DrawMark>((number) => `[${number}]`);

export function Markdown({ text, isGrowing, drawMark }: { text: string; isGrowing: boolean; drawMark: DrawMark }) {
  // A mark that has only half come would be seen as a bracket for a moment.
  const shown = isGrowing ? text.replace(/\s*\[\d*$/, "") : text;
  const blocks = useMemo(() => lexed(shown), [shown]);
  return (
    <Marks value={drawMark}>
      {blocks.map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks only grow at their end.
        <Block key={index} block={block} raw={block.raw} />
      ))}
    </Marks>
  );
}

/** Quotes and lists in one another beyond anything that people write: a reader of them runs out of stack. */
const DEEP = /^[ \t]*(?:(?:>|[-*+]|\d+[.)])[ \t]*){32,}/m;

/** What cannot be read as Markdown is shown as it stands. */
function lexed(text: string): Token[] {
  if (!DEEP.test(text)) {
    try {
      return lexer(text, { gfm: true });
    } catch {
      // Shown as it stands, below.
    }
  }
  return [{ type: "paragraph", raw: text, text, tokens: [{ type: "text", raw: text, text }] }] as Token[];
}

const Block = memo(
  function Block({ block }: { block: Token; raw: string }) {
    return drawBlock(block as Tokens.Generic);
  },
  (before, after) => before.raw === after.raw && before.block.type === after.block.type,
);

function drawBlock(token: Tokens.Generic): ReactNode {
  switch (token.type) {
    case "heading":
      return <h3 className={`depth-${token.depth}`}>{inline(token.tokens)}</h3>;
    case "paragraph":
      return <p>{inline(token.tokens)}</p>;
    case "text":
      return token.tokens ? inline(token.tokens) : decoded(token.text);
    case "blockquote":
      return <blockquote>{blocks(token.tokens)}</blockquote>;
    case "list":
      return drawList(token as Tokens.List);
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
        <pre tabIndex={0}>
          <code>{token.text}</code>
        </pre>
      );
    case "table":
      return drawTable(token as Tokens.Table);
    case "hr":
      return <hr />;
    case "space":
    case "def":
      return null;
    default:
      // HTML among it: shown as it stands.
      return <p>{token.raw}</p>;
  }
}

function drawList(list: Tokens.List): ReactNode {
  const items = list.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items only grow at their end.
    <li key={index}>{blocks(item.tokens)}</li>
  ));
  return list.ordered ? <ol start={list.start === "" ? 1 : list.start}>{items}</ol> : <ul>{items}</ul>;
}

function drawTable(table: Tokens.Table): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section className="table" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: cells keep their places.
              <th key={index}>{inline(cell.tokens)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, number) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows only grow at their end.
            <tr key={number}>
              {row.map((cell, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells keep their places.
                <td key={index}>{inline(cell.tokens)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function blocks(tokens: Token[] = []): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: blocks only grow at their end.
  return tokens.map((token, index) => <Block key={index} block={token} raw={token.raw} />);
}

function inline(tokens: Token[] = []): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text keep their places.
  return tokens.map((token, index) => <Inline key={index} token={token as Tokens.Generic} />);
}

function Inline({ token }: { token: Tokens.Generic }): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token.tokens)}</strong>;
    case "em":
      return <em>{inline(token.tokens)}</em>;
    case "del":
      return <del>{inline(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "escape":
      return token.text;
    case "link":
      return <Link link={token as Tokens.Link} />;
    case "image":
      // Nothing is loaded from anywhere because an answer says so.
      return token.text || token.href;
    case "text":
      return token.tokens ? inline(token.tokens) : <Text text={decoded(token.text)} />;
    default:
      return token.raw;
  }
}

function Link({ link }: { link: Tokens.Link }) {
  if (/^\[\d+\]$/.test(link.raw)) return <Text text={link.raw} />;
  const isSafe = /^(https?|mailto):/i.test(link.href);
  if (!isSafe) return <>{inline(link.tokens)}</>;
  return (
    <a href={link.href} target="_blank" rel="noreferrer noopener">
      {inline(link.tokens)}
    </a>
  );
}

function Text({ text }: { text: string }) {
  const drawMark = useContext(Marks);
  return pieces(text).map((piece, index) =>
    typeof piece === "string" ? piece : drawMark(piece.number, `${index} ${piece.number}`),
  );
}

/** A text cut at its marks. */
export function pieces(text: string): (string | { number: number })[] {
  const found: (string | { number: number })[] = [];
  let at = 0;
  for (const match of text.matchAll(/\[(\d{1,3})\]/g)) {
    // A mark stands at its word.
    const before = text.slice(at, match.index).trimEnd();
    if (before !== "") found.push(before);
    found.push({ number: Number(match[1]) });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push(text.slice(at));
  return found;
}

const ENTITIES: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  "#39": "'",
  nbsp: "\u00a0",
};

function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos|#39|nbsp);/g, (_, name: string) => ENTITIES[name] ?? "");
}

/** An answer for the ear: without marks and signs. */
export function spoken(text: string): string {
  return text
    .replace(/\[\d+\]/g, "")
    .replace(/^[>#\-*\s]+/gm, "")
    .replace(/[*_`]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
