/**
 * Threaded code of one function while it is written: words, positions for dumps and snapshots, and places where
 * addresses go once the code has one.
 */

/** What is known about each instruction, by its word index; four numbers a row. */
export const META = { word: 0, guest: 1, top: 2, pending: 3, size: 4 } as const;

export class CodeBuffer {
  words: Int32Array = new Int32Array(256);
  length = 0;
  meta: number[] = [];
  /** Word indices that hold word-relative targets. */
  readonly targets: number[] = [];

  /** Begins an instruction: guest offset, live frame bytes, guest instructions since the last counted place. */
  begin(guest: number, top: number, pending: number): void {
    this.meta.push(this.length, guest, top, pending);
  }

  word(value: number): number {
    if (this.length === this.words.length) {
      const grown = new Int32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    this.words[this.length] = value | 0;
    return this.length++;
  }

  bits(bits: bigint, words: number): void {
    for (let i = 0; i < words; i++) this.word(Number(BigInt.asIntN(32, bits >> BigInt(32 * i))));
  }

  /** Live frame bytes before the last instruction. */
  get lastTop(): number {
    return this.meta[this.meta.length - META.size + META.top] as number;
  }

  /** Takes back the last instruction. */
  dropLast(): void {
    const at = this.meta.length - META.size;
    this.length = this.meta[at] as number;
    this.meta.length = at;
  }

  /** Copies the code to machine address `base`, targets made absolute. */
  install(memory: Int32Array, base: number): void {
    for (const t of this.targets) this.words[t] = base + 4 * (this.words[t] as number);
    memory.set(this.words.subarray(0, this.length), base >> 2);
  }
}
