/** Opcode rows: Typed function references and garbage collection. See `parse.ts` for the columns. */
export const REFERENCES = `
since function-references
14 call_ref type - call
15 return_call_ref type - call
d4 ref.as_non_null - - trap
d5 br_on_null label - control
d6 br_on_non_null label - control
since gc
d3 ref.eq - - pure
fb0000 struct.new type - heap.new
fb0001 struct.new_default type - heap.new
fb0002 struct.get type,field - heap.get
fb0003 struct.get_s type,field - heap.get
fb0004 struct.get_u type,field - heap.get
fb0005 struct.set type,field - heap.set
fb0006 array.new type - heap.new
fb0007 array.new_default type - heap.new
fb0008 array.new_fixed type,u32 - heap.new
fb0009 array.new_data type,data - heap.new
fb000a array.new_elem type,elem - heap.new
fb000b array.get type - heap.get
fb000c array.get_s type - heap.get
fb000d array.get_u type - heap.get
fb000e array.set type - heap.set
fb000f array.len - - heap.get
fb0010 array.fill type - heap.set
fb0011 array.copy type,type - heap.set
fb0012 array.init_data type,data - heap.set
fb0013 array.init_elem type,elem - heap.set
fb0014 ref.test heap - pure
fb0015 ref.test_null heap - pure
fb0016 ref.cast heap - trap
fb0017 ref.cast_null heap - trap
fb0018 br_on_cast castflags,label,heap,heap - control
fb0019 br_on_cast_fail castflags,label,heap,heap - control
fb001a any.convert_extern - - pure
fb001b extern.convert_any - - pure
fb001c ref.i31 - - pure
fb001d i31.get_s - - trap
fb001e i31.get_u - - trap
`;
