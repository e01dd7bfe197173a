/**
 * The host's own constructors, as they were when the machine was loaded. The machine compiles its modules with these;
 * what programs find in `WebAssembly` may be Wynamo's own by then (see `register/`).
 */
export const { Module: HostModule, Instance: HostInstance } = WebAssembly;
