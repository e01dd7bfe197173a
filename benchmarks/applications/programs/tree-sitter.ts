/** A parser (C, Emscripten) and a grammar as a module of its own that is linked at run time: shared memory, table and globals. */
import { readFileSync } from 'node:fs';
import { type Application, imported, packageFile } from '../application.ts';

interface Node {
  type: string;
  text: string;
  toString(): string;
  childCount: number;
  descendantsOfType(type: string): Node[];
  hasError: boolean;
}
interface Tree {
  rootNode: Node;
  edit(edit: object): void;
}
interface Package {
  Parser: {
    new (): { setLanguage(language: unknown): void; parse(text: string, old?: Tree): Tree };
    init(): Promise<void>;
  };
  Language: { load(bytes: Uint8Array): Promise<unknown> };
  Query: new (
    language: unknown,
    text: string,
  ) => { matches(node: Node): { captures: { name: string; node: Node }[] }[] };
}

export const application: Application = {
  doc: 'parser with a grammar, linked at run time',
  async open() {
    const { Parser, Language, Query } = await imported<Package>('web-tree-sitter');
    await Parser.init();
    const grammar = readFileSync(packageFile('tree-sitter-javascript', 'tree-sitter-javascript.wasm'));
    const language = await Language.load(new Uint8Array(grammar));
    const parser = new Parser();
    parser.setLanguage(language);
    parser.parse('1');
    return () => {
      const source = readFileSync(new URL('../../apps/script.js', import.meta.url), 'utf8').repeat(6);
      const tree = parser.parse(source);
      const first = `${tree.rootNode.childCount} ${tree.rootNode.toString().length} ${tree.rootNode.hasError}`;
      const query = new Query(
        language,
        '(function_declaration name: (identifier) @name) (call_expression function: (_) @call)',
      );
      const names = query.matches(tree.rootNode).flatMap((m) => m.captures.map((c) => `${c.name} ${c.node.text}`));
      const at = { row: 0, column: 0 };
      tree.edit({
        startIndex: 0,
        oldEndIndex: 0,
        newEndIndex: 7,
        startPosition: at,
        oldEndPosition: at,
        newEndPosition: { row: 0, column: 7 },
      });
      const again = parser.parse(`let x; ${source}`, tree).rootNode;
      const broken = parser.parse('function (').rootNode.toString();
      return [first, again.toString().length, again.descendantsOfType('number').length, broken, ...names].join('\n');
    };
  },
};
