/** A chess engine (C++, Emscripten pthreads): the search runs in a worker on a shared memory with a module posted to it. */
import { type Application, required, withoutFetch } from '../application.ts';

interface Engine {
  addMessageListener(listener: (line: string) => void): void;
  postMessage(command: string): void;
}

const POSITIONS = [
  'startpos moves e2e4 e7e5 g1f3',
  'fen r1bqk2r/pppp1ppp/2n2n2/2b1p3/2B1P3/3P1N2/PPP2PPP/RNBQK2R w KQkq - 0 5',
  'fen 8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1',
];

/** What of a line about the search is the same in every run: not times and speeds. */
const steady = (line: string) => line.replace(/ (nps|time|hashfull|tbhits) \d+/g, '');

export const application: Application = {
  doc: 'chess engine, Emscripten pthreads',
  async open() {
    withoutFetch();
    const engine = await required<() => Promise<Engine>>('stockfish.wasm')();
    let listener: (line: string) => void = () => {};
    engine.addMessageListener((line) => listener(line));
    /** Sends commands and gives the lines up to the one that begins with `end`. */
    const ask = (commands: readonly string[], end: string) =>
      new Promise<string[]>((resolve) => {
        const lines: string[] = [];
        listener = (line) => {
          lines.push(steady(line));
          if (line.startsWith(end)) resolve(lines);
        };
        for (const command of commands) engine.postMessage(command);
      });
    await ask(['uci'], 'uciok');
    return async () => {
      const lines: string[] = [];
      for (const position of POSITIONS) {
        await ask(['ucinewgame', 'isready'], 'readyok');
        const found = await ask([`position ${position}`, 'go depth 9'], 'bestmove');
        lines.push(...found.filter((line) => /^(info depth|bestmove)/.test(line)));
      }
      engine.postMessage('quit');
      return lines.join('\n');
    };
  },
};
