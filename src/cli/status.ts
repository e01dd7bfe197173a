/** Exit statuses of the command line that do not come from the guest. The table in docs/cli.md is made from this one. */
export const STATUSES = {
  usage: {
    code: 2,
    doc: 'a wrong flag, a missing file, a file that is no valid module, an import that nobody provides',
  },
  software: { code: 70, doc: 'a bug in wynamo itself (with a stack trace)' },
  replay: { code: 65, doc: 'under --replay, the guest did not do what was recorded' },
  timeout: { code: 124, doc: 'the guest was stopped by --timeout' },
  trap: { code: 134, doc: 'the guest trapped, overflowed its stack or threw an exception that it did not catch' },
  memory: { code: 137, doc: 'the guest was stopped by --max-memory' },
  fuel: { code: 152, doc: 'the guest was stopped by --fuel' },
} as const satisfies Record<string, { code: number; doc: string }>;
