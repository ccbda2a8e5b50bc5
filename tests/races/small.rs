//! Is each fault found? Kernels of a line.

use super::kernel::Kernel;

/// What is found of a kernel of two workgroups of 64 that has these statements.
fn found(statements: &str) -> Vec<String> {
    let source = format!(
        "var<workgroup> held: array<u32, 65>; var<workgroup> sum: atomic<u32>;
        @group(0) @binding(0) var<storage, read_write> output: array<u32>;
        @compute @workgroup_size(64)
        fn stepping(@builtin(local_invocation_index) i: u32, @builtin(global_invocation_id) id: vec3<u32>) {{
        held[i] = i; {statements} }}"
    );
    Kernel { source: &source, entry: "stepping", grid: [2, 1] }.run(&mut [vec![0; 128]], 0)
}

#[test]
fn every_fault_is_found() {
    for (statements, text) in [
        ("output[id.x] = held[i];", ""),
        ("workgroupBarrier(); output[id.x] = held[63u - i];", ""),
        (
            "atomicStore(&sum, 1u); workgroupBarrier(); atomicAdd(&sum, i); storageBarrier(); output[id.x] = held[i];",
            "",
        ),
        ("output[id.x] = held[63u - i];", "held[32]: invocations 31 and 32, without a barrier"),
        ("storageBarrier(); output[id.x] = held[63u - i];", "held[63]: invocations 63 and 0, without a barrier"),
        ("held[0] = 1u;", "held[0]: invocations 0 and 1, without a barrier"),
        ("output[id.x] = i; workgroupBarrier(); output[0] += output[id.x ^ 1u];", "output[0]: invocations 0 and 1"),
        ("output[i] = i;", "output[0]: workgroups 0 and 1, without a barrier"),
        (
            "atomicStore(&sum, 0u); workgroupBarrier(); atomicAdd(&sum, i); output[id.x] = atomicLoad(&sum);",
            "sum: invocations 0 and 1",
        ),
        ("workgroupBarrier(); output[id.x] = held[i + 1u];", "held[64] is read before it is written"),
        ("output[id.x + 1u] = 1u;", "element 128 of 128"),
        ("output[id.x] = 1u << (i + 1u);", "Shift 32"),
        ("output[id.x] = 5u / i;", "Divisor 0"),
        ("output[id.x] = 5u % i;", "Divisor 0"),
        ("if i > 2u { workgroupBarrier(); } else { storageBarrier(); }", "invocations 0 and 3 do not wait"),
        ("if i > 2u { workgroupBarrier(); }", "invocations 0 and 3 do not wait"),
    ] {
        let found = found(statements);
        let told = if text.is_empty() { found.is_empty() } else { found.iter().any(|found| found.contains(text)) };
        assert!(told, "{statements} {found:#?}");
    }
}
