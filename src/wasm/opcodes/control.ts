/** Opcode rows: Tail calls and both exception dialects. See `parse.ts` for the columns. */
export const CONTROL = `
since tail-call
12 return_call func - call
13 return_call_indirect type,table - call
since legacy-exceptions
6 try block - control
7 catch tag - control
9 rethrow label - control
18 delegate label - control
19 catch_all - - control
since exceptions
8 throw tag - control
a throw_ref - - control
1f try_table block,catches - control
`;
