// Reads Markdown files by GitHub's rules (GFM, raw HTML, its sanitizer, its heading ids, its dollars) and says what would be lost:
// anchors that lead nowhere, levels of headings left out, formulas not seen as such or seen where there is none, markup that stays text,
// front matter that is no mapping.
import fs from "fs";
import GithubSlugger from "github-slugger";
import { toString } from "hast-util-to-string";
import * as yaml from "js-yaml";
import rehypeRaw from "rehype-raw";
import rehypeSanitize from "rehype-sanitize";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import { visit } from "unist-util-visit";

const WRITTEN = /(?<![\\$])\$(?![\s$])((?:\\.|[^$\\\n])+?)(?<!\s)\$(?![\d$])/g;
const SEEN = /(^|[\s\p{P}\p{S}])\$(?!\s)([^$\n]+?)(?<!\s)\$(?=$|[\s\p{P}\p{S}\p{Script=Han}])/gu;
const RAW = /\*\*|\[\[|\]\(|(?<!\w)__\w/;
let faults = 0, anchors = 0, formulas = 0;

function headings(html, told) {
  const ids = new Set(), slugger = new GithubSlugger(), levels = [];
  visit(html, "element", (node) => {
    for (const id of [node.properties?.id, node.properties?.name]) if (id) ids.add(String(id).replace(/^user-content-/, ""));
    if (/^h[1-6]$/.test(node.tagName)) {
      ids.add(slugger.slug(toString(node)));
      levels.push(Number(node.tagName[1]));
    }
  });
  visit(html, "element", (node) => {
    if (node.tagName !== "a" || !node.properties?.href?.startsWith("#")) return;
    anchors++;
    if (!ids.has(decodeURIComponent(node.properties.href.slice(1)))) told(`anchor ${node.properties.href} leads nowhere`);
  });
  levels.reduce((above, level) => (level > above + 1 && told(`h${level} below h${above}`), level), 0);
  if (levels.filter((level) => level === 1).length !== 1) told("not one h1");
}

function formulasOf(source, html, told) {
  const written = [...source.matchAll(WRITTEN)].map((match) => match[1]), seen = [];
  visit(html, "text", (node) => {
    seen.push(...[...node.value.matchAll(SEEN)].map((match) => match[2]));
  });
  formulas += written.length;
  for (const formula of written) {
    const place = seen.indexOf(formula);
    place < 0 ? told(`formula lost: ${formula}`) : seen.splice(place, 1);
  }
  for (const text of seen) told(`taken for a formula: ${text}`);
}

for (const file of process.argv.slice(2)) {
  const told = (fault) => (faults++, console.log(`${file}: ${fault}`));
  const source = fs.readFileSync(file, "utf8");
  const tree = unified().use(remarkParse).use(remarkGfm).use(remarkFrontmatter).parse(source);
  if (tree.children[0]?.type === "yaml" && typeof yaml.load(tree.children[0].value) !== "object") told("front matter is no mapping");
  const html = await unified().use(remarkRehype, { allowDangerousHtml: true }).use(rehypeRaw).use(rehypeSanitize).run(tree);
  headings(html, told);
  formulasOf(source, html, told);
  visit(html, "text", (node) => {
    if (RAW.test(node.value) && !/\[\[[^\]]+\]\]/.test(node.value)) told(`markup stays text: ${node.value}`);
  });
}
console.log(`${process.argv.length - 2} files, ${anchors} anchors, ${formulas} formulas, ${faults} faults`);
process.exit(faults ? 1 : 0);
