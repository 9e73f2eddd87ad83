// What runs a wasm32-wasip1 test or benchmark in V8: node tests/wasi.mjs PROGRAM.wasm [ARGUMENT...]
//
// The same target and the same engine as the module inside Envoy. `.cargo/config.toml` makes it cargo's runner.
import { readFile } from "node:fs/promises";
import { argv, exit } from "node:process";
import { WASI } from "node:wasi";

const [, , file, ...args] = argv;
const wasi = new WASI({ version: "preview1", args: [file, ...args], env: process.env, preopens: { ".": ".", "/": "/" } });
const module = await WebAssembly.compile(await readFile(file));

// Time is the processor's time of this thread: what else happens on the machine doesn't count, nor do V8's compilers.
const { clock_time_get } = wasi.wasiImport;
const MONOTONIC = 1;
const THREAD = 3;
wasi.wasiImport.clock_time_get = (clock, precision, at) => clock_time_get(clock === MONOTONIC ? THREAD : clock, precision, at);

// The library also holds the calls to Envoy, which isn't here.
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] ??= () => {
        throw new Error(`${from}.${name} was called: there is no Envoy here`);
    };
}

// Of its exports only these: WASI takes a program for a library if it also has `_initialize`, as a filter does.
const { memory, _start } = (await WebAssembly.instantiate(module, imports)).exports;
exit(wasi.start({ exports: { memory, _start } }));
