/** Results of some calls, what went wrong in them included. */
export function results(run: (n: number) => number, args: readonly number[]): (number | string)[] {
  return args.map((n) => {
    try {
      return run(n);
    } catch (error) {
      return (error as Error).message;
    }
  });
}
