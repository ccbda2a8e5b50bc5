//! Which adapter of several is taken, and what is asked of it?
use snn_ensemble::gpu::adapter::{Choice, number, rank, usable};
use wgpu::{AdapterInfo, Backend, DeviceType, Limits};

fn card(name: &str, bus: &str, kind: DeviceType, backend: Backend) -> AdapterInfo {
    AdapterInfo { name: name.into(), device_pci_bus_id: bus.into(), ..AdapterInfo::new(kind, backend) }
}

#[test]
fn a_card_is_taken_through_vulkan_rather_than_dx12() {
    use DeviceType::{Cpu, DiscreteGpu, IntegratedGpu};
    let mut cards = [
        card("WARP", "", Cpu, Backend::Dx12),
        card("integrated", "", IntegratedGpu, Backend::Vulkan),
        card("discrete", "", DiscreteGpu, Backend::Dx12),
        card("llvmpipe", "", Cpu, Backend::Vulkan),
        card("discrete", "", DiscreteGpu, Backend::Vulkan),
        card("integrated", "", IntegratedGpu, Backend::Dx12),
    ];
    cards.sort_by_key(rank);
    let order = cards.map(|card| (card.name, card.backend == Backend::Vulkan));
    let order = order.each_ref().map(|(name, vulkan)| (name.as_str(), *vulkan));
    let expected = ["discrete", "integrated"].map(|name| [(name, true), (name, false)]).concat();
    assert_eq!(order[..4], expected);
    assert_eq!(order[4..], [("llvmpipe", true), ("WARP", false)]);
}

#[test]
fn a_card_is_found_again_among_others_of_its_name() {
    let (kind, backend) = (DeviceType::DiscreteGpu, Backend::Vulkan);
    let cards = [
        card("RTX 4090 Ti", "0000:01:00.0", kind, backend),
        card("RTX 4090", "0000:02:00.0", kind, backend),
        card("RTX 4090", "0000:03:00.0", kind, backend),
        card("RTX 4090", "0000:02:00.0", kind, Backend::Dx12),
    ];
    for (n, before) in cards.iter().enumerate() {
        // In its place, and wherever the others left it.
        for moved in 0..cards.len() {
            let mut later = cards.to_vec();
            later.rotate_left(moved);
            let found = number(&Choice::Again(n, Box::new(before.clone())), &later).unwrap();
            assert!(later[found] == *before, "card {n} after {moved}: {:?}", later[found]);
        }
        let others: Vec<AdapterInfo> = cards.iter().filter(|card| *card != before).cloned().collect();
        assert_eq!(number(&Choice::Again(n, Box::new(before.clone())), &others), None);
    }
    // Drivers that do not tell where a card is plugged in: the order is what there is.
    let alike = [card("A", "", kind, backend), card("A", "", kind, backend)];
    assert_eq!(number(&Choice::Again(1, Box::new(alike[1].clone())), &alike), Some(1));
}

#[test]
fn a_workgroup_fits_its_one_dimension() {
    let limits = |invocations, x| {
        let limits = Limits::default();
        let limits = Limits { max_compute_invocations_per_workgroup: invocations, ..limits };
        usable(Limits { max_compute_workgroup_size_x: x, ..limits }).max_compute_invocations_per_workgroup
    };
    assert_eq!(limits(256, 256), 256);
    assert_eq!(limits(1024, 128), 128);
    assert_eq!(limits(2048, 2048), 1024);
}
