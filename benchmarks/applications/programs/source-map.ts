/** Mozilla's source maps (Rust): parses mappings and looks positions up, with callbacks from the module into JavaScript. */
import { type Application, required } from '../application.ts';

interface Position {
  line: number | null;
  column: number | null;
  source?: string | null;
  name?: string | null;
}
interface Consumer {
  originalPositionFor(at: object): Position;
  generatedPositionFor(at: object): Position;
  eachMapping(f: (mapping: { generatedLine: number; originalColumn: number }) => void): void;
}
interface Package {
  SourceMapGenerator: new (o: object) => { addMapping(m: object): void; toString(): string };
  SourceMapConsumer: { with<T>(map: string, url: null, use: (consumer: Consumer) => T): Promise<T> };
}

export const application: Application = {
  doc: 'source maps in Rust',
  async open() {
    const { SourceMapGenerator, SourceMapConsumer } = required<Package>('source-map');
    await SourceMapConsumer.with('{"version":3,"sources":[],"names":[],"mappings":""}', null, () => 0);
    return () => {
      const generator = new SourceMapGenerator({ file: 'out.js' });
      for (let line = 1; line <= 1500; line++) {
        for (let column = 0; column < 60; column += 6) {
          generator.addMapping({
            generated: { line, column },
            original: { line: ((line * 7) % 400) + 1, column: (column * 5) % 97 },
            source: `file${line % 9}.ts`,
            name: column % 12 === 0 ? `name${column}` : null,
          });
        }
      }
      return SourceMapConsumer.with(generator.toString(), null, (consumer) => {
        const found: string[] = [];
        for (let line = 1; line <= 1500; line += 13) {
          const original = consumer.originalPositionFor({ line, column: (line * 3) % 60 });
          found.push(Object.values(original).join(':'));
          if (original.source)
            found.push(
              Object.values(consumer.generatedPositionFor({ ...original, source: original.source })).join(':'),
            );
        }
        let sum = 0;
        consumer.eachMapping((m) => (sum = (sum * 31 + m.generatedLine * 7 + m.originalColumn) % 1_000_003));
        return [...found, sum].join('\n');
      });
    };
  },
};
