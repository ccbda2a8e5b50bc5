//! Which adapter of several is taken, and what is asked of it?
use snn_ensemble::gpu::adapter::{Choice, named, number, rank, usable};
use snn_ensemble::gpu::selection::Selection;
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
fn all_are_the_gpus_each_once() {
    use DeviceType::{Cpu, DiscreteGpu, IntegratedGpu};
    let cards = [
        card("RTX 4090", "0000:02:00.0", DiscreteGpu, Backend::Vulkan),
        card("RTX 4090", "0000:03:00.0", DiscreteGpu, Backend::Vulkan),
        card("RTX 4090", "0000:02:00.0", DiscreteGpu, Backend::Dx12),
        card("RTX 4090", "0000:03:00.0", DiscreteGpu, Backend::Dx12),
        card("Arc", "0000:00:02.0", IntegratedGpu, Backend::Vulkan),
        card("llvmpipe", "", Cpu, Backend::Vulkan),
    ];
    assert_eq!(Selection::All.numbers(&cards).unwrap(), [0, 1, 4]);
    assert_eq!(Selection::All.numbers(&cards[5..]).unwrap(), [0], "software where there is nothing else");
    assert!(Selection::All.numbers(&[]).is_err());
    // The tasks of a node have the same ones.
    let tasks: Vec<_> = (0..3).map(|task| Selection::Task(task).numbers(&cards).unwrap()).collect();
    assert_eq!(tasks, [[0], [1], [4]]);
    assert!(Selection::Task(3).numbers(&cards).unwrap_err().to_string().contains("at most 3 tasks"));
}

#[test]
fn cards_of_one_name_are_told_apart() {
    let (kind, backend) = (DeviceType::DiscreteGpu, Backend::Vulkan);
    let cards = ["0000:02:00.0", "0000:C3:00.0"].map(|bus| card("RTX 4090", bus, kind, backend));
    assert_eq!(cards.each_ref().map(named), ["RTX 4090 at 0000:02:00.0", "RTX 4090 at 0000:C3:00.0"]);
    let numbers = |text: &str| Selection::parse(text).unwrap().numbers(&cards).map_err(|error| error.to_string());
    assert_eq!(numbers("0000:c3:00.0"), Ok(vec![1]));
    assert_eq!(numbers("1, rtx"), Ok(vec![1, 0]));
    assert!(numbers("rtx,RTX 4090").unwrap_err().contains("twice"));
    assert!(numbers("rtx,radeon").unwrap_err().contains("\"radeon\""));
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
