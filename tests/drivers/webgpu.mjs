// Compiles and runs kernels in a page's WebGPU, on the software adapter of the browser. `tests/drivers/tint.rs` runs this:
//
//   NODE_PATH=FOLDER/node_modules node tests/drivers/webgpu.mjs JOBS
//
// JOBS: a JSON file of `limits` that the device must have, `modules` (name, WGSL, and whether its entry points become pipelines) and
// `jobs` that are run where that went well: the source of a module, its buffers in the order of their bindings (the words in one, or
// its size in words; the first is uniform), which of them are `written`, `passes` (entry point and grid), and the binding of the
// `output`. CHROMIUM names the browser, /usr/bin/chromium by default. Prints {compiled, messages, outputs} as JSON.
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { chromium } = createRequire(join(process.env.NODE_PATH ?? "", "x.js"))("playwright-core");
const flags = ["--headless", "--no-sandbox", "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--disable-quic",
  "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND"];

/// In the page.
async function work({ limits, modules, jobs }) {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error("the browser gives no WebGPU adapter");
  const device = await adapter.requestDevice({ requiredLimits: limits }), messages = [];
  device.addEventListener("uncapturederror", event => messages.push(event.error.message));

  /// A module, and the names of its entry points; what the compiler says goes to `messages`.
  async function compile(name, code) {
    const module = device.createShaderModule({ code });
    for (const { type, lineNum, message } of (await module.getCompilationInfo()).messages) {
      if (type === "error") messages.push(`${name}: ${lineNum}: ${message}: ${code.split("\n")[lineNum - 1]}`);
    }
    return module;
  }

  async function run({ source, buffers, written, passes, output }) {
    const { COMPUTE } = GPUShaderStage, { UNIFORM, STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
    const module = await compile("job", source);
    const type = i => i === 0 ? "uniform" : written.includes(i) ? "storage" : "read-only-storage";
    const layout = device.createBindGroupLayout({
      entries: buffers.map((_, binding) => ({ binding, visibility: COMPUTE, buffer: { type: type(binding) } })) });
    const pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [layout] });
    const made = buffers.map(({ words, size }, i) => {
      const usage = (i === 0 ? UNIFORM : STORAGE) | COPY_SRC | COPY_DST;
      const buffer = device.createBuffer({ size: 4 * (words ? words.length : size), usage });
      if (words) device.queue.writeBuffer(buffer, 0, Uint32Array.from(words));
      return buffer;
    });
    const entries = made.map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout, entries }), encoder = device.createCommandEncoder();
    for (const { entry, x, y } of passes) {
      const pipeline = await device.createComputePipelineAsync({ layout: pipelineLayout, compute: { module, entryPoint: entry } });
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y);
      pass.end();
    }
    const back = device.createBuffer({ size: made[output].size, usage: MAP_READ | COPY_DST });
    encoder.copyBufferToBuffer(made[output], 0, back, 0, back.size);
    device.queue.submit([encoder.finish()]);
    await back.mapAsync(GPUMapMode.READ);
    return [...new Uint32Array(back.getMappedRange())];
  }

  const pipelines = [];
  for (const [name, source, built] of modules) {
    const module = await compile(name, source), entries = [...source.matchAll(/@compute[^{]*?\bfn (\w+)/g)];
    for (const [, entryPoint] of built ? entries : []) {
      pipelines.push(device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint } })
        .then(() => 1, error => { messages.push(`${name}: ${entryPoint}: ${error.message}`); return 0; }));
    }
  }
  const compiled = (await Promise.all(pipelines)).reduce((a, b) => a + b, 0), outputs = [];
  for (const job of messages.length ? [] : jobs) outputs.push(await run(job));
  return { compiled, messages, outputs };
}

const home = mkdtempSync(join(tmpdir(), "webgpu-"));
const context = await chromium.launchPersistentContext(join(home, "profile"), {
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true, args: flags, offline: true,
  env: { ...process.env, HOME: home },
});
try {
  const page = await context.newPage();
  // A page from disk has WebGPU, an empty one does not.
  await page.goto("file:///");
  console.log(JSON.stringify(await page.evaluate(work, JSON.parse(readFileSync(process.argv[2], "utf8")))));
} finally {
  await context.close();
  rmSync(home, { recursive: true, force: true });
}
