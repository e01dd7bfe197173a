// Strings and the memory they need: building, splitting, joining, searching and a map from word to count, with the
// incremental garbage collector.

import { next, seed } from './lib/random';

function sentence(words: i32): string {
  let text = '';
  for (let i = 0; i < words; i++) {
    const r = <i32>(next() % 97);
    if (i) text += ' ';
    text += 'w' + (r * r % 61).toString() + String.fromCharCode(97 + (r % 26));
  }
  return text;
}

function hash(text: string): i32 {
  let h = 5381;
  for (let i = 0; i < text.length; i++) h = h * 33 + text.charCodeAt(i);
  return h;
}

export function run(n: i32): i32 {
  seed(4242);
  let check = 0;
  for (let round = 0; round < n; round++) {
    const text = sentence(60);
    const words = text.split(' ');
    const counts = new Map<string, i32>();
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
    }
    const keys = counts.keys().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    let line = '';
    for (let i = 0; i < keys.length; i++) line += keys[i].toUpperCase() + '=' + counts.get(keys[i]).toString() + ';';
    check = check * 31 + hash(line) + text.indexOf('w7') + text.replaceAll('w1', '<one>').length;
  }
  return check;
}
